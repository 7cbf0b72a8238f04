#include "buildpack/doctor/product.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>
#include <vector>

#include "buildpack/doctor/mesh_call.h"
#include "buildpack/doctor/scripts.h"
#include "buildpack/procfile/procfile.h"
#include "common/text.h"

namespace mesh::buildpack::doctor {

using procfile::App;
using procfile::Entry;
using procfile::parse_procfile;
using procfile::ProcfileText;
using procfile::read_procfile;
using procfile::Token;
using procfile::tokenize;
using procfile::web_entry;
namespace {

constexpr std::array kProducts = {Product::integration, Product::applink};

// How many letters have to be inserted, left out or replaced (Levenshtein).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t k = 0; k < b.size(); ++k) {
      const std::size_t replaced = diagonal + (a[i] == b[k] ? 0 : 1);
      diagonal = row[k + 1];
      row[k + 1] = std::min({replaced, diagonal + 1, row[k] + 1});
    }
  }
  return row.back();
}

// Names by which people call a mesh; {} stands for the product's: "applink".
constexpr std::array<std::string_view, 6> kCalled = {
    "heroku-{}-service-mesh", "heroku-{}-mesh", "{}-service-mesh", "{}-mesh", "heroku-service-mesh", "heroku-mesh"};

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

ProductChoice because(Product product, const std::string& file, std::string_view name = "") {
  const std::string calls = fmt::format("{}{} calls ", file == kProcfile ? "the " : "", file);
  return {product, fmt::format("{}{}{}", calls, name, program(product))};
}

// The product of a call. A misspelled name counts if it resembles that of one product only.
std::optional<ProductChoice> product_called(const Leaf& leaf, App app) {
  const MeshCall call = take_apart(leaf.command, leaf.scope, app);
  const Product product = call.name->product;
  if (!has_problem(call.findings, Problem::mesh_misspelled)) return because(product, leaf.source->file);
  app.product = other(product);
  if (take_apart(leaf.command, leaf.scope, app).name->product != product) return std::nullopt;
  return because(product, leaf.source->file, "a program with a name similar to ");
}

std::optional<ProductChoice> choose_by_processes(const App& app) {
  const std::vector<Entry> entries = parse_procfile(read_procfile(app).value_or(ProcfileText{}).text);
  const Entry* const web = web_entry(entries);
  std::vector<Leaf> leaves;
  const std::string text = web == nullptr ? "" : without_typography(web->command).text;
  for (Leaf& leaf : walk({.file = std::string(kProcfile), .text = text}, {}, app).leaves) {
    if (starts_mesh(leaf.command, leaf.scope)) leaves.push_back(std::move(leaf));
  }
  for (const Leaf& leaf : leaves) {
    if (leaf.source->file != kProcfile) continue;
    if (auto choice = product_called(leaf, app)) return choice;
  }
  if (const auto product = product_mentioned(text)) return because(*product, std::string(kProcfile));
  for (const Entry& entry : entries) {
    if (const auto product = product_mentioned(entry.command)) return because(*product, std::string(kProcfile));
  }
  for (const Leaf& leaf : leaves) {
    if (auto choice = product_called(leaf, app)) return choice;
  }
  return std::nullopt;
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

std::string settings_file(Product product) { return std::string(program(product)) + ".yaml"; }

bool is_addon_variable(std::string_view name, Product product) {
  constexpr std::string_view kRest = "SERVICE_MESH";
  const std::string_view own = prefix(product);
  return name.starts_with(own.substr(0, own.size() - kRest.size())) && !name.starts_with(own) &&
         (name.ends_with("_API_URL") || name.ends_with("_TOKEN"));
}

std::optional<MeshName> parse_mesh_name(std::string_view word) {
  if (!text::is_alphanumeric_or("/._+-$~{}", word)) return std::nullopt;  // a text that names one
  const std::string_view file = word.substr(word.rfind('/') + 1);
  for (const Product product : kProducts) {
    if (!file.starts_with(program(product))) continue;
    const std::string_view suffix = file.substr(program(product).size());
    if (suffix.empty() || suffix.starts_with('-')) return MeshName{product, std::string(file), std::string(suffix)};
  }
  return std::nullopt;
}

std::optional<MeshName> misspelled_mesh_name(std::string_view word, Product assumed) {
  constexpr std::size_t kMinLength = 10;
  constexpr std::size_t kMaxLength = 80;
  constexpr std::size_t kLong = 16;  // in a longer name two letters may be wrong
  if (word.size() < kMinLength || word.size() > kMaxLength || parse_mesh_name(word)) return std::nullopt;
  std::string name = text::lower(word.substr(word.rfind('/') + 1));
  std::ranges::replace(name, '_', '-');
  while (name.ends_with(':') || name.ends_with('.') || name.ends_with(',')) name.pop_back();
  if (auto right = parse_mesh_name(name)) return right;
  name = name.substr(0, name.find("-latest"));
  for (const std::string_view called : kCalled) {
    for (const Product product : {assumed, other(assumed)}) {
      const std::string known = fmt::format(fmt::runtime(called), buildpack::name(product));
      const std::size_t edits = known.size() > kLong ? 2 : 1;
      const bool is_near = name.size() <= known.size() + edits && known.size() <= name.size() + edits;
      if (is_near && edit_distance(name, known) <= edits) return parse_mesh_name(program(product));
    }
  }
  return std::nullopt;
}

ProductChoice choose_product(const App& app) {
  if (app.product) return {*app.product, "HEROKU_SERVICE_MESH_PRODUCT says so"};
  if (const auto choice = choose_by_processes(app)) return *choice;
  for (const Product product : kProducts) {
    if (app.read(settings_file(product))) return {product, settings_file(product) + " is there"};
  }
  const auto choice = app.config ? choose_by_config(app.config->names) : std::nullopt;
  return choice.value_or(ProductChoice{Product::integration, "nothing names another one"});
}

}  // namespace mesh::buildpack::doctor
