#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// A value of TOML 1.0, the format of the Cloud Native lifecycle. Only toml.cpp includes the library that parses it.
namespace mesh::buildpack::cnb {

struct TomlValue;
struct TomlMember;

using TomlArray = std::vector<TomlValue>;

// Members in order: sorted by key in a parsed table, in order of insertion in a new one.
class TomlTable {
 public:
  TomlTable() = default;
  explicit TomlTable(std::vector<TomlMember> members);  // with unique keys

  // Returns the member; nullptr if it is missing.
  const TomlValue* find(std::string_view key) const;

  // Returns the member if it has that type. A number may have a fraction or not, because numbers get one in an image's
  // labels.
  std::optional<std::string> text(std::string_view key) const;
  std::optional<double> number(std::string_view key) const;
  std::optional<bool> boolean(std::string_view key) const;
  const TomlArray* array(std::string_view key) const;
  const TomlTable* table(std::string_view key) const;

  // Adds a member at the end, or replaces the one of that key in its place.
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

// The limits of parse_toml, far above any file of the lifecycle.
inline constexpr std::size_t kMaxTomlBytes = 256 * 1024;
inline constexpr std::size_t kMaxTomlDepth = 64;

// Parses TOML 1.0; accepts any bytes. Returns nullopt for a malformed text or one beyond the limits.
std::optional<TomlTable> parse_toml(std::string_view text, std::size_t max_bytes = kMaxTomlBytes);

// Returns the texts of an array that contains only texts.
std::optional<std::vector<std::string>> texts(const TomlArray&);

// Returns TOML that parses to the same value. The same value gives the same bytes. Invalid UTF-8 in strings is replaced. The
// plain members of a table come first, then its tables, each under its own header.
std::string write_toml(const TomlTable&);

}  // namespace mesh::buildpack::cnb
