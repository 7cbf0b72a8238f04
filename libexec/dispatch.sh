# shellcheck shell=sh
# Sourced by bin/*: hands over to the helper built for this machine. Expects $phase; passes the arguments on untouched.

# The name of the C library's loader is part of an architecture's ABI. Where only one of them is there, it tells the
# architecture without the cost of starting another program. (What a Cloud Native build calls its target is where the app
# will run, not where the helper does.)
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

# Where the buildpack lies, and with it the keys and digests that it trusts, is nobody else's to say.
unset MESH_BUILDPACK_DIRECTORY

packaged=${0%/*}/../libexec/linux-$arch/mesh-buildpack
built=${0%/*}/../build/release/mesh-buildpack
for helper in "$packaged" "$built"; do
  if [ -f "$helper" ] && [ -x "$helper" ]; then
    # shellcheck disable=SC2154  # set by the script that sources this one
    exec "$helper" "$phase" "$@"
  fi
done

# A git checkout without a build of its own runs the last release's helper.
. "${0%/*}/../libexec/fetch-helper.sh"
