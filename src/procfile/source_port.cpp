#include "procfile/source_port.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"

namespace mesh::procfile {
namespace {

// How programs read the variable PORT, by language.
constexpr std::array<std::string_view, 14> kReadsPort = {
    "process.env.PORT",     "process.env[\"PORT\"]", "process.env['PORT']", "environ[\"PORT\"]", "environ['PORT']",
    "environ.get(\"PORT\"", "environ.get('PORT'",    "getenv(\"PORT\"",     "getenv('PORT'",     "Getenv(\"PORT\"",
    "ENV[\"PORT\"]",        "ENV['PORT']",           "ENV.fetch(\"PORT\"",  "port=${PORT"};
constexpr std::array<std::string_view, 4> kLanguages = {".js", ".mjs", ".py", ".rb"};

// "process.env.PORTAL" is another variable.
bool reads(std::string_view source, std::string_view pattern) {
  for (std::size_t at = source.find(pattern); at != std::string_view::npos; at = source.find(pattern, at + 1)) {
    const std::size_t behind = at + pattern.size();
    const char next = behind < source.size() ? source[behind] : ' ';
    const bool goes_on =
        (next >= 'A' && next <= 'Z') || (next >= 'a' && next <= 'z') || next == '_' || (next >= '0' && next <= '9');
    if (!goes_on) return true;
  }
  return false;
}

bool reads_port_alone(std::string_view source) {
  if (source.find("APP_PORT") != std::string_view::npos) return false;
  return std::ranges::any_of(kReadsPort, [&](std::string_view pattern) { return reads(source, pattern); });
}

std::size_t line_of(std::string_view source) {
  const auto lines = text::split(source, '\n');
  const auto found = std::ranges::find_if(lines, reads_port_alone);
  return static_cast<std::size_t>(found - lines.begin()) + 1;
}

bool is_source(std::string_view path) {
  return std::ranges::any_of(kLanguages, [&](std::string_view ending) { return path.ends_with(ending); });
}

}  // namespace

std::vector<Finding> check_app_sources(const std::vector<std::string>& paths, const App& app) {
  std::vector<std::string> sources;
  std::ranges::copy_if(paths, std::back_inserter(sources), is_source);
  const bool jar = std::ranges::any_of(paths, [](const std::string& path) { return path.ends_with(".jar"); });
  if (jar) sources.emplace_back("src/main/resources/application.properties");
  std::vector<Finding> findings;
  for (const std::string& path : sources) {
    const auto source = app.read(path);
    if (!source || !reads_port_alone(*source)) continue;
    findings.push_back(make_finding(Problem::app_ignores_app_port, path + ":" + std::to_string(line_of(*source))));
  }
  return findings;
}

}  // namespace mesh::procfile
