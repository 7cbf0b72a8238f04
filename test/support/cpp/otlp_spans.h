#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/json.h"

// Finds spans and attributes in the lines of a trace. Throws if one is missing, which fails the test.
namespace mesh {

// The one span of a line.
inline OrderedJson span_in(std::string_view line) {
  return OrderedJson::parse(line).at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans").at(0);
}

// The keys of the attributes of a span, an event, a resource or a scope.
inline std::vector<std::string> attribute_keys(const OrderedJson& owner) {
  std::vector<std::string> keys;
  for (const auto& attribute : owner.at("attributes")) keys.push_back(attribute.at("key"));
  return keys;
}

// Returns the attribute's value as JSON, with its type; empty if the attribute is missing.
inline std::string attribute(const OrderedJson& owner, std::string_view key) {
  for (const auto& attribute : owner.at("attributes")) {
    if (attribute.at("key") == key) return attribute.at("value").dump();
  }
  return "";
}

inline std::string text_attribute(const OrderedJson& owner, std::string_view key) {
  const std::string value = attribute(owner, key);
  return value.empty() ? value : OrderedJson::parse(value).at("stringValue").get<std::string>();
}

inline std::vector<std::string> event_names(const OrderedJson& span) {
  std::vector<std::string> names;
  for (const auto& event : span.at("events")) names.push_back(event.at("name"));
  return names;
}

}  // namespace mesh
