#pragma once

#include "buildpack/base/failure.h"
#include "buildpack/release/source.h"

namespace mesh::buildpack {

// Releases of the AppLink product: programs as objects of an S3 bucket, or as files of a mirror that is laid out like it.
//
//   heroku-applink-service-mesh-<version or latest>-<arch>        the program
//   heroku-applink-service-mesh-<version or latest>-<arch>.asc    its OpenPGP signature
//   public-key.asc                                                the key that it is made with
//
// Nothing has to be asked to know where a release is. S3 answers 403 for an object that is missing in a bucket whose list it
// may not show (Amazon S3 API, "GetObject", Permissions): whether it is that is seen by another object.
class BucketSource final : public Source {
 public:
  // Borrows all; the console hears of a bucket that is elsewhere.
  BucketSource(const ReleaseRequest&, const Transport&, Console&);

  std::string description() const override;
  std::string identity() const override;
  Result<Plan> resolve() override;
  Result<std::optional<Artifact>> instead_of(const Artifact&, const Reply&) override;
  Result<Plan> resolve_otherwise(const Plan& tried) override;

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
  bool was_refused_ = false;  // 403 for one of the files that were tried
};

}  // namespace mesh::buildpack
