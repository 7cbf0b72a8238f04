# Sourced by script/setup: installs the validators of the Cloud Native buildpack for tests, once for each version, below
# $mesh_tools.
# shellcheck shell=sh disable=SC2154 # script/environment.sh and script/setup set them

# $1: module@version of the Go module proxy; $2: its checksum (its own go.sum has those of its dependencies); $3: the
# directory to make; $4: a directory to put over the source, or nothing; $5 and more: the packages that are its programs.
build_module() (
  answer=$("$go" mod download -json "$1") || {
    printf '%s\n' "$answer" "$1 cannot be fetched: is a Go module proxy reachable (go env GOPROXY)?" >&2
    exit 1
  }
  case $answer in
    *"\"Sum\": \"$2\""*) ;;
    *)
      printf '%s\n' "$answer" "$1 has another checksum than $2" >&2
      exit 1
      ;;
  esac
  source=$(printf '%s\n' "$answer" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",$/\1/p')
  destination=$3
  changes=$4
  echo "Building ${1#github.com/} in $destination"
  shift 4
  work=$(mktemp -d "$mesh_tools/building.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  cp -R "$source" "$work/source"
  chmod -R u+w "$work/source"
  [ -z "$changes" ] || cp -R "$changes/." "$work/source"
  mkdir "$work/tools"
  # The settings of the user's Go do not affect this build.
  (cd "$work/source" && CGO_ENABLED=0 GOFLAGS=-mod=readonly GOTOOLCHAIN=local GOWORK=off \
    "$go" build -buildvcs=false -trimpath -ldflags='-s -w' -o "$work/tools/" "$@")
  chmod 755 "$work/tools"
  # A concurrent call may have built it; the result is the same.
  mv -T "$work/tools" "$destination" 2>/dev/null || [ -d "$destination" ]
)

# Installs the lifecycle without image extensions, whose builder of container images no buildpack needs (tools/lifecycle_build).
install_lifecycle() {
  [ ! -d "$mesh_lifecycle" ] || return 0
  provide_go
  build_module "github.com/buildpacks/lifecycle@v$mesh_lifecycle_version" "h1:edOH8bfQb143kfBbfuoDzYqzsHcPczdZ9Cp86jnvITE=" \
    "$mesh_lifecycle" tools/lifecycle_build ./cmd/lifecycle ./cmd/launcher
}

# Installs pack, which packages buildpacks.
install_pack() {
  [ ! -d "$mesh_pack" ] || return 0
  provide_go
  build_module "github.com/buildpacks/pack@v$mesh_pack_version" "h1:w2HbQLv5UEvkbdoGt/QHmEbrMrvIwZZwuo/L0KaPdWE=" \
    "$mesh_pack" "" .
}

# Installs the libraries of CycloneDX and SPDX (tools/check_sbom.py).
install_sbom_readers() {
  requirements=tools/sbom-requirements.txt
  made_of=$(cksum <"$requirements")
  [ "$(cat "$mesh_sbom_readers.made-of" 2>/dev/null)" != "$made_of" ] || return 0
  echo "Installing the libraries of SBOM standards in $mesh_sbom_readers"
  make_python_environment "$mesh_sbom_readers" -r "$requirements"
  echo "$made_of" >"$mesh_sbom_readers.made-of"
}

install_judges() {
  mkdir -p "$mesh_tools"
  install_lifecycle
  install_pack
  install_sbom_readers
}
