#include <array>

#include "schema/failure.h"

namespace mesh {
inline namespace schema {
namespace {

using enum FailureClass;
using enum Retry;
using enum Fallback;

// The texts of every failure. docs/failures.md is generated from this table, and test/golden/failures/ contains each message
// as users see it. The layout is manual, so that each text begins a line.
// clang-format off
constexpr std::array kCatalogue = {
    FailureEntry{Reason::platform_bad_arguments, "platform::bad-arguments", platform, never, no_fallback,
                 "Wrong arguments for the buildpack.",
                 "bin/detect takes the app's directory. bin/compile and bin/report take three: the app, the cache and the "
                 "directory of config vars.",
                 "Correct the call. Heroku always passes these arguments; report it if a Heroku build fails with this error."},
    FailureEntry{Reason::platform_build_directory, "platform::build-directory", platform, never, no_fallback,
                 "The app directory is unreadable.",
                 "The path is missing, it is a file, or the user who runs the build may not read it.",
                 "On Heroku, build again, and open a support ticket if the error persists. Elsewhere, check the path and "
                 "its permissions."},
    FailureEntry{Reason::platform_no_ca_bundle, "platform::no-ca-bundle", platform, never, may_fall_back,
                 "No CA certificates found.",
                 "HTTPS downloads need CA certificates. The buildpack searched SSL_CERT_FILE, SSL_CERT_DIR, and the "
                 "certificate directories and bundles of the usual distributions.",
                 "Install the package ca-certificates in the build image, or set SSL_CERT_FILE."},
    FailureEntry{Reason::platform_missing_tool, "platform::missing-tool", platform, never, no_fallback,
                 "gpgv is not installed.",
                 "The buildpack verifies the signature of the AppLink service mesh with gpgv, which every Heroku image "
                 "contains. Nothing was installed.",
                 "Install the package gpgv in the build image, or pin the binary's digest in "
                 "HEROKU_APPLINK_SERVICE_MESH_SHA256."},
    FailureEntry{Reason::platform_inventory, "platform::inventory", buildpack, never, no_fallback,
                 "The release inventory is missing or corrupt.",
                 "The inventory file contains the digests and keys that verify downloads. It is missing, unreadable or corrupt.",
                 "Remove the buildpack and add it again with the URL of a release. If the error persists, report it to the "
                 "maintainers of the buildpack."},
    FailureEntry{Reason::platform_unsupported_target, "platform::unsupported-target", user, never, no_fallback,
                 "Unsupported target platform.",
                 "The service mesh is released for Linux on amd64 and arm64. The image is built for another platform.",
                 "Build for linux/amd64 or linux/arm64 (with pack: --platform), or remove the buildpack."},
    FailureEntry{Reason::platform_out_of_resources, "platform::out-of-resources", platform, never, no_fallback,
                 "The build machine is out of resources.",
                 "The build could not allocate memory, a thread, a process or a file descriptor. A limit was reached (ulimit, "
                 "the container's memory or number of processes), or other processes use too much.",
                 "Build again. If it fails again, raise the limits of the build machine, or run fewer processes during the "
                 "build."},
    FailureEntry{Reason::config_unreadable, "config::unreadable", user, never, no_fallback,
                 "Config var unreadable.",
                 "The value is too long or contains invalid characters, or the build may not read it.",
                 "Set the config var again with \"heroku config:set\", or remove it with \"heroku config:unset\"."},
    FailureEntry{Reason::config_invalid_product, "config::invalid-product", user, never, no_fallback,
                 "Unknown service mesh product.",
                 "HEROKU_SERVICE_MESH_PRODUCT must be \"applink\" or \"integration\".",
                 "Correct it with \"heroku config:set HEROKU_SERVICE_MESH_PRODUCT=applink\", or unset it: the buildpack then "
                 "chooses by the Procfile and the add-on."},
    FailureEntry{Reason::config_invalid_version, "config::invalid-version", user, never, no_fallback,
                 "The requested version is malformed.",
                 "$PREFIX_RELEASE_VERSION must be \"latest\" or the tag of a release, such as \"v0.1.2\".",
                 "Correct it with \"heroku config:set $PREFIX_RELEASE_VERSION=v0.1.2\", or unset it to install the latest "
                 "release."},
    FailureEntry{Reason::config_invalid_repository, "config::invalid-repository", user, never, no_fallback,
                 "Invalid release repository name.",
                 "HEROKU_INTEGRATION_SERVICE_MESH_REPO_OWNER may contain letters, digits and hyphens. "
                 "HEROKU_INTEGRATION_SERVICE_MESH_REPO_PROJECT may also contain dots and underscores.",
                 "Correct the config var, or unset both to use heroku/heroku-integration-service-mesh."},
    FailureEntry{Reason::config_invalid_bucket, "config::invalid-bucket", user, never, no_fallback,
                 "Invalid release bucket name.",
                 "HEROKU_APPLINK_SERVICE_MESH_S3_BUCKET must be the name of an Amazon S3 bucket: 3 to 63 lower-case letters, "
                 "digits, dots and hyphens. HEROKU_APPLINK_SERVICE_MESH_S3_REGION must be its region, such as \"us-east-1\".",
                 "Correct the config var named above, or unset both to use Heroku's bucket."},
    FailureEntry{Reason::config_invalid_url, "config::invalid-url", user, never, no_fallback,
                 "Invalid release server URL.",
                 "The URL must begin with https:, or with file: for a directory; http: is accepted only for localhost. It must "
                 "not have a query or a fragment.",
                 "Correct the config var named above, or unset it to use the official release server."},
    FailureEntry{Reason::config_invalid_sha256, "config::invalid-sha256", user, never, no_fallback,
                 "The pinned SHA-256 digest is malformed.",
                 "$PREFIX_SHA256 must be the digest of the downloaded file: 64 hexadecimal digits, as printed by "
                 "\"sha256sum\".",
                 "Correct the config var, or unset it to install without a pin."},
    FailureEntry{Reason::config_invalid_fingerprint, "config::invalid-fingerprint", user, never, no_fallback,
                 "The pinned signing key fingerprint is malformed.",
                 "HEROKU_APPLINK_SERVICE_MESH_PUBLIC_KEY_FINGERPRINT must be the full fingerprint of an OpenPGP key: 40 or 64 "
                 "hexadecimal digits, spaces allowed. Separate several with commas. Short key IDs can be forged, and are "
                 "rejected.",
                 "Correct the config var, or unset it to trust the keys in the buildpack's inventory."},
    FailureEntry{Reason::config_invalid_token, "config::invalid-token", user, never, no_fallback,
                 "The GitHub token is malformed.",
                 "HEROKU_INTEGRATION_SERVICE_MESH_GITHUB_TOKEN contains characters that are invalid in a token.",
                 "Set it again without quotes and newlines, or unset it: public releases need no token."},
    FailureEntry{Reason::config_invalid_wrap, "config::invalid-wrap", user, never, no_fallback,
                 "Invalid list of process types to wrap.",
                 "HEROKU_SERVICE_MESH_WRAP must be \"off\" or a list of process types separated by commas. It has no keyword "
                 "for all types: a worker receives no requests, and a wrapped release phase would never end.",
                 "Correct it with \"heroku config:set HEROKU_SERVICE_MESH_WRAP=web\", or unset it: then only the processes "
                 "that call the mesh in the Procfile start behind it."},
    FailureEntry{Reason::config_conflicting, "config::conflicting", user, never, no_fallback,
                 "Conflicting config vars.",
                 "HEROKU_APPLINK_SERVICE_MESH_BASE_URL names a mirror, which replaces the S3 bucket and its region.",
                 "Unset one of the config vars named above."},
    FailureEntry{Reason::resolve_not_found, "resolve::not-found", user, never, no_fallback,
                 "Release not found.",
                 "The version or the repository is misspelled, or the repository is private: the release server returns the "
                 "same response for all three.",
                 "Look up the released versions, then correct or unset $PREFIX_RELEASE_VERSION. Check the config vars that "
                 "name the repository or the bucket, if they are set."},
    FailureEntry{Reason::resolve_rate_limited, "resolve::rate-limited", upstream, never, may_fall_back,
                 "GitHub API rate limit exceeded.",
                 "GitHub limits the number of API requests per IP address, and many builds share one address.",
                 "Build again after the time shown above. Pinning a version in $PREFIX_RELEASE_VERSION avoids the API if the "
                 "release's archive is named heroku-integration-service-mesh.tar.gz."},
    FailureEntry{Reason::resolve_refused, "resolve::refused", user, never, may_fall_back,
                 "Access to the release denied.",
                 "The release server denied the request: the repository is private, or the server blocks this address.",
                 "For a private GitHub repository, set HEROKU_INTEGRATION_SERVICE_MESH_GITHUB_TOKEN to a token that may read it. "
                 "Otherwise use a repository, a bucket or a mirror that is readable without authentication."},
    FailureEntry{Reason::resolve_auth, "resolve::auth", user, never, may_fall_back,
                 "GitHub authentication failed.",
                 "GitHub rejected HEROKU_INTEGRATION_SERVICE_MESH_GITHUB_TOKEN: the token is expired, revoked or misspelled.",
                 "Set the config var to a token that may read the repository's contents, or unset it if the repository "
                 "is public."},
    FailureEntry{Reason::resolve_server_error, "resolve::server-error", upstream, never, may_fall_back,
                 "The release server returned a server error.",
                 "Every attempt to resolve the version failed with a server error (HTTP 5xx).",
                 "Build again in a few minutes. Check https://www.githubstatus.com and https://health.aws.amazon.com for "
                 "incidents."},
    FailureEntry{Reason::resolve_bad_response, "resolve::bad-response", upstream, never, may_fall_back,
                 "The release server returned an unexpected response.",
                 "The buildpack could not read the version from the response.",
                 "Build again in a few minutes. If $PREFIX_BASE_URL or HEROKU_INTEGRATION_SERVICE_MESH_API_URL is set, check "
                 "that its server has the layout of the original. A pinned version needs no such request."},
    FailureEntry{Reason::resolve_no_asset, "resolve::no-asset", upstream, never, may_fall_back,
                 "The release has no archive for this architecture.",
                 "The release contains neither heroku-integration-service-mesh.tar.gz nor exactly one archive named for this "
                 "architecture.",
                 "If the release is a few minutes old, its files may still be uploading: build again. Otherwise choose "
                 "another version with $PREFIX_RELEASE_VERSION."},
    FailureEntry{Reason::resolve_ambiguous_asset, "resolve::ambiguous-asset", upstream, never, may_fall_back,
                 "The release has several archives for this architecture.",
                 "The release contains no heroku-integration-service-mesh.tar.gz, but several archives named for this "
                 "architecture.",
                 "Choose another version with $PREFIX_RELEASE_VERSION, and report this to the publisher of the release."},
    FailureEntry{Reason::network_dns, "network::dns", upstream, once, may_fall_back,
                 "DNS lookup of the release server failed.",
                 "DNS returned no address for the release server's host name.",
                 "Build again in a few minutes. If $PREFIX_BASE_URL or HEROKU_INTEGRATION_SERVICE_MESH_API_URL is set, check "
                 "its spelling."},
    FailureEntry{Reason::network_offline, "network::offline", platform, repeatedly, may_fall_back,
                 "Network is unreachable.",
                 "The build machine has no route to the release server's address.",
                 "Build where the network is reachable. Without a network, set $PREFIX_BASE_URL to a file: URL of a directory "
                 "with the release, or commit the binary to the app."},
    FailureEntry{Reason::network_connect, "network::connect", upstream, repeatedly, may_fall_back,
                 "Connection to the release server failed.",
                 "The server did not accept the connection.",
                 "Build again in a few minutes. If $PREFIX_BASE_URL or HEROKU_INTEGRATION_SERVICE_MESH_API_URL is set, check "
                 "that its host and port are correct and reachable from the build."},
    FailureEntry{Reason::network_timeout, "network::timeout", upstream, repeatedly, may_fall_back,
                 "Request to the release server timed out.",
                 "The server did not respond, or did not complete its response, within the time limit.",
                 "Build again in a few minutes. To raise the limits, set CURL_CONNECT_TIMEOUT and CURL_TIMEOUT (seconds) "
                 "where the build runs."},
    FailureEntry{Reason::network_stalled, "network::stalled", upstream, repeatedly, may_fall_back,
                 "The download stalled.",
                 "The connection stayed open, but almost no data arrived.",
                 "Build again in a few minutes."},
    FailureEntry{Reason::network_reset, "network::reset", upstream, repeatedly, may_fall_back,
                 "Connection to the release server was reset.",
                 "The server or the network closed the connection before the response was complete.",
                 "Build again in a few minutes."},
    FailureEntry{Reason::network_tls, "network::tls", upstream, once, may_fall_back,
                 "TLS handshake with the release server failed.",
                 "The server and the build share no TLS version or cipher, or the connection closed during the handshake.",
                 "Build again in a few minutes. If you use your own server or proxy, check that it supports TLS 1.2 or 1.3."},
    FailureEntry{Reason::network_certificate, "network::certificate", user, never, may_fall_back,
                 "Certificate verification failed.",
                 "The release server's certificate is expired, is for another host name, or is signed by an unknown "
                 "authority. Nothing was downloaded.",
                 "For your own mirror or proxy, set SSL_CERT_FILE to its CA certificate, or renew its certificate. For the "
                 "official server, do not bypass this check: the connection may be intercepted."},
    FailureEntry{Reason::network_proxy, "network::proxy", user, never, may_fall_back,
                 "Connection to the proxy failed.",
                 "The configured proxy is unreachable, its host name is unknown, or it rejected the request.",
                 "Check https_proxy, http_proxy, all_proxy and no_proxy in the app's config vars and where the build runs."},
    FailureEntry{Reason::network_redirect, "network::redirect", upstream, never, may_fall_back,
                 "Invalid redirect from the release server.",
                 "The redirect has no target, forms a loop, or leads to a URL that does not use HTTPS.",
                 "Build again in a few minutes. If $PREFIX_BASE_URL or HEROKU_INTEGRATION_SERVICE_MESH_API_URL is set, check "
                 "where its server redirects to."},
    FailureEntry{Reason::network_protocol, "network::protocol", upstream, once, may_fall_back,
                 "Malformed HTTP response.",
                 "The response is not HTTP, or its headers are contradictory or truncated.",
                 "If $PREFIX_BASE_URL or HEROKU_INTEGRATION_SERVICE_MESH_API_URL is set, check its host and port. Otherwise "
                 "build again in a few minutes."},
    FailureEntry{Reason::download_not_found, "download::not-found", upstream, never, may_fall_back,
                 "The release file is missing.",
                 "The release server lists the file, but returned 404 for it.",
                 "Build again in a few minutes, or choose another version with $PREFIX_RELEASE_VERSION."},
    FailureEntry{Reason::download_refused, "download::refused", upstream, never, may_fall_back,
                 "Access to the release file denied.",
                 "The server denied the request, or received too many requests from this address.",
                 "Build again in a few minutes. If you use your own mirror, check that it is readable without signing in."},
    FailureEntry{Reason::download_server_error, "download::server-error", upstream, never, may_fall_back,
                 "The download server returned a server error.",
                 "Every attempt to download the file failed with a server error (HTTP 5xx).",
                 "Build again in a few minutes. Check https://www.githubstatus.com and https://health.aws.amazon.com for "
                 "incidents."},
    FailureEntry{Reason::download_truncated, "download::truncated", upstream, repeatedly, may_fall_back,
                 "The download is incomplete.",
                 "The server sent fewer bytes than it announced.",
                 "Build again in a few minutes."},
    FailureEntry{Reason::download_too_large, "download::too-large", upstream, never, no_fallback,
                 "The download is too large.",
                 "A release is a few megabytes. The buildpack accepts archives up to 64 MiB and binaries up to 256 MiB.",
                 "Check that $PREFIX_BASE_URL and the other config vars of the release server are correct."},
    FailureEntry{Reason::download_not_an_archive, "download::not-an-archive", upstream, once, may_fall_back,
                 "The downloaded file is not a gzip archive.",
                 "The server returned success with other content, often an HTML error page.",
                 "Build again in a few minutes. If you use your own mirror or proxy, open the URL in a browser."},
    FailureEntry{Reason::download_not_a_binary, "download::not-a-binary", upstream, once, may_fall_back,
                 "The downloaded file is not an executable.",
                 "The server returned success with other content, often an HTML error page.",
                 "Build again in a few minutes. If you use your own mirror or proxy, open the URL in a browser."},
    FailureEntry{Reason::verify_digest_mismatch, "verify::digest-mismatch", upstream, refetch, no_fallback,
                 "Checksum mismatch for the downloaded file.",
                 "The file's SHA-256 digest differs from the pinned or published digest. Nothing was installed.",
                 "If $PREFIX_SHA256 is set, check that it is the digest of this version's file. If it is, the file was changed "
                 "on the server or in transit: do not deploy it, and report it to the operator of the server."},
    FailureEntry{Reason::verify_signature_missing, "verify::signature-missing", upstream, never, no_fallback,
                 "Signature file not found.",
                 "Each AppLink release has a signature file (.asc). The buildpack does not install a binary without one.",
                 "If the release is a few minutes old, its signature may still be uploading: build again. A mirror must "
                 "also contain the .asc files and public-key.asc. Alternatively, pin the binary in $PREFIX_SHA256."},
    FailureEntry{Reason::verify_signature_malformed, "verify::signature-malformed", upstream, never, no_fallback,
                 "The signature file is invalid.",
                 "The signature (.asc) or the key (public-key.asc) is not a valid OpenPGP file, often an HTML error page.",
                 "Build again in a few minutes. If you use your own mirror, check these two files."},
    FailureEntry{Reason::verify_signature_bad, "verify::signature-bad", upstream, refetch, no_fallback,
                 "Bad signature.",
                 "The signature does not match the downloaded binary, even after a second download. Nothing was installed.",
                 "Build again in a few minutes, in case a release was being published. If the error persists, do not bypass "
                 "it: report it to the publisher of the release."},
    FailureEntry{Reason::verify_signature_expired, "verify::signature-expired", upstream, never, no_fallback,
                 "The signature has expired.",
                 "The publisher limited the validity of this signature. Nothing was installed.",
                 "Choose a newer version with $PREFIX_RELEASE_VERSION, or unset it to install the latest one."},
    FailureEntry{Reason::verify_key_unknown, "verify::key-unknown", upstream, never, no_fallback,
                 "Untrusted signing key.",
                 "The signature was made with a key that is not pinned. Nothing was installed.",
                 "If the publisher changed the key, install a newer version of this buildpack. If "
                 "HEROKU_APPLINK_SERVICE_MESH_PUBLIC_KEY_FINGERPRINT is set, compare it with the published fingerprint and "
                 "correct it."},
    FailureEntry{Reason::verify_key_changed, "verify::key-changed", upstream, never, no_fallback,
                 "The signing key has changed.",
                 "The signing key differs from the key of earlier builds. Either the publisher changed it, or somebody else "
                 "published this file. Nothing was installed.",
                 "Ask the publisher whether the key was changed. If it was, pin the new key in "
                 "HEROKU_APPLINK_SERVICE_MESH_PUBLIC_KEY_FINGERPRINT."},
    FailureEntry{Reason::verify_key_expired, "verify::key-expired", upstream, never, no_fallback,
                 "The signing key has expired.",
                 "The buildpack does not trust a new key that has already expired. Nothing was installed.",
                 "If the publisher confirms the key, pin it in HEROKU_APPLINK_SERVICE_MESH_PUBLIC_KEY_FINGERPRINT: a pinned "
                 "key may be expired."},
    FailureEntry{Reason::verify_key_revoked, "verify::key-revoked", upstream, never, no_fallback,
                 "The signing key was revoked.",
                 "The owner of the key declared it invalid, as owners do with stolen keys. Nothing was installed.",
                 "Do not bypass this check. Install a newer version of this buildpack, and choose a release that is signed "
                 "with the new key."},
    FailureEntry{Reason::verify_tool_failed, "verify::tool-failed", platform, never, no_fallback,
                 "Signature verification failed to run.",
                 "gpgv started, but returned no result.",
                 "Build again. If the error persists, check that gpgv works in the build image. Alternatively, pin the binary "
                 "in $PREFIX_SHA256."},
    FailureEntry{Reason::archive_corrupt, "archive::corrupt", upstream, refetch, no_fallback,
                 "The downloaded archive is corrupt.",
                 "The download is complete, but cannot be unpacked.",
                 "Build again in a few minutes, or choose another version with $PREFIX_RELEASE_VERSION."},
    FailureEntry{Reason::archive_unsafe_path, "archive::unsafe-path", upstream, never, no_fallback,
                 "Unsafe path in the archive.",
                 "The archive contains an absolute path, a path with \"..\", or an invalid file name. Nothing was installed.",
                 "Do not deploy this release. Report it to the publisher, and choose another version."},
    FailureEntry{Reason::archive_unexpected_member, "archive::unexpected-member", upstream, never, no_fallback,
                 "Unexpected entry in the archive.",
                 "A release's archive contains only regular files and directories, each once, and nothing after its end. "
                 "Nothing was installed.",
                 "Report it to the publisher, and choose another version with $PREFIX_RELEASE_VERSION."},
    FailureEntry{Reason::archive_missing_binary, "archive::missing-binary", upstream, never, no_fallback,
                 "The archive does not contain the service mesh.",
                 "The archive contains no file named heroku-integration-service-mesh.",
                 "Check that HEROKU_INTEGRATION_SERVICE_MESH_REPO_OWNER and HEROKU_INTEGRATION_SERVICE_MESH_REPO_PROJECT name "
                 "the right repository, or choose another version."},
    FailureEntry{Reason::archive_too_large, "archive::too-large", upstream, never, no_fallback,
                 "The unpacked archive is too large.",
                 "The buildpack accepts up to 256 MiB, 64 entries and a compression ratio of 200. Nothing was installed.",
                 "Do not deploy this release. Report it to the publisher, and choose another version."},
    FailureEntry{Reason::binary_wrong_format, "binary::wrong-format", upstream, never, no_fallback,
                 "The service mesh is not an executable.",
                 "The file has the right name, but is not a Linux executable (ELF).",
                 "Report it to the publisher of the release, and choose another version with $PREFIX_RELEASE_VERSION."},
    FailureEntry{Reason::binary_wrong_architecture, "binary::wrong-architecture", upstream, never, no_fallback,
                 "The service mesh has the wrong architecture.",
                 "The binary was built for another architecture. The app would fail to start with \"Exec format error\".",
                 "Choose a release that was built for this architecture, or build the app for the architecture that the "
                 "release supports."},
    FailureEntry{Reason::binary_missing_interpreter, "binary::missing-interpreter", platform, never, no_fallback,
                 "The dynamic loader is missing.",
                 "The service mesh was built for another C library than this image has. The app would fail to start with "
                 "\"No such file or directory\".",
                 "Build on an image with glibc, such as the Heroku stacks, or choose a statically linked release."},
    FailureEntry{Reason::binary_glibc_too_old, "binary::glibc-too-old", user, never, no_fallback,
                 "The stack's glibc is too old.",
                 "The service mesh needs a newer glibc. The app would fail to start with \"version `GLIBC_...' not found\".",
                 "Move the app to a newer stack (\"heroku stack:set heroku-24\"), or choose an older release with "
                 "$PREFIX_RELEASE_VERSION."},
    FailureEntry{Reason::binary_smoke_failed, "binary::smoke-failed", upstream, never, no_fallback,
                 "The service mesh failed its smoke test.",
                 "The binary crashed or timed out. This is an error because HEROKU_SERVICE_MESH_STRICT is set.",
                 "Choose another version with $PREFIX_RELEASE_VERSION and report this to the publisher of the release, or "
                 "unset HEROKU_SERVICE_MESH_STRICT to get a warning instead."},
    FailureEntry{Reason::vendored_not_a_program, "vendored::not-a-program", user, never, no_fallback,
                 "The vendored mesh is not an ELF executable.",
                 "The app's repository contains a file at the path of the mesh binary, so nothing was downloaded. The file is "
                 "not a Linux executable.",
                 "Commit the binary itself (without Git LFS, because builds do not fetch LFS objects), or remove the file "
                 "from the repository: the buildpack then downloads a release."},
    FailureEntry{Reason::vendored_cannot_run, "vendored::cannot-run", user, never, no_fallback,
                 "The vendored mesh cannot run on this stack.",
                 "The app's repository contains the mesh binary, so nothing was downloaded. It was built for another "
                 "architecture, dynamic loader or C library, and the app would fail to start.",
                 "Commit a binary that was built for this stack, or remove the file from the repository: the buildpack then "
                 "downloads a release."},
    FailureEntry{Reason::vendored_digest_mismatch, "vendored::digest-mismatch", user, never, no_fallback,
                 "Checksum mismatch for the vendored mesh.",
                 "The SHA-256 digest of the mesh binary in the app's repository differs from $PREFIX_SHA256.",
                 "Set $PREFIX_SHA256 to the digest of the file if it is the right one. Otherwise commit the pinned binary, or "
                 "remove the file from the repository."},
    FailureEntry{Reason::install_disk_full, "install::disk-full", platform, never, no_fallback,
                 "No space left on the build machine.",
                 "The installation needs about three times the size of the archive.",
                 "Build again. If the error persists, make the app or its build cache smaller (\"heroku builds:cache:purge\")."},
    FailureEntry{Reason::install_permission, "install::permission", platform, never, no_fallback,
                 "Permission denied while installing the service mesh.",
                 "The app's directory, or one in it, belongs to another user or is read-only.",
                 "Check the permissions of the path named above in the app's repository and on the build machine."},
    FailureEntry{Reason::install_path_conflict, "install::path-conflict", user, never, no_fallback,
                 "A path in the app blocks the installation.",
                 "The app contains a file in place of a directory, a directory in place of a file, or a symbolic link that "
                 "leads out of the app.",
                 "Remove the path named above from the app's repository, or rename it."},
    FailureEntry{Reason::install_io_error, "install::io-error", platform, never, no_fallback,
                 "I/O error on the build machine.",
                 "A file could not be read or written. Neither disk space nor permissions are the cause.",
                 "Build again. If the error persists, open a support ticket with the detail shown above."},
    FailureEntry{Reason::procfile_strict, "procfile::strict", user, never, no_fallback,
                 "The doctor found errors in the app.",
                 "The findings above would break the app or its protection at run time. They are errors because "
                 "HEROKU_SERVICE_MESH_STRICT is set.",
                 "Correct them as shown above, or unset HEROKU_SERVICE_MESH_STRICT to get warnings instead."},
    FailureEntry{Reason::record_missing, "record::missing", platform, never, no_fallback,
                 "Build record not found.",
                 "The buildpack did not run, was killed at its start, or could not write the record, or another step removed it.",
                 "Look for an earlier failure in the build log, or for a step of the app that empties the cache."},
    FailureEntry{Reason::record_unreadable, "record::unreadable", platform, never, no_fallback,
                 "The build record is unreadable.",
                 "The record in the cache directory is corrupt, has an unsupported format, or may not be read.",
                 "Build again: each build writes a new record."},
    FailureEntry{Reason::build_interrupted, "build::interrupted", platform, never, no_fallback,
                 "The build was interrupted.",
                 "A signal ended the build before it was complete.",
                 "Build again. If the build took too long, look for the slow step in the log above."},
    FailureEntry{Reason::internal_error_unhandled, "internal-error::unhandled", buildpack, never, no_fallback,
                 "Internal buildpack error.",
                 "This is a bug in the buildpack, not in the app.",
                 "Build again, and report the detail shown above to the maintainers of the buildpack."},
};
// clang-format on

constexpr bool catalogue_is_complete() {
  if (kCatalogue.size() != kReasonCount) return false;
  for (std::size_t i = 0; i < kCatalogue.size(); ++i) {
    const FailureEntry& row = kCatalogue[i];
    if (static_cast<std::size_t>(row.reason) != i) return false;
    if (row.id.find("::") == std::string_view::npos) return false;
    if (row.headline.empty() || row.explanation.empty() || row.hint.empty()) return false;
  }
  return true;
}
static_assert(catalogue_is_complete(), "every Reason has one row, in the order of the enumeration, with all its texts");

}  // namespace

std::string_view name(FailureClass classification) {
  switch (classification) {
    case user: return "user";
    case buildpack: return "buildpack";
    case upstream: return "upstream";
    case platform: return "platform";
  }
  return "buildpack";
}

const FailureEntry& entry(Reason reason) { return kCatalogue[static_cast<std::size_t>(reason)]; }

std::span<const FailureEntry> failure_catalogue() { return kCatalogue; }

}  // namespace schema
}  // namespace mesh
