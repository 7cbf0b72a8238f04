#include "buildpack/cnb/image.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "buildpack/procfile/procfile.h"
#include "common/text.h"

namespace mesh::buildpack::cnb {
namespace {

using doctor::Checkup;
using doctor::Finding;
using doctor::Problem;
using doctor::WebProcess;

constexpr std::string_view kProcfile = "Procfile";
constexpr std::string_view kWrapPlace = "config var HEROKU_SERVICE_MESH_WRAP";
constexpr std::string_view kWrapWeb = "HEROKU_SERVICE_MESH_WRAP=web";

bool contains(const std::vector<std::string>& texts, std::string_view text) {
  return std::ranges::find(texts, text) != texts.end();
}

// Returns the command of a process as in a line of a Procfile.
std::string line_of(const Process& process) {
  const bool is_shell_line = process.command == std::vector<std::string>{"bash", "-c"} && process.args.size() == 1;
  std::string line;
  for (const char c : is_shell_line ? process.args.front() : command_line(process)) {
    line += c == '\n' ? std::string("; ") : std::string(1, c);
  }
  return line;
}

// Returns the lines of a text, numbered as in parse_procfile.
std::vector<std::string> lines_of(std::string_view text) {
  std::string unified(text);
  for (std::size_t i = 0; i < unified.size(); ++i) {
    if (unified[i] == '\r' && (i + 1 == unified.size() || unified[i + 1] != '\n')) unified[i] = '\n';
  }
  std::vector<std::string> lines;
  for (const std::string_view line : text::split(unified, '\n')) lines.emplace_back(line);
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

// The app's Procfile with the commands of an image's processes.
struct EffectiveProcfile {
  std::string text = {};
  std::map<std::size_t, std::string> foreign =
      {};                                     // the types of the lines that the app's Procfile does not have, by number
  std::vector<procfile::Entry> renamed = {};  // "Web", which heroku/procfile makes "web"

  bool is_changed() const { return !foreign.empty() || !renamed.empty(); }
};

EffectiveProcfile effective_procfile(std::string_view text, const ProcessList& processes) {
  const auto entries = procfile::parse_procfile(text);
  const ProcessList own = procfile_processes(entries);
  EffectiveProcfile result;
  std::vector<std::string> lines = lines_of(text);
  for (const Process& process : processes.all()) {
    const Process* const here = own.find(process.type);
    if (here != nullptr && here->command == process.command && here->args == process.args) continue;
    if (here == nullptr) {
      lines.push_back(fmt::format("{}: {}", process.type, line_of(process)));
      result.foreign[lines.size()] = process.type;
    }
    for (const procfile::Entry& entry : entries) {
      if (process_type(entry.name) != process.type) continue;
      lines.at(entry.line - 1) = entry.lead + line_of(process);
      result.foreign[entry.line] = process.type;
    }
  }
  for (const procfile::Entry& entry : entries) {
    if (entry.name == "web" || process_type(entry.name) != "web") continue;
    std::string& line = lines.at(entry.line - 1);
    line.replace(line.find(entry.name), entry.name.size(), "web");
    result.renamed.push_back(entry);
  }
  if (!lines.empty()) result.text = fmt::format("{}\n", fmt::join(lines, "\n"));
  return result;
}

// Returns whether a finding is about the name or the form of a line, not about its command.
bool is_about_form(Problem problem) { return problem >= Problem::double_key && problem <= Problem::continued_line; }

// Returns a finding about a command that the Procfile does not have, with the place where the command is.
Finding placed_elsewhere(Finding finding, const std::string& type, const Image& image) {
  finding.suggestion.clear();
  if (is_about_form(finding.problem)) return finding;
  const Process* const process = image.processes.find(type);
  const bool is_wrapped = contains(image.wrapped, type);
  finding.location = fmt::format("process type {}", type);
  if (finding.problem == Problem::mesh_on_non_web && is_wrapped) {
    finding.location = kWrapPlace;
    if (contains(image.wrapped, "web")) finding.suggestion = kWrapWeb;
  } else if (finding.problem == Problem::mesh_not_used && process != nullptr && !process->is_shell_with_arguments) {
    finding.suggestion = kWrapWeb;
  }
  return finding;
}

// Returns the checkup with a finding for each of the types.
Checkup with_replaced(Checkup checkup, const std::vector<std::string>& types) {
  for (const std::string& type : types) {
    if (type == "web") std::erase_if(checkup.findings, [](const Finding& f) { return f.problem == Problem::mesh_not_used; });
    checkup.findings.push_back(
        make_finding(Problem::buildpack_order, std::string(kWrapPlace), {std::string(kProcfileBuildpack), type}));
  }
  return checkup;
}

}  // namespace

Image image_of(const EarlierProcesses& earlier, const WrapChoice& choice, const Wrapping& wrapping,
               const procfile::App& app) {
  Image image{.processes = earlier.processes};
  for (const Process& process : wrapping.processes) {
    image.processes.add(process);
    if (contains(wrapping.behind_mesh, process.type)) image.wrapped.push_back(process.type);
  }
  const ProcessList own = procfile_of(app);
  const bool follows = earlier.is_followed_by_procfile;
  for (const Process& process : own.all()) {
    const bool is_declared = image.processes.find(process.type) != nullptr;
    if (follows || (!is_declared && earlier.may_read_procfile)) image.processes.add(process);
    if (follows && contains(choice.types, process.type) && !starts_mesh(process, app))
      image.replaced.push_back(process.type);
  }
  for (const std::string& id : earlier.later) {
    if (id != kProcfileBuildpack) {
      image.is_final = false;
      image.later_web.push_back(id);
    } else if (own.find("web") != nullptr) {
      image.later_web.clear();
    }
  }
  return image;
}

Checkup examine_image(const Image& image, const procfile::App& app) {
  const std::string text = app.read(kProcfile).value_or("");
  const EffectiveProcfile effective = effective_procfile(text, image.processes);
  procfile::App seen = app;
  seen.config.reset();
  if (effective.is_changed()) {
    seen.read = [&](std::string_view path) { return path == kProcfile ? std::optional(effective.text) : app.read(path); };
  }
  Checkup checkup = doctor::examine(seen);
  for (const auto& [line, type] : effective.foreign) {
    for (Finding& finding : checkup.findings) {
      if (finding.location == fmt::format("{}:{}", kProcfile, line)) finding = placed_elsewhere(finding, type, image);
    }
  }
  for (const procfile::Entry& entry : effective.renamed) {
    Finding finding = make_finding(Problem::name_case, place_of(entry), {entry.name});
    finding.severity = doctor::Severity::note;
    checkup.findings.push_back(std::move(finding));
  }
  checkup = with_replaced(std::move(checkup), image.replaced);
  using enum WebProcess;
  if (checkup.web == wrapped && !image.later_web.empty()) {
    checkup.web = unknown;
    checkup.findings.push_back(make_finding(Problem::later_buildpack, "process type web", {image.later_web.front()}));
  } else if ((checkup.web == wrapped || checkup.web == unwrapped) && image.processes.find("web") == nullptr) {
    checkup.web = missing;
    checkup.findings.push_back(make_finding(Problem::procfile_unused, std::string(kProcfile)));
  }
  return checkup;
}

}  // namespace mesh::buildpack::cnb
