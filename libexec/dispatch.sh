# shellcheck shell=sh
# Sourced by bin/*: hands over to the helper built for this machine. Expects $phase; passes the arguments on untouched.

# The name of the C library's loader is part of an architecture's ABI. If the machine has only one of them, its architecture is
# known without the cost of starting `uname`. (The target of a Cloud Native build is the machine of the app, not of the helper.)
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

# The caller may not set the buildpack's directory, which contains the trusted keys and digests.
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
