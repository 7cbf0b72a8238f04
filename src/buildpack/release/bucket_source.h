#pragma once

#include "buildpack/base/failure.h"
#include "buildpack/release/source.h"

namespace mesh::buildpack {

// Finds releases of the AppLink mesh: binaries as objects of an S3 bucket, or as files of a mirror with the same layout.
//
//   heroku-applink-service-mesh-<version or latest>-<arch>        the mesh binary
//   heroku-applink-service-mesh-<version or latest>-<arch>.asc    its OpenPGP signature
//   public-key.asc                                                the signing key
//
// The address of a release follows from its version, without a request. S3 answers 403 for a missing object if the bucket
// may not be listed (Amazon S3 API, "GetObject", Permissions). A request for another object shows whether that is the cause.
class BucketSource final : public Source {
 public:
  // Borrows all. Logs to the console if the bucket is in another region.
  BucketSource(const ReleaseRequest&, const Transport&, Console&);

  std::string description() const override;
  std::string identity() const override;
  Result<Plan> resolve() override;
  Result<std::optional<Artifact>> on_error_reply(const Artifact&, const Reply&) override;
  Result<Plan> resolve_fallback(const Plan& tried) override;

 private:
  Artifact artifact(const std::string& version) const;
  Url base() const;
  Bucket key_bucket() const;
  Url key_base() const;
  std::optional<std::string> region_in(const Reply&) const;
  Failure refusal(const Reply&, std::string_view code) const;

  const ReleaseRequest& request_;
  const Transport& transport_;
  Console& console_;
  std::string region_;
  bool was_refused_ = false;  // S3 answered 403 for a candidate
};

}  // namespace mesh::buildpack
