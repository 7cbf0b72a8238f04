# shellcheck shell=sh
# Sourced by dispatch.sh where no helper is at hand: hands over to the one that buildpack.toml names, by address and SHA-256,
# fetched once and kept; or says why there is none and ends. Expects what dispatch.sh has set, and its arguments.
#
# Kept in the first of these that can be written, in a directory named by the helper's digest, and digested anew before each use:
#   libexec/fetched, the build's cache, a private directory below $TMPDIR (or /tmp)
# bin/report fetches nothing. What the phases before it failed for is noted beside.
# shellcheck disable=SC2154  # phase, arch, packaged and built are set by those that source this

IFS=' 	
'
kept_beside=${0%/*}/../libexec/fetched
kept_in_cache=
config=
case $phase in
  compile | test-compile | report)
    kept_in_cache=${2:+$2/heroku-integration-service-mesh.helper}
    config=${3:-}
    ;;
esac
kept_privately=
[ -z "${CNB_PLATFORM_DIR:-}" ] || config=$CNB_PLATFORM_DIR/env

# --- what to say -----------------------------------------------------------------------------------------------------

# fail REASON DETAIL LINE...: tells people, notes it for the report, which is printed whatever happened, and ends.
fail() {
  reason=$1
  detail=$2
  shift 2
  {
    printf ' !     The buildpack'\''s program for this machine (%s) is missing.\n !\n' "$arch"
    for line in "$@"; do printf ' !%s\n' "${line:+     $line}"; done
    printf ' !\n !     Where the problem lies: %s. (%s)\n' "$(bearer)" "$reason"
  } >&2
  if [ "$phase" = report ]; then
    print_report
    exit 0
  fi
  [ -z "$helper_sha256" ] || leave_note
  exit 1
}

# Who has to act; the classes of docs/failures.md, and their words.
class_of() {
  case $reason in
    platform::helper-address) echo user ;;
    platform::helper-unreachable | platform::helper-digest) echo upstream ;;
    platform::helper-tools | platform::helper-place) echo platform ;;
    *) echo buildpack ;;
  esac
}

bearer() {
  case $(class_of) in
    user) echo "the app's settings or files" ;;
    upstream) echo "the release server or the network, not the app" ;;
    platform) echo "the machine the build runs on, not the app" ;;
    *) echo "this buildpack" ;;
  esac
}

print_report() {
  # Of the detail, what YAML and JSON both take as it is.
  case $detail in *[!A-Za-z0-9\ ._:/,-]*) detail= ;; esac
  printf 'failure_classification: "%s"\n' "$(class_of)"
  [ -z "$detail" ] || printf 'failure_detail: "%s"\n' "$detail"
  printf 'failure_reason: "%s"\n' "$reason"
}

leave_note() {
  for place in "$kept_beside" "$kept_in_cache" "$kept_privately"; do
    is_usable "$place" && printf '%s %s\n' "$reason" "$detail" 2>/dev/null >"$place/failure" && return
  done
}

forget_notes() {
  for place in "$kept_beside" "$kept_in_cache" "$kept_privately"; do
    if is_kept_safe "$place"; then rm -f "$place/failure" 2>/dev/null || :; fi
  done
}

report_note() {
  for place in "$kept_beside" "$kept_in_cache" "$kept_privately"; do
    is_kept_safe "$place" || continue
    [ -f "$place/failure" ] || continue
    read -r reason detail <"$place/failure" || continue
    case $reason in
      platform::helper-address | platform::helper-unreachable | platform::helper-digest | platform::helper-tools | platform::helper-place)
        fail "$reason" "$detail" "It could not be had in this build: $detail"
        ;;
    esac
  done
  fail platform::helper-unreachable "not fetched" "No earlier step of this build has fetched it."
}

# --- what is wanted --------------------------------------------------------------------------------------------------

# Prints "name sha256 url" for each program of this architecture that buildpack.toml names.
pinned_programs() {
  entry=
  while read -r key equals value; do
    case $key in \[*) print_entry ;; esac
    [ "$key" != '[[metadata.programs]]' ] || entry=open
    [ "$entry$equals" = open= ] || continue
    value=${value#\"}
    value=${value%%\"*}
    case $key in
      name) entry_name=$value ;;
      arch) entry_arch=$value ;;
      url) entry_url=$value ;;
      sha256) entry_sha256=$value ;;
    esac
  done <"${0%/*}/../buildpack.toml"
  print_entry
}

print_entry() {
  if [ "$entry" = open ] && [ "${entry_arch:-}" = "$arch" ] && [ -n "${entry_url:-}" ]; then
    printf '%s %s %s\n' "$entry_name" "$entry_sha256" "$entry_url"
  fi
  entry='' entry_name='' entry_arch='' entry_url='' entry_sha256=''
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

# --- digests ---------------------------------------------------------------------------------------------------------

has() { command -v "$1" >/dev/null 2>&1; }

# Prints the SHA-256 of a file; nothing where it cannot be read.
sha256_of() {
  if has sha256sum; then
    told=$(sha256sum <"$1" 2>/dev/null) || return 0
  elif has shasum; then
    told=$(shasum -a 256 <"$1" 2>/dev/null) || return 0
  else
    told=$(openssl dgst -sha256 -r <"$1" 2>/dev/null) || return 0
  fi
  printf '%s\n' "${told%% *}"
}

check_tools() {
  has sha256sum || has shasum || has openssl ||
    fail platform::helper-tools "no sha256sum" \
      "To fetch and check it, one of sha256sum, shasum and openssl is needed; none is on PATH."
  [ "$phase" = report ] || has curl || has wget ||
    case $base in
      file:*) ;;
      *) fail platform::helper-tools "no curl" "To fetch it, curl or wget is needed; neither is on PATH." ;;
    esac
}

# --- places ----------------------------------------------------------------------------------------------------------

# Whether a place can be written, and by nobody else if others can reach it; made where it is missing.
is_usable() {
  [ -n "$1" ] || return 1
  if [ "$1" = "$kept_privately" ]; then
    (umask 077 && mkdir "$1") 2>/dev/null || : # it may exist: another call may have made it just now
    is_private "$1" || return 1
  else
    mkdir -p "$1" 2>/dev/null || return 1
  fi
  [ -w "$1" ] && [ -x "$1" ]
}

# Whether it is a directory of this user's that nobody else may enter. (A link is not.)
is_private() { [ -n "$(find "$1" -prune -type d -user "$(id -u)" -perm 700 2>/dev/null)" ]; }

# Whether what a place holds can be from nobody else.
is_kept_safe() { [ -n "$1" ] && { [ "$1" != "$kept_privately" ] || is_private "$1"; }; }

# Whether a directory holds all the programs, with the digests that they must have.
is_complete() {
  while read -r name sha256 _; do
    [ -f "$1/$name" ] && [ -x "$1/$name" ] || return 1
    [ "$(sha256_of "$1/$name")" = "$sha256" ] || return 1
  done <<END
$programs
END
}

hand_over_if_kept() {
  for place in "$kept_beside" "$kept_in_cache" "$kept_privately"; do
    if is_kept_safe "$place" && is_complete "$place/$helper_sha256"; then
      export MESH_BUILDPACK_DIRECTORY="${0%/*}/.." # where its inventory is
      exec "$place/$helper_sha256/mesh-buildpack" "$phase" "$@"
    fi
  done
}

# --- fetching --------------------------------------------------------------------------------------------------------

# The base address that was set in the place of the release's own; from the environment, else the config var.
read_base() {
  base=${HEROKU_SERVICE_MESH_HELPER_BASE_URL:-}
  if [ -z "$base" ] && [ -n "$config" ] && [ -f "$config/HEROKU_SERVICE_MESH_HELPER_BASE_URL" ]; then
    IFS= read -r base <"$config/HEROKU_SERVICE_MESH_HELPER_BASE_URL" || :
  fi
  case $base in
    '') return ;;
    *[!A-Za-z0-9._~:/@%+=,-]*) ;;
    https://?* | file:///*) return ;;
    http://*@*) ;;
    http://127.0.0.1[:/]* | http://localhost[:/]* | http://127.0.0.1 | http://localhost) return ;;
  esac
  fail platform::helper-address "HEROKU_SERVICE_MESH_HELPER_BASE_URL" \
    "HEROKU_SERVICE_MESH_HELPER_BASE_URL is not an address that it can be fetched from: https:, file:," \
    "or http: on this machine itself. Correct it, or unset it to fetch from the release."
}

# An address without what may be secret in it.
shown() {
  rest=${1#*://}
  authority=${rest%%/*}
  printf '%s\n' "${1%%://*}://${authority##*@}/${rest#*/}"
}

