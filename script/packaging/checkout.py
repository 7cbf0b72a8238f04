"""This checkout as a source of releases: its commit, and building its programs for each architecture."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "test" / "support"))

import archives
import buildpack_tree
import release_files
import tomli

ROOT = buildpack_tree.CHECKOUT
ARCHITECTURES = ("amd64", "arm64")


def git(*arguments: str) -> str:
    command = ["git", "-c", "safe.directory=*", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def insist_on_committed(*but: str) -> None:
    """Ends where a file differs from the commit: what is released has to be what the commit says."""
    changed = [line[3:] for line in git("status", "--porcelain").splitlines() if line[3:] not in but]
    if changed:
        sys.exit("These files differ from the commit; commit them or put them away first:\n  " + "\n  ".join(changed))


def preset(arch: str) -> str:
    """The CMake preset that builds for an architecture on this machine."""
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
    """The commit, laid out in `tree` (created)."""
    buildpack_tree.lay_out(ROOT, tree, None)
    descriptor = tomli.loads((tree / "buildpack.toml").read_text())
    return release_files.Source(tree, descriptor, git("rev-parse", "HEAD").strip(), int(git("show", "-s", "--format=%ct")))


def insist_on_pins(descriptor: dict, builds: dict[str, release_files.Build]) -> None:
    """Ends where a built program is not the one that buildpack.toml names."""
    for pin in descriptor["metadata"]["programs"]:
        if not pin["sha256"] or pin["arch"] not in builds:
            continue
        built = archives.sha256(builds[pin["arch"]].programs[pin["name"]].read_bytes())
        if built != pin["sha256"]:
            sys.exit(
                f"buildpack.toml has another {pin['name']} for {pin['arch']} than was built here:\n"
                f"  {pin['sha256']} in buildpack.toml\n  {built} built\n"
                "Where the sources have changed since, script/release writes the new digests."
            )
