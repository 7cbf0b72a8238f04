#include "platform/file_http.h"

#include <vector>

namespace mesh {
namespace {

constexpr std::size_t kChunk = 128 * 1024;

Result<void> pour(InputFile& file, HttpSink& sink) {
  std::vector<std::byte> buffer(kChunk);
  for (std::uint64_t offset = 0;;) {
    TRY_ASSIGN(const std::size_t count, file.read_at(offset, buffer));
    if (count == 0) return {};
    TRY(sink.body(std::span(buffer).first(count)));
    sink.tick();
    offset += count;
  }
}

}  // namespace

Result<HttpResponse> FileHttp::get(const HttpRequest& request, HttpSink& sink) {
  const Path path = request.url.path();
  HttpResponse response;
  if (auto file = files_.open(path)) {
    response.status = 200;
    TRY(sink.begin(response));
    TRY(pour(**file, sink));
    return response;
  } else if (file.failure().reason == Reason::install_permission) {
    response.status = 403;
  } else if (const auto target = files_.read_link(path)) {
    response.status = 302;
    response.headers.emplace_back("Location", target->native());
  } else {
    response.status = 404;
  }
  TRY(sink.begin(response));
  return response;
}

}  // namespace mesh
