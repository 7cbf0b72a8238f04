#pragma once

#include "buildpack/base/failure.h"
#include "buildpack/release/source.h"

namespace mesh::buildpack {

// The name of the file in a release of the integration product.
inline constexpr std::string_view kArchiveName = "heroku-integration-service-mesh.tar.gz";

// Releases of a repository on GitHub, or on a mirror that is laid out like it.
//
// GitHub's API is asked only where nothing else helps: its quota of 60 questions an hour is shared by all builds behind one
// address. A pinned version needs no question at all; the latest is where /releases/latest redirects to. Left for the API
// are releases whose file has another name than usual, and private repositories, which need a token.
class GitHubSource final : public Source {
 public:
  // Borrows both.
  GitHubSource(const ReleaseRequest& request, const Transport& transport);

  std::string description() const override;
  std::string identity() const override;
  Result<Plan> resolve() override;
  Result<std::optional<Artifact>> instead_of(const Artifact&, const Reply&) override;
  Result<Plan> resolve_otherwise(const Plan& tried) override;

 private:
  Url releases() const;
  Artifact usual_artifact(const std::string& tag) const;
  Failure refusal(const Reply&) const;
  Result<std::string> latest_tag() const;
  Result<Artifact> ask_api(const Url& question) const;
  Result<Plan> latest_by_api() const;

  const ReleaseRequest& request_;
  const Transport& transport_;
  Url base_;
};

}  // namespace mesh::buildpack
