#include <algorithm>

#include "buildpack/doctor/settings_checks.h"
#include "fuzz/fuzz.h"

// Fuzzes a mesh's YAML file. The first byte selects the product.
namespace mesh::buildpack::fuzz {
namespace {

using namespace doctor;
using namespace procfile;

constexpr std::string_view kPath = "mesh.yaml";

void check_place(const Finding& finding, std::string_view content) {
  std::string_view place = finding.location;
  MUST(place.starts_with(kPath));
  place.remove_prefix(kPath.size());
  if (place.empty()) return;
  const auto lines = static_cast<int>(std::ranges::count(content, '\n')) + 1;
  const int line = std::atoi(std::string(place.substr(1)).c_str());
  MUST(place.front() == ':' && line >= 1 && line <= lines);
}

void check(std::string_view input) {
  const bool applink = input.starts_with('a');
  const std::string_view content = input.substr(std::min<std::size_t>(input.size(), 1));
  const App app{.config = ConfigVars{{}, [](std::string_view) { return std::optional<std::string>(); }},
                .product = applink ? Product::applink : Product::integration};
  const MeshYaml yaml = check_mesh_yaml(content, std::string(kPath), app);
  MUST(!yaml.port || (*yaml.port > 0 && *yaml.port <= 65535));
  MUST(yaml.findings.size() <= 20);
  for (const Finding& finding : yaml.findings) {
    MUST(entry(finding.problem).id.starts_with("yaml-"));
    MUST(is_printable_line(finding.message));
    check_place(finding, content);
  }
}

}  // namespace
}  // namespace mesh::buildpack::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mesh::buildpack::fuzz::check(mesh::buildpack::fuzz::as_text(data, size));
  return 0;
}
