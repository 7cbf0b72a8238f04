# shellcheck shell=sh
# Sourced by dispatch.sh when the buildpack contains no helper: runs the one that buildpack.toml pins by address and SHA-256.
# Expects what dispatch.sh has set, and its arguments.
#
# The helper is fetched once and kept as mesh-buildpack-<SHA-256> in the first of these directories that can be written. Its
# SHA-256 is checked before each use.
#   libexec/fetched, the build's cache, a private directory below $TMPDIR (or /tmp)
# bin/report fetches nothing. It prints the failure that bin/compile noted in the build's cache.
# shellcheck disable=SC2154  # phase, arch, packaged and built are set by those that source this

IFS=' 	
'
kept_beside=${0%/*}/../libexec/fetched
kept_in_cache=
kept_privately=
config=
case $phase in
  compile | test-compile | report)
    kept_in_cache=${2:+$2/heroku-integration-service-mesh.helper}
    config=${3:-}
    ;;
esac
[ -z "${CNB_PLATFORM_DIR:-}" ] || config=$CNB_PLATFORM_DIR/env
note=${kept_in_cache:+$kept_in_cache/failure}

# --- failures --------------------------------------------------------------------------------------------------------

# fail REASON DETAIL LINE...: prints the failure, notes it for the report, and exits.
fail() {
  reason=$1
  detail=$2
  shift 2
  classify "$reason" || :
  {
    printf ' !     The buildpack'\''s program for this machine (%s) is missing.\n !\n' "$arch"
    for line in "$@"; do printf ' !%s\n' "${line:+     $line}"; done
    printf ' !\n !     Where the problem lies: %s. (%s)\n' "$bearer" "$reason"
  } >&2
  if [ "$phase" = report ]; then
    print_report
    exit 0
  fi
  if [ -n "$sha256" ] && [ -n "$note" ]; then
    { mkdir -p "$kept_in_cache" && printf '%s %s\n' "$reason" "$detail" >"$note"; } 2>/dev/null || :
  fi
  exit 1
}

# Sets who has to act for a reason; the classes of docs/failures.md. Fails for any other reason.
classify() {
  case $1 in
    platform::helper-missing) class=buildpack bearer="this buildpack" ;;
    platform::helper-address) class=user bearer="the app's settings or files" ;;
    platform::helper-unreachable | platform::helper-digest) class=upstream bearer="the release server or the network, not the app" ;;
    platform::helper-tools | platform::helper-place) class=platform bearer="the machine the build runs on, not the app" ;;
    *) return 1 ;;
  esac
}

print_report() {
  # Of the detail, what YAML and JSON both take as it is.
  case $detail in *[!A-Za-z0-9\ ._:/,-]*) detail= ;; esac
  printf 'failure_classification: "%s"\n' "$class"
  [ -z "$detail" ] || printf 'failure_detail: "%s"\n' "$detail"
  printf 'failure_reason: "%s"\n' "$reason"
}

report_note() {
  if [ -n "$note" ] && [ -f "$note" ] && read -r reason detail <"$note" && classify "$reason"; then
    fail "$reason" "$detail" "It could not be had in this build: $detail"
  fi
  fail platform::helper-unreachable "not fetched" "No earlier step of this build has fetched it."
}

# --- pins ------------------------------------------------------------------------------------------------------------

# Sets url and sha256 to what buildpack.toml pins for this architecture, in the order of keys that script/release writes.
read_pin() {
  while read -r key _ value; do
    value=${value#\"}
    value=${value%%\"*}
    case $key in
      name) program=$value ;;
      arch) program=$program-$value ;;
      url) [ "$program" != "mesh-buildpack-$arch" ] || url=$value ;;
      sha256) [ "$program" != "mesh-buildpack-$arch" ] || sha256=$value ;;
    esac
  done <"${0%/*}/../buildpack.toml"
}

say_that_there_is_none() {
  fail platform::helper-missing "libexec/linux-$arch/mesh-buildpack" \
    "Looked for: $packaged" \
    "       and: $built" \
    "" \
    "A release of this buildpack carries the first one, or names in its buildpack.toml where to" \
    "get it: give the app the address of a release (heroku buildpacks:add ...) in the place of a" \
    "branch's. In a checkout of the sources, script/build makes the second one. Releases are for" \
    "amd64 and arm64."
}

# --- kept helpers ----------------------------------------------------------------------------------------------------

has() { command -v "$1" >/dev/null 2>&1; }

# Prints the SHA-256 of a file, or nothing if it cannot be read.
sha256_of() {
  if has sha256sum; then
    digest=$(sha256sum <"$1" 2>/dev/null) || return 0
  elif has shasum; then
    digest=$(shasum -a 256 <"$1" 2>/dev/null) || return 0
  else
    digest=$(openssl dgst -sha256 -r <"$1" 2>/dev/null) || return 0
  fi
  printf '%s\n' "${digest%% *}"
}

# Whether other users cannot have put files into a directory. (In $TMPDIR they can make one, or a link.)
is_safe() {
  [ "$1" != "$kept_privately" ] || [ -n "$(find "$1" -prune -type d -user "$(id -u)" -perm 700 2>/dev/null)" ]
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

# --- fetching --------------------------------------------------------------------------------------------------------

# Replaces the address with one below the base address that is set, in the environment or else as a config var.
use_mirror() {
  base=${HEROKU_SERVICE_MESH_HELPER_BASE_URL:-}
  if [ -z "$base" ] && [ -n "$config" ] && [ -f "$config/HEROKU_SERVICE_MESH_HELPER_BASE_URL" ]; then
    IFS= read -r base <"$config/HEROKU_SERVICE_MESH_HELPER_BASE_URL" || :
  fi
  [ -n "$base" ] || return 0
  url=${base%/}/${url##*/}
  case $base in
    *[!A-Za-z0-9._~:/@%+=,-]*) ;;
    https://?* | file:///*) return 0 ;;
    http://*@*) ;;
    http://127.0.0.1[:/]* | http://localhost[:/]* | http://127.0.0.1 | http://localhost) return 0 ;;
  esac
  fail platform::helper-address "HEROKU_SERVICE_MESH_HELPER_BASE_URL" \
    "HEROKU_SERVICE_MESH_HELPER_BASE_URL is not an address that it can be fetched from: https:, file:," \
    "or http: on this machine itself. Correct it, or unset it to fetch from the release."
}

