#include "platform/url.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

#include "common/text.h"

namespace mesh {
inline namespace platform {
namespace {

struct FreeHandle {
  void operator()(CURLU* handle) const { curl_url_cleanup(handle); }
};
struct FreeText {
  void operator()(char* text) const { curl_free(text); }
};
using Handle = std::unique_ptr<CURLU, FreeHandle>;

// libcurl is built only for HTTP; this flag makes it parse file: URLs.
constexpr unsigned kAnyScheme = CURLU_NON_SUPPORT_SCHEME;

std::optional<std::string> part(CURLU* handle, CURLUPart what, unsigned flags) {
  char* raw = nullptr;
  if (curl_url_get(handle, what, &raw, flags) != CURLUE_OK) return std::nullopt;
  const std::unique_ptr<char, FreeText> text(raw);
  return std::string(text.get());
}

// Returns the whole URL. libcurl drops a path that is only "/", and would print it as "(nil)" for a file: URL.
std::string address_of(CURLU* handle) {
  const auto path = part(handle, CURLUPART_PATH, 0);
  if (path == "/") curl_url_set(handle, CURLUPART_PATH, "/", 0);
  return part(handle, CURLUPART_URL, 0).value_or("");
}

// Returns whether libcurl parses its own output as the same URL. It does not if escapes hide dots or digits of a host or
// dots of a path.
bool round_trips(const std::string& address) {
  const Handle handle(curl_url());
  return curl_url_set(handle.get(), CURLUPART_URL, address.c_str(), kAnyScheme) == CURLUE_OK &&
         address_of(handle.get()) == address;
}

// Returns the URL without user information, query and fragment. Joins its parsed parts, because a password with a quote or a
// bracket would defeat a search in the text.
std::string without_secrets(CURLU* handle) {
  std::string result = part(handle, CURLUPART_SCHEME, 0).value_or("") + "://" + part(handle, CURLUPART_HOST, 0).value_or("");
  if (const auto port = part(handle, CURLUPART_PORT, 0)) result += ":" + *port;
  return result + part(handle, CURLUPART_PATH, 0).value_or("");
}

bool has_control_character_or_space(std::string_view s) {
  return std::ranges::any_of(s, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; });
}

// Returns whether the host is this machine: RFC 6761 section 6.3, RFC 1122 section 3.2.1.3 (127/8), RFC 4291 section 2.5.3.
bool is_loopback(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  if (!host.starts_with("127.")) return false;
  const auto parts = text::split(host, '.');
  return parts.size() == 4 && std::ranges::all_of(parts, [](std::string_view part) {
           return !part.empty() && part.size() <= 3 && part.find_first_not_of("0123456789") == std::string_view::npos;
         });
}

}  // namespace

std::optional<Url> Url::parse(std::string_view address) {
  if (address.size() > 4096 || has_control_character_or_space(address)) return std::nullopt;
  const Handle handle(curl_url());
  if (curl_url_set(handle.get(), CURLUPART_URL, std::string(address).c_str(), kAnyScheme) != CURLUE_OK) return std::nullopt;

  Url url;
  url.text_ = address_of(handle.get());
  if (!round_trips(url.text_)) return std::nullopt;
  url.scheme_ = part(handle.get(), CURLUPART_SCHEME, 0).value_or("");
  url.host_ = text::lower(part(handle.get(), CURLUPART_HOST, 0).value_or(""));
  url.redacted_ = without_secrets(handle.get());
  auto path = part(handle.get(), CURLUPART_PATH, CURLU_URLDECODE);
  if (!path) return std::nullopt;  // the decoded path would contain a control character
  url.path_ = *std::move(path);

  if (url.scheme_ == "https" && !url.host_.empty()) return url;
  if (url.scheme_ == "http" && is_loopback(url.host_)) return url;
  const bool on_this_machine = url.host_.empty() || url.host_ == "localhost";
  const bool from_the_root = text::equals_ignoring_case(address.substr(0, 6), "file:/");
  if (url.scheme_ == "file" && on_this_machine && from_the_root) return url;
  return std::nullopt;
}

std::optional<Url> Url::redirect(std::string_view reference) const {
  if (reference.empty() || has_control_character_or_space(reference)) return std::nullopt;
  const Handle handle(curl_url());
  if (curl_url_set(handle.get(), CURLUPART_URL, text_.c_str(), kAnyScheme) != CURLUE_OK) return std::nullopt;
  if (curl_url_set(handle.get(), CURLUPART_URL, std::string(reference).c_str(), kAnyScheme) != CURLUE_OK)
    return std::nullopt;
  auto target = parse(address_of(handle.get()));
  if (!target) return std::nullopt;
  if (target->is_file() != is_file()) return std::nullopt;
  if (scheme_ == "https" && target->scheme_ != "https") return std::nullopt;
  return target;
}

std::string Url::origin() const {
  const Handle handle(curl_url());
  curl_url_set(handle.get(), CURLUPART_URL, text_.c_str(), kAnyScheme);
  return scheme_ + "://" + host_ + ":" + part(handle.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT).value_or("");
}

Url Url::operator/(std::string_view segment) const {
  const std::unique_ptr<char, FreeText> escaped(curl_easy_escape(nullptr, segment.data(), static_cast<int>(segment.size())));
  Url url = *this;
  if (url.text_.ends_with('/')) {
    for (std::string* text : {&url.text_, &url.path_, &url.redacted_}) text->pop_back();
  }
  url.text_.append("/").append(escaped.get());
  url.redacted_.append("/").append(escaped.get());
  url.path_.append("/").append(segment);
  return url;
}

}  // namespace platform
}  // namespace mesh
