#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "buildpack/cli/cli.h"
#include "buildpack/doctor/rendering.h"
#include "buildpack/pipeline/advice.h"
#include "buildpack/release/settings.h"
#include "common/text.h"
#include "platform/disk_files.h"
#include "platform/terminal_console.h"

namespace mesh::buildpack::cli {
namespace {

using doctor::Checkup;

enum class Format { text, json };

struct Request {
  Path app;
  std::optional<Path> env = {};
  std::optional<Product> product = {};
  Format format = Format::text;
};

constexpr std::string_view kUsage =
    "mesh-buildpack doctor APP_DIR [--env DIR] [--product integration|applink] [--format text|json]";

struct Option {
  std::string_view name;
  std::string_view values;  // for people
};

constexpr std::array kOptions = {
    Option{"--env", "a directory that contains a file for each config var"},
    Option{"--product", "integration or applink"},
    Option{"--format", "text or json"},
};

std::string in_quotes(std::string_view argument) { return "\"" + text::printable_line(argument, 200) + "\""; }

// A request, or the problem with the arguments.
using Parsed = common::Result<Request, std::string>;

// Returns the request with the value; nullopt if the value is invalid.
std::optional<Request> with_value(Request request, std::string_view option, std::string_view value) {
  if (value.empty()) return std::nullopt;
  if (option == "--env") {
    request.env = Path(value);
    return request;
  }
  if (option == "--product") {
    request.product = parse_product(value);
    return request.product ? std::optional(request) : std::nullopt;
  }
  if (value != "json" && value != "text") return std::nullopt;
  request.format = value == "json" ? Format::json : Format::text;
  return request;
}

Parsed with_option(const Request& request, std::string_view name, std::optional<std::string_view> value) {
  const auto option = std::ranges::find(kOptions, name, &Option::name);
  if (option == kOptions.end()) {
    return fmt::format("The option {} is unknown. Use --env, --product, --format or --help.", in_quotes(name));
  }
  if (!value) return fmt::format("{} has no value. Use {}.", name, option->values);
  if (const auto changed = with_value(request, name, *value)) return *changed;
  return fmt::format("The value {} of {} is invalid. Use {}.", in_quotes(*value), name, option->values);
}

Parsed parse(std::span<const char* const> arguments) {
  Request request;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    const std::size_t equals = argument.find('=');
    if (argument.starts_with("--") && equals != std::string_view::npos) {
      TRY_ASSIGN(request, with_option(request, argument.substr(0, equals), argument.substr(equals + 1)));
    } else if (argument.starts_with('-')) {
      const bool has_value = ++i < arguments.size();
      const auto value = has_value ? std::optional<std::string_view>(arguments[i]) : std::nullopt;
      TRY_ASSIGN(request, with_option(request, argument, value));
    } else if (!request.app.empty()) {
      return fmt::format("The argument {} is unexpected. Name one app directory.", in_quotes(argument));
    } else {
      request.app = Path(argument);
    }
  }
  if (request.app.empty()) return std::string("The app directory is missing. Name it as APP_DIR.");
  return request;
}

bool asks_for_help(std::span<const char* const> arguments) {
  return std::ranges::any_of(arguments, [](std::string_view argument) { return argument == "--help" || argument == "-h"; });
}

void help() {
  TerminalConsole console;
  console.plain(fmt::format("Usage: {}\n", kUsage));
  for (const Option& option : kOptions) console.plain(fmt::format("  {:<9}  {}", option.name, option.values));
  console.plain("\nExit code: 0 without mistakes, 1 with mistakes, 2 for invalid arguments.");
}

void print(const Checkup& checkup, Format format, Console& console) {
  if (format == Format::json) return console.plain(json(checkup));
  console.plain(fmt::format("Product: {}; web process: {}", name(checkup.product), name(checkup.web)));
  for (const doctor::Finding& finding : checkup.findings) console.plain("\n" + describe(finding));
  if (checkup.findings.empty()) console.plain("No problems found.");
}

int complain(std::string_view about) {
  TerminalConsole().error(fmt::format("{}\nUsage: {}", about, kUsage));
  return 2;
}

}  // namespace

int doctor(std::span<const char* const> arguments) {
  if (asks_for_help(arguments)) {
    help();
    return 0;
  }
  const auto request = parse(arguments);
  if (!request) return complain(request.failure());
  DiskFiles files;
  for (const auto& directory : {std::optional(request->app), request->env}) {
    if (directory && !files.list(*directory)) {
      return complain(fmt::format("{} is not a readable directory. Name a directory.", in_quotes(directory->native())));
    }
  }
  const ConfigVars vars(request->env, Environment(), files);
  const auto chosen = read_product(vars);
  if (!chosen && !request->product) {
    const FailureEntry& row = entry(chosen.failure().reason);
    return complain(fmt::format("{} {}", row.headline, row.explanation));
  }
  procfile::App app = app_in(request->app, vars, files);
  app.product = request->product ? request->product : *chosen;
  const Checkup checkup = doctor::examine(app);
  TerminalConsole console;
  print(checkup, request->format, console);
  return checkup.mistakes().empty() ? 0 : 1;
}

}  // namespace mesh::buildpack::cli
