"""The sources of the static dependencies come from the best available place, and are always the locked files."""

from __future__ import annotations

import hashlib
import io
import sys
import tarfile
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path
from unittest import mock

import harness

RECIPE = harness.CHECKOUT / "cmake" / "deps"
sys.path.insert(0, str(RECIPE))

import fetch
from apt_index import SourceFile, upstream_version


def tarball(text: str) -> bytes:
    """Returns a tarball of one directory with one file."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo("thing/about")
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


UPSTREAM = tarball("from upstream")
THING = fetch.Dependency("thing", "thing", "1.2.3", "1.2.", "https://upstream.example/thing-1.2.3.tar.gz", sha256(UPSTREAM))


class FakeIndex:
    """An index in memory: revisions, newest first, and files that are missing on the mirror."""

    def __init__(self, *revisions: str) -> None:
        self._revisions = list(revisions)
        self._files: dict[str, bytes] = {}
        self.lost: set[str] = set()
        self.asked_for_binaries: list[str] = []

    def revisions(self, _: str) -> list[str]:
        return self._revisions

    def files(self, package: str, version: str) -> list[SourceFile]:
        names = [f"{package}_{version}.dsc", f"{package}_{upstream_version(version)}.orig.tar.gz"]
        for name in names:
            self._files[name] = tarball(name)
        return [SourceFile(name, name, sha256(self._files[name])) for name in names]

    def binary(self, package: str, version: str) -> list[SourceFile]:
        self.asked_for_binaries.append(package)
        name = f"{package}_{version}.deb"
        self._files[name] = tarball(name)
        return [SourceFile(name, name, sha256(self._files[name]))]

    def download(self, file: SourceFile, target: Path) -> bool:
        if file.name in self.lost:
            return False
        target.write_bytes(self._files[file.name])
        return True


class RouteTest(unittest.TestCase):
    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = Path(scratch.name)
        self.asked_upstream: list[str] = []
        self.upstream_has = UPSTREAM
        for name, stand_in in (
            ("unpack_source_package", self.unpack),
            ("unpack_binary_package", self.unpack_headers),
            ("fetch_url", self.fetch_url),
        ):
            patcher = mock.patch.object(fetch, name, stand_in)
            patcher.start()
            self.addCleanup(patcher.stop)

    def unpack(self, files: list[Path], target: Path) -> None:
        target.mkdir()

    def unpack_headers(self, file: Path, target: Path) -> None:
        include = target / "usr" / "include"
        include.mkdir(parents=True)
        with tarfile.open(file) as archive:
            content = archive.extractfile("thing/about")
            assert content is not None
            (include / "thing.h").write_bytes(content.read())

    def fetch_url(self, file: SourceFile, target: Path) -> bool:
        self.asked_upstream.append(file.uri)
        target.write_bytes(self.upstream_has)
        return True

    def obtain(self, index: FakeIndex | None, dependency: fetch.Dependency = THING) -> fetch.Fetched:
        return fetch.obtain(dependency, index, fetch.Downloads(self.root / "downloads"), self.root / "thing")

    def test_newest_revision_of_the_locked_version_is_used(self) -> None:
        fetched = self.obtain(FakeIndex("1.2.4-1", "1.2.3-2+deb12u7", "1.2.3-2"))
        self.assertEqual((fetched.route, fetched.revision), ("source package", "1.2.3-2+deb12u7"))
        self.assertEqual(len(fetched.files), 2)

    def test_older_revision_is_used_with_its_patches(self) -> None:
        index = FakeIndex("1.2.3-3", "1.2.3-2")
        index.lost = {"thing_1.2.3-3.dsc"}
        fetched = self.obtain(index)
        self.assertEqual((fetched.route, fetched.revision), ("source package", "1.2.3-2"))

    def test_orig_tarball_is_used_when_the_files_of_the_index_are_missing(self) -> None:
        index = FakeIndex("1.2.3-3")
        index.lost = {"thing_1.2.3-3.dsc"}
        fetched = self.obtain(index)
        self.assertEqual((fetched.route, fetched.version), ("orig tarball", "1.2.3"))
        self.assertEqual((self.root / "thing" / "about").read_text(), "thing_1.2.3.orig.tar.gz")

    def test_installed_headers_are_used_when_both_source_files_are_missing(self) -> None:
        index = FakeIndex("1.2.4-1", "1.2.3-3")
        index.lost = {"thing_1.2.3-3.dsc", "thing_1.2.3.orig.tar.gz"}
        fetched = self.obtain(index, replace(THING, headers="libthing-dev"))
        self.assertEqual((fetched.route, fetched.revision), ("binary package", "1.2.3-3"))
        self.assertEqual((self.root / "thing" / "include" / "thing.h").read_text(), "libthing-dev_1.2.3-3.deb")

    def test_binary_package_is_not_requested_when_the_source_is_available(self) -> None:
        index = FakeIndex("1.2.3-3")
        self.obtain(index, replace(THING, headers="libthing-dev"))
        self.assertEqual(index.asked_for_binaries, [])

    def test_only_headers_are_taken_from_a_binary_package(self) -> None:
        index = FakeIndex("1.2.3-3")
        index.lost = {"thing_1.2.3-3.dsc", "thing_1.2.3.orig.tar.gz"}
        self.assertEqual(self.obtain(index).route, THING.url)
        self.assertEqual(index.asked_for_binaries, [])

    def test_newer_version_of_the_series_replaces_a_missing_one(self) -> None:
        fetched = self.obtain(FakeIndex("1.3.0-1", "1.2.5-1", "1.2.2-1"))
        self.assertEqual((fetched.version, fetched.revision), ("1.2.5", "1.2.5-1"))

    def test_older_version_and_other_series_are_refused(self) -> None:
        fetched = self.obtain(FakeIndex("1.3.0-1", "1.2.2-1"))
        self.assertEqual(fetched.route, THING.url)

    def test_upstream_is_used_without_an_index(self) -> None:
        fetched = self.obtain(None)
        self.assertEqual((fetched.route, fetched.version), (THING.url, "1.2.3"))
        self.assertEqual((self.root / "thing" / "about").read_text(), "from upstream")

    def test_digest_mismatch_is_refused(self) -> None:
        self.upstream_has = tarball("something else")
        with self.assertRaisesRegex(SystemExit, "thing 1.2.3 cannot be had"):
            self.obtain(None)
        self.assertFalse((self.root / "thing").exists())

    def test_download_is_cached(self) -> None:
        self.obtain(None)
        (self.root / "thing").rename(self.root / "first")
        self.obtain(None)
        self.assertEqual(len(self.asked_upstream), 1)

    def test_corrupt_download_is_replaced(self) -> None:
        self.obtain(None)
        (self.root / "thing").rename(self.root / "first")
        (kept,) = (self.root / "downloads").rglob("*.tar.gz")
        kept.write_bytes(b"damaged")
        self.obtain(None)
        self.assertEqual(len(self.asked_upstream), 2)


class VersionTest(unittest.TestCase):
    def test_upstream_version_is_parsed_from_the_package_version(self) -> None:
        versions = {
            "1:1.2.13.dfsg-1": "1.2.13",
            "3.0.22-1~deb12u2": "3.0.22",
            "7.88.1-10+deb12u15": "7.88.1",
            "9.1.0+ds1-2": "9.1.0",
            "0.7.0+dfsg-8": "0.7.0",
            "1.12.1-0.2": "1.12.1",
        }
        self.assertEqual({version: upstream_version(version) for version in versions}, versions)


class LockTest(unittest.TestCase):
    def test_every_dependency_is_locked(self) -> None:
        locked = fetch.read_lock(RECIPE / "deps.lock")
        self.assertGreaterEqual(len(locked), 8)
        for dependency in locked:
            with self.subTest(dependency.name):
                self.assertTrue(dependency.version.startswith(dependency.series))
                self.assertRegex(dependency.sha256, r"^[0-9a-f]{64}$")
                self.assertRegex(dependency.url, rf"^https://.*{dependency.version}\.tar\.[gx]z$")


if __name__ == "__main__":
    unittest.main()
