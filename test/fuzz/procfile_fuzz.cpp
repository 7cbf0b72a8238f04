#include <algorithm>
#include <map>

#include "buildpack/doctor/doctor.h"
#include "buildpack/doctor/rendering.h"
#include "common/json.h"
#include "fuzz/fuzz.h"

// Fuzzes the whole doctor. An input is an app: its Procfile, then other files, each after a line "=== PATH". The path
// "config" contains config vars, one NAME=value per line; "product" contains the installed product.
namespace mesh::buildpack::fuzz {
namespace {

using namespace doctor;
using namespace procfile;

constexpr std::string_view kMark = "=== ";
constexpr std::string_view kSecret = "a-secret-of-the-app";

struct Sections {
  std::map<std::string, std::string, std::less<>> files;
  std::map<std::string, std::string, std::less<>> config = {{"SECRET", std::string(kSecret)}};
  bool config_known = false;
  std::optional<Product> product;

  explicit Sections(std::string_view input) {
    std::string path = "Procfile";
    for (std::string_view line : text::split(input, '\n')) {
      if (line.starts_with(kMark)) {
        path = line.substr(kMark.size());
        files[path];
      } else {
        std::string& content = files[path];
        if (!content.empty()) content += '\n';
        content += line;
      }
    }
    take_config();
    if (const auto named = files.extract("product")) product = parse_product(named.mapped());
  }

  App app() const {
    App app{.read = [this](std::string_view path) -> std::optional<std::string> {
              const auto found = files.find(path);
              return found == files.end() ? std::nullopt : std::optional(found->second);
            },
            .list = [this](std::string_view directory) { return names_in(directory); },
            .arch = "amd64",
            .product = product};
    if (!config_known) return app;
    app.config = ConfigVars{{}, [this](std::string_view name) -> std::optional<std::string> {
                              const auto found = config.find(name);
                              return found == config.end() ? std::nullopt : std::optional(found->second);
                            }};
    for (const auto& [name, value] : config) app.config->names.push_back(name);
    return app;
  }

 private:
  // Every value contains a secret, unless it must be a number.
  void take_config() {
    const auto section = files.extract("config");
    config_known = !section.empty();
    if (!config_known) return;
    for (const std::string_view line : text::split(section.mapped(), '\n')) {
      const std::size_t equals = line.find('=');
      if (equals == std::string_view::npos || equals == 0) continue;
      const std::string name(line.substr(0, equals));
      const std::string value(line.substr(equals + 1));
      config[name] = name.ends_with("PORT") ? value : value + std::string(kSecret);
    }
  }

  std::vector<std::string> names_in(std::string_view directory) const {
    std::vector<std::string> names;
    const std::string prefix = directory.empty() ? "" : std::string(directory) + "/";
    for (const auto& [path, content] : files) {
      if (!path.starts_with(prefix)) continue;
      const std::string rest = path.substr(prefix.size());
      names.push_back(rest.substr(0, rest.find('/')));
    }
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
  }
};

// Checks that the location is a file of the app, an existing line of it, or config vars.
void check_place(const Finding& finding, const Sections& app) {
  const std::string_view place = finding.location;
  if (place.starts_with("config var") || app.files.contains(place)) return;
  const std::size_t colon = place.rfind(':');
  if (colon == std::string_view::npos) {
    MUST(place == "Procfile" && finding.problem == Problem::procfile_missing);
    return;
  }
  const auto file = app.files.find(place.substr(0, colon));
  MUST(file != app.files.end());
  const auto lines = std::ranges::count(file->second, '\n') + std::ranges::count(file->second, '\r') + 1;
  const int line = std::atoi(std::string(place.substr(colon + 1)).c_str());
  MUST(line >= 1 && line <= lines);
}

void check_finding(const Finding& finding, const Sections& app) {
  MUST(!entry(finding.problem).id.empty());
  MUST(finding.severity >= entry(finding.problem).severity);  // the catalogue's, or a milder one
  MUST(is_printable_line(finding.message) && !finding.message.empty());
  check_place(finding, app);
  const std::string description = describe(finding);
  for (const std::string_view line : text::split(description, '\n')) MUST(is_printable_line(line));
}

std::string with_line(std::string_view text, std::size_t number, std::string_view line) {
  std::string result;
  std::size_t i = 0;
  for (const std::string_view old : text::split(text, '\n')) {
    if (i > 0) result += '\n';
    result += ++i == number ? line : old;
  }
  return result;
}

// Checks that a Procfile line that follows the suggestion does not cause the same finding again.
void check_advice(const Finding& finding, const Sections& app) {
  constexpr std::string_view kPlace = "Procfile:";
  if (!finding.location.starts_with(kPlace) || finding.suggestion.empty()) return;
  const std::string_view line = std::string_view(finding.location).substr(kPlace.size());
  if (line.find_first_not_of("0123456789") != std::string_view::npos) return;  // another file whose name has this prefix
  const std::string& text = app.files.at("Procfile");
  if (text.find('\r') != std::string::npos || finding.suggestion.find('\n') != std::string::npos) return;
  Sections better = app;
  better.files["Procfile"] = with_line(text, std::strtoull(std::string(line).c_str(), nullptr, 10), finding.suggestion);
  const Checkup after = examine(better.app());
  for (const Finding& still : after.findings) {
    MUST(still.problem != finding.problem || still.location != finding.location || still.suggestion.empty());
  }
}

void check(std::string_view input) {
  const Sections app(input);
  const Checkup checkup = examine(app.app());
  MUST(checkup.findings.size() <= 100);
  MUST(!app.product || checkup.product == *app.product);
  MUST((checkup.web == WebProcess::no_procfile) == !app.files.contains("Procfile"));
  for (const Finding& finding : checkup.findings) check_finding(finding, app);
  for (std::size_t i = 0; i < std::min<std::size_t>(checkup.findings.size(), 3); ++i) check_advice(checkup.findings[i], app);
  const std::string told = json(checkup);
  const auto parsed = parse_json(told);
  MUST(parsed && (*parsed)["findings"].size() == checkup.findings.size());
  MUST(input.find(kSecret) != std::string_view::npos || told.find(kSecret) == std::string::npos);
}

}  // namespace
}  // namespace mesh::buildpack::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mesh::buildpack::fuzz::check(mesh::buildpack::fuzz::as_text(data, size));
  return 0;
}
