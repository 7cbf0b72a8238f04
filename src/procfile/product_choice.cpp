#include "procfile/product_choice.h"

#include <algorithm>
#include <array>

#include "procfile/mesh_call.h"
#include "procfile/procfile.h"
#include "procfile/scripts.h"

namespace mesh::procfile {
namespace {

constexpr std::array kProducts = {Product::integration, Product::applink};
constexpr std::string_view kProcfile = "Procfile";

// The product that a text names first outside of comments.
std::optional<Product> product_mentioned(std::string_view text) {
  if (text.find("-service-mesh") == std::string_view::npos) return std::nullopt;
  for (const Token& token : tokenize(text)) {
    for (const Product product : kProducts) {
      if (token.value.find(program(product)) != std::string::npos) return product;
    }
  }
  return std::nullopt;
}

ProductChoice because(Product product, const std::string& file) {
  return {product, (file == kProcfile ? "the Procfile" : file) + " calls " + std::string(program(product))};
}

std::optional<ProductChoice> choose_by_processes(const App& app) {
  const std::vector<Entry> entries = parse_procfile(read_procfile(app).value_or(ProcfileText{}).text);
  const Entry* const web = web_entry(entries);
  std::vector<Leaf> leaves;
  std::vector<Finding> ignored;
  const std::string text = web == nullptr ? "" : without_typography(web->command, ignored);
  for (Leaf& leaf : walk({.file = std::string(kProcfile), .text = text}, {}, app).leaves) {
    if (starts_mesh(leaf.command, leaf.scope)) leaves.push_back(std::move(leaf));
  }
  const auto in_procfile = [](const Leaf& leaf) { return leaf.source->file == kProcfile; };
  const auto called = [&](const Leaf& leaf) {
    return because(take_apart(leaf.command, leaf.scope, app).name->product, leaf.source->file);
  };
  if (const auto own = std::ranges::find_if(leaves, in_procfile); own != leaves.end()) return called(*own);
  if (const auto product = product_mentioned(text)) return because(*product, std::string(kProcfile));
  for (const Entry& entry : entries) {
    if (const auto product = product_mentioned(entry.command)) return because(*product, std::string(kProcfile));
  }
  return leaves.empty() ? std::nullopt : std::optional(called(leaves.front()));
}

std::optional<ProductChoice> choose_by_config(const std::vector<std::string>& names) {
  const auto has_addon = [&](Product product) {
    return std::ranges::any_of(names, [&](const std::string& name) { return is_addon_variable(name, product); });
  };
  const auto has_settings = [&](Product product) {
    return std::ranges::any_of(names, [&](const std::string& name) { return name.starts_with(prefix(product)); });
  };
  for (const Product product : kProducts) {
    if (has_addon(product) && !has_addon(other(product))) return {{product, "the config vars of its add-on are set"}};
  }
  for (const Product product : kProducts) {
    if (!has_settings(product) || has_settings(other(product))) continue;
    return {{product, "config vars " + std::string(prefix(product)) + "_... are set"}};
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
  const auto choice = app.config ? choose_by_config(app.config->names) : std::nullopt;
  return choice.value_or(ProductChoice{Product::integration, "nothing names another one"});
}

}  // namespace mesh::procfile
