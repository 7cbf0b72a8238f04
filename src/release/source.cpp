#include "release/source.h"

#include "release/bucket_source.h"
#include "release/github_source.h"

namespace mesh {

std::unique_ptr<Source> make_source(const ReleaseRequest& request, const Transport& transport, Console& console) {
  if (request.product == Product::integration) return std::make_unique<GitHubSource>(request, transport);
  return std::make_unique<BucketSource>(request, transport, console);
}

}  // namespace mesh
