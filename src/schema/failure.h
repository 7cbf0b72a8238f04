#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace mesh {
inline namespace schema {

// The party that must act on a failure. The names are the values of the report's `failure_classification`.
enum class FailureClass { user, buildpack, upstream, platform };

std::string_view name(FailureClass);

// The number of retries, as long as the build has time for them.
enum class Retry {
  never,       // a second attempt would fail too
  once,        // the request: a rare failure that may be transient
  repeatedly,  // the request: a failure that is usually transient
  refetch,     // the whole download, once: the release may have been replaced, or the copy was corrupted in transit
};

// Selects whether the build may install the binary of an earlier build instead.
enum class Fallback {
  no_fallback,    // the failure is about the release, the app or the machine
  may_fall_back,  // the release is unreachable, perhaps temporarily
};

// The reasons of build failures. Each has a row in the catalogue (failure_catalogue.cpp), in this order.
enum class Reason {
  platform_bad_arguments,
  platform_build_directory,
  platform_no_ca_bundle,
  platform_missing_tool,
  platform_inventory,
  platform_unsupported_target,
  platform_out_of_resources,
  config_unreadable,
  config_invalid_product,
  config_invalid_version,
  config_invalid_repository,
  config_invalid_bucket,
  config_invalid_url,
  config_invalid_sha256,
  config_invalid_fingerprint,
  config_invalid_token,
  config_invalid_wrap,
  config_conflicting,
  resolve_not_found,
  resolve_rate_limited,
  resolve_refused,
  resolve_auth,
  resolve_server_error,
  resolve_bad_response,
  resolve_no_asset,
  resolve_ambiguous_asset,
  network_dns,
  network_offline,
  network_connect,
  network_timeout,
  network_stalled,
  network_reset,
  network_tls,
  network_certificate,
  network_proxy,
  network_redirect,
  network_protocol,
  download_not_found,
  download_refused,
  download_server_error,
  download_truncated,
  download_too_large,
  download_not_an_archive,
  download_not_a_binary,
  verify_digest_mismatch,
  verify_signature_missing,
  verify_signature_malformed,
  verify_signature_bad,
  verify_signature_expired,
  verify_key_unknown,
  verify_key_changed,
  verify_key_expired,
  verify_key_revoked,
  verify_tool_failed,
  archive_corrupt,
  archive_unsafe_path,
  archive_unexpected_member,
  archive_missing_binary,
  archive_too_large,
  binary_wrong_format,
  binary_wrong_architecture,
  binary_missing_interpreter,
  binary_glibc_too_old,
  binary_smoke_failed,
  vendored_not_a_program,
  vendored_cannot_run,
  vendored_digest_mismatch,
  install_disk_full,
  install_permission,
  install_path_conflict,
  install_io_error,
  procfile_strict,
  record_missing,
  record_unreadable,
  build_interrupted,
  internal_error_unhandled,
};

inline constexpr std::size_t kReasonCount = static_cast<std::size_t>(Reason::internal_error_unhandled) + 1;

// A row of the failure catalogue: the consequences and the texts of one Reason. "$PREFIX" in a text stands for the prefix of
// the product's config vars.
struct FailureEntry {
  Reason reason;
  std::string_view id;          // `area::kebab-case`, the report's `failure_reason`; never renamed once released
  FailureClass classification;  // the party that must act
  Retry retry;
  Fallback fallback;
  std::string_view headline;     // at most eight words
  std::string_view explanation;  // the cause
  std::string_view hint;         // the remedy, as an imperative
};

const FailureEntry& entry(Reason);

std::span<const FailureEntry> failure_catalogue();

}  // namespace schema
}  // namespace mesh
