"""The buildpack as a release carries it: committed files with their committed modes, and the built helper."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
DEFAULT_HELPER = CHECKOUT / "build" / "release" / "mesh-buildpack"

# The programs that a release carries for each architecture, the helper first. They are built side by side.
PROGRAMS = ("mesh-buildpack",)


def architecture() -> str:
    """This machine, in the words of Debian and Go."""
    machine = platform.machine()
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)


def lay_out(source: Path, destination: Path, helper: Path | None) -> None:
    """Fills `destination` (created) with the buildpack in `source`.

    A git checkout gives what is committed, without the files that a published package leaves out; any other directory is
    taken as it is. The helper, if there is one, goes where a release has it, and so do the programs that are beside it.
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
    """Puts a built program where a release has it."""
    packaged = tree / "libexec" / f"linux-{arch}" / name
    packaged.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(program, packaged)
    packaged.chmod(0o755)


def remove_pins(tree: Path) -> None:
    """Makes buildpack.toml pin no helper, as before the first release."""
    manifest = tree / "buildpack.toml"
    manifest.write_text(re.sub(r'^(url|sha256) = ".*"$', r'\1 = ""', manifest.read_text(), flags=re.MULTILINE))


def _archive(checkout: Path, destination: Path) -> None:
    # The checkout may belong to somebody else than the one who builds (root, or a container's user).
    git = ["git", "-c", "safe.directory=*", "-c", "tar.umask=0022", "-C", str(checkout)]
    committed = subprocess.run([*git, "show", "HEAD:buildpack.toml"], capture_output=True, text=True).stdout
    left_out = [f":(exclude,literal){path.rstrip('/')}" for path in unpublished_paths(committed)]
    archive = subprocess.Popen([*git, "archive", "HEAD", "--", ".", *left_out], stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", str(destination)], stdin=archive.stdout, check=True)
    archive.stdout.close()
    if archive.wait() != 0:
        raise RuntimeError(f"git archive failed in {checkout}")


def unpublished_paths(buildpack_toml: str) -> list[str]:
    """The entries of [publish.Ignore]. By pattern, as Python's TOML reader is too young for the oldest supported system."""
    table = re.search(r"^\[publish\.Ignore\]\s*^files\s*=\s*\[(.*?)^\]", buildpack_toml, re.MULTILINE | re.DOTALL)
    return re.findall(r'"([^"]+)"', table[1]) if table else []
