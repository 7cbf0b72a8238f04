#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mesh {
inline namespace platform {

// An absolute address (RFC 3986) that this buildpack may fetch: https:, file:, or http: to this machine itself.
class Url {
 public:
  // Nothing for anything else: other schemes, plain http to other machines, control characters, no host, relative ones.
  static std::optional<Url> parse(std::string_view);

  // Where a redirect from here leads: `reference` is the Location header, absolute or relative. Nothing when that is no
  // address to fetch, or leads from https to http, or from the network to a file.
  std::optional<Url> redirect(std::string_view reference) const;

  // This address with a slash and the segment appended, percent-encoded. That it is not ".." is for the caller to see to.
  Url operator/(std::string_view segment) const;

  // The address in full, user information included: for the network, never for people.
  const std::string& text() const { return text_; }
  // For logs and the record: without user information, query and fragment.
  const std::string& redacted() const { return redacted_; }

  const std::string& scheme() const { return scheme_; }
  const std::string& host() const { return host_; }
  // Percent-decoded. For file: the path of the file.
  const std::string& path() const { return path_; }

  // Scheme, host and port (RFC 6454, section 4).
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
