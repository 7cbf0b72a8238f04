#pragma once

#include "buildpack/base/failure.h"
#include "buildpack/release/source.h"

namespace mesh::buildpack {

// The usual name of the archive in a release of the Integration mesh.
inline constexpr std::string_view kArchiveName = "heroku-integration-service-mesh.tar.gz";

// Finds releases of a repository on GitHub, or on a mirror with the same layout.
//
// It avoids GitHub's API, whose quota of 60 requests an hour is shared by all builds behind one IP address. A pinned version
// needs no request; /releases/latest redirects to the latest version. Only releases whose archive has an unusual name, and
// private repositories, which need a token, require the API.
class GitHubSource final : public Source {
 public:
  // Borrows both.
  GitHubSource(const ReleaseRequest& request, const Transport& transport);

  std::string description() const override;
  std::string identity() const override;
  Result<Plan> resolve() override;
  Result<std::optional<Artifact>> on_error_reply(const Artifact&, const Reply&) override;
  Result<Plan> resolve_fallback(const Plan& tried) override;

 private:
  Url releases() const;
  Artifact usual_artifact(const std::string& tag) const;
  Failure refusal(const Reply&) const;
  Result<std::string> latest_tag() const;
  Result<Artifact> request_api(const Url&) const;
  Result<Plan> latest_by_api() const;

  const ReleaseRequest& request_;
  const Transport& transport_;
  Url base_;
};

}  // namespace mesh::buildpack
