#pragma once

#include "platform/files.h"
#include "platform/http.h"

namespace mesh {

// file: addresses, answered as a server would, so that a directory that is laid out like a release server serves as one: 200
// for a file, 404 where there is none, 403 where it may not be read; the text of the last two says why. A link is a redirect
// (302) where it leads to no file, and where the caller wants to know of redirects.
class FileHttp final : public Http {
 public:
  // Borrows the files.
  explicit FileHttp(Files& files) : files_(files) {}

  Result<HttpResponse> get(const HttpRequest&, HttpSink&) override;

 private:
  Result<HttpResponse> without_file(const Path&, const Failure&, HttpSink&);
  std::string why_missing(const Path&);

  Files& files_;
};

}  // namespace mesh
