"""Reads the commit of this checkout, and builds its programs for each architecture."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import archives
import pins
import release_files
import tomli
from tools import buildpack_tree

ROOT = buildpack_tree.CHECKOUT
ARCHITECTURES = ("amd64", "arm64")


def git(*arguments: str) -> str:
    command = ["git", "-c", "safe.directory=*", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def insist_on_committed(*but: str) -> None:
    """Exits with an error if a file differs from the commit, because a release contains only committed files."""
    changed = [line[3:] for line in git("status", "--porcelain").splitlines() if line[3:] not in but]
    if changed:
        sys.exit("These files differ from the commit. Commit or stash them first:\n  " + "\n  ".join(changed))


def preset(arch: str) -> str:
    """Returns the CMake preset that builds for an architecture on this machine."""
    return "release" if arch == buildpack_tree.architecture() else f"release-{arch}"


def build(architectures: list[str]) -> dict[str, release_files.Build]:
    subprocess.run([str(ROOT / "script" / "build"), *architectures], check=True)
    builds = {}
    for arch in architectures:
        directory = ROOT / "build" / preset(arch)
        programs = {name: directory / name for name in buildpack_tree.PROGRAMS}
        builds[arch] = release_files.Build(programs, json.loads((directory / "provenance.json").read_text()))
    return builds


def source(tree: Path) -> release_files.Source:
    """Copies the commit to `tree`, which is created."""
    buildpack_tree.lay_out(ROOT, tree, None)
    descriptor = tomli.loads((tree / "buildpack.toml").read_text())
    return release_files.Source(tree, descriptor, git("rev-parse", "HEAD").strip(), int(git("show", "-s", "--format=%ct")))


def is_release(version: str) -> bool:
    """Returns whether the commit is tagged as this version. The pins of any other commit are those of the last release."""
    return f"v{version}" in git("tag", "--points-at", "HEAD").split()


def insist_on_pins(descriptor: dict, builds: dict[str, release_files.Build]) -> None:
    """Exits with an error unless buildpack.toml pins the built programs under the names of this version."""
    pinned = {(pin["name"], pin["arch"]): pin for pin in descriptor["metadata"]["programs"]}
    for arch, build in builds.items():
        for name, path in build.programs.items():
            pin = pinned.get((name, arch), {"url": "", "sha256": ""})
            built = archives.sha256(path.read_bytes())
            if pin["sha256"] != built or not pin["url"].endswith("/" + pins.asset(name, arch)):
                sys.exit(
                    f"buildpack.toml pins another {name} for {arch} than was built:\n"
                    f"  pinned {pin['sha256'] or 'none'} {pin['url']}\n"
                    f"  built  {built}\n"
                    "Run script/release, which writes the pins, then commit them and move the tag."
                )
