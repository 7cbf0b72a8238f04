#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace mesh {
inline namespace common {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;  // keeps the order in which members were added

// Parses one JSON value without exceptions. Returns nullopt for malformed text.
inline std::optional<Json> parse_json(std::string_view text) {
  Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) return std::nullopt;
  return value;
}

// Writes compact JSON. Replaces invalid UTF-8 in strings.
inline std::string write_json(const Json& value) {
  return value.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

inline std::string write_ordered_json(const OrderedJson& value) {
  return value.dump(-1, ' ', /*ensure_ascii=*/false, OrderedJson::error_handler_t::replace);
}

// Returns a member of an object; nullopt if it is missing or has another type.
template <class T>
std::optional<T> member(const Json& object, std::string_view key) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(key);
  if (found == object.end()) return std::nullopt;
  if constexpr (std::is_same_v<T, std::string>) {
    if (!found->is_string()) return std::nullopt;
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!found->is_boolean()) return std::nullopt;
  } else if constexpr (std::is_integral_v<T>) {
    if (!found->is_number_integer()) return std::nullopt;
  } else {
    if (!found->is_number()) return std::nullopt;
  }
  return found->template get<T>();
}

}  // namespace common
}  // namespace mesh
