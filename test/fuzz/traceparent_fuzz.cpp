#include "common/traceparent.h"
#include "fuzz/fuzz.h"

// Fuzzes the platform's trace context.
namespace mesh::buildpack::fuzz {
namespace {

bool is_id(std::string_view s, std::size_t digits) {
  return s.size() == digits && s.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
         s.find_first_not_of('0') != std::string_view::npos;
}

void check(std::string_view text) {
  const auto parsed = parse_traceparent(text);
  if (!parsed) return;
  MUST(is_id(parsed->trace_id, 32));
  MUST(is_id(parsed->parent_id, 16));
  MUST(!text.starts_with("ff"));
  // The parsed fields, written in version 00, are the input.
  const std::string again = "00-" + parsed->trace_id + "-" + parsed->parent_id + (parsed->sampled ? "-01" : "-00");
  MUST(text.substr(3, 50) == again.substr(3, 50));
  MUST(!text.starts_with("00") || text.size() == again.size());
  const auto today = parse_traceparent(again);
  MUST(today && today->trace_id == parsed->trace_id && today->parent_id == parsed->parent_id);
  MUST(today->sampled == parsed->sampled);
}

}  // namespace
}  // namespace mesh::buildpack::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mesh::buildpack::fuzz::check(mesh::buildpack::fuzz::as_text(data, size));
  return 0;
}
