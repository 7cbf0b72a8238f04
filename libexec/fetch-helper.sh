# shellcheck shell=sh
# Sourced by dispatch.sh when the buildpack contains no helper: runs the one that buildpack.toml pins by address and SHA-256.
# Uses the variables that dispatch.sh sets, and its arguments.
#
# The helper is fetched once and kept as mesh-buildpack-<SHA-256> in the first of these directories that can be written. Its
# SHA-256 is checked before each use.
#   libexec/fetched, the build's cache, a private directory below $TMPDIR (or /tmp)
# bin/report fetches nothing. It prints the failure that bin/compile noted in the build's cache.
# shellcheck disable=SC2154  # phase, arch, packaged and built are set by those that source this

IFS=' 	
'
manifest=${0%/*}/../buildpack.toml
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

# fail REASON DETAIL HEADLINE LINE...: prints the failure, notes it for the report, and exits.
fail() {
  reason=$1
  detail=$2
  headline=$3
  shift 3
  classify "$reason" || :
  {
    printf ' !     Error: %s\n !\n' "$headline"
    for line in "$@"; do printf ' !%s\n' "${line:+     $line}"; done
    printf ' !\n !     Cause: %s (%s)\n' "$cause" "$reason"
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

# Sets the class of a reason, as in docs/failures.md, and the cause to print. Fails if the reason is unknown.
classify() {
  case $1 in
    platform::helper-missing) class=buildpack cause="this buildpack" ;;
    platform::helper-address) class=user cause="app configuration" ;;
    platform::helper-unreachable | platform::helper-digest) class=upstream cause="release server or network" ;;
    platform::helper-tools | platform::helper-place) class=platform cause="build machine" ;;
    *) return 1 ;;
  esac
}

print_report() {
  # Omits a detail that YAML or JSON would need to escape.
  case $detail in *[!A-Za-z0-9\ ._:/,-]*) detail= ;; esac
  [ -z "$class" ] || printf 'failure_classification: "%s"\n' "$class"
  [ -z "$detail" ] || printf 'failure_detail: "%s"\n' "$detail"
  printf 'failure_reason: "%s"\n' "$reason"
}

report_note() {
  if [ -n "$note" ] && [ -f "$note" ] && read -r reason detail <"$note" && classify "$reason"; then
    fail "$reason" "$detail" "Helper not available" "bin/compile could not fetch it: $detail" "The build log has the details."
  fi
  # The build may have succeeded, so that there is no class.
  reason=platform::helper-unreachable detail="not fetched" class=
  print_report
  exit 0
}

# --- pins ------------------------------------------------------------------------------------------------------------

# Sets url and sha256 to what buildpack.toml pins for this architecture, in the order of keys that script/release writes, and
# is_released to "yes" if it pins a helper for any architecture.
read_pin() {
  while read -r key _ value; do
    value=${value#\"}
    value=${value%%\"*}
    case $key in
      name) program=$value ;;
      arch) program=$program-$value ;;
      url)
        [ -z "$value" ] || is_released=yes
        [ "$program" != "mesh-buildpack-$arch" ] || url=$value
        ;;
      sha256) [ "$program" != "mesh-buildpack-$arch" ] || sha256=$value ;;
    esac
  done <"$manifest"
}

fail_without_pin() {
  if ! [ -f "$manifest" ]; then
    set -- "buildpack.toml missing" "It names the helper to fetch. Use a complete copy of the buildpack."
  elif [ "$is_released" = no ]; then
    set -- "No release of this buildpack exists yet" \
      "buildpack.toml names no helper to fetch, and the buildpack contains none:" \
      "  $packaged" \
      "  $built" \
      "" \
      "Run script/build in this checkout. To build an app on Heroku, add a package that" \
      "script/package made: heroku buildpacks:add <its address>"
  else
    set -- "Unsupported architecture" \
      "The buildpack is released for amd64 and arm64 only, and this machine is $arch." \
      "Build on one of these."
  fi
  fail platform::helper-missing "libexec/linux-$arch/mesh-buildpack" "$@"
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

# Returns whether only this user can put files into a directory. (In $TMPDIR, other users can make it, or a link.) The directory may
# have inherited the set-group-ID bit of $TMPDIR.
is_safe() {
  [ "$1" != "$kept_privately" ] ||
    [ -n "$(find "$1" -prune -type d -user "$(id -u)" \( -perm 700 -o -perm 2700 \) 2>/dev/null)" ]
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
  fail platform::helper-address "HEROKU_SERVICE_MESH_HELPER_BASE_URL" "Invalid helper address" \
    "HEROKU_SERVICE_MESH_HELPER_BASE_URL is neither an https: nor a file: address." \
    "(http: is accepted for the build machine itself.)" \
    "Correct it, or unset it to fetch from the release."
}

check_tools() {
  has sha256sum || has shasum || has openssl ||
    fail platform::helper-tools "no sha256sum" "SHA-256 tool missing" \
      "None of sha256sum, shasum and openssl is on PATH to check the helper with." \
      "Install one of them in the build image."
  case $url in file:*) return 0 ;; esac
  has curl || has wget ||
    fail platform::helper-tools "no curl" "Download tool missing" \
      "Neither curl nor wget is on PATH to fetch the helper with." \
      "Install curl or wget in the build image."
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

# Makes a directory for the helper, and a file in it, or fails. (Another call may have just made the directory.)
make_place() {
  ([ "$1" != "$kept_privately" ] || umask 077 && mkdir -p "$1") 2>/dev/null || return 1
  is_safe "$1" || return 1
  # Removes files that killed builds left at least a day ago.
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
  output=$(fetch "$arriving") || fail_unreachable
  actual=$(sha256_of "$arriving")
  [ "$actual" = "$sha256" ] || fail_digest
  chmod 755 "$arriving"
  mv -f "$arriving" "$1/mesh-buildpack-$sha256" || rm -f "$arriving"
  trap - EXIT TERM INT
}

fail_unreachable() {
  problem=${output##*curl: } # curl prints each attempt's error; an error's first line says what happened
  problem=${problem%%"
"*}
  fail platform::helper-unreachable "${url##*/}" "Helper download failed" \
    "The helper could not be fetched from $(shown_url):" \
    "${problem:-no error message; a file of more than 32 MB is refused}" \
    "" \
    "Try again. If the build machine cannot reach this address, add a release's package (the .tgz)" \
    "instead, or set HEROKU_SERVICE_MESH_HELPER_BASE_URL to a mirror."
}

fail_digest() {
  fail platform::helper-digest "${url##*/} has $actual" "Helper checksum mismatch" \
    "The helper from $(shown_url) has the wrong SHA-256:" \
    "  expected $sha256" \
    "  received $actual" \
    "" \
    "It was not run. Try again. If it happens again, report it to the buildpack's maintainers."
}

# --- main ------------------------------------------------------------------------------------------------------------

url=
sha256=
is_released=no
[ ! -f "$manifest" ] || read_pin
if [ -z "$url" ] || [ -z "$sha256" ]; then fail_without_pin; fi

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
  "  $kept_beside" \
  "  ${kept_in_cache:-(no build cache)}" \
  "  $kept_privately" \
  "" \
  "Make one of them usable, or set TMPDIR to another directory."
