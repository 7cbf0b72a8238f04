"""Makes all files of a release from a commit and the built programs.

    <name>-<version>.tgz                  for `heroku buildpacks:add` and `uri` in project.toml, both architectures
    <name>-<version>-linux-<arch>/        a directory for `pack build --buildpack`
    <name>-<version>-linux-<arch>.cnb     the same as `pack buildpack package --format file` makes it, for registries
    <program>-<version>-linux-<arch>      what a git checkout fetches
    <name>-<version>.provenance.json      the source of every file
    <name>-<version>.licenses.txt         licences of the linked libraries, which each package contains too
    SHA256SUMS
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import archives
import buildpackage
import licenses
import pins
import provenance
from tools import buildpack_tree

NAME = "heroku-integration-service-mesh-buildpack"


@dataclass(frozen=True)
class Build:
    """The result of the build for one architecture: the programs by name, and its provenance."""

    programs: dict[str, Path]
    provenance: dict


@dataclass(frozen=True)
class Source:
    """A commit: its tree, the content of its buildpack.toml, its id and its time in seconds."""

    tree: Path
    descriptor: dict
    commit: str
    time: int


def make(source: Source, builds: dict[str, Build], destination: Path) -> list[Path]:
    """Writes all files to `destination` and returns their paths. Does not remove other files."""
    destination.mkdir(parents=True, exist_ok=True)
    version = source.descriptor["buildpack"]["version"]
    homepage = source.descriptor["buildpack"]["homepage"]
    notices = licenses.collect({arch: build.provenance for arch, build in builds.items()}, homepage)
    files: dict[str, bytes] = {f"{NAME}-{version}.licenses.txt": notices}
    with tempfile.TemporaryDirectory() as scratch:
        whole = _whole(source.tree, builds, notices, Path(scratch, "whole"))
        files[f"{NAME}-{version}.tgz"] = archives.gzipped(archives.tar(whole, source.time))
        for arch, build in builds.items():
            name = f"{NAME}-{version}-linux-{arch}"
            tree = _whole(source.tree, {arch: build}, notices, Path(scratch, arch))
            files[f"{name}.cnb"] = buildpackage.make(tree, source.descriptor, arch)
            shutil.rmtree(destination / name, ignore_errors=True)
            shutil.copytree(tree, destination / name, symlinks=True)
            files |= {pins.asset(program, arch): path.read_bytes() for program, path in build.programs.items()}
    files[f"{NAME}-{version}.provenance.json"] = provenance.statement(
        {name: archives.sha256(content) for name, content in files.items()},
        homepage, version, source.commit,
        {arch: build.provenance for arch, build in builds.items()},
    )  # fmt: skip
    files["SHA256SUMS"] = "".join(f"{archives.sha256(files[name])}  {name}\n" for name in sorted(files)).encode()
    for name, content in files.items():
        (destination / name).write_bytes(content)
    return [destination / name for name in files]


def _whole(tree: Path, builds: dict[str, Build], notices: bytes, destination: Path) -> Path:
    """Copies the tree to `destination`, and adds the programs and the licences."""
    shutil.copytree(tree, destination, symlinks=True)
    (destination / licenses.FILE).write_bytes(notices)
    for arch, build in builds.items():
        for name, path in build.programs.items():
            buildpack_tree.add_program(destination, arch, name, path)
    return destination
