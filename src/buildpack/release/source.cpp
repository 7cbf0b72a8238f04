#include "buildpack/release/source.h"

#include "buildpack/release/bucket_source.h"
#include "buildpack/release/github_source.h"

namespace mesh::buildpack {

Failure refused_download(const Reply& reply, const std::string& detail) {
  // The request had no condition, so "Not Modified" is a server error.
  const bool is_out_of_order = reply.status >= 500 || reply.status == 304;
  if (reply.status / 100 == 3 && !is_out_of_order) return {Reason::network_redirect, detail + " without a Location"};
  return {is_out_of_order ? Reason::download_server_error : Reason::download_refused, detail};
}

std::unique_ptr<Source> make_source(const ReleaseRequest& request, const Transport& transport, Console& console) {
  if (request.product == Product::integration) return std::make_unique<GitHubSource>(request, transport);
  return std::make_unique<BucketSource>(request, transport, console);
}

}  // namespace mesh::buildpack
