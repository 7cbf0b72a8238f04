#include "platform/curl_http.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <functional>
#include <new>

#include "common/text.h"
#include "platform/curl_failure.h"
#include "platform/library_memory.h"

namespace mesh {
inline namespace platform {
namespace {

using std::chrono::milliseconds;

// A transfer below this rate for this time has stalled.
constexpr long kStallBytesPerSecond = 1024;
constexpr long kStallSeconds = 15;
constexpr milliseconds kTick{250};

// Returns whether a response has two lengths, which makes it unsafe to read (RFC 9112, section 6.3). libcurl uses the last.
bool contradicts_itself(const HttpResponse& response) {
  const auto first = response.header("Content-Length");
  return std::ranges::any_of(response.headers, [&](const auto& header) {
    return text::equals_ignoring_case(header.first, "Content-Length") && header.second != first;
  });
}

// The state of one transfer in libcurl's callbacks.
struct Transfer {
  CURL* easy;
  HttpSink& sink;
  std::string address;  // redacted
  HttpResponse response = {};
  bool head_is_complete = false;
  std::optional<Error> sink_failure = {};

  bool give(const Result<void>& result) {
    if (result) return true;
    sink_failure = result.failure();
    return false;
  }

  bool take_header(std::string_view line) {
    if (head_is_complete) return true;  // an unused trailer
    if (line.starts_with("HTTP/")) {
      response = {};
      return true;
    }
    if (line == "\r\n" || line == "\n") return end_of_headers();
    const std::string_view content = text::trim(line);
    const std::size_t colon = content.find(':');
    if (colon == std::string_view::npos) return true;
    response.headers.emplace_back(content.substr(0, colon), text::trim(content.substr(colon + 1)));
    return true;
  }

  bool end_of_headers() {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    // The request asked for no other protocol, so the following bytes have an unknown one (RFC 9110, section 15.2.2).
    if (status == 101) return give(Error{ErrorKind::protocol, address + ": the server switched to another protocol"});
    if (status < 200) return true;  // an interim response; the final one follows
    response.status = static_cast<int>(status);
    head_is_complete = true;
    if (contradicts_itself(response)) {
      return give(Error{ErrorKind::protocol, address + ": the response has two different Content-Length headers"});
    }
    return give(sink.begin(response));
  }
};

// Stores exceptions, because they must not pass through libcurl.
std::size_t on_header(char* data, std::size_t, std::size_t size, void* user) try {
  return static_cast<Transfer*>(user)->take_header({data, size}) ? size : CURL_WRITEFUNC_ERROR;
} catch (const std::exception& error) {
  static_cast<Transfer*>(user)->sink_failure = error_of(error);
  return CURL_WRITEFUNC_ERROR;
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) try {
  auto& transfer = *static_cast<Transfer*>(user);
  const auto bytes = std::as_bytes(std::span(data, size));
  return transfer.give(transfer.sink.body(bytes)) ? size : CURL_WRITEFUNC_ERROR;
} catch (const std::exception& error) {
  static_cast<Transfer*>(user)->sink_failure = error_of(error);
  return CURL_WRITEFUNC_ERROR;
}

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

HeaderList make_header_list(const std::vector<std::string>& headers) {
  HeaderList list;
  for (const std::string& header : headers) {
    curl_slist* longer = curl_slist_append(list.get(), header.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(list.release());  // the longer list owns it
    list.reset(longer);
  }
  return list;
}

// The connections of one transfer.
struct Connections {
  CURL* easy = nullptr;  // null between transfers
  int server_port = 0;   // 0 if every connection goes to the proxy
  std::function<void()> on_proxy = {};
  std::vector<int> errors = {};  // errno of each failed connection
};

curl_socket_t on_open_socket(void* user, curlsocktype, curl_sockaddr* to) {
  auto& connections = *static_cast<Connections*>(user);
  // The port has the same offset in the addresses of both families.
  const int port = ntohs(reinterpret_cast<const sockaddr_in*>(&to->addr)->sin_port);
  if (port != connections.server_port && connections.on_proxy) connections.on_proxy();
  return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

// Records the error of a failed connection: libcurl closes its socket just after it stored the error.
int on_close_socket(void* user, curl_socket_t socket) {
  auto& connections = *static_cast<Connections*>(user);
  long error = 0;
  if (connections.easy != nullptr && curl_easy_getinfo(connections.easy, CURLINFO_OS_ERRNO, &error) == CURLE_OK) {
    connections.errors.push_back(static_cast<int>(error));
  }
  return ::close(socket);
}

}  // namespace

struct CurlHttp::Handles {
  CURLM* multi;
  CURL* easy;
  Connections connections = {};  // outlives a transfer, because its sockets are closed later

  Handles() {
    // Disables OpenSSL's cleanup at exit, which leaks memory in a process that did not use TLS.
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
    if (!initialize_curl()) throw std::bad_alloc();
    multi = curl_multi_init();
    easy = curl_easy_init();
    if (multi == nullptr || easy == nullptr) throw std::bad_alloc();
  }
  ~Handles() {
    curl_easy_cleanup(easy);
    curl_multi_cleanup(multi);
  }
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;
};

CurlHttp::CurlHttp(CurlHttpSettings settings, const StopSignal& stop) : settings_(std::move(settings)), stop_(stop) {}
CurlHttp::~CurlHttp() = default;

namespace {

// Returns the request's headers. A line without a value removes a header that libcurl adds: a default Content-Type, and
// Expect, which few servers answer and which delays the request by a second.
std::vector<std::string> headers_of(const HttpRequest& request) {
  std::vector<std::string> headers = request.headers;
  if (request.method == HttpMethod::get) return headers;
  for (const std::string_view name : {"Content-Type", "Expect"}) {
    const auto names = [&](std::string_view line) { return is_header(line, name); };
    if (std::ranges::none_of(request.headers, names)) headers.push_back(std::string(name) + ":");
  }
  return headers;
}

// Sets the method and the body, which libcurl borrows until the end of the transfer.
void set_method(CURL* easy, const HttpRequest& request) {
  if (request.method == HttpMethod::get) return;
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
}

void set_limits(CURL* easy, const HttpRequest& request) {
  const auto whole = [](Duration d) { return static_cast<long>(std::chrono::ceil<milliseconds>(d).count()); };
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, whole(request.connect_limit));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, whole(request.total_limit));
  // A DNS lookup runs in a thread that cannot be cancelled. Without this option, libcurl waits for it beyond the limits.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, kStallBytesPerSecond);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, kStallSeconds);
}

void set_trust(CURL* easy, const TrustRoots& roots) {
  curl_easy_setopt(easy, CURLOPT_CAINFO, roots.file.empty() ? nullptr : roots.file.c_str());
  curl_easy_setopt(easy, CURLOPT_CAPATH, roots.directories.empty() ? nullptr : roots.directories.c_str());
  curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, roots.file.empty() ? nullptr : roots.file.c_str());
  curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, roots.directories.empty() ? nullptr : roots.directories.c_str());
}

void set_proxy(CURL* easy, const std::string& proxy, const std::string& exceptions) {
  // An empty string, unlike null, keeps libcurl from reading the environment.
  curl_easy_setopt(easy, CURLOPT_PROXY, proxy.c_str());
  curl_easy_setopt(easy, CURLOPT_NOPROXY, exceptions.c_str());
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

void set_callbacks(CURL* easy, Transfer& transfer, Connections& connections, char* error_buffer) {
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &connections);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close_socket);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, &connections);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_buffer);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 128L * 1024);
}

