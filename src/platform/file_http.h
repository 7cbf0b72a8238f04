#pragma once

#include "platform/files.h"
#include "platform/http.h"

namespace mesh {

// file: addresses, answered as a server would: a file is a 200, a link that leads to no file is a redirect there, anything
// else a 404. So a directory that is laid out like a release server serves as one.
class FileHttp final : public Http {
 public:
  // Borrows the files.
  explicit FileHttp(Files& files) : files_(files) {}

  Result<HttpResponse> get(const HttpRequest&, HttpSink&) override;

 private:
  // The answer where no file can be opened.
  HttpResponse without_file(const Path&, const Failure&);

  Files& files_;
};

}  // namespace mesh
