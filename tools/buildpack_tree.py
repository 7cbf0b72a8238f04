"""The buildpack as a release contains it: committed files with their committed modes, and the built helper."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
DEFAULT_HELPER = CHECKOUT / "build" / "release" / "mesh-buildpack"

# The programs that a release contains for each architecture, the helper first. They are built side by side.
PROGRAMS = ("mesh-buildpack",)


def architecture() -> str:
    """Returns this machine's architecture, as Debian and Go name it."""
    machine = platform.machine()
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)


def lay_out(source: Path, destination: Path, helper: Path | None) -> None:
    """Fills `destination` (created) with the buildpack in `source`.

    From a git checkout, committed files are copied, without those that a published package omits; any other directory is copied
    unchanged. The helper, if given, and the programs beside it are copied to their places in a release.
    """
    destination.mkdir(parents=True)
    if (source / ".git").exists():
        _archive(source, destination)
    else:
        shutil.copytree(source, destination, symlinks=True, dirs_exist_ok=True)
    if helper:
        add_program(destination, architecture(), PROGRAMS[0], helper)
        for name in PROGRAMS[1:]:
            add_program(destination, architecture(), name, helper.with_name(name))


def add_program(tree: Path, arch: str, name: str, program: Path) -> None:
    """Copies a built program to its place in a release."""
    packaged = tree / "libexec" / f"linux-{arch}" / name
    packaged.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(program, packaged)
    packaged.chmod(0o755)


def remove_pins(tree: Path) -> None:
    """Makes buildpack.toml pin no helper, as before the first release."""
    manifest = tree / "buildpack.toml"
    manifest.write_text(re.sub(r'^(url|sha256) = ".*"$', r'\1 = ""', manifest.read_text(), flags=re.MULTILINE))


def _archive(checkout: Path, destination: Path) -> None:
    # The checkout may belong to another user than the one who builds (root, or a container's user).
    git = ["git", "-c", "safe.directory=*", "-c", "tar.umask=0022", "-C", str(checkout)]
    committed = subprocess.run([*git, "show", "HEAD:buildpack.toml"], capture_output=True, text=True).stdout
    left_out = [f":(exclude,literal){path.rstrip('/')}" for path in unpublished_paths(committed)]
    archive = subprocess.Popen([*git, "archive", "HEAD", "--", ".", *left_out], stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", str(destination)], stdin=archive.stdout, check=True)
    archive.stdout.close()
    if archive.wait() != 0:
        raise RuntimeError(f"git archive failed in {checkout}")


def unpublished_paths(buildpack_toml: str) -> list[str]:
    """Returns the entries of [publish.Ignore]. Uses a pattern, because the oldest supported Python has no TOML reader."""
    table = re.search(r"^\[publish\.Ignore\]\s*^files\s*=\s*\[(.*?)^\]", buildpack_toml, re.MULTILINE | re.DOTALL)
    return re.findall(r'"([^"]+)"', table[1]) if table else []
