"""Container images in OCI image layouts: makes a run image, and reads images of an exporter."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from functools import cached_property
from pathlib import Path
from typing import Iterator

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"
_SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def write_run_image(directory: Path, *, arch: str, distro: tuple[str, str] = ("ubuntu", "24.04")) -> None:
    """Makes a run image in `directory` (created): one small layer, and the labels and variables that buildpacks get."""
    layer = _tar({"run-image": f"{arch}\n".encode()})
    config = {
        "architecture": arch,
        "os": "linux",
        "config": {
            "Env": [f"PATH={_SEARCH_PATH}"],
            "Labels": {"io.buildpacks.base.distro.name": distro[0], "io.buildpacks.base.distro.version": distro[1]},
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
        "history": [{"created_by": "test"}],
    }
    described = _put(directory, _CONFIG, json.dumps(config).encode())
    manifest = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": described, "layers": [_put(directory, _LAYER, layer)]}
    index = {"schemaVersion": 2, "manifests": [_put(directory, _MANIFEST, json.dumps(manifest).encode())]}
    (directory / "index.json").write_text(json.dumps(index))
    (directory / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')


def _put(directory: Path, media_type: str, content: bytes) -> dict[str, object]:
    digest = hashlib.sha256(content).hexdigest()
    blobs = directory / "blobs" / "sha256"
    blobs.mkdir(parents=True, exist_ok=True)
    (blobs / digest).write_bytes(content)
    return {"mediaType": media_type, "size": len(content), "digest": f"sha256:{digest}"}


def _tar(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


class Image:
    """The only image of a layout. Blobs that it shares with its run image may be only in the run image's layout."""

    def __init__(self, layout: Path, run_image: Path | None = None):
        self._layouts = (layout, run_image or layout)
        index = json.loads((layout / "index.json").read_bytes())
        self.digest: str = index["manifests"][0]["digest"]
        self.manifest = json.loads(self.blob(self.digest))

    def blob(self, digest: str) -> bytes:
        name = digest.removeprefix("sha256:")
        paths = [layout / "blobs" / "sha256" / name for layout in self._layouts]
        return next(filter(Path.exists, paths), paths[0]).read_bytes()

    @cached_property
    def config(self) -> dict:
        return json.loads(self.blob(self.manifest["config"]["digest"]))

    @property
    def labels(self) -> dict[str, str]:
        return self.config["config"]["Labels"]

    def label(self, name: str) -> dict:
        """Returns a label of the lifecycle, parsed as JSON."""
        return json.loads(self.labels[name])

    def layers_of(self, buildpack: str) -> dict[str, dict]:
        """Returns the layers of a buildpack in the image, by name, with the metadata that the next build gets."""
        entries = self.label("io.buildpacks.lifecycle.metadata")["buildpacks"]
        return next((entry.get("layers") or {} for entry in entries if entry["key"] == buildpack), {})

    @property
    def processes(self) -> dict[str, dict]:
        """Returns the processes of the image by type."""
        return {process["type"]: process for process in self.label("io.buildpacks.build.metadata").get("processes") or []}

    def extract(self, destination: Path) -> None:
        """Unpacks the whole file system into `destination` (created), with owners."""
        for archive in self._archives():
            unpack(archive, destination)

    @cached_property
    def files(self) -> dict[str, bytes]:
        """Returns every regular file of the file system, by its path."""
        found = {}
        for archive in self._archives():
            found |= {_path(member): archive.extractfile(member).read() for member in archive if member.isfile()}
        return found

    @cached_property
    def modes(self) -> dict[str, int]:
        """Returns the permissions of every regular file, by its path."""
        return {
            _path(member): member.mode & 0o7777 for archive in self._archives() for member in archive if member.isfile()
        }

    @cached_property
    def links(self) -> dict[str, str]:
        """Returns every symbolic link of the file system: its path to its target."""
        return {_path(member): member.linkname for archive in self._archives() for member in archive if member.issym()}

    def _archives(self) -> Iterator[tarfile.TarFile]:
        for layer in self.manifest["layers"]:
            content = self.blob(layer["digest"])
            if content.startswith(b"\x1f\x8b"):
                content = gzip.decompress(content)
            with tarfile.open(fileobj=io.BytesIO(content)) as archive:
                yield archive


def unpack(archive: tarfile.TarFile, destination: Path) -> None:
    """Unpacks into `destination`, created if necessary, with owners. It is the root of the image's paths."""
    destination.mkdir(exist_ok=True)
    for member in archive:
        member.name = _path(member).lstrip("/")
        if ".." in Path(member.name).parts:
            raise ValueError(f"an archive names {member.name}")
        archive.extract(member, destination, numeric_owner=True)


def _path(member: tarfile.TarInfo) -> str:
    return "/" + member.name.lstrip("/")
