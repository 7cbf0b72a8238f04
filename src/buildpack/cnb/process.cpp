#include "buildpack/cnb/process.h"

#include <algorithm>
#include <set>

#include "common/text.h"

namespace mesh::buildpack::cnb {
namespace {

bool is_plain(std::string_view word) { return !word.empty() && text::is_alphanumeric_or("@%+=:,./_-", word); }

std::string quoted(std::string_view word) {
  if (is_plain(word)) return std::string(word);
  std::string result = "'";
  for (const char c : word) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

}  // namespace

const Process* ProcessList::find(std::string_view type) const {
  const auto found = std::ranges::find(processes_, type, &Process::type);
  return found == processes_.end() ? nullptr : &*found;
}

void ProcessList::clear_default() {
  for (Process& process : processes_) process.is_default = false;
}

void ProcessList::add(Process process) {
  if (process.is_default) clear_default();
  const auto place = std::ranges::lower_bound(processes_, process.type, {}, &Process::type);
  if (place != processes_.end() && place->type == process.type) {
    *place = std::move(process);
  } else {
    processes_.insert(place, std::move(process));
  }
}

std::string process_type(std::string_view procfile_name) {
  std::string type = text::lower(procfile_name);
  std::ranges::replace(type, '_', '-');
  return type;
}

ProcessList procfile_processes(const std::vector<procfile::Entry>& entries) {
  std::set<std::string> types;
  for (const procfile::Entry& entry : entries) types.insert(process_type(entry.name));
  ProcessList list;
  for (const procfile::Entry& entry : entries) {
    if (entry.command.empty()) continue;
    const std::string type = process_type(entry.name);
    const bool is_default = type == "web" || types.size() == 1;
    list.add({.type = type, .command = {"bash", "-c"}, .args = {entry.command}, .is_default = is_default});
  }
  return list;
}

std::string command_line(const Process& process) {
  std::string line;
  for (const std::vector<std::string>& words : {process.command, process.args}) {
    for (const std::string& word : words) line += (line.empty() ? "" : " ") + quoted(word);
  }
  return line;
}

}  // namespace mesh::buildpack::cnb
