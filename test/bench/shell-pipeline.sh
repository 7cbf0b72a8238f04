#!/bin/sh
# Usage: shell-pipeline.sh BUILD_DIR API_URL
# The commands without this buildpack, for comparison: ask the API for the latest release, take the asset's address with
# jq, and pipe curl into tar. It has no checks, no time limit and no retries.
set -eu
bin=$1/vendor/heroku-integration/bin
release=$(curl -s "$2/repos/heroku/heroku-integration-service-mesh/releases/latest")
tag=$(printf '%s' "$release" | jq -r .tag_name)
asset=$(printf '%s' "$release" | jq -r '.assets[0].browser_download_url')
mkdir -p "$bin" "$1/.profile.d"
echo "-----> Installing version \"$tag\"..."
curl -sL "$asset" | tar xz -C "$bin"
[ -f "$bin/heroku-integration-service-mesh" ]
echo "export PATH=\"\$PATH:\$HOME/vendor/heroku-integration/bin\"" >>"$1/.profile.d/heroku-integration-service-mesh.sh"
