# shellcheck shell=sh
# Sourced by bin/*: hands over to the helper built for this machine. Expects $phase; passes the arguments on untouched.

# The name of the C library's loader is part of an architecture's ABI. Where only one of them is there, it tells the
# architecture without the cost of starting another program.
amd64_loader=/lib64/ld-linux-x86-64.so.2
arm64_loader=/lib/ld-linux-aarch64.so.1
if [ -e "$amd64_loader" ] && ! [ -e "$arm64_loader" ]; then
  arch=amd64
elif [ -e "$arm64_loader" ] && ! [ -e "$amd64_loader" ]; then
  arch=arm64
else
  machine=$(uname -m)
  case $machine in
    x86_64 | amd64) arch=amd64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) arch=$machine ;;
  esac
fi

packaged=${0%/*}/../libexec/linux-$arch/mesh-buildpack
built=${0%/*}/../build/release/mesh-buildpack
for helper in "$packaged" "$built"; do
  if [ -f "$helper" ] && [ -x "$helper" ]; then
    # shellcheck disable=SC2154  # set by the script that sources this one
    exec "$helper" "$phase" "$@"
  fi
done

# Printed by the shell itself: PATH may be empty.
printf '%s\n' \
  " !     The buildpack's program for this machine ($arch) is missing." \
  " !" \
  " !     Looked for: $packaged" \
  " !            and: $built" \
  " !" \
  " !     A release of this buildpack carries the first one: give the app the address of a" \
  " !     release (heroku buildpacks:add ...) in the place of a branch's. In a checkout of the" \
  " !     sources, script/build makes the second one. This is a problem of the buildpack, not" \
  " !     of the app." >&2

# A report is printed whatever happened, so that builds that got no further are counted too.
if [ "$phase" = report ]; then
  printf '%s\n' \
    'failure_classification: "buildpack"' \
    "failure_detail: \"libexec/linux-$arch/mesh-buildpack\"" \
    'failure_reason: "platform::helper-missing"'
  exit 0
fi
exit 1
