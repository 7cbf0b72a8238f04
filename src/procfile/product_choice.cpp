#include "procfile/product_choice.h"

#include <algorithm>
#include <array>

#include "procfile/mesh_call.h"
#include "procfile/procfile.h"
#include "procfile/scripts.h"

namespace mesh::procfile {
namespace {

constexpr std::array kProducts = {Product::integration, Product::applink};

// The product whose name comes first, where one does.
std::optional<Product> product_named(std::string_view text) {
  const std::size_t integration = text.find(program(Product::integration));
  const std::size_t applink = text.find(program(Product::applink));
  if (integration == applink) return std::nullopt;
  return integration < applink ? Product::integration : Product::applink;
}

// The product that these commands start.
std::optional<Product> product_called(const std::vector<Leaf>& leaves, const App& app) {
  for (const Leaf& leaf : leaves) {
    if (leaf.command.words.empty() || !starts_mesh(leaf.command, leaf.scope)) continue;
    const MeshCall call = take_apart(leaf.command, leaf.scope, app);
    if (call.name) return call.name->product;
  }
  return std::nullopt;
}

// The product that a text names first outside of comments.
std::optional<Product> product_mentioned(std::string_view text) {
  for (const Token& token : tokenize(text)) {
    if (const auto product = product_named(token.value)) return product;
  }
  return std::nullopt;
}

ProductChoice because(Product product, std::string_view where) {
  return {product, std::string(where) + " calls " + std::string(program(product))};
}

std::optional<ProductChoice> choose_by_processes(const App& app) {
  constexpr std::string_view kProcfile = "the Procfile";
  const std::vector<Entry> entries = parse_procfile(read_procfile(app).value_or(ProcfileText{}).text);
  const Entry* const web = web_entry(entries);
  std::vector<Leaf> leaves;
  if (web != nullptr) {
    std::vector<Finding> slips;
    leaves = walk({.file = "Procfile", .text = without_typography(web->command, slips)}, {}, app).leaves;
    std::vector<Leaf> own;
    std::ranges::copy_if(leaves, std::back_inserter(own), [](const Leaf& leaf) { return leaf.source->file == "Procfile"; });
    if (const auto product = product_called(own, app)) return because(*product, kProcfile);
    if (const auto product = product_mentioned(web->command)) return because(*product, kProcfile);
  }
  for (const Entry& entry : entries) {
    if (entry.command.find("-service-mesh") == std::string::npos) continue;
    if (const auto product = product_mentioned(entry.command)) return because(*product, kProcfile);
  }
  for (const Leaf& leaf : leaves) {
    if (const auto product = product_called({leaf}, app)) return because(*product, leaf.source->file);
  }
  return std::nullopt;
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
