#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mesh {
inline namespace platform {

// An absolute URL (RFC 3986) that the buildpack may fetch: https:, file:, or http: to localhost.
class Url {
 public:
  // Parses a URL. Returns nullopt for other schemes, http: to other hosts, control characters, a missing host, and relative
  // URLs.
  static std::optional<Url> parse(std::string_view);

  // Returns the target of a redirect; `reference` is the Location header, absolute or relative. Returns nullopt if it is
  // malformed or unsupported, or leads from https to http, or from the network to a file.
  std::optional<Url> redirect(std::string_view reference) const;

  // Returns this URL with a slash and the percent-encoded segment. Precondition: the segment is not "..".
  Url operator/(std::string_view segment) const;

  // Returns the full URL with user information. Never print it.
  const std::string& text() const { return text_; }
  // Returns the URL without user information, query and fragment, for logs and the record.
  const std::string& redacted() const { return redacted_; }

  const std::string& scheme() const { return scheme_; }
  const std::string& host() const { return host_; }
  // Returns the percent-decoded path. For file: URLs, the path of the file.
  const std::string& path() const { return path_; }

  // Returns scheme, host and port (RFC 6454, section 4).
  std::string origin() const;

  bool is_file() const { return scheme_ == "file"; }
  bool has_query_or_fragment() const { return text_.find_first_of("?#") != std::string::npos; }

 private:
  Url() = default;

  std::string text_;
  std::string scheme_;
  std::string host_;
  std::string path_;
  std::string redacted_;
};

}  // namespace platform
}  // namespace mesh
