"""The release build is reproducible: clones in two directories, each with its own dependencies, give the same bytes.

One of the two may be the checkout's own build, which saves half the time: when nothing in the tree differs from HEAD and
the same sources of the dependencies went into it (an older build may have taken an older packaging revision). Otherwise
two clones are built. Both builds are of HEAD. The tarballs of the dependencies, which are checked
against the signed index or the lock file each time, are downloaded once for all.

Dependencies are named by a hash of their recipe, so what is proven of one stays proven: when a clone's own gave the same bytes
as those that the checkout uses, these are noted beside it, and while they are those, later clones get a copy of them. (A copy,
as it is in another place than the original.)
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import harness

CHECKOUT = harness.CHECKOUT
HELPER = Path("build/release/mesh-buildpack")
PROVENANCE = Path("build/release/provenance.json")
GIT = ["git", "-c", "safe.directory=*"]


def is_clean(checkout: Path) -> bool:
    """Returns whether the work tree equals HEAD."""
    status = subprocess.run([*GIT, "-C", str(checkout), "status", "--porcelain"], capture_output=True, check=True)
    return not status.stdout.strip()


def head(checkout: Path) -> str:
    """Returns the commit that is checked out."""
    found = subprocess.run([*GIT, "-C", str(checkout), "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    return found.stdout.strip()


def shared_dependencies() -> Path | None:
    """Returns the dependencies that the checkout was built with."""
    named = os.environ.get("MESH_DEPS_PREFIX")
    return Path(named) if named and Path(named, "provenance.json").exists() else None


def digests(dependencies: Path) -> str:
    """Returns the digests of their headers and libraries."""
    files = sorted([*dependencies.glob("lib/*.a"), *(path for path in dependencies.glob("include/**/*") if path.is_file())])
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(dependencies)}\n" for path in files)


def proof(dependencies: Path) -> Path:
    """Returns the path of the note about a recipe that was reproduced."""
    return dependencies.with_name(dependencies.name + ".reproduced")


def is_proven(dependencies: Path) -> bool:
    return proof(dependencies).exists() and proof(dependencies).read_text() == digests(dependencies)


def build_clone(commit: str, place: Path) -> Path:
    """Clones a commit to `place`, and builds the helper with dependencies of its own. Returns the clone."""
    subprocess.run([*GIT, "clone", "--quiet", "--no-checkout", str(CHECKOUT), str(place)], check=True, capture_output=True)
    subprocess.run([*GIT, "-C", str(place), "checkout", "--quiet", "--detach", commit], check=True, capture_output=True)
    shared = shared_dependencies()
    if shared and is_proven(shared):
        shutil.copytree(shared, place / ".deps" / shared.name)
    environment = {**os.environ, "MESH_BUILDPACK_DEPS": str(place / ".deps")}
    built = subprocess.run(
        [str(place / "script" / "build")], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if built.returncode:
        raise AssertionError(f"the clone in {place} does not build:\n{built.stdout}")
    return place


def fingerprint(helper: Path) -> str:
    data = helper.read_bytes()
    return f"{hashlib.sha256(data).hexdigest()} ({len(data)} bytes)"


class ReproducibleTest(unittest.TestCase):
    def setUp(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="reproducible-"))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        self.commit = head(CHECKOUT)

    def compare_dependencies(self, clone: Path) -> None:
        """Equal recipes and sources give equal dependencies."""
        shared = shared_dependencies()
        if not shared or is_proven(shared) or not (clone / ".deps" / shared.name).exists():
            return
        if (shared / "provenance.json").read_bytes() == (clone / ".deps" / shared.name / "provenance.json").read_bytes():
            self.assertEqual(digests(shared), digests(clone / ".deps" / shared.name))
            proof(shared).write_text(digests(shared))

    def counterpart(self, clone: Path) -> Path:
        """Makes another build of the same commit with the same sources."""
        same_sources = (CHECKOUT / PROVENANCE).exists() and (
            (CHECKOUT / PROVENANCE).read_bytes() == (clone / PROVENANCE).read_bytes()
        )
        if is_clean(CHECKOUT) and same_sources:
            return CHECKOUT
        return build_clone(self.commit, self.root / "two" / "a-much-longer-path")

    def test_two_builds_give_equal_files(self) -> None:
        one = build_clone(self.commit, self.root / "one")
        self.compare_dependencies(one)
        other = self.counterpart(one)
        self.assertEqual(
            fingerprint(one / HELPER), fingerprint(other / HELPER), f"the builds in {one} and {other} are not the same"
        )


if __name__ == "__main__":
    unittest.main()
