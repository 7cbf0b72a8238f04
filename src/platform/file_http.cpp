#include "platform/file_http.h"

#include <vector>

namespace mesh {
inline namespace platform {
namespace {

constexpr std::size_t kChunk = 128 * 1024;

Result<void> pour(InputFile& file, HttpSink& sink) {
  std::vector<std::byte> buffer(kChunk);
  for (std::uint64_t offset = 0;;) {
    TRY_ASSIGN(const std::size_t count, file.read_at(offset, buffer));
    if (count == 0) return {};
    TRY(sink.body(std::span(buffer).first(count)));
    TRY(sink.tick());
    offset += count;
  }
}

Result<HttpResponse> give(const HttpResponse& response, HttpSink& sink) {
  TRY(sink.begin(response));
  return response;
}

Result<HttpResponse> give(const HttpResponse& response, std::string_view text, HttpSink& sink) {
  TRY(sink.begin(response));
  TRY(sink.body(std::as_bytes(std::span(text))));
  return response;
}

HttpResponse redirect_to(const Path& target) { return {302, {{"Location", target.native()}}}; }

}  // namespace

Result<HttpResponse> FileHttp::send(const HttpRequest& request, HttpSink& sink) {
  if (request.method != HttpMethod::get) return give({405}, "POST is not supported for files", sink);
  const Path path = request.url.path();
  if (request.redirects == Redirects::report) {
    if (const auto target = files_.read_link(path)) return give(redirect_to(*target), sink);
  }
  const auto file = files_.open(path);
  if (!file) return without_file(path, file.failure(), sink);
  const HttpResponse response{200};
  TRY(sink.begin(response));
  TRY(pour(**file, sink));
  return response;
}

Result<HttpResponse> FileHttp::without_file(const Path& path, const Error& error, HttpSink& sink) {
  if (error.kind == ErrorKind::out_of_resources) return error;
  if (error.kind == ErrorKind::permission_denied) return give({403}, "permission denied", sink);
  if (const auto target = files_.read_link(path)) return give(redirect_to(*target), sink);
  return give({404}, why_missing(path), sink);
}

// Names the first missing directory of the path, because everything below it is missing too.
std::string FileHttp::why_missing(const Path& path) {
  Path so_far;
  for (const Path& part : path) {
    so_far /= part;
    if (files_.kind(so_far) == FileKind::missing) return so_far.native() + " does not exist";
  }
  return path.native() + " is not a file";
}

}  // namespace platform
}  // namespace mesh
