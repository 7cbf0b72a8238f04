#include <array>

#include "base/failure.h"

namespace mesh {
namespace {

using enum FailureClass;

// The words of every failure, in one place. docs/failures.md is generated from this table, and test/golden/failures/ holds
// each message as a user sees it. Laid out by hand, so that each sentence begins a line.
// clang-format off
constexpr std::array kCatalogue = {
    FailureEntry{Reason::platform_bad_arguments, "platform::bad-arguments", platform,
                 "The buildpack was called with the wrong arguments.",
                 "The build system calls bin/detect with the app's directory, bin/compile and bin/report with three: the app, the "
                 "cache and the config vars.",
                 "Call it that way. On Heroku this does not happen; report it if it does."},
    FailureEntry{Reason::platform_build_directory, "platform::build-directory", platform,
                 "The app's directory cannot be read.",
                 "The build system names the directory that holds the app. It is missing, is no directory, or may not be "
                 "read by the user who runs the build.",
                 "On Heroku, build again and open a support ticket if it stays. Elsewhere, check the directory's name and "
                 "its permissions."},
    FailureEntry{Reason::platform_no_ca_bundle, "platform::no-ca-bundle", platform,
                 "No certificate authorities were found on this machine.",
                 "The buildpack downloads over https and has to check who answers. It looked at SSL_CERT_FILE, "
                 "SSL_CERT_DIR, the certificate directories and the bundles of the usual distributions.",
                 "Install the package ca-certificates in the build image, or set SSL_CERT_FILE."},
    FailureEntry{Reason::config_unreadable, "config::unreadable", user,
                 "A config var cannot be used.",
                 "Its value is too long or holds bytes that no setting of this buildpack can have, or the build may not read it.",
                 "Set the config var again with \"heroku config:set\", or remove it with \"heroku config:unset\"."},
    FailureEntry{Reason::config_invalid_version, "config::invalid-version", user,
                 "The requested version is not a version.",
                 "HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION takes \"latest\" or the tag of a release, such as "
                 "\"v0.1.2\".",
                 "Correct it with \"heroku config:set HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION=v0.1.2\", or unset "
                 "it to install the latest release."},
    FailureEntry{Reason::config_invalid_repository, "config::invalid-repository", user,
                 "The name of the release repository is not valid.",
                 "HEROKU_INTEGRATION_SERVICE_MESH_REPO_OWNER and _REPO_PROJECT are the two parts of a GitHub repository's "
                 "name: letters, digits and hyphens; in the project also dots and underscores.",
                 "Correct the config var, or unset both to use heroku/heroku-integration-service-mesh."},
    FailureEntry{Reason::config_invalid_url, "config::invalid-url", user,
                 "An address in the app's settings cannot be used.",
                 "Releases are fetched over https:, or from a directory by file:. Plain http: is accepted for this machine "
                 "itself (localhost) alone, and an address carries neither a query nor a fragment.",
                 "Correct the config var that is named above, or unset it to use GitHub."},
    FailureEntry{Reason::config_invalid_sha256, "config::invalid-sha256", user,
                 "The pinned SHA-256 digest is not one.",
                 "HEROKU_INTEGRATION_SERVICE_MESH_SHA256 takes the digest of the release's archive: 64 hexadecimal "
                 "digits, as \"sha256sum heroku-integration-service-mesh.tar.gz\" prints them.",
                 "Correct the config var, or unset it to install without a pin."},
    FailureEntry{Reason::resolve_not_found, "resolve::not-found", user,
                 "There is no such release.",
                 "The release server knows no release of that name. It gives the same answer for a misspelled version, a "
                 "misspelled repository and a private one.",
                 "Look the version up on the repository's releases page, then correct or unset "
                 "HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION (and _REPO_OWNER and _REPO_PROJECT, if they are set)."},
    FailureEntry{Reason::resolve_rate_limited, "resolve::rate-limited", upstream,
                 "GitHub answers no more questions from this address for a while.",
                 "GitHub limits how often an address may ask for a release, and builds of many apps share an address.",
                 "Build again after the time that is named above. A pinned version whose archive has its usual name needs "
                 "no such question."},
    FailureEntry{Reason::resolve_refused, "resolve::refused", user,
                 "The release server does not let this build see the release.",
                 "It answered that the request is not allowed: the repository is private or the address is blocked there.",
                 "Name a repository or a mirror that can be read without signing in."},
    FailureEntry{Reason::resolve_server_error, "resolve::server-error", upstream,
                 "The release server is out of order.",
                 "It answered with an error of its own each time it was asked which release to install.",
                 "Build again in a few minutes; https://www.githubstatus.com tells whether GitHub has an incident."},
    FailureEntry{Reason::resolve_bad_response, "resolve::bad-response", upstream,
                 "The release server's answer makes no sense.",
                 "The buildpack asked which release to install, and got something that is no answer to that.",
                 "Build again in a few minutes. If HEROKU_INTEGRATION_SERVICE_MESH_BASE_URL or _API_URL is set, check that "
                 "it names a server laid out as GitHub is; pinning a version makes this question needless."},
    FailureEntry{Reason::resolve_no_asset, "resolve::no-asset", upstream,
                 "The release has no file for this machine.",
                 "The release exists, but holds neither heroku-integration-service-mesh.tar.gz nor exactly one archive "
                 "that is named for this machine's architecture.",
                 "If the release is a few minutes old its files may still be on their way: build again. Otherwise choose "
                 "another version with HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION."},
    FailureEntry{Reason::network_dns, "network::dns", upstream,
                 "The name of the release server could not be looked up.",
                 "The name service gave no address for it.",
                 "Build again in a few minutes. If a HEROKU_INTEGRATION_SERVICE_MESH_..._URL is set, check its spelling."},
    FailureEntry{Reason::network_connect, "network::connect", upstream,
                 "The release server could not be reached.",
                 "It accepted no connection.",
                 "Build again in a few minutes. If a HEROKU_INTEGRATION_SERVICE_MESH_..._URL is set, check that its host "
                 "and port are right and reachable from the build."},
    FailureEntry{Reason::network_timeout, "network::timeout", upstream,
                 "The release server took too long.",
                 "It did not answer, or did not finish answering, in the time that a build can wait.",
                 "Build again in a few minutes. CURL_CONNECT_TIMEOUT and CURL_TIMEOUT (seconds), set where the build runs, "
                 "allow more time."},
    FailureEntry{Reason::network_stalled, "network::stalled", upstream,
                 "The download came to a standstill.",
                 "The connection stayed open, but hardly anything arrived on it any more.",
                 "Build again in a few minutes."},
    FailureEntry{Reason::network_reset, "network::reset", upstream,
                 "The connection to the release server broke.",
                 "The server, or something on the way, closed the connection in the middle of its answer.",
                 "Build again in a few minutes."},
    FailureEntry{Reason::network_tls, "network::tls", upstream,
                 "No secure connection to the release server came about.",
                 "The two sides did not agree on how to encrypt, or the connection broke while they tried.",
                 "Build again in a few minutes. With a server or a proxy of your own, check that it speaks TLS 1.2 or 1.3."},
    FailureEntry{Reason::network_certificate, "network::certificate", user,
                 "The release server could not prove who it is.",
                 "Its certificate is not signed by an authority that this machine trusts, has run out, or is for another "
                 "name. Nothing was downloaded.",
                 "With a mirror or a proxy of your own, give its authority's certificate in SSL_CERT_FILE, or renew the "
                 "certificate. With GitHub itself, somebody may be listening in: do not work around this."},
    FailureEntry{Reason::network_proxy, "network::proxy", user,
                 "The proxy did not let the request through.",
                 "The build's settings name a proxy. It could not be found, or refused.",
                 "Check https_proxy, http_proxy, all_proxy and no_proxy, in the app's config vars and where the build runs."},
    FailureEntry{Reason::network_redirect, "network::redirect", upstream,
                 "The release server sent the build somewhere it will not go.",
                 "A redirect led in a circle, nowhere, or away from https.",
                 "Build again in a few minutes. If a HEROKU_INTEGRATION_SERVICE_MESH_..._URL is set, check where that "
                 "server redirects to."},
    FailureEntry{Reason::network_protocol, "network::protocol", upstream,
                 "What answered does not speak HTTP.",
                 "Something other than a web server listens at that address, or it broke off in the middle of its headers.",
                 "If a HEROKU_INTEGRATION_SERVICE_MESH_..._URL is set, check its host and port. Otherwise build again in a "
                 "few minutes."},
    FailureEntry{Reason::download_not_found, "download::not-found", upstream,
                 "The release's file is gone.",
                 "The release server lists the file but does not have it.",
                 "Build again in a few minutes, or choose another version with "
                 "HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION."},
    FailureEntry{Reason::download_refused, "download::refused", upstream,
                 "The server does not hand out the release's file.",
                 "It answered that the request is not allowed, or that too many came from this address.",
                 "Build again in a few minutes. With a mirror of your own, check that it can be read without signing in."},
    FailureEntry{Reason::download_server_error, "download::server-error", upstream,
                 "The server that holds the release is out of order.",
                 "It answered with an error of its own each time it was asked for the file.",
                 "Build again in a few minutes; https://www.githubstatus.com tells whether GitHub has an incident."},
    FailureEntry{Reason::download_truncated, "download::truncated", upstream,
                 "The download ended too early.",
                 "The server announced more bytes than it sent.",
                 "Build again in a few minutes."},
    FailureEntry{Reason::download_too_large, "download::too-large", upstream,
                 "The download is far larger than a service mesh can be.",
                 "A release's archive is a few megabytes; the buildpack stops at 64 MiB.",
                 "Check that HEROKU_INTEGRATION_SERVICE_MESH_REPO_OWNER, _REPO_PROJECT and _BASE_URL name the right place."},
    FailureEntry{Reason::download_not_an_archive, "download::not-an-archive", upstream,
                 "What came instead of the release is no archive.",
                 "The server answered \"here it is\", but sent something else: often an error page with the wrong status.",
                 "Build again in a few minutes. With a mirror or a proxy of your own, open the address in a browser and see "
                 "what it shows."},
    FailureEntry{Reason::verify_digest_mismatch, "verify::digest-mismatch", upstream,
                 "The downloaded archive is not the one that was expected.",
                 "Its SHA-256 digest differs from the pinned or published one. Nothing was installed.",
                 "If HEROKU_INTEGRATION_SERVICE_MESH_SHA256 is set, check that it belongs to this version's archive. If it "
                 "does, the file was changed on the server or on the way: do not deploy it, and tell whoever runs the "
                 "server."},
    FailureEntry{Reason::archive_corrupt, "archive::corrupt", upstream,
                 "The downloaded archive is damaged.",
                 "It came to its end, as far as the server told, but cannot be unpacked.",
                 "Build again in a few minutes, or choose another version with "
                 "HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION."},
    FailureEntry{Reason::archive_unsafe_path, "archive::unsafe-path", upstream,
                 "The downloaded archive tries to write outside its place.",
                 "It holds a path that is absolute, climbs upwards, or cannot be a file's name here. Nothing of it was "
                 "installed.",
                 "Do not deploy this release. Tell whoever publishes it, and choose another version."},
    FailureEntry{Reason::archive_unexpected_member, "archive::unexpected-member", upstream,
                 "The downloaded archive holds something it should not.",
                 "A release's archive holds regular files and directories, each once, and nothing after its end. Nothing "
                 "of it was installed.",
                 "Tell whoever publishes it, and choose another version with "
                 "HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION."},
    FailureEntry{Reason::archive_missing_binary, "archive::missing-binary", upstream,
                 "The downloaded archive does not hold the service mesh.",
                 "It was unpacked, and no file named heroku-integration-service-mesh was in it.",
                 "Check that HEROKU_INTEGRATION_SERVICE_MESH_REPO_OWNER and _REPO_PROJECT name the right repository, or "
                 "choose another version."},
    FailureEntry{Reason::archive_too_large, "archive::too-large", upstream,
                 "The downloaded archive unpacks to far more than a service mesh can be.",
                 "The buildpack stops at 256 MiB, at 64 entries, and where bytes multiply more than 200 times. Nothing of "
                 "it was installed.",
                 "Do not deploy this release. Tell whoever publishes it, and choose another version."},
    FailureEntry{Reason::binary_wrong_format, "binary::wrong-format", upstream,
                 "The file in the archive is no program.",
                 "It has the right name, but is not a Linux executable (ELF).",
                 "Tell whoever publishes the release, and choose another version with "
                 "HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION."},
    FailureEntry{Reason::binary_wrong_architecture, "binary::wrong-architecture", upstream,
                 "The service mesh was built for another kind of processor.",
                 "It would install, and the app would then die at start with \"Exec format error\".",
                 "Choose a release that was built for this architecture, or build the app for the one that the release "
                 "supports."},
    FailureEntry{Reason::install_disk_full, "install::disk-full", platform,
                 "There is no room left on the build machine's disk.",
                 "The service mesh needs about three times the size of its archive while it is installed.",
                 "Build again; if it stays, make the app or its build cache smaller (\"heroku builds:cache:purge\")."},
    FailureEntry{Reason::install_permission, "install::permission", platform,
                 "The build may not write where the service mesh belongs.",
                 "The app's directory, or one in it, belongs to another user or is read-only.",
                 "Check the permissions of the path that is named above in the app's repository and on the build machine."},
    FailureEntry{Reason::install_path_conflict, "install::path-conflict", user,
                 "Something in the app stands where the service mesh belongs.",
                 "The app brings a file where a directory is needed, a directory where a file is needed, or a link that "
                 "leads out of the app.",
                 "Remove the path that is named above from the app's repository, or rename it."},
    FailureEntry{Reason::install_io_error, "install::io-error", platform,
                 "The build machine's disk or file system failed.",
                 "A file could not be read or written, for a reason that is neither space nor permission.",
                 "Build again; if it stays, open a support ticket with the line above."},
    FailureEntry{Reason::procfile_strict, "procfile::strict", user,
                 "The app has mistakes that would break it or its protection at run time.",
                 "Each is explained above with its place. They end the build because HEROKU_SERVICE_MESH_STRICT is set.",
                 "Correct them as shown above, or unset HEROKU_SERVICE_MESH_STRICT to be warned alone."},
    FailureEntry{Reason::record_missing, "record::missing", platform,
                 "The build left no record.",
                 "The report found no record of the build in the cache directory: the buildpack was not reached, or "
                 "something removed it afterwards.",
                 "Look for an earlier failure in the build's log, or for a step of the app that empties the cache."},
    FailureEntry{Reason::record_unreadable, "record::unreadable", platform,
                 "The build's record cannot be read.",
                 "The report found a record in the cache directory that is damaged, of another format, or not readable.",
                 "Nothing needs to be done: the next build writes a new one."},
    FailureEntry{Reason::build_interrupted, "build::interrupted", platform,
                 "The build was stopped from outside.",
                 "A signal ended it before it was through.",
                 "Build again. If it was stopped because it took too long, the step above is where the time went."},
    FailureEntry{Reason::internal_error_unhandled, "internal-error::unhandled", buildpack,
                 "The buildpack ran into a fault of its own.",
                 "This is a defect of the buildpack; the app is not to blame.",
                 "Build again, and report the line above to the maintainers of the buildpack."},
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
static_assert(catalogue_is_complete(), "every Reason has one row, in the order of the enumeration, with all its words");

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

}  // namespace mesh