check_tools() {
  has sha256sum || has shasum || has openssl ||
    fail platform::helper-tools "no sha256sum" \
      "To fetch and check it, one of sha256sum, shasum and openssl is needed; none is on PATH."
  case $url in file:*) return 0 ;; esac
  has curl || has wget ||
    fail platform::helper-tools "no curl" "To fetch it, curl or wget is needed; neither is on PATH."
}

# Prints the address without credentials.
shown_url() {
  rest=${url#*://}
  authority=${rest%%/*}
  printf '%s\n' "${url%%://*}://${authority##*@}/${rest#*/}"
}

# Fetches the address into a file of at most 32 MB, within a few minutes. Prints errors on standard output.
fetch() (
  # shellcheck disable=SC3045  # dash, bash and busybox have it; a file of any size would do no harm but take place
  ulimit -f 65536 2>/dev/null || :
  file=$1
  case $url in
    file:*) exec cp -- "${url#file://}" "$file" 2>&1 ;;
    http:*) set -- --noproxy '*' --proto =http ;;
    *) set -- --proto =https ;;
  esac
  if has curl; then
    exec curl --disable --fail --silent --show-error --location "$@" --proto-redir =https \
      --connect-timeout "${CURL_CONNECT_TIMEOUT:-10}" --max-time "${CURL_TIMEOUT:-120}" \
      --retry 3 --retry-connrefused --retry-max-time "${CURL_TIMEOUT:-120}" --output "$file" "$url" 2>&1
  fi
  exec wget -q -t 3 -T "${CURL_CONNECT_TIMEOUT:-10}" -O "$file" "$url" 2>&1
)

# Makes a directory for the helper, and a file in it. Fails if that is not possible. (The directory may exist: another call may have
# made it just now.)
make_place() {
  ([ "$1" != "$kept_privately" ] || umask 077 && mkdir -p "$1") 2>/dev/null || return 1
  is_safe "$1" || return 1
  # Files that killed builds left, a day ago or longer.
  find "$1" -name 'arriving.*' -prune -mtime +0 -exec rm -rf {} + 2>/dev/null || :
  arriving=$(mktemp "$1/arriving.XXXXXX" 2>/dev/null)
}

# Fetches the helper into a directory. The helper gets its name when it is complete, so that calls at the same time each find all of
# it or nothing. Returns if the directory cannot be written; any other failure ends the script.
fetch_into() {
  make_place "$1" || return 0
  trap 'rm -f "$arriving"' EXIT
  trap 'exit 143' TERM
  trap 'exit 130' INT
  [ "$phase" = detect ] || printf '       Fetching %s\n' "$(shown_url)" >&2
  problem=$(fetch "$arriving") || say_unreachable
  actual=$(sha256_of "$arriving")
  [ "$actual" = "$sha256" ] || say_that_digests_differ
  chmod 755 "$arriving"
  mv -f "$arriving" "$1/mesh-buildpack-$sha256" || rm -f "$arriving"
  trap - EXIT TERM INT
}

say_unreachable() {
  problem=$(printf '%s' "$problem" | tr '\n\t' '  ')
  fail platform::helper-unreachable "${url##*/}" \
    "It could not be fetched from $(shown_url):" \
    "$problem" \
    "" \
    "Try again. Where the address is out of reach for good, give the app a release's own package" \
    "(the .tgz), or name a mirror in HEROKU_SERVICE_MESH_HELPER_BASE_URL."
}

say_that_digests_differ() {
  fail platform::helper-digest "${url##*/} has $actual" \
    "What came from $(shown_url) is not what the buildpack was released with." \
    "Expected SHA-256: $sha256" \
    "            came: $actual" \
    "" \
    "It was not run. Try again; if it stays so, tell the buildpack's maintainers."
}

# --- main ------------------------------------------------------------------------------------------------------------

url=
sha256=
[ ! -f "${0%/*}/../buildpack.toml" ] || read_pin
if [ -z "$url" ] || [ -z "$sha256" ]; then say_that_there_is_none; fi

# A classic build system calls detect with the app's directory and without config vars, so a mirror that is named by one is known
# to compile only. Every app applies: the answer needs no helper.
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
fail platform::helper-place "$kept_privately" \
  "There is no place to keep it: of these, none can be written, by this user alone, and run from." \
  "$kept_beside" \
  "${kept_in_cache:-(no build cache)}" \
  "$kept_privately"
