"""A download is checked before any file of it is installed: its digest, its members, its binary."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import re
import stat
import struct
import sys
import tarfile
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
from outcome import OutcomeTest
from tools import buildpack_tree, faults
from tools.release_model import ASSET_NAME, BINARY_NAME, Asset, Entry, make_archive, make_gzip, make_tar

EM_386, EM_X86_64, EM_AARCH64 = 3, 62, 183
FOREIGN_MACHINE = {"amd64": EM_AARCH64, "arm64": EM_X86_64}[buildpack_tree.architecture()]


def mesh(**fields: object) -> Entry:
    return dataclasses.replace(Entry(BINARY_NAME, harness.mesh_standin().read_bytes()), **fields)


def elf(*, machine: int, bits: int = 2, order: int = 1) -> bytes:
    """Returns the stand-in mesh with another machine in its header."""
    data = bytearray(harness.mesh_standin().read_bytes())
    data[4], data[5] = bits, order
    struct.pack_into("<H", data, 18, machine)
    return bytes(data)


class ArchiveTest(OutcomeTest):
    def setUp(self) -> None:
        super().setUp()
        self.tags = (f"v1.0.{n}" for n in itertools.count())

    def offer(self, *entries: Entry, archive: bytes | None = None) -> str:
        """Makes an archive of these members (or these bytes) the latest release, and returns its tag."""
        tag = next(self.tags)
        self.publish(tag, Asset(ASSET_NAME, make_archive(list(entries)) if archive is None else archive))
        return tag

    def assert_refused(self, reason: str) -> str:
        return self.assert_fails(reason, "upstream").stderr


class DigestTest(ArchiveTest):
    def test_matching_pinned_digest_is_logged(self) -> None:
        for spelling in (self.asset.sha256, self.asset.sha256.upper(), f"sha256:{self.asset.sha256}\n"):
            with self.subTest(spelling):
                self.setting("SHA256", spelling)
                done = self.compile()
                self.assertEqual(self.assert_installed(done)["service_mesh_verified_by"], "sha256-pin")
                self.assertIn(f"SHA-256 {self.asset.sha256} (matches the pinned digest)", done.stdout)

    def test_pinned_digest_mismatch_fails_the_build(self) -> None:
        self.setting("SHA256", "0" * 64)
        message = self.assert_refused("verify::digest-mismatch")
        self.assertIn("0" * 64, message)
        self.assertIn(self.asset.sha256, message)
        self.assertEqual(self.report()["failure_step"], "verify")

    def test_corrupt_download_fails_a_pinned_build(self) -> None:
        self.setting("SHA256", self.asset.sha256)
        self.server.fault("asset", faults.wrong_bytes())
        self.assert_refused("verify::digest-mismatch")

    def test_malformed_pin_is_refused_without_requests(self) -> None:
        for text in ("0" * 63, "0" * 65, "g" * 64, "md5:" + "0" * 32):
            with self.subTest(text):
                self.setting("SHA256", text)
                self.assert_fails("config::invalid-sha256", "user")
        self.assertEqual(self.server.requests, [])

    def test_digest_of_the_release_is_verified(self) -> None:
        good = Asset(f"mesh-linux-{buildpack_tree.architecture()}.tar.gz", self.asset.data).with_digest()
        self.publish("v0.2.0", good)
        self.assertEqual(self.assert_installed(self.compile(), "v0.2.0")["service_mesh_verified_by"], "release-digest")
        self.server.fault("asset", faults.wrong_bytes())
        self.assert_refused("verify::digest-mismatch")

    def test_report_has_the_digest_of_the_installed_binary(self) -> None:
        report = self.assert_installed(self.compile())
        digest = hashlib.sha256((self.world.build / harness.BINARY_PATH).read_bytes()).hexdigest()
        self.assertEqual(report["service_mesh_sha256"], digest)


class MembersTest(ArchiveTest):
    def test_other_members_are_not_installed(self) -> None:
        tag = self.offer(
            Entry("README.md", b"read me"), Entry("bin", type=tarfile.DIRTYPE), Entry(".profile.d/evil.sh", b"exit 1"),
            mesh(name="./bin/" + BINARY_NAME), Entry("zz", b"z" * 100_000),
        )  # fmt: skip
        self.assert_installed(self.compile(), tag)
        files = [path for path, what in harness.snapshot(self.world.build).items() if what.startswith("-")]
        self.assertEqual(sorted(files), [harness.PROFILE_PATH, harness.BINARY_PATH])

    def test_mode_and_owner_of_the_archive_are_ignored(self) -> None:
        tag = self.offer(mesh(mode=0o6777, uid=12345, gid=12345))
        self.assert_installed(self.compile(), tag)
        status = (self.world.build / harness.BINARY_PATH).stat()
        self.assertEqual(stat.S_IMODE(status.st_mode), 0o755)
        self.assertEqual(status.st_uid, self.world.build.stat().st_uid)

    def test_every_tar_format_is_read(self) -> None:
        for format in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
            with self.subTest(format):
                tag = self.offer(archive=make_archive([mesh(name="a" * 90 + "/" + BINARY_NAME)], format=format))
                self.assert_installed(self.compile(), tag)

    def test_unsafe_member_paths_are_refused(self) -> None:
        for name in ("../" + BINARY_NAME, "/tmp/" + BINARY_NAME, "a/../../b", "..", "a\\b", "a\nb"):
            with self.subTest(name):
                self.offer(mesh(), Entry(name, b"x"))
                self.assert_refused("archive::unsafe-path")

    def test_special_members_are_refused(self) -> None:
        for type in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE):
            with self.subTest(type):
                self.offer(Entry("innocent", type=type, link="/etc/passwd"), mesh())
                self.assert_refused("archive::unexpected-member")

    def test_duplicate_binary_is_refused(self) -> None:
        self.offer(mesh(), mesh(name="other/" + BINARY_NAME))
        self.assert_refused("archive::unexpected-member")

    def test_archive_without_the_binary_is_refused(self) -> None:
        self.offer(Entry("README.md", b"read me"))
        self.assert_refused("archive::missing-binary")
        self.assertEqual(self.report()["failure_step"], "unpack")

    def test_too_many_members_are_refused(self) -> None:
        self.offer(*(Entry(f"f{i}", b"") for i in range(65)), mesh())
        self.assert_refused("archive::too-large")

    def test_excessive_compression_ratio_is_refused(self) -> None:
        self.offer(Entry("zeros", bytes(64 << 20)), mesh())
        self.assert_refused("archive::too-large")


class DamageTest(ArchiveTest):
    def test_truncated_archive_is_refused(self) -> None:
        self.server.fault("asset", faults.short_archive(keep=2048))
        self.assert_refused("archive::corrupt")

    def test_changed_byte_is_detected_without_a_digest(self) -> None:
        self.server.fault("asset", faults.wrong_bytes())
        self.assert_refused("archive::corrupt")

    def test_corrupt_download_is_retried_once(self) -> None:
        self.server.fault("asset", faults.wrong_bytes(), times=1)
        self.assertIn("downloading it again", self.compile().stdout)
        self.assertEqual(self.report()["build_status"], "success")
        self.assertEqual(len(self.server.requests_to("asset")), 2)
        self.server.fault("asset", faults.wrong_bytes())
        self.server.forget_requests()
        self.assert_refused("archive::corrupt")
        self.assertEqual(len(self.server.requests_to("asset")), 2)

    def test_archive_without_end_blocks_is_refused(self) -> None:
        binary = harness.mesh_standin().read_bytes()
        whole = make_tar([mesh()])
        self.offer(archive=make_gzip(whole[: 512 + -(-len(binary) // 512) * 512]))
        self.assert_refused("archive::corrupt")

    def test_truncated_gzip_stream_is_refused(self) -> None:
        for keep in (3, 20, 1000, len(self.asset.data) - 4):
            with self.subTest(keep):
                self.offer(archive=self.asset.data[:keep])
                self.assert_refused("archive::corrupt")

    def test_trailing_bytes_are_refused(self) -> None:
        tar = make_tar([mesh()])
        for what, archive in {
            "of the archive": make_gzip(tar + b"more"),
            "of the compressed file": self.asset.data + b"more",
        }.items():
            with self.subTest(what):
                self.offer(archive=archive)
                self.assertEqual(self.compile().code, 1)
                self.assertIn(self.report()["failure_reason"], ("archive::corrupt", "archive::unexpected-member"))

    def test_gzip_file_without_a_tar_archive_is_refused(self) -> None:
        self.offer(archive=make_gzip(b"plain text\n" * 1000))
        self.assert_refused("archive::corrupt")


class ProgramTest(ArchiveTest):
    def assert_wrong_program(self, data: bytes, reason: str) -> None:
        self.offer(mesh(data=data))
        self.assert_refused(reason)
        self.assertEqual(self.report()["failure_step"], "inspect")

    def test_binary_for_another_architecture_is_refused(self) -> None:
        for what, data in {
            "other architecture": elf(machine=FOREIGN_MACHINE),
            "32 bits": elf(machine=EM_386, bits=1),
            "big-endian": elf(machine=FOREIGN_MACHINE, order=2),
        }.items():
            with self.subTest(what):
                self.assert_wrong_program(data, "binary::wrong-architecture")

    def test_message_names_both_architectures(self) -> None:
        self.offer(mesh(data=elf(machine=FOREIGN_MACHINE)))
        message = self.assert_refused("binary::wrong-architecture")
        self.assertIn(
            "The binary is for arm64; this build is for amd64",
            message.replace("amd64, this build is for arm64", "arm64, this build is for amd64"),
        )

    def test_file_of_another_format_is_refused(self) -> None:
        for what, data in {
            "a script": b"#!/bin/sh\n",
            "empty": b"",
            "half a header": elf(machine=EM_X86_64)[:40],
        }.items():
            with self.subTest(what):
                self.assert_wrong_program(data, "binary::wrong-format")

    def test_build_runs_only_the_helper_and_the_smoke_test(self) -> None:
        """The build runs no tools of the machine. It runs the mesh binary once, for its smoke test, with the command `true`."""
        log = self.world.root / "trace"
        log.touch()
        log.chmod(0o666)
        self.world.wrapper = ("strace", "-f", "-qq", "-o", str(log), "-e", "trace=execve,execveat", "--")
        done = self.compile(ASAN_OPTIONS="detect_leaks=0")
        self.world.wrapper = ()
        self.assert_installed(done)
        run = re.findall(r'execve(?:at)?\((?:AT_FDCWD, )?"([^"]+)', log.read_text())
        self.assertEqual([Path(path).name for path in run], ["compile", "mesh-buildpack", "binary", "true"])


if __name__ == "__main__":
    unittest.main()
