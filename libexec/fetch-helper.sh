# shellcheck shell=sh
# Sourced by dispatch.sh when the buildpack contains no helper: runs the one that buildpack.toml pins by address and SHA-256.
# Uses the variables that dispatch.sh sets, and its arguments. bin/report fetches nothing: it prints the failure that bin/compile
# noted in the build's cache.
#
# The helper is fetched once and kept as mesh-buildpack-<SHA-256> in the first of these directories that can be written. Its
# SHA-256 is checked before each use.
#   libexec/fetched, the build's cache, a private directory below $TMPDIR (or /tmp)
# Needs sha256sum, and curl or wget. Every Heroku stack and builder image has them.
# shellcheck disable=SC2154  # phase, arch, packaged and built are set by those that source this

newline='
'
manifest=${0%/*}/../buildpack.toml
kept_beside=${0%/*}/../libexec/fetched
kept_in_cache='' config=''
case $phase in
  compile | test-compile | report) kept_in_cache=${2:+$2/heroku-integration-service-mesh.helper} config=${3:-} ;;
esac
[ -z "${CNB_PLATFORM_DIR:-}" ] || config=$CNB_PLATFORM_DIR/env
note=${kept_in_cache:+$kept_in_cache/failure}

# fail REASON DETAIL HEADLINE LINE...: prints the failure, notes it for the report, and exits. Classes are as in docs/failures.md.
fail() {
  reason=$1 detail=$2 headline=$3
  shift 3
  case $reason in
    *::helper-missing) class=buildpack cause="this buildpack" ;;
    *::helper-address) class=user cause="app configuration" ;;
    *::helper-unreachable | *::helper-digest) class=upstream cause="release server or network" ;;
    *) class=platform cause="build machine" ;;
  esac
  {
    printf ' !     Error: %s\n !\n' "$headline"
    for line in "$@"; do printf ' !%s\n' "${line:+     $line}"; done
    printf ' !\n !     Cause: %s (%s)\n' "$cause" "$reason"
  } >&2
  [ "$phase" != report ] || print_report
  if [ -n "$sha256" ] && [ -n "$note" ]; then
    { mkdir -p "$kept_in_cache" && printf '%s %s\n' "$reason" "$detail" >"$note"; } 2>/dev/null || :
  fi
  exit 1
}

# Prints the report and exits. Omits a detail that YAML or JSON would need to escape.
print_report() {
  case $detail in *[!A-Za-z0-9\ ._:/,-]*) detail= ;; esac
  [ -z "$class" ] || printf 'failure_classification: "%s"\n' "$class"
  [ -z "$detail" ] || printf 'failure_detail: "%s"\n' "$detail"
  printf 'failure_reason: "%s"\n' "$reason"
  exit 0
}

report_note() {
  # Another buildpack may have written to the cache.
  if [ -n "$note" ] && [ -f "$note" ] && read -r reason detail <"$note"; then
    case ${reason#platform::helper-} in
      missing | address | unreachable | digest | tools | place)
        fail "$reason" "$detail" "Helper not available" "bin/compile could not fetch it. The build log has the details."
        ;;
    esac
  fi
  # The report has no class, because the build may have succeeded.
  reason=platform::helper-unreachable detail="not fetched" class=''
  print_report
}

# Sets url and sha256 to what buildpack.toml pins for this architecture, in the order of keys that script/release writes, or fails.
read_pin() {
  url='' sha256='' program='' is_released=no
  set -- platform::helper-missing "libexec/linux-$arch/mesh-buildpack"
  [ -f "$manifest" ] || fail "$@" "buildpack.toml missing" "It names the helper to fetch. Use a complete copy of the buildpack."
  while read -r key _ value; do
    value=${value#\"}
    value=${value%%\"*}
    case $key in
      name) program=$value ;;
      arch) program=$program-$value ;;
      url) [ -z "$value" ] || is_released=yes ;;
    esac
    case $key-$program in
      "url-mesh-buildpack-$arch") url=$value ;;
      "sha256-mesh-buildpack-$arch") sha256=$value ;;
    esac
  done <"$manifest"
  [ -z "$url" ] || [ -z "$sha256" ] || return 0
  [ "$is_released" = no ] || fail "$@" "Unsupported architecture" \
    "The buildpack is released for amd64 and arm64 only, and this machine is $arch." "Build on one of these."
  fail "$@" "No release of this buildpack exists yet" \
    "buildpack.toml names no helper to fetch, and the buildpack contains none:" "  $packaged" "  $built" "" \
    "Run script/build in this checkout. To build an app on Heroku, add a package that" \
    "script/package made: heroku buildpacks:add <its address>"
}

# Returns whether only this user can put files into a directory. (In $TMPDIR, other users can make it, or a link.) The directory may
# have inherited the set-group-ID bit of $TMPDIR.
is_safe() {
  [ "$1" != "$kept_privately" ] ||
    [ -n "$(find "$1" -prune -type d -user "$(id -u)" \( -perm 700 -o -perm 2700 \) 2>/dev/null)" ]
}

# Prints the SHA-256 of a file, or nothing if it cannot be read.
sha256_of() {
  digest=$(sha256sum <"$1" 2>/dev/null) || :
  printf '%s\n' "${digest%% *}"
}

# run_kept DIRECTORY ARGUMENT...: runs the helper that is kept there, or returns.
run_kept() {
  kept=$1/mesh-buildpack-$sha256
  if [ -f "$kept" ] && [ -x "$kept" ] && is_safe "$1" && [ "$(sha256_of "$kept")" = "$sha256" ]; then
    shift
    export MESH_BUILDPACK_DIRECTORY="${0%/*}/.." # where its inventory is
    exec "$kept" "$phase" "$@"
  fi
}

# Replaces the address with one below the base address that is set, in the environment or else as a config var.
use_mirror() {
  base=${HEROKU_SERVICE_MESH_HELPER_BASE_URL:-}
  if [ -z "$base" ] && [ -n "$config" ] && [ -f "$config/HEROKU_SERVICE_MESH_HELPER_BASE_URL" ]; then
    IFS= read -r base <"$config/HEROKU_SERVICE_MESH_HELPER_BASE_URL" || :
  fi
  [ -n "$base" ] || return 0
  url=${base%/}/${url##*/}
  case $base in
    *[!A-Za-z0-9._~:/@%+=,-]* | http://*@*) ;;
    https://?* | file:///* | http://127.0.0.1 | http://127.0.0.1[:/]* | http://localhost | http://localhost[:/]*) return 0 ;;
  esac
  fail platform::helper-address "HEROKU_SERVICE_MESH_HELPER_BASE_URL" "Invalid helper address" \
    "HEROKU_SERVICE_MESH_HELPER_BASE_URL must be an https: or file: address (http: for this machine only)." \
    "Correct it, or unset it to fetch from the release."
}

