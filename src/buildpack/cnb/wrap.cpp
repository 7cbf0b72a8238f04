#include "buildpack/cnb/wrap.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "buildpack/doctor/scripts.h"
#include "buildpack/procfile/procfile.h"
#include "common/text.h"

namespace mesh::buildpack::cnb {
namespace {

using procfile::App;

constexpr std::string_view kWrap = "HEROKU_SERVICE_MESH_WRAP";
constexpr std::size_t kMaxTypes = 20;
constexpr std::size_t kMaxTypeLength = 63;  // heroku/procfile's limit; the lifecycle has none

// Values for yes or for all, which are not process types.
constexpr std::array<std::string_view, 8> kNoTypes = {"1", "true", "on", "yes", "all", "false", "0", "no"};

// Rejects names of only dots, because a type is the name of a directory, exec.d/<type>.
bool is_process_type(std::string_view name) {
  const bool has_a_name = name.find_first_not_of('.') != std::string_view::npos;
  return has_a_name && name.size() <= kMaxTypeLength && text::is_alphanumeric_or("._-", name);
}

bool names_a_type(std::string_view name) {
  const std::string lower = text::lower(name);
  return is_process_type(name) && lower != "off" && std::ranges::find(kNoTypes, lower) == kNoTypes.end();
}

Process behind_mesh(Process process, Product product) {
  std::vector<std::string> command = {std::string(program(product))};
  if (product == Product::applink) command.emplace_back("--");
  command.insert(command.end(), process.command.begin(), process.command.end());
  process.command = std::move(command);
  return process;
}

std::string known_types(const ProcessList& processes) {
  std::vector<std::string> types;
  for (const Process& process : processes.all()) types.push_back(process.type);
  if (types.empty()) return "the image has none so far";
  return text::printable_line(fmt::format("there {} {}", types.size() == 1 ? "is" : "are", fmt::join(types, ", ")), 200);
}

}  // namespace

Result<WrapChoice> parse_wrap(std::string_view value) {
  WrapChoice choice;
  const std::string_view trimmed = text::trim(value);
  if (trimmed.empty() || text::equals_ignoring_case(trimmed, "off")) return choice;
  const Failure failure{Reason::config_invalid_wrap,
                        fmt::format("{}=\"{}\"", kWrap, text::printable_line(text::redact(trimmed), 120))};
  for (const std::string_view part : text::split(trimmed, ',')) {
    const std::string_view type = text::trim(part);
    if (!names_a_type(type)) return failure;
    if (std::ranges::find(choice.types, type) == choice.types.end()) choice.types.emplace_back(type);
  }
  if (choice.types.size() > kMaxTypes) return failure;
  return choice;
}

bool starts_mesh(const Process& process, const App& app) {
  std::vector<std::string> words = process.command;
  words.insert(words.end(), process.args.begin(), process.args.end());
  return doctor::process_starts_mesh(words, app);
}

ProcessList procfile_of(const App& app) {
  const auto text = app.read("Procfile");
  return text ? procfile_processes(procfile::parse_procfile(*text)) : ProcessList();
}

Wrapping wrap(const ProcessList& declared, const WrapChoice& choice, Product product, const App& app) {
  Wrapping wrapping;
  ProcessList processes = declared;
  const ProcessList own = procfile_of(app);
  for (const Process& process : own.all()) {
    if (declared.find(process.type) == nullptr) processes.add(process);
  }
  for (const std::string& type : choice.types) {
    const Process* process = processes.find(type);
    if (process == nullptr) {
      wrapping.warnings.push_back(
          fmt::format("{} names the process type \"{}\", which does not exist; {}.", kWrap, type, known_types(processes)));
    } else if (starts_mesh(*process, app)) {
      wrapping.notes.push_back(fmt::format("The process type \"{}\" starts a mesh already and stays as it is.", type));
      if (declared.find(type) == nullptr) wrapping.processes.push_back(*process);
    } else if (process->is_shell_with_arguments) {
      wrapping.warnings.push_back(
          fmt::format("{} cannot wrap the process type \"{}\": it is a shell command with arguments, as buildpacks with a "
                      "Buildpack API before 0.9 declare it.\nCall the mesh in the Procfile instead.",
                      kWrap, type));
    } else {
      wrapping.processes.push_back(behind_mesh(*process, product));
      wrapping.behind_mesh.push_back(type);
    }
  }
  return wrapping;
}

}  // namespace mesh::buildpack::cnb
