#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// TOML 1.0 as the Cloud Native lifecycle speaks it. The library that reads it stays within toml.cpp.
namespace mesh::buildpack::cnb {

struct TomlValue;
struct TomlMember;

using TomlArray = std::vector<TomlValue>;

// Members in an order: of a table that was read, that of their keys; of one that is made, that of their making.
class TomlTable {
 public:
  TomlTable() = default;
  explicit TomlTable(std::vector<TomlMember> members);  // of which no two have the same key

  // Nothing where there is no such member.
  const TomlValue* find(std::string_view key) const;

  // The member, if it has that type. A number is there whether it was written with or without a fraction: what passes
  // through an image's labels comes back with one.
  std::optional<std::string> text(std::string_view key) const;
  std::optional<double> number(std::string_view key) const;
  std::optional<bool> boolean(std::string_view key) const;
  const TomlArray* array(std::string_view key) const;
  const TomlTable* table(std::string_view key) const;

  // A member at the end; one of that key is replaced where it stands.
  TomlTable& set(std::string_view key, TomlValue value);

  const std::vector<TomlMember>& members() const { return members_; }
  bool empty() const { return members_.empty(); }

 private:
  std::vector<TomlMember> members_;
};

// A date, a time or both, as written in RFC 3339: "1979-05-27T07:32:00Z".
struct TomlDateTime {
  std::string text;
};

struct TomlValue {
  std::variant<std::string, std::int64_t, double, bool, TomlDateTime, TomlArray, TomlTable> data;

  TomlValue(std::string text);                       // NOLINT(google-explicit-constructor)
  TomlValue(std::string_view text);                  // NOLINT(google-explicit-constructor)
  TomlValue(const char* text);                       // NOLINT(google-explicit-constructor)
  TomlValue(std::int64_t number);                    // NOLINT(google-explicit-constructor)
  TomlValue(double number);                          // NOLINT(google-explicit-constructor)
  TomlValue(bool value);                             // NOLINT(google-explicit-constructor)
  TomlValue(TomlDateTime time);                      // NOLINT(google-explicit-constructor)
  TomlValue(TomlArray values);                       // NOLINT(google-explicit-constructor)
  TomlValue(TomlTable members);                      // NOLINT(google-explicit-constructor)
  TomlValue(const std::vector<std::string>& texts);  // NOLINT(google-explicit-constructor)

  const std::string* text() const { return std::get_if<std::string>(&data); }
  const TomlArray* array() const { return std::get_if<TomlArray>(&data); }
  const TomlTable* table() const { return std::get_if<TomlTable>(&data); }
};

struct TomlMember {
  std::string key;
  TomlValue value;
};

// What is larger, or nests deeper, is not read: no file of the lifecycle comes near.
inline constexpr std::size_t kMaxTomlBytes = 256 * 1024;
inline constexpr std::size_t kMaxTomlDepth = 64;

// Nothing for text that is not TOML 1.0, or beyond the limits. Takes any bytes.
std::optional<TomlTable> parse_toml(std::string_view text, std::size_t max_bytes = kMaxTomlBytes);

// The texts of an array of nothing but texts.
std::optional<std::vector<std::string>> texts(const TomlArray&);

// The same value gives the same bytes, and reads as the same value again. Invalid UTF-8 in strings is replaced. A table's
// plain members come first, then its tables, each under its own header, then the next.
std::string write_toml(const TomlTable&);

}  // namespace mesh::buildpack::cnb