has() { command -v "$1" >/dev/null 2>&1; }

check_tools() {
  set -- platform::helper-tools
  has sha256sum || fail "$@" "no sha256sum" "sha256sum is not installed" \
    "The buildpack verifies the helper with sha256sum. Install it in the build image."
  case $url in file:*) return 0 ;; esac
  has curl || has wget || fail "$@" "no curl" "curl or wget missing" "One of them fetches the helper. Install it in the build image."
}

# Fetches the address into a file of at most 32 MB, within a few minutes. Prints errors on standard output.
fetch() (
  # shellcheck disable=SC3045  # dash, bash and busybox have it; without it, a larger file fails the check of its SHA-256
  ulimit -f 65536 2>/dev/null || :
  case $url in
    file:*) exec cp -- "${url#file://}" "$1" 2>&1 ;;
    http:*) set -- "$1" --noproxy '*' --proto =http ;;
    *) set -- "$1" --proto =https ;;
  esac
  if has curl; then
    exec curl --disable --fail --silent --show-error --location --output "$@" --proto-redir =https \
      --connect-timeout "${CURL_CONNECT_TIMEOUT:-10}" --max-time "${CURL_TIMEOUT:-120}" \
      --retry 3 --retry-connrefused --retry-max-time "${CURL_TIMEOUT:-120}" "$url" 2>&1
  fi
  exec wget -q -t 3 -T "${CURL_CONNECT_TIMEOUT:-10}" -O "$1" "$url" 2>&1
)

