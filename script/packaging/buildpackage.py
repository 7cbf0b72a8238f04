"""Makes a .cnb file of a buildpack: an image of one layer for one architecture, as an OCI image layout in a tar file.

The Buildpack Distribution Specification (buildpacks/spec, distribution.md, "Buildpackage") and the OCI image specification
(image-layout.md, manifest.md, config.md) define its content. In addition, `pack` requires that the layer's names begin with "/",
and that the directory of the buildpack's id comes first and that of its version second.
"""

from __future__ import annotations

import json
from pathlib import Path

import archives

# 1980-01-01 00:00:01 UTC, as in the Cloud Native lifecycle and pack. Some readers reject zero.
TIME = 315532801
CREATED = "1980-01-01T00:00:01Z"

_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_INDEX = "application/vnd.oci.image.index.v1+json"


def make(tree: Path, descriptor: dict, arch: str) -> bytes:
    """Returns the .cnb file of the buildpack in `tree`. `descriptor` is the content of its buildpack.toml."""
    buildpack = descriptor["buildpack"]
    of_id = f"/cnb/buildpacks/{buildpack['id'].replace('/', '_')}"
    of_version = f"{of_id}/{buildpack['version']}"
    plain = archives.tar(tree, TIME, of_version + "/", (of_id, of_version))
    layer = archives.gzipped(plain)
    config = _json({
        "architecture": arch,
        "os": "linux",
        "created": CREATED,
        "config": {"Labels": _labels(descriptor, archives.sha256(plain))},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{archives.sha256(plain)}"]},
        "history": [{"created": CREATED, "created_by": f"{buildpack['id']}@{buildpack['version']}"}],
    })  # fmt: skip
    manifest = _json({
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": _described(_CONFIG, config),
        "layers": [_described(_LAYER, layer)],
    })  # fmt: skip
    platform = {"architecture": arch, "os": "linux"}
    index = _json({
        "schemaVersion": 2,
        "mediaType": _INDEX,
        "manifests": [{**_described(_MANIFEST, manifest), "platform": platform}],
    })  # fmt: skip
    files = {"oci-layout": _json({"imageLayoutVersion": "1.0.0"}), "index.json": index}
    files |= {f"blobs/sha256/{archives.sha256(blob)}": blob for blob in (config, manifest, layer)}
    return archives.tar_of_files(files, TIME)


def _labels(descriptor: dict, diff_id: str) -> dict[str, str]:
    buildpack = descriptor["buildpack"]
    kept = ("id", "name", "version", "homepage", "description", "keywords", "licenses", "clear-env")
    metadata = {key: buildpack[key] for key in kept if key in buildpack} | {"stacks": [{"id": "*"}]}
    layer = {
        "api": descriptor["api"],
        "targets": descriptor["targets"],
        "layerDiffID": f"sha256:{diff_id}",
        "homepage": buildpack["homepage"],
        "name": buildpack["name"],
    }
    return {
        "io.buildpacks.buildpackage.metadata": _json(metadata).decode(),
        "io.buildpacks.buildpack.layers": _json({buildpack["id"]: {buildpack["version"]: layer}}).decode(),
    }


def _described(media_type: str, blob: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": f"sha256:{archives.sha256(blob)}", "size": len(blob)}


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
