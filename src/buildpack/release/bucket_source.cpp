#include "buildpack/release/bucket_source.h"

#include <fmt/format.h>

#include "buildpack/release/s3_error.h"
#include "common/text.h"

namespace mesh::buildpack {
namespace {

constexpr std::string_view kPublicKey = "public-key.asc";

// Dual-stack endpoints exist for each region; the certificate of the first form covers no further dots (Amazon S3 user
// guide, "Using Amazon S3 dual-stack endpoints", "Virtual hosting of buckets").
Url address_of(const std::string& bucket, const std::string& region) {
  if (bucket.find('.') == std::string::npos) {
    return *Url::parse(fmt::format("https://{}.s3.dualstack.{}.amazonaws.com", bucket, region));
  }
  return *Url::parse(fmt::format("https://s3.dualstack.{}.amazonaws.com", region)) / bucket;
}

}  // namespace

BucketSource::BucketSource(const ReleaseRequest& request, const Transport& transport, Console& console)
    : request_(request), transport_(transport), console_(console), region_(request.bucket.region) {}

Url BucketSource::base() const { return request_.mirror ? *request_.mirror : address_of(request_.bucket.name, region_); }

// Returns the bucket of the public key. Another bucket does not imply another trusted key, unless its fingerprint is set.
Bucket BucketSource::key_bucket() const {
  const Bucket usual;
  const bool has_own_key = request_.bucket.name == usual.name || !request_.trust.fingerprints.empty();
  return has_own_key ? Bucket{request_.bucket.name, region_} : usual;
}

Url BucketSource::key_base() const {
  return request_.mirror ? *request_.mirror : address_of(key_bucket().name, key_bucket().region);
}

Artifact BucketSource::artifact(const std::string& version) const {
  const std::string key = fmt::format("{}-{}-{}", program(request_.product), version, name(request_.architecture));
  return {.tag = version,
          .url = base() / key,
          .signature = base() / (key + ".asc"),
          .public_key = key_base() / kPublicKey,
          .key_place = request_.mirror ? request_.mirror->redacted() : "s3://" + key_bucket().name};
}

std::string BucketSource::description() const {
  if (request_.mirror) return request_.mirror->redacted();
  return fmt::format("the bucket {} in {}", request_.bucket.name, region_);
}

std::string BucketSource::identity() const {
  return request_.mirror ? request_.mirror->redacted() : address_of(request_.bucket.name, "").redacted();
}

Result<Plan> BucketSource::resolve() {
  Plan plan;
  for (const std::string& tag : request_.version.tags) plan.candidates.push_back(artifact(tag));
  if (request_.version.is_latest()) plan.candidates.push_back(artifact("latest"));
  return plan;
}

// Returns the bucket's region if the reply names another one than was requested.
std::optional<std::string> BucketSource::region_in(const Reply& reply) const {
  const auto error = parse_s3_error(reply.text);
  const std::string region = reply.response.header("x-amz-bucket-region").value_or(error ? error->region : "");
  if (request_.mirror || region == region_ || !is_region(region)) return std::nullopt;
  return region;
}

Failure BucketSource::refusal(const Reply& reply, std::string_view code) const {
  const std::string detail = fmt::format("{}{}{}", describe(reply), code.empty() ? "" : " ", code);
  if (code == "NoSuchBucket") return {Reason::resolve_not_found, detail};
  return refused_download(reply, detail);
}

Result<std::optional<Artifact>> BucketSource::on_error_reply(const Artifact& tried, const Reply& reply) {
  const auto error = parse_s3_error(reply.text);
  const std::string code = error ? error->code : "";
  const bool may_be_in_other_region = reply.status / 100 == 3 || reply.status == 400 || reply.status == 403;
  if (const auto region = region_in(reply); may_be_in_other_region && region && region_ == request_.bucket.region) {
    region_ = *region;
    console_.detail(fmt::format("The bucket {} is in {}", request_.bucket.name, region_));
    return std::optional(artifact(tried.tag));
  }
  if (code == "NoSuchBucket") return refusal(reply, code);
  const bool is_pinned = !request_.version.is_latest();
  if (reply.status == 404 || reply.status == 410) return std::optional<Artifact>();
  if (reply.status == 403 && is_pinned && !request_.mirror) {
    was_refused_ = true;
    return std::optional<Artifact>();
  }
  return refusal(reply, code);
}

Result<Plan> BucketSource::resolve_fallback(const Plan& tried) {
  const Artifact& first = tried.candidates.front();
  const Failure not_found = {Reason::resolve_not_found, fmt::format("{}: not found at {}", first.tag, first.url.redacted())};
  if (!was_refused_) return not_found;
  // Reading one byte of the latest release shows whether the bucket is readable.
  const Artifact latest = artifact("latest");
  TRY_ASSIGN(const Reply reply, transport_.get(latest.url, Redirects::follow, {"Range: bytes=0-0"}));
  if (reply.status / 100 == 2) return not_found;
  return Failure{Reason::resolve_refused,
                 fmt::format("{} and {} answered 403", first.url.redacted(), latest.url.redacted())};
}

}  // namespace mesh::buildpack