# Fetches the helper into a directory. The helper gets its name when it is complete, so that calls at the same time each find all of
# it or nothing. Returns if the directory cannot be written; any other failure ends the script.
fetch_into() {
  ([ "$1" != "$kept_privately" ] || umask 077 && mkdir -p "$1") 2>/dev/null || return 0
  is_safe "$1" || return 0
  # Removes files that killed builds left at least a day ago.
  find "$1" -name 'arriving.*' -prune -mtime +0 -exec rm -rf {} + 2>/dev/null || :
  arriving=$(mktemp "$1/arriving.XXXXXX" 2>/dev/null) || return 0
  trap 'rm -f "$arriving"' EXIT
  trap 'exit 143' TERM
  trap 'exit 130' INT
  rest=${url#*://}
  authority=${rest%%/*}
  shown="${url%%://*}://${authority##*@}/${rest#*/}" # without credentials
  [ "$phase" = detect ] || printf '       Fetching %s\n' "$shown" >&2
  if ! output=$(fetch "$arriving"); then
    problem=${output##*curl: } # curl prints each attempt's error; an error's first line says what happened
    problem=${problem%%"$newline"*}
    fail platform::helper-unreachable "${url##*/}" "Helper download failed" "The helper could not be fetched from $shown:" \
      "${problem:-no error message; a file of more than 32 MB is refused}" "" \
      "Try again. If the build machine cannot reach this address, add a release's package (the .tgz)" \
      "instead, or set HEROKU_SERVICE_MESH_HELPER_BASE_URL to a mirror."
  fi
  actual=$(sha256_of "$arriving")
  [ "$actual" = "$sha256" ] || fail platform::helper-digest "${url##*/} has $actual" "Helper checksum mismatch" \
    "The helper from $shown has the wrong SHA-256:" "  expected $sha256" "  received $actual" "" \
    "The file was not run. Try again. If the error persists, report it to the buildpack's maintainers."
  chmod 755 "$arriving"
  mv -f "$arriving" "$1/mesh-buildpack-$sha256" || rm -f "$arriving"
  trap - EXIT TERM INT
}

read_pin

# A classic build system passes config vars to compile only, so detect does not know a mirror that is set as one. Detection
# succeeds for every app, so it needs no helper.
if [ "$phase" = detect ] && [ $# -eq 1 ] && [ -d "$1" ] && [ -r "$1" ]; then
  echo "Heroku Integration Service Mesh"
  exit 0
fi

kept_privately=${TMPDIR:-/tmp}/heroku-integration-service-mesh-$(id -u)
for place in "$kept_beside" ${kept_in_cache:+"$kept_in_cache"} "$kept_privately"; do run_kept "$place" "$@"; done
[ "$phase" != report ] || report_note
[ -z "$note" ] || rm -f "$note" 2>/dev/null || :
use_mirror
check_tools
for place in "$kept_beside" ${kept_in_cache:+"$kept_in_cache"} "$kept_privately"; do
  fetch_into "$place"
  run_kept "$place" "$@"
done
fail platform::helper-place "$kept_privately" "No usable directory for the helper" \
  "None of these directories is writable by this user only and allows execution:" \
  "  $kept_beside" "  ${kept_in_cache:-(no build cache)}" "  $kept_privately" "" \
  "Make one of them usable, or set TMPDIR to another directory."
