#include "cli/doctor.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "build/advice.h"
#include "platform/disk_files.h"
#include "platform/terminal_console.h"
#include "procfile/rendering.h"
#include "release/settings.h"

namespace mesh::cli {
namespace {

using procfile::Checkup;

enum class Format { text, json };

struct Request {
  Path app;
  std::optional<Path> env = {};
  std::optional<Product> product = {};
  Format format = Format::text;
};

// False for a value that the option does not take.
bool set_option(Request& request, std::string_view option, std::string_view value) {
  if (value.empty()) return false;
  if (option == "--env") {
    request.env = Path(value);
    return true;
  }
  if (option == "--product") {
    request.product = parse_product(value);
    return request.product.has_value();
  }
  if (option == "--format") {
    request.format = value == "json" ? Format::json : Format::text;
    return value == "json" || value == "text";
  }
  return false;
}

std::optional<Request> parse(std::span<const char* const> arguments) {
  Request request;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (const std::size_t equals = argument.find('='); argument.starts_with("--") && equals != std::string_view::npos) {
      if (!set_option(request, argument.substr(0, equals), argument.substr(equals + 1))) return std::nullopt;
    } else if (argument.starts_with("--")) {
      if (++i == arguments.size() || !set_option(request, argument, arguments[i])) return std::nullopt;
    } else {
      if (argument.empty() || !request.app.empty()) return std::nullopt;
      request.app = Path(argument);
    }
  }
  return request.app.empty() ? std::nullopt : std::optional(request);
}

void print(const Checkup& checkup, Format format, Console& console) {
  if (format == Format::json) return console.plain(json(checkup));
  console.plain(fmt::format("Product: {}; web process: {}", name(checkup.product), name(checkup.web)));
  for (const procfile::Finding& finding : checkup.findings) console.plain("\n" + describe(finding));
  if (checkup.findings.empty()) console.plain("Nothing was found.");
}

int complain(std::string_view about) {
  TerminalConsole().error(fmt::format("{}\nUsage: {}", about, kDoctorUsage));
  return 2;
}

}  // namespace

int doctor(std::span<const char* const> arguments) {
  const auto request = parse(arguments);
  if (!request) return complain("These arguments make no sense together.");
  DiskFiles files;
  for (const auto& directory : {std::optional(request->app), request->env}) {
    if (directory && !files.list(*directory)) {
      return complain(fmt::format("{} is no directory that can be read.", text::printable_line(directory->native(), 200)));
    }
  }
  const auto chosen = read_product(request->env, Environment(), files);
  if (!chosen && !request->product) {
    const FailureEntry& row = entry(chosen.failure().reason);
    return complain(fmt::format("{} {}", row.headline, row.explanation));
  }
  procfile::App app = app_in(request->app, request->env, files);
  app.product = request->product ? request->product : *chosen;
  const Checkup checkup = examine(app);
  TerminalConsole console;
  print(checkup, request->format, console);
  return checkup.mistakes().empty() ? 0 : 1;
}

}  // namespace mesh::cli
