#include "platform/curl_failure.h"

#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <optional>
#include <system_error>

#include "common/text.h"

namespace mesh {
inline namespace platform {
namespace {

bool counts(const ifaddrs& interface) {
  if (interface.ifa_addr == nullptr || (interface.ifa_flags & IFF_UP) == 0 || (interface.ifa_flags & IFF_LOOPBACK) != 0) {
    return false;
  }
  if (interface.ifa_addr->sa_family == AF_INET) return true;
  if (interface.ifa_addr->sa_family != AF_INET6) return false;
  return !IN6_IS_ADDR_LINKLOCAL(&reinterpret_cast<const sockaddr_in6*>(interface.ifa_addr)->sin6_addr);
}

// Returns whether this machine has a network address of an interface that is up. Ignores loopback addresses and IPv6
// link-local ones, which every interface assigns itself (RFC 4862, section 5.3). Returns true if unknown.
bool has_network() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return true;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owned(first, &::freeifaddrs);
  for (const ifaddrs* interface = first; interface != nullptr; interface = interface->ifa_next) {
    if (counts(*interface)) return true;
  }
  return false;
}

bool mentions(std::string_view text, std::string_view what) { return text.find(what) != std::string_view::npos; }

// Returns the kind of an error code (libcurl-errors(3)). The message distinguishes the causes of ambiguous codes.
ErrorKind kind_of(CURLcode code, std::string_view message) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST: return has_network() ? ErrorKind::dns : ErrorKind::offline;
    case CURLE_COULDNT_CONNECT: return ErrorKind::connect;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY: return ErrorKind::proxy;
    case CURLE_OPERATION_TIMEDOUT: return mentions(message, "too slow") ? ErrorKind::stalled : ErrorKind::timeout;
    case CURLE_PARTIAL_FILE: return ErrorKind::truncated;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER: return ErrorKind::tls;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR: return ErrorKind::certificate;
    case CURLE_SSL_CACERT_BADFILE: return ErrorKind::no_trust_roots;
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      if (mentions(message, "CONNECT")) return ErrorKind::proxy;
      if (mentions(message, "chunk") || mentions(message, "Malformed") || mentions(message, "response headers")) {
        return ErrorKind::protocol;
      }
      return ErrorKind::reset;
    default: return ErrorKind::protocol;
  }
}

// Returns a part of a URL, parsed by libcurl; nullopt if the URL is malformed or lacks the part.
std::optional<std::string> part_of(const std::string& address, CURLUPart part, unsigned reading, unsigned getting = 0) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> handle(curl_url(), &curl_url_cleanup);
  char* text = nullptr;
  if (curl_url_set(handle.get(), CURLUPART_URL, address.c_str(), reading) != CURLUE_OK) return std::nullopt;
  if (curl_url_get(handle.get(), part, &text, getting) != CURLUE_OK) return std::nullopt;
  const std::unique_ptr<char, decltype(&curl_free)> owned(text, &curl_free);
  return std::string(text);
}

// Returns whether libcurl's message names the URL's own host and port, not the proxy's.
bool is_about_server(const Url& url, std::string_view message) {
  const std::string_view host = std::string_view(url.host()).substr(url.host().starts_with('[') ? 1 : 0);
  return mentions(message, host.substr(0, host.find(']'))) && mentions(message, fmt::format("port {} ", port_of(url)));
}

// Returns whether the error means that this machine has no route to an address (connect(2), ip(7)).
bool means_no_route(int error) {
  return error == ENETUNREACH || error == EHOSTUNREACH || error == ENETDOWN || error == EADDRNOTAVAIL;
}

// Returns whether this machine has a route to none of the addresses. A server with addresses of both families that refuses a
// connection is not unreachable.
bool has_no_route(const std::vector<int>& errors) { return !errors.empty() && std::ranges::all_of(errors, means_no_route); }

std::string system_message(const std::vector<int>& errors) {
  if (errors.empty() || errors.back() == 0) return "";
  return fmt::format(" ({})", std::generic_category().message(errors.back()));
}

// Returns the message of a failed transfer: libcurl's own, unless it is empty, unhelpful, or contains a secret.
std::string_view message_of(const CurlError& error) {
  if (error.code == CURLE_BAD_CONTENT_ENCODING) return "The response has an unsupported content encoding.";
  // libcurl returns this code for a line that exceeds its buffers.
  if (error.code == CURLE_OUT_OF_MEMORY) return "The response headers are too large.";
  // libcurl quotes the whole URL, including credentials.
  if (error.message.starts_with("Unsupported proxy")) return "The proxy URL is malformed or unsupported.";
  return error.message.empty() ? curl_easy_strerror(error.code) : error.message;
}

}  // namespace

Error transfer_failure(const CurlError& error, const Url& url, const std::string& proxy) {
  if (error.memory_ran_out) return {ErrorKind::out_of_resources, "out of memory"};
  // libcurl resolves names in a thread (asyn-thread.c).
  if (mentions(error.message, "thread failed to start")) return {ErrorKind::out_of_resources, "cannot start a thread"};
  const std::string_view what = message_of(error);
  ErrorKind kind = kind_of(error.code, what);
  std::string because;
  if (kind == ErrorKind::connect) {
    because = system_message(error.connect_errors);
    if (!proxy.empty() && !is_about_server(url, what)) {
      kind = ErrorKind::proxy;
    } else if (has_no_route(error.connect_errors)) {
      kind = ErrorKind::offline;
    }
  }
  return {kind, text::printable_line(fmt::format("{}: {}{}", url.redacted(), text::redact(what), because), 400)};
}

int port_of(const Url& url) {
  return std::atoi(part_of(url.text(), CURLUPART_PORT, 0, CURLU_DEFAULT_PORT).value_or("0").c_str());
}

std::string proxy_name(const std::string& proxy) {
  constexpr unsigned kAsProxies = CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME;
  const auto host = part_of(proxy, CURLUPART_HOST, kAsProxies);
  if (!host) return "";
  // The default port of a proxy differs from a server's: CURLOPT_PROXY(3).
  const char* usual_port = text::lower(proxy).starts_with("https://") ? "443" : "1080";
  const std::string port = part_of(proxy, CURLUPART_PORT, kAsProxies).value_or(usual_port);
  return text::printable_line(fmt::format("{}:{}", *host, port), 200);
}

}  // namespace platform
}  // namespace mesh
