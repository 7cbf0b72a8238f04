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
    TRY(sink.tick());
    offset += count;
  }
}

}  // namespace

Result<HttpResponse> FileHttp::get(const HttpRequest& request, HttpSink& sink) {
  const Path path = request.url.path();
  const auto file = files_.open(path);
  const HttpResponse response = file ? HttpResponse{200} : without_file(path, file.failure());
  TRY(sink.begin(response));
  if (file) TRY(pour(**file, sink));
  return response;
}

HttpResponse FileHttp::without_file(const Path& path, const Failure& failure) {
  if (failure.reason == Reason::install_permission) return {403};
  const auto target = files_.read_link(path);
  if (!target) return {404};
  return {302, {{"Location", target->native()}}};
}

}  // namespace mesh
