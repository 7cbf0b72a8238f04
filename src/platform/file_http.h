#pragma once

#include "platform/files.h"
#include "platform/http.h"

namespace mesh {
inline namespace platform {

// Responds to requests for file: URLs like a server, so that a directory with the layout of a release server can replace it:
// 200 for a file, 404 for a missing one, 403 for an unreadable one. The body of a 404 or 403 is the cause. A link is a
// redirect (302) if its target is not a file, or if the caller wants redirects reported. The response to a POST is 405.
class FileHttp final : public Http {
 public:
  // Borrows the files.
  explicit FileHttp(Files& files) : files_(files) {}

  Result<HttpResponse> send(const HttpRequest&, HttpSink&) override;

 private:
  Result<HttpResponse> without_file(const Path&, const Error&, HttpSink&);
  std::string why_missing(const Path&);

  Files& files_;
};

}  // namespace platform
}  // namespace mesh
