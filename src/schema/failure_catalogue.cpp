#include <array>

#include "schema/failure.h"

namespace mesh {
inline namespace schema {
namespace {

using enum FailureClass;
using enum Retry;
using enum Fallback;

// The words of every failure, in one place. docs/failures.md is generated from this table, and test/golden/failures/ holds
// each message as a user sees it. Laid out by hand, so that each sentence begins a line.
// clang-format off
constexpr std::array kCatalogue = {
    FailureEntry{Reason::platform_bad_arguments, "platform::bad-arguments", platform, never, no_fallback,
                 "The buildpack was called with the wrong arguments.",
                 "The build system calls bin/detect with the app's directory, bin/compile and bin/report with three: the app, the "
                 "cache and the config vars.",
                 "Call it that way. On Heroku this does not happen; report it if it does."},
    FailureEntry{Reason::platform_build_directory, "platform::build-directory", platform, never, no_fallback,
                 "The app's directory cannot be read.",
                 "The build system names the directory that holds the app. It is missing, is no directory, or may not be "
                 "read by the user who runs the build.",
                 "On Heroku, build again and open a support ticket if it stays. Elsewhere, check the directory's name and "
                 "its permissions."},
    FailureEntry{Reason::platform_no_ca_bundle, "platform::no-ca-bundle", platform, never, may_fall_back,
                 "No certificate authorities were found on this machine.",
                 "The buildpack downloads over https and has to check who answers. It looked at SSL_CERT_FILE, "
                 "SSL_CERT_DIR, the certificate directories and the bundles of the usual distributions.",
                 "Install the package ca-certificates in the build image, or set SSL_CERT_FILE."},
    FailureEntry{Reason::platform_missing_tool, "platform::missing-tool", platform, never, no_fallback,
                 "A program that checks the download is missing on this machine.",
                 "The AppLink service mesh is signed, and the buildpack has the signature checked by gpgv, which every "
                 "Heroku image has. Without it nothing is installed.",
                 "Install the package gpgv in the build image, or pin the program's digest in "
                 "HEROKU_APPLINK_SERVICE_MESH_SHA256."},
    FailureEntry{Reason::platform_inventory, "platform::inventory", buildpack, never, no_fallback,
                 "The buildpack's own list of known releases cannot be read.",
                 "The buildpack carries the digests and keys of the releases it knows. That file is missing or "
                 "damaged, and without it a wrong download could not be told from the right one.",
                 "Add the buildpack anew by the address of a release. If it stays, report it to the maintainers of the "
                 "buildpack."},
    FailureEntry{Reason::platform_unsupported_target, "platform::unsupported-target", user, never, no_fallback,
                 "The service mesh is not released for this kind of machine.",
                 "It is released for Linux on amd64 and arm64. The image is built for another system.",
                 "Build for linux/amd64 or linux/arm64 (with pack: --platform), or take the buildpack out."},
    FailureEntry{Reason::platform_out_of_resources, "platform::out-of-resources", platform, never, no_fallback,
                 "The build machine is out of resources.",
                 "The build could not get memory, a thread, a process or a file descriptor. A limit is reached (ulimit, the "
                 "container's memory or number of processes), or other programs use too much.",
                 "Build again. If it fails again, raise the limits of the build machine, or run fewer programs during the build."},
    FailureEntry{Reason::config_unreadable, "config::unreadable", user, never, no_fallback,
                 "A config var cannot be used.",
                 "Its value is too long or holds bytes that no setting of this buildpack can have, or the build may not read it.",
                 "Set the config var again with \"heroku config:set\", or remove it with \"heroku config:unset\"."},
    FailureEntry{Reason::config_invalid_product, "config::invalid-product", user, never, no_fallback,
                 "There is no such service mesh.",
                 "HEROKU_SERVICE_MESH_PRODUCT takes \"applink\" or \"integration\".",
                 "Correct it with \"heroku config:set HEROKU_SERVICE_MESH_PRODUCT=applink\", or unset it: then the "
                 "Procfile and the add-on tell which one is needed."},
    FailureEntry{Reason::config_invalid_version, "config::invalid-version", user, never, no_fallback,
                 "The requested version is not a version.",
                 "$PREFIX_RELEASE_VERSION takes \"latest\" or the tag of a release, such as "
                 "\"v0.1.2\".",
                 "Correct it with \"heroku config:set $PREFIX_RELEASE_VERSION=v0.1.2\", or unset "
                 "it to install the latest release."},
    FailureEntry{Reason::config_invalid_repository, "config::invalid-repository", user, never, no_fallback,
                 "The name of the release repository is not valid.",
                 "HEROKU_INTEGRATION_SERVICE_MESH_REPO_OWNER and _REPO_PROJECT are the two parts of a GitHub repository's "
                 "name: letters, digits and hyphens; in the project also dots and underscores.",
                 "Correct the config var, or unset both to use heroku/heroku-integration-service-mesh."},
    FailureEntry{Reason::config_invalid_bucket, "config::invalid-bucket", user, never, no_fallback,
                 "The name of the release bucket is not valid.",
                 "HEROKU_APPLINK_SERVICE_MESH_S3_BUCKET is the name of an Amazon S3 bucket (3 to 63 lower-case "
                 "letters, digits, dots and hyphens), HEROKU_APPLINK_SERVICE_MESH_S3_REGION that of its region, such "
                 "as \"us-east-1\".",
                 "Correct the config var that is named above, or unset both to use Heroku's own bucket."},
    FailureEntry{Reason::config_invalid_url, "config::invalid-url", user, never, no_fallback,
                 "An address in the app's settings cannot be used.",
                 "Releases are fetched over https:, or from a directory by file:. Plain http: is accepted for this machine "
                 "itself (localhost) alone, and an address carries neither a query nor a fragment.",
                 "Correct the config var that is named above, or unset it to use the place where releases are published."},
    FailureEntry{Reason::config_invalid_sha256, "config::invalid-sha256", user, never, no_fallback,
                 "The pinned SHA-256 digest is not one.",
                 "$PREFIX_SHA256 takes the digest of the file that is downloaded: 64 hexadecimal digits, as \"sha256sum\" "
                 "prints them.",
                 "Correct the config var, or unset it to install without a pin."},
    FailureEntry{Reason::config_invalid_fingerprint, "config::invalid-fingerprint", user, never, no_fallback,
                 "The pinned fingerprint of the signing key is not one.",
                 "HEROKU_APPLINK_SERVICE_MESH_PUBLIC_KEY_FINGERPRINT takes the full fingerprint of an OpenPGP key: 40 "
                 "or 64 hexadecimal digits, blanks allowed, several separated by commas. Short key ids can be forged "
                 "and are not accepted.",
                 "Correct the config var, or unset it to trust the keys that this buildpack knows."},
    FailureEntry{Reason::config_invalid_token, "config::invalid-token", user, never, no_fallback,
                 "The token for GitHub is not one.",
                 "HEROKU_INTEGRATION_SERVICE_MESH_GITHUB_TOKEN holds characters that no token has.",
                 "Set it again, without quotes and line ends, or unset it: public releases need none."},
    FailureEntry{Reason::config_invalid_wrap, "config::invalid-wrap", user, never, no_fallback,
                 "The choice of process types to start behind the mesh is not one.",
                 "HEROKU_SERVICE_MESH_WRAP takes the names of process types with commas between them, or \"off\". There is no "
                 "word for all of them: a worker gets no requests, and a release phase would never end.",
                 "Correct it with \"heroku config:set HEROKU_SERVICE_MESH_WRAP=web\", or unset it: then the Procfile alone "
                 "says what starts behind the mesh."},
    FailureEntry{Reason::config_conflicting, "config::conflicting", user, never, no_fallback,
                 "Two of the app's settings contradict each other.",
                 "A mirror stands for the place that releases come from. Naming a bucket or a region as well leaves "
                 "open which of them is meant.",
                 "Unset one of the config vars that are named above."},
    FailureEntry{Reason::resolve_not_found, "resolve::not-found", user, never, no_fallback,
                 "There is no such release.",
                 "The release server knows no release of that name. It gives the same answer for a misspelled version, a "
                 "misspelled repository and a private one.",
                 "Look up which versions were released, then correct or unset "
                 "$PREFIX_RELEASE_VERSION (and _REPO_OWNER, _REPO_PROJECT or _S3_BUCKET, if they are set)."},
    FailureEntry{Reason::resolve_rate_limited, "resolve::rate-limited", upstream, never, may_fall_back,
                 "GitHub answers no more questions from this address for a while.",
                 "GitHub limits how often an address may ask for a release, and builds of many apps share an address.",
                 "Build again after the time that is named above. A pinned version whose archive has its usual name needs "
                 "no such question."},
    FailureEntry{Reason::resolve_refused, "resolve::refused", user, never, may_fall_back,
                 "The release server does not let this build see the release.",
                 "It answered that the request is not allowed: the repository is private or the address is blocked there.",
                 "Name a repository or a mirror that can be read without signing in."},
    FailureEntry{Reason::resolve_auth, "resolve::auth", user, never, may_fall_back,
                 "GitHub does not accept the token.",
                 "The release cannot be read without signing in, and HEROKU_INTEGRATION_SERVICE_MESH_GITHUB_TOKEN was "
                 "refused: it has run out, was revoked, or is misspelled.",
                 "Set the config var to a token that may read the repository's contents, or unset it if the repository "
                 "is public."},
    FailureEntry{Reason::resolve_server_error, "resolve::server-error", upstream, never, may_fall_back,
                 "The release server is out of order.",
                 "It answered with an error of its own each time it was asked which release to install.",
                 "Build again in a few minutes; https://www.githubstatus.com and https://health.aws.amazon.com tell of incidents."},
    FailureEntry{Reason::resolve_bad_response, "resolve::bad-response", upstream, never, may_fall_back,
                 "The release server's answer makes no sense.",
                 "The buildpack asked which release to install, and got something that is no answer to that.",
                 "Build again in a few minutes. If $PREFIX_BASE_URL or _API_URL is set, check that "
                 "it names a server laid out as the original is; pinning a version makes this question needless."},
    FailureEntry{Reason::resolve_no_asset, "resolve::no-asset", upstream, never, may_fall_back,
                 "The release has no file for this machine.",
                 "The release exists, but holds neither heroku-integration-service-mesh.tar.gz nor exactly one archive "
                 "that is named for this machine's architecture.",
                 "If the release is a few minutes old its files may still be on their way: build again. Otherwise choose "
                 "another version with $PREFIX_RELEASE_VERSION."},
    FailureEntry{Reason::resolve_ambiguous_asset, "resolve::ambiguous-asset", upstream, never, may_fall_back,
                 "The release has several files that could be meant for this machine.",
                 "It holds no heroku-integration-service-mesh.tar.gz, but more than one archive that is named for this "
                 "machine's architecture.",
                 "Choose another version with $PREFIX_RELEASE_VERSION, and tell whoever publishes the release."},
    FailureEntry{Reason::network_dns, "network::dns", upstream, once, may_fall_back,
                 "The name of the release server could not be looked up.",
                 "The name service gave no address for it.",
                 "Build again in a few minutes. If a $PREFIX_..._URL is set, check its spelling."},
    FailureEntry{Reason::network_offline, "network::offline", platform, repeatedly, may_fall_back,
                 "This machine has no network.",
                 "There is no way from here to the release server's address.",
                 "Build where the network can be reached. Without one, name a directory with the release in "
                 "$PREFIX_BASE_URL (file:), or commit the program to the app."},
    FailureEntry{Reason::network_connect, "network::connect", upstream, repeatedly, may_fall_back,
                 "The release server could not be reached.",
                 "It accepted no connection.",
                 "Build again in a few minutes. If a $PREFIX_..._URL is set, check that its host "
                 "and port are right and reachable from the build."},
    FailureEntry{Reason::network_timeout, "network::timeout", upstream, repeatedly, may_fall_back,
                 "The release server took too long.",
                 "It did not answer, or did not finish answering, in the time that a build can wait.",
                 "Build again in a few minutes. CURL_CONNECT_TIMEOUT and CURL_TIMEOUT (seconds), set where the build runs, "
                 "allow more time."},
    FailureEntry{Reason::network_stalled, "network::stalled", upstream, repeatedly, may_fall_back,
                 "The download came to a standstill.",
                 "The connection stayed open, but hardly anything arrived on it any more.",
                 "Build again in a few minutes."},
    FailureEntry{Reason::network_reset, "network::reset", upstream, repeatedly, may_fall_back,
                 "The connection to the release server broke.",
                 "The server, or something on the way, closed the connection in the middle of its answer.",
                 "Build again in a few minutes."},
    FailureEntry{Reason::network_tls, "network::tls", upstream, once, may_fall_back,
                 "No secure connection to the release server came about.",
                 "The two sides did not agree on how to encrypt, or the connection broke while they tried.",
                 "Build again in a few minutes. With a server or a proxy of your own, check that it speaks TLS 1.2 or 1.3."},
    FailureEntry{Reason::network_certificate, "network::certificate", user, never, may_fall_back,
                 "The release server could not prove who it is.",
                 "Its certificate is not signed by an authority that this machine trusts, has run out, or is for another "
                 "name. Nothing was downloaded.",
                 "With a mirror or a proxy of your own, give its authority's certificate in SSL_CERT_FILE, or renew the "
                 "certificate. With the original server, somebody may be listening in: do not work around this."},
    FailureEntry{Reason::network_proxy, "network::proxy", user, never, may_fall_back,
                 "The proxy did not let the request through.",
                 "The build's settings name a proxy. It could not be found, or refused.",
                 "Check https_proxy, http_proxy, all_proxy and no_proxy, in the app's config vars and where the build runs."},
    FailureEntry{Reason::network_redirect, "network::redirect", upstream, never, may_fall_back,
                 "The release server sent the build somewhere it will not go.",
                 "A redirect led in a circle, nowhere, or away from https.",
                 "Build again in a few minutes. If a $PREFIX_..._URL is set, check where that "
                 "server redirects to."},
    FailureEntry{Reason::network_protocol, "network::protocol", upstream, once, may_fall_back,
                 "What answered does not keep to HTTP.",
                 "Something other than a web server listens at that address, or one that contradicts itself, or it broke off in "
                 "the middle of its headers.",
                 "If a $PREFIX_..._URL is set, check its host and port. Otherwise build again in a "
                 "few minutes."},
    FailureEntry{Reason::download_not_found, "download::not-found", upstream, never, may_fall_back,
                 "The release's file is gone.",
                 "The release server lists the file but does not have it.",
                 "Build again in a few minutes, or choose another version with "
                 "$PREFIX_RELEASE_VERSION."},
    FailureEntry{Reason::download_refused, "download::refused", upstream, never, may_fall_back,
                 "The server does not hand out the release's file.",
                 "It answered that the request is not allowed, or that too many came from this address.",
                 "Build again in a few minutes. With a mirror of your own, check that it can be read without signing in."},
    FailureEntry{Reason::download_server_error, "download::server-error", upstream, never, may_fall_back,
                 "The server that holds the release is out of order.",
                 "It answered with an error of its own each time it was asked for the file.",
                 "Build again in a few minutes; https://www.githubstatus.com and https://health.aws.amazon.com tell of incidents."},
    FailureEntry{Reason::download_truncated, "download::truncated", upstream, repeatedly, may_fall_back,
                 "The download ended too early.",
                 "The server announced more bytes than it sent.",
                 "Build again in a few minutes."},
    FailureEntry{Reason::download_too_large, "download::too-large", upstream, never, no_fallback,
                 "The download is far larger than a service mesh can be.",
                 "A release is a few megabytes; the buildpack stops at 64 MiB of an archive and 256 MiB of a program.",
                 "Check that the config vars $PREFIX_... name the right place."},
    FailureEntry{Reason::download_not_an_archive, "download::not-an-archive", upstream, once, may_fall_back,
                 "What came instead of the release is no archive.",
                 "The server answered \"here it is\", but sent something else: often an error page with the wrong status.",
                 "Build again in a few minutes. With a mirror or a proxy of your own, open the address in a browser and see "
                 "what it shows."},
    FailureEntry{Reason::download_not_a_binary, "download::not-a-binary", upstream, once, may_fall_back,
                 "What came instead of the service mesh is no program.",
                 "The server answered \"here it is\", but sent something else: often an error page with the wrong "
                 "status.",
                 "Build again in a few minutes. With a mirror or a proxy of your own, open the address in a browser "
                 "and see what it shows."},
    FailureEntry{Reason::verify_digest_mismatch, "verify::digest-mismatch", upstream, refetch, no_fallback,
                 "The downloaded file is not the one that was expected.",
                 "Its SHA-256 digest differs from the pinned or published one. Nothing was installed.",
                 "If $PREFIX_SHA256 is set, check that it belongs to this version's file. If it "
                 "does, the file was changed on the server or on the way: do not deploy it, and tell whoever runs the "
                 "server."},
    FailureEntry{Reason::verify_signature_missing, "verify::signature-missing", upstream, never, no_fallback,
                 "The service mesh's signature is not there.",
                 "Each AppLink release has a signature beside it (.asc), and what cannot be checked is not installed.",
                 "If the release is a few minutes old its signature may still be on its way: build again. A mirror has "
                 "to carry the .asc files and public-key.asc too. $PREFIX_SHA256 can pin the program instead."},
    FailureEntry{Reason::verify_signature_malformed, "verify::signature-malformed", upstream, never, no_fallback,
                 "The service mesh's signature is none.",
                 "The file beside the release (.asc), or the key it is checked with (public-key.asc), is not what "
                 "OpenPGP calls a signature or a key: often an error page with the wrong status.",
                 "Build again in a few minutes. With a mirror of your own, look at these two files."},
    FailureEntry{Reason::verify_signature_bad, "verify::signature-bad", upstream, refetch, no_fallback,
                 "The service mesh is not what its publisher signed.",
                 "The signature was made for other bytes than the ones that came, also when both were fetched anew. "
                 "Nothing was installed.",
                 "Build again in some minutes, in case a release was being published. If it stays, do not work around "
                 "it: tell whoever publishes the release."},
    FailureEntry{Reason::verify_signature_expired, "verify::signature-expired", upstream, never, no_fallback,
                 "The service mesh's signature has run out.",
                 "Its publisher signed it for a certain time only, and that time is over. Nothing was installed.",
                 "Choose a newer version with $PREFIX_RELEASE_VERSION, or unset it to install the latest one."},
    FailureEntry{Reason::verify_key_unknown, "verify::key-unknown", upstream, never, no_fallback,
                 "The service mesh was signed with a key that is not trusted.",
                 "The signature is sound, but made with another key than the ones that are pinned. Nothing was "
                 "installed.",
                 "If the publisher has changed its key, install a newer version of this buildpack. Should "
                 "$PREFIX_PUBLIC_KEY_FINGERPRINT be set, compare it with the fingerprint that the publisher states, "
                 "and correct it."},
    FailureEntry{Reason::verify_key_changed, "verify::key-changed", upstream, never, no_fallback,
                 "The service mesh was signed with another key than in earlier builds.",
                 "The buildpack remembers the key that it first saw. A different one means that the publisher changed "
                 "its key, or that somebody else published this file. Nothing was installed.",
                 "Ask the publisher whether the key was changed. If it was, pin the new one in "
                 "$PREFIX_PUBLIC_KEY_FINGERPRINT."},
    FailureEntry{Reason::verify_key_expired, "verify::key-expired", upstream, never, no_fallback,
                 "The service mesh's signing key has run out.",
                 "A key that was never seen before is not trusted when it has expired already. Nothing was installed.",
                 "If the publisher confirms that key, pin it in $PREFIX_PUBLIC_KEY_FINGERPRINT: a pinned key may be "
                 "old."},
    FailureEntry{Reason::verify_key_revoked, "verify::key-revoked", upstream, never, no_fallback,
                 "The service mesh's signing key was withdrawn.",
                 "Its owner declared the key invalid, as is done when it was stolen. Nothing was installed.",
                 "Do not work around this. Install a newer version of this buildpack, and choose a release that was "
                 "signed with the new key."},
    FailureEntry{Reason::verify_tool_failed, "verify::tool-failed", platform, never, no_fallback,
                 "The signature could not be checked.",
                 "gpgv was started, but did not come to a result.",
                 "Build again; if it stays, check that gpgv works in the build image. $PREFIX_SHA256 can pin the "
                 "program instead."},
    FailureEntry{Reason::archive_corrupt, "archive::corrupt", upstream, refetch, no_fallback,
                 "The downloaded archive is damaged.",
                 "It came to its end, as far as the server told, but cannot be unpacked.",
                 "Build again in a few minutes, or choose another version with "
                 "$PREFIX_RELEASE_VERSION."},
    FailureEntry{Reason::archive_unsafe_path, "archive::unsafe-path", upstream, never, no_fallback,
                 "The downloaded archive tries to write outside its place.",
                 "It holds a path that is absolute, climbs upwards, or cannot be a file's name here. Nothing of it was "
                 "installed.",
                 "Do not deploy this release. Tell whoever publishes it, and choose another version."},
    FailureEntry{Reason::archive_unexpected_member, "archive::unexpected-member", upstream, never, no_fallback,
                 "The downloaded archive holds something it should not.",
                 "A release's archive holds regular files and directories, each once, and nothing after its end. Nothing "
                 "of it was installed.",
                 "Tell whoever publishes it, and choose another version with "
                 "$PREFIX_RELEASE_VERSION."},
    FailureEntry{Reason::archive_missing_binary, "archive::missing-binary", upstream, never, no_fallback,
                 "The downloaded archive does not hold the service mesh.",
                 "It was unpacked, and no file named heroku-integration-service-mesh was in it.",
                 "Check that HEROKU_INTEGRATION_SERVICE_MESH_REPO_OWNER and _REPO_PROJECT name the right repository, or "
                 "choose another version."},
    FailureEntry{Reason::archive_too_large, "archive::too-large", upstream, never, no_fallback,
                 "The downloaded archive unpacks to far more than a service mesh can be.",
                 "The buildpack stops at 256 MiB, at 64 entries, and where bytes multiply more than 200 times. Nothing of "
                 "it was installed.",
                 "Do not deploy this release. Tell whoever publishes it, and choose another version."},
    FailureEntry{Reason::binary_wrong_format, "binary::wrong-format", upstream, never, no_fallback,
                 "The file that was downloaded is no program.",
                 "It has the right name, but is not a Linux executable (ELF).",
                 "Tell whoever publishes the release, and choose another version with "
                 "$PREFIX_RELEASE_VERSION."},
    FailureEntry{Reason::binary_wrong_architecture, "binary::wrong-architecture", upstream, never, no_fallback,
                 "The service mesh was built for another kind of processor.",
                 "It would install, and the app would then die at start with \"Exec format error\".",
                 "Choose a release that was built for this architecture, or build the app for the one that the release "
                 "supports."},
    FailureEntry{Reason::binary_missing_interpreter, "binary::missing-interpreter", platform, never, no_fallback,
                 "The service mesh cannot start on this machine.",
                 "It needs a program loader that is not there: the machine uses another C library than the one it was "
                 "built for. The app would die at start with \"No such file or directory\".",
                 "Build on an image with glibc, such as the Heroku stacks, or choose a release that is linked "
                 "statically."},
    FailureEntry{Reason::binary_glibc_too_old, "binary::glibc-too-old", user, never, no_fallback,
                 "The service mesh needs a newer C library than this stack has.",
                 "It would install, and the app would then die at start with \"version `GLIBC_...' not found\".",
                 "Move the app to a newer stack (\"heroku stack:set heroku-24\"), or choose an older release with "
                 "$PREFIX_RELEASE_VERSION."},
    FailureEntry{Reason::binary_smoke_failed, "binary::smoke-failed", upstream, never, no_fallback,
                 "The service mesh does not run.",
                 "It was started once for a trial, and crashed or did not end. That ends the build because "
                 "HEROKU_SERVICE_MESH_STRICT is set.",
                 "Choose another version with $PREFIX_RELEASE_VERSION and tell whoever publishes the release, or unset "
                 "HEROKU_SERVICE_MESH_STRICT to be warned alone."},
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
                 "There is no room left on the build machine's disk.",
                 "The service mesh needs about three times the size of its archive while it is installed.",
                 "Build again; if it stays, make the app or its build cache smaller (\"heroku builds:cache:purge\")."},
    FailureEntry{Reason::install_permission, "install::permission", platform, never, no_fallback,
                 "The build may not write where the service mesh belongs.",
                 "The app's directory, or one in it, belongs to another user or is read-only.",
                 "Check the permissions of the path that is named above in the app's repository and on the build machine."},
    FailureEntry{Reason::install_path_conflict, "install::path-conflict", user, never, no_fallback,
                 "Something in the app stands where the service mesh belongs.",
                 "The app brings a file where a directory is needed, a directory where a file is needed, or a link that "
                 "leads out of the app.",
                 "Remove the path that is named above from the app's repository, or rename it."},
    FailureEntry{Reason::install_io_error, "install::io-error", platform, never, no_fallback,
                 "The build machine's disk or file system failed.",
                 "A file could not be read or written, for a reason that is neither space nor permission.",
                 "Build again; if it stays, open a support ticket with the line above."},
    FailureEntry{Reason::procfile_strict, "procfile::strict", user, never, no_fallback,
                 "The app has mistakes that would break it or its protection at run time.",
                 "Each is explained above with its place. They end the build because HEROKU_SERVICE_MESH_STRICT is set.",
                 "Correct them as shown above, or unset HEROKU_SERVICE_MESH_STRICT to be warned alone."},
    FailureEntry{Reason::record_missing, "record::missing", platform, never, no_fallback,
                 "The build left no record.",
                 "The report found no record of this build: the buildpack did not run, was killed at its start, or could not "
                 "write the record, or the record was removed later.",
                 "Look for an earlier failure in the build's log, or for a step of the app that empties the cache."},
    FailureEntry{Reason::record_unreadable, "record::unreadable", platform, never, no_fallback,
                 "The build's record cannot be read.",
                 "The report found a record in the cache directory that is damaged, of another format, or not readable.",
                 "Nothing needs to be done: the next build writes a new one."},
    FailureEntry{Reason::build_interrupted, "build::interrupted", platform, never, no_fallback,
                 "The build was stopped from outside.",
                 "A signal ended it before it was through.",
                 "Build again. If it was stopped because it took too long, the step above is where the time went."},
    FailureEntry{Reason::internal_error_unhandled, "internal-error::unhandled", buildpack, never, no_fallback,
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

}  // namespace schema
}  // namespace mesh