# fetch ADDRESS FILE: what goes wrong is printed on standard output. At most 32 MB, at most a few minutes.
fetch() (
  # shellcheck disable=SC3045  # dash, bash and busybox have it; a file of any size would do no harm but take place
  ulimit -f 65536 2>/dev/null || :
  case $1 in file:*) exec cp -- "${1#file://}" "$2" 2>&1 ;; esac
  if has curl; then
    case $1 in
      http:*) set -- "$@" --noproxy '*' --proto =http ;;
      *) set -- "$@" --proto =https ;;
    esac
    address=$1
    file=$2
    shift 2
    exec curl --disable --fail --silent --show-error --location "$@" --proto-redir =https \
      --connect-timeout "${CURL_CONNECT_TIMEOUT:-10}" --max-time "${CURL_TIMEOUT:-120}" \
      --retry 3 --retry-connrefused --retry-max-time "${CURL_TIMEOUT:-120}" --output "$file" "$address" 2>&1
  fi
  exec wget -q -t 3 -T "${CURL_CONNECT_TIMEOUT:-10}" -O "$2" "$1" 2>&1
)

# Fetches all the programs into a place; false where that cannot be written. Anything else that goes wrong is the end.
fetch_into() {
  # What a killed build left, a day ago or longer.
  find "$1" -type d -name 'arriving.*' -prune -mtime +0 -exec rm -rf {} + 2>/dev/null || :
  arriving=$(mktemp -d "$1/arriving.XXXXXX" 2>/dev/null) || return 1
  trap 'rm -rf "$arriving"' EXIT
  trap 'exit 143' TERM
  trap 'exit 130' INT
  while read -r name sha256 url; do
    [ -z "$base" ] || url=${base%/}/${url##*/}
    [ "$phase" = detect ] || printf '       Fetching %s\n' "$(shown "$url")" >&2
    problem=$(fetch "$url" "$arriving/$name") || say_unreachable
    actual=$(sha256_of "$arriving/$name")
    [ "$actual" = "$sha256" ] || say_that_digests_differ
    chmod 755 "$arriving/$name"
  done <<END
$programs
END
  put_in_place "$1/$helper_sha256" || return 1
  rm -rf "$arriving"
  trap - EXIT TERM INT
}

# One by one, renamed: a dispatcher beside this one may be doing the same.
put_in_place() {
  mkdir -p "$1" || return 1
  while read -r name _; do
    mv -f "$arriving/$name" "$1/$name" || return 1
  done <<END
$programs
END
}

say_unreachable() {
  problem=$(printf '%s' "$problem" | tr '\n\t' '  ')
  fail platform::helper-unreachable "${url##*/}" \
    "It could not be fetched from $(shown "$url"):" \
    "$problem" \
    "" \
    "Try again. Where the address is out of reach for good, give the app a release's own package" \
    "(the .tgz), or name a mirror in HEROKU_SERVICE_MESH_HELPER_BASE_URL."
}

say_that_digests_differ() {
  fail platform::helper-digest "${url##*/} has $actual" \
    "What came from $(shown "$url") is not what the buildpack was released with." \
    "Expected SHA-256: $sha256" \
    "            came: $actual" \
    "" \
    "It was not run. Try again; if it stays so, tell the buildpack's maintainers."
}

# --- the story -------------------------------------------------------------------------------------------------------

helper_sha256=
programs=
[ ! -f "${0%/*}/../buildpack.toml" ] || programs=$(pinned_programs)
while read -r name sha256 _; do
  [ "$name" != mesh-buildpack ] || helper_sha256=$sha256
done <<END
$programs
END
[ -n "$helper_sha256" ] || say_that_there_is_none

# A classic build system calls detect with the app's directory and without config vars, so a mirror that is named by one is known
# to compile only. Every app applies: the answer needs no helper.
if [ "$phase" = detect ] && [ $# -eq 1 ] && [ -d "$1" ] && [ -r "$1" ]; then
  echo "Heroku Integration Service Mesh"
  exit 0
fi

kept_privately=${TMPDIR:-/tmp}/heroku-integration-service-mesh-$(id -u)
read_base
check_tools
hand_over_if_kept "$@"
[ "$phase" != report ] || report_note
for place in "$kept_beside" "$kept_in_cache" "$kept_privately"; do
  if is_usable "$place" && fetch_into "$place"; then
    forget_notes
    hand_over_if_kept "$@"
  fi
done
fail platform::helper-place "$kept_privately" \
  "There is no place to keep it: of these, none can be written, by this user alone, and run from." \
  "$kept_beside" \
  "${kept_in_cache:-(no build cache)}" \
  "$kept_privately"