// Runs the transfer of `multi` to its end. Returns nullopt if a signal arrives first.
std::optional<CURLcode> drive(CURLM* multi, const StopSignal& stop, Transfer& transfer) {
  curl_waitfd signal{stop.descriptor(), CURL_WAIT_POLLIN, 0};
  while (!stop.requested()) {
    int running = 0;
    if (curl_multi_perform(multi, &running) != CURLM_OK) return CURLE_FAILED_INIT;
    int queued = 0;
    if (const CURLMsg* message = curl_multi_info_read(multi, &queued); message != nullptr) return message->data.result;
    if (!transfer.give(transfer.sink.tick())) return CURLE_ABORTED_BY_CALLBACK;
    curl_multi_poll(multi, &signal, 1, static_cast<int>(kTick.count()), nullptr);
  }
  return std::nullopt;
}

}  // namespace

std::unique_ptr<CurlHttp::Handles> CurlHttp::take_handles() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<Handles>();
  std::unique_ptr<Handles> handles = std::move(idle_.back());
  idle_.pop_back();
  return handles;
}

void CurlHttp::leave(std::unique_ptr<Handles> handles) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(handles));
}

Result<HttpResponse> CurlHttp::send(const HttpRequest& request, HttpSink& sink) {
  if (request.url.scheme() == "https" && settings_.trust_roots.empty()) {
    return Error{ErrorKind::no_trust_roots, request.url.redacted()};
  }
  take_allocation_failure();  // discards the failure of an earlier transfer
  std::unique_ptr<Handles> handles = take_handles();
  CURL* easy = handles->easy;
  curl_easy_reset(easy);

  const ProxySettings& proxies = settings_.proxies;
  const std::string& proxy = request.url.scheme() == "https" ? proxies.for_https : proxies.for_http;
  Transfer transfer{easy, sink, request.url.redacted()};
  Connections& connections = handles->connections;
  std::array<char, CURL_ERROR_SIZE> error_buffer{};
  const HeaderList headers = make_header_list(headers_of(request));
  curl_easy_setopt(easy, CURLOPT_URL, request.url.text().c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_USERAGENT, settings_.user_agent.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  set_method(easy, request);
  set_limits(easy, request);
  set_trust(easy, settings_.trust_roots);
  set_proxy(easy, proxy, proxies.exceptions);
  set_callbacks(easy, transfer, connections, error_buffer.data());

  connections.easy = easy;
  if (!proxy.empty()) {
    connections.server_port = proxies.exceptions.empty() ? 0 : port_of(request.url);
    connections.on_proxy = [&] { announce(proxy); };
  }
  if (curl_multi_add_handle(handles->multi, easy) != CURLM_OK) throw std::bad_alloc();
  const auto code = drive(handles->multi, stop_, transfer);
  curl_multi_remove_handle(handles->multi, easy);
  const auto connect_errors = std::exchange(connections, {}).errors;
  leave(std::move(handles));

  if (transfer.sink_failure) return *std::move(transfer.sink_failure);
  if (!code) return Error{ErrorKind::cancelled, request.url.redacted()};
  if (*code != CURLE_OK)
    return transfer_failure({*code, error_buffer.data(), connect_errors, take_allocation_failure()}, request.url, proxy);
  return std::move(transfer.response);
}

void CurlHttp::announce(const std::string& proxy) {
  if (!settings_.on_proxy || is_proxy_announced_.exchange(true)) return;
  settings_.on_proxy(proxy_name(proxy));
}

}  // namespace platform
}  // namespace mesh
