#include "procfile/product_choice.h"

#include <algorithm>
#include <array>

#include "procfile/procfile.h"
#include "procfile/scripts.h"
#include "procfile/shell_commands.h"
#include "procfile/text_check.h"

namespace mesh::procfile {
namespace {

constexpr std::array kProducts = {Product::integration, Product::applink};
constexpr std::size_t kMaxCommands = 50;

// The product whose name comes first, where one does.
std::optional<Product> product_named(std::string_view text) {
  const std::size_t integration = text.find(program(Product::integration));
  const std::size_t applink = text.find(program(Product::applink));
  if (integration == applink) return std::nullopt;
  return integration < applink ? Product::integration : Product::applink;
}

// The product that a shell text starts, else the first one that it names outside of comments.
std::optional<Product> product_called(std::string_view text) {
  const auto calls = mesh_calls_in(text, {});
  if (!calls.empty()) return calls.front().name.product;
  for (const Token& token : tokenize(text)) {
    if (const auto product = product_named(token.value)) return product;
  }
  return std::nullopt;
}

ProductChoice because(Product product, std::string_view where) {
  return {product, std::string(where) + " calls " + std::string(program(product))};
}

std::optional<ProductChoice> choose_by_scripts(const Entry& web, const App& app) {
  const std::vector<Command> commands = parse_commands(web.command);
  for (std::size_t i = 0; i < std::min(commands.size(), kMaxCommands); ++i) {
    for (const Source& script : started_texts(commands[i], 0, app)) {
      if (const auto product = product_called(script.text)) return because(*product, script.file);
    }
  }
  return std::nullopt;
}

std::optional<ProductChoice> choose_by_processes(const App& app) {
  const std::vector<Entry> entries = parse_procfile(app.read("Procfile").value_or(""));
  const Entry* web = web_entry(entries);
  if (web != nullptr) {
    if (const auto product = product_called(web->command)) return because(*product, "the Procfile");
  }
  for (const Entry& entry : entries) {
    if (const auto product = product_called(entry.command)) return because(*product, "the Procfile");
  }
  return web == nullptr ? std::nullopt : choose_by_scripts(*web, app);
}

// The config vars that an attached add-on sets, HEROKU_APPLINK_API_URL and such, also under another attachment's name.
bool has_addon(const std::vector<std::string>& names, Product product) {
  constexpr std::string_view kRest = "SERVICE_MESH";
  const std::string_view family = prefix(product).substr(0, prefix(product).size() - kRest.size());
  return std::ranges::any_of(names, [&](const std::string& name) {
    return name.starts_with(family) && !name.starts_with(prefix(product)) &&
           (name.ends_with("_API_URL") || name.ends_with("_TOKEN"));
  });
}

// The settings of this buildpack.
bool has_settings(const std::vector<std::string>& names, Product product) {
  return std::ranges::any_of(names, [&](const std::string& name) { return name.starts_with(prefix(product)); });
}

std::optional<ProductChoice> choose_by_config(const std::vector<std::string>& names) {
  for (const Product product : kProducts) {
    if (has_addon(names, product) && !has_addon(names, other(product))) {
      return ProductChoice{product, "the config vars of its add-on are set"};
    }
  }
  for (const Product product : kProducts) {
    if (has_settings(names, product) && !has_settings(names, other(product))) {
      return ProductChoice{product, "config vars " + std::string(prefix(product)) + "_... are set"};
    }
  }
  return std::nullopt;
}

}  // namespace

ProductChoice choose_product(const App& app) {
  if (app.product) return {*app.product, "HEROKU_SERVICE_MESH_PRODUCT says so"};
  if (const auto choice = choose_by_processes(app)) return *choice;
  for (const Product product : kProducts) {
    if (app.read(settings_file(product))) return {product, settings_file(product) + " is there"};
  }
  if (app.config) {
    if (const auto choice = choose_by_config(app.config->names)) return *choice;
  }
  return {Product::integration, "nothing names another one"};
}

}  // namespace mesh::procfile
