#!/bin/bash
# Usage: applink-pipeline.sh BUILD_DIR BUCKET_URL
# The commands without this buildpack, for comparison: the mesh binary, its signature and the publisher's key, all from the same
# place, checked by gpg in a home directory of its own. No agent is started, which would outlive the benchmark.
set -eu
program=heroku-applink-service-mesh
arch=$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
bin=$1/vendor/heroku-applink/bin
mkdir -p "$bin" "$1/.profile.d"
cd "$bin"
export GNUPGHOME=$1/.gnupg
mkdir -m 700 "$GNUPGHOME"
echo "-----> Installing Heroku AppLink Service Mesh..."
curl -sL "$2/$program-latest-$arch" -o "$program"
curl -sL "$2/$program-latest-$arch.asc" -o "$program.asc"
curl -sL "$2/public-key.asc" -o public-key.asc
gpg --batch --quiet --no-autostart --import public-key.asc
gpg --batch --no-autostart --verify "$program.asc" "$program"
ln -sf "$program" "$program-latest-$arch"
chmod +x "$program"
rm -f public-key.asc "$program.asc"
echo "export PATH=\"\$PATH:\$HOME/vendor/heroku-applink/bin\"" >>"$1/.profile.d/$program.sh"
