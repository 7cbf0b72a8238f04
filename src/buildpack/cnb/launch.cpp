#include "buildpack/cnb/launch.h"

#include <fmt/format.h>

#include "buildpack/cnb/toml.h"

namespace mesh::buildpack::cnb {
namespace {

TomlTable table_of(const Process& process) {
  TomlTable table;
  table.set("type", process.type).set("command", process.command);
  if (!process.args.empty()) table.set("args", process.args);
  if (process.is_default) table.set("default", true);
  if (!process.working_directory.empty()) table.set("working-dir", process.working_directory);
  if (!process.exec_env.empty()) table.set("exec-env", process.exec_env);
  return table;
}

}  // namespace

std::vector<Label> labels_of(const Component& component) {
  const auto key = [](std::string_view name) { return fmt::format("com.heroku.service-mesh.{}", name); };
  std::vector<Label> labels = {{key("product"), std::string(name(component.product))}};
  if (!component.version.empty()) labels.push_back({key("version"), component.version});
  labels.push_back({key("arch"), component.arch});
  labels.push_back({key("sha256"), component.sha256.hex()});
  return labels;
}

std::string launch_toml(const std::vector<Process>& processes, const std::vector<Label>& labels) {
  TomlArray process_tables;
  for (const Process& process : processes) process_tables.emplace_back(table_of(process));
  TomlArray label_tables;
  for (const Label& label : labels) label_tables.emplace_back(TomlTable().set("key", label.key).set("value", label.value));
  TomlTable launch;
  if (!label_tables.empty()) launch.set("labels", label_tables);
  if (!process_tables.empty()) launch.set("processes", process_tables);
  return write_toml(launch);
}

}  // namespace mesh::buildpack::cnb
