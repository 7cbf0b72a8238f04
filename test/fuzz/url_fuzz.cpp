#include "fuzz/fuzz.h"
#include "platform/url.h"

// Fuzzes configured URLs and redirects.
namespace mesh::buildpack::fuzz {
namespace {

void check_url(const Url& url) {
  const bool here =
      url.host() == "localhost" || url.host().starts_with("127.") || url.host() == "[::1]" || url.host() == "::1";
  MUST(url.scheme() == "https" || url.is_file() || (url.scheme() == "http" && here));
  MUST(!has_control_characters(url.text()));
  MUST(url.is_file() || !url.host().empty());
  const auto again = Url::parse(url.text());
  MUST(again && again->text() == url.text() && again->host() == url.host() && again->path() == url.path());
  MUST(url.redacted().find_first_of("?#") == std::string::npos);
  const std::size_t authority = url.redacted().find("://") + 3;
  MUST(url.redacted().substr(authority, url.redacted().find('/', authority) - authority).find('@') == std::string::npos);
}

void check(std::string_view text) {
  if (const auto url = Url::parse(text)) {
    check_url(*url);
    if (!url->has_query_or_fragment() && text != "." && text != "..") check_url(*url / text);
  }
  for (const char* from : {"https://host/a/b?c", "http://127.0.0.1:80/a", "file:///a/b"}) {
    const Url base = *Url::parse(from);
    const auto there = base.redirect(text);
    if (!there) continue;
    check_url(*there);
    MUST(base.is_file() || !there->is_file());
    MUST(base.scheme() != "https" || there->scheme() == "https");
  }
}

}  // namespace
}  // namespace mesh::buildpack::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mesh::buildpack::fuzz::check(mesh::buildpack::fuzz::as_text(data, size));
  return 0;
}
