"""Disks that are full, read-only or occupied: the build reports this and restores the app. The cache never fails a build."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
from outcome import OutcomeTest, mode_of, words
from tools import faults


def mount(test: unittest.TestCase, directory: Path, kilobytes: int) -> None:
    """Makes `directory` a file system of its own of this size, until the end of the test."""
    if os.geteuid() != 0:
        test.skipTest("needs root, to mount a file system")
    options = f"size={kilobytes}k,mode=755"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", directory], capture_output=True, text=True)
    if done.returncode != 0:
        test.skipTest(f"may not mount here: {done.stderr.strip()}")
    # Lazy, because a process that another thread starts can share this one's open files for a moment.
    test.addCleanup(subprocess.run, ["umount", "--lazy", directory], check=True)


class FullDiskTest(OutcomeTest):
    def test_archive_on_a_full_disk_leaves_no_files(self) -> None:
        mount(self, self.world.build, len(self.asset.data) // 1024 - 100)
        self.world.app("python-web")
        self.assert_fails("install::disk-full", "platform")

    def test_binary_on_a_full_disk_leaves_no_files(self) -> None:
        mount(self, self.world.build, len(self.asset.data) // 1024 + 100)
        self.world.app("python-web")
        self.assert_fails("install::disk-full", "platform")

    def test_full_cache_does_not_fail_the_build(self) -> None:
        mount(self, self.world.cache, 4)
        self.assert_installed(self.compile())

    def test_build_and_report_are_correct_when_the_cache_is_full(self) -> None:
        mount(self, self.world.cache, 4)
        (self.world.cache / "of-another-buildpack").write_bytes(bytes(4096))
        self.assert_installed(self.compile())
        self.assertEqual((self.world.cache / "of-another-buildpack").read_bytes(), bytes(4096))


class LimitedTest(OutcomeTest):
    """Quotas and limits on the size of files."""

    def test_exceeded_quota_is_reported_as_a_full_disk(self) -> None:
        self.assert_installed(self.compile())  # the cache's directories exist
        shutil.rmtree(self.world.build / "vendor")
        calls = "mkdir,mkdirat"
        self.world.wrapper = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e",
                              f"inject={calls}:error=EDQUOT", "--")  # fmt: skip
        before = harness.snapshot(self.world.build)
        done = self.compile(ASAN_OPTIONS="detect_leaks=0")
        self.world.wrapper = ()
        self.assert_failed(done, "install::disk-full", "platform")
        self.assertEqual(harness.snapshot(self.world.build), before)

    def test_file_size_limit_is_reported(self) -> None:
        """The limit is in blocks of 512 bytes; the record and the log need a few."""
        for prepared in ("", "trap '' XFSZ; "):
            with self.subTest(prepared):
                self.world.wrapper = ("/bin/sh", "-c", f'{prepared}ulimit -f 200; exec "$@"', "sh")
                done = self.compile()
                self.world.wrapper = ()
                self.assert_failed(done, "install::io-error", "platform")


class ForbiddenTest(OutcomeTest):
    """Directories without write permission for the build's user."""

    def forbid(self, *directories: str) -> None:
        for name in directories:
            path = self.world.build / name
            path.mkdir(parents=True, exist_ok=True)
            (path / "theirs").write_text("theirs\n")
        for name in directories:
            (self.world.build / name).chmod(0o555)

    def test_unwritable_directories_of_the_path_are_reported(self) -> None:
        for directory in (".profile.d", "vendor", "vendor/heroku-integration", "vendor/heroku-integration/bin"):
            with self.subTest(directory):
                self.forbid(directory)
                done = self.assert_fails("install::permission", "platform")
                self.assertIn(directory, done.stderr)
                harness.make_writable(self.world.build)
                shutil.rmtree(self.world.build / directory.split("/")[0])

    def test_unwritable_app_is_reported(self) -> None:
        self.forbid(".")
        self.assertIn(str(self.world.build), self.assert_fails("install::permission", "platform").stderr)

    def test_equal_failures_have_equal_details_in_the_report(self) -> None:
        """The report contains no names of the build's directories. The log contains the whole path."""
        for number in range(2):
            self.world.build = self.world.build.rename(self.world.root / f"build_{number}")
            self.forbid("vendor")
            self.assertIn(str(self.world.build / "vendor"), words(self.assert_fails("install::permission", "platform").stderr))
            self.assertRegex(str(self.report()["failure_detail"]), "^BUILD_DIR/vendor[^ ]*: Permission denied$")
            harness.make_writable(self.world.build)
            shutil.rmtree(self.world.build / "vendor")

    def test_details_contain_no_random_directory_names(self) -> None:
        mount(self, self.world.build, len(self.asset.data) // 1024 - 100)
        self.world.app("python-web")
        self.assert_fails("install::disk-full", "platform")
        detail = str(self.report()["failure_detail"])
        self.assertRegex(detail, r"^BUILD_DIR/\.heroku-integration-service-mesh/[^.]+(\.[a-z]+)*: No space left on device$")

    def test_unreadable_app_is_reported(self) -> None:
        self.world.environment["REQUEST_ID"] = "request-1"
        self.world.build.chmod(0o333)
        done = self.compile()
        self.world.build.chmod(0o755)
        self.assert_failed(done, "platform::build-directory", "platform")

    def test_missing_app_is_reported(self) -> None:
        self.world.environment["REQUEST_ID"] = "request-1"
        self.world.build.rmdir()
        done = self.compile()
        self.world.build.mkdir()
        self.assert_failed(done, "platform::build-directory", "platform")


class InTheWayTest(OutcomeTest):
    def test_conflicting_path_is_reported_and_kept(self) -> None:
        for fixture, path in {
            "directory-in-the-way": harness.BINARY_PATH,
            "profile-directory-in-the-way": harness.PROFILE_PATH,
            "vendor-is-a-file": "vendor",
        }.items():
            with self.subTest(fixture):
                self.world.app(fixture)
                done = self.assert_fails("install::path-conflict", "user")
                self.assertIn(path, done.stderr)
                shutil.rmtree(self.world.build)
                self.world.build.mkdir()

    def test_file_in_place_of_the_profile_directory_is_reported_and_kept(self) -> None:
        (self.world.build / ".profile.d").write_text("theirs\n")
        self.assertIn(".profile.d", self.assert_fails("install::path-conflict", "user").stderr)

    def test_links_out_of_the_app_are_not_followed(self) -> None:
        outside = self.world.root / "outside"
        outside.mkdir()
        outside.chmod(0o777)
        for name in ("vendor", ".profile.d"):
            for target in (outside, "../outside", "nowhere"):
                with self.subTest(name=name, target=target):
                    (self.world.build / name).symlink_to(target)
                    self.assert_fails("install::path-conflict", "user")
                    self.assertEqual(list(outside.iterdir()), [])
                    (self.world.build / name).unlink()

    def test_links_inside_the_app_are_followed(self) -> None:
        (self.world.build / "libraries").mkdir()
        (self.world.build / "vendor").symlink_to("libraries")
        self.assert_installed(self.compile())
        self.assertTrue((self.world.build / "vendor").is_symlink())

    def test_link_in_place_of_the_binary_is_replaced(self) -> None:
        target = self.world.build / "theirs"
        target.write_text("theirs\n")
        (self.world.build / harness.BINARY_PATH).parent.mkdir(parents=True)
        (self.world.build / harness.BINARY_PATH).symlink_to(target)
        done = self.compile()
        self.assert_installed(done)
        self.assertRegex(words(done.stderr), f"file {harness.BINARY_PATH}.* It was replaced")
        self.assertEqual(target.read_text(), "theirs\n")

    def test_failed_placement_restores_earlier_files(self) -> None:
        profile = self.world.build / harness.PROFILE_PATH
        profile.parent.mkdir(parents=True)
        profile.write_text("theirs\n")
        profile.chmod(0o640)
        (self.world.build / harness.BINARY_PATH).mkdir(parents=True)
        self.assert_fails("install::path-conflict", "user")


class CacheTest(OutcomeTest):
    """All buildpacks share the cache. Its state never fails a build."""

    @property
    def record(self) -> Path:
        return self.world.cache / "build-data" / "heroku-integration-service-mesh.json"

    def test_missing_cache_is_created(self) -> None:
        self.world.cache.rmdir()
        self.world.root.chmod(0o777)
        self.assert_installed(self.compile())

    def test_unusable_cache_does_not_fail_the_build(self) -> None:
        def make_file() -> None:
            self.world.cache.rmdir()
            self.world.cache.write_text("theirs\n")

        for what, prepare in {"unwritable": lambda: self.world.cache.chmod(0o555), "a file": make_file}.items():
            with self.subTest(what):
                prepare()
                self.assert_installed(self.compile())
        self.assertEqual(self.world.cache.read_text(), "theirs\n")
        self.world.cache.unlink()
        self.world.cache.mkdir()

    def test_file_in_place_of_the_record_directory_does_not_fail_the_build(self) -> None:
        self.record.parent.write_text("theirs\n")
        self.assert_installed(self.compile())
        self.assertEqual(self.record.parent.read_text(), "theirs\n")

    def test_cache_removed_during_the_build_does_not_fail_it(self) -> None:
        self.world.root.chmod(0o777)
        for what, empty in {"emptied": self.record.parent, "gone": self.world.cache}.items():
            with self.subTest(what):
                self.server.fault("asset", faults.stall(after=1000), times=1)
                with self.world.start("compile") as build:
                    self.server.wait_stalled("asset")
                    shutil.rmtree(empty)
                    self.server.release_stalled()
                    stdout, stderr = build.communicate(timeout=harness.PATIENCE)
                self.assert_installed(harness.Done(build.returncode, stdout, stderr))

    def test_files_of_other_buildpacks_are_unchanged(self) -> None:
        for path in (
            "build-data/python.json",
            "build-data/nodejs.json.new",
            "node/cache/x",
            "heroku-integration-service-mesh",
        ):
            (self.world.cache / path).parent.mkdir(parents=True, exist_ok=True)
            (self.world.cache / path).write_text("theirs\n")
        (self.world.cache / "build-data").chmod(0o700)
        before = harness.snapshot(self.world.cache)
        self.compile()
        self.compile()
        after = harness.snapshot(self.world.cache)
        self.assertEqual({path: after.get(path) for path in before}, before)
        self.assertEqual(mode_of(self.world.cache / "build-data"), 0o700)
        added = {Path(path).name for path in after.keys() - before.keys()}
        self.assertEqual(added, {"heroku-integration-service-mesh.json", "heroku-integration-service-mesh.previous.json"})

    def test_directory_in_place_of_the_record_is_replaced(self) -> None:
        (self.record / "x").mkdir(parents=True)
        self.assert_installed(self.compile())

    def test_link_in_place_of_the_record_is_replaced(self) -> None:
        theirs = self.world.root / "theirs"
        theirs.write_text("theirs\n")
        theirs.chmod(0o666)
        self.record.parent.mkdir()
        self.record.symlink_to(theirs)
        self.record.with_name(self.record.name + ".new").symlink_to(theirs)
        done = self.compile()
        self.assertEqual(done.code, 0)
        self.report()
        self.assertEqual(theirs.read_text(), "theirs\n")

    def test_record_of_the_previous_build_is_ignored(self) -> None:
        """This build cannot write its own record to the cache."""
        for requests in (["request-1", "request-2"], ["", ""]):
            with self.subTest(requests=requests):
                self.setting("RELEASE_VERSION", "latest")
                self.world.environment["REQUEST_ID"] = requests[0]
                self.assert_installed(self.compile())
                self.record.parent.chmod(0o555)
                self.world.environment["REQUEST_ID"] = requests[1]
                self.setting("RELEASE_VERSION", "v9.9.9")
                done = self.compile()
                self.assert_failed(done, "resolve::not-found", "user")
                self.assertIn(str(self.record), done.stdout)
                self.record.parent.chmod(0o755)

    def test_report_is_correct_when_the_cache_belongs_to_another_user(self) -> None:
        self.assert_installed(self.compile())
        (self.world.cache / "build-data").rename(self.world.root / "theirs")
        (self.world.cache / "build-data").symlink_to(self.world.root / "theirs")
        (self.world.root / "theirs").chmod(0o555)
        self.setting("RELEASE_VERSION", "v9.9.9")
        self.assert_failed(self.compile(), "resolve::not-found", "user")

    def test_record_that_cannot_be_written_anywhere_is_logged_and_reported_as_missing(self) -> None:
        self.world.app("node-web")
        self.assert_installed(self.compile())
        self.world.refill("node-web")
        self.record.parent.chmod(0o555)
        self.setting("RELEASE_VERSION", "v9.9.9")
        for place in (self.world.root / "nothing", self.record):
            with self.subTest(place.name):
                self.world.environment["TMPDIR"] = str(place)
                done = self.compile()
                self.assertEqual(done.code, 1)
                self.assert_explained(done.stderr, "resolve::not-found")
                self.assertIn(f"The build's record could not be written: {self.record}", words(done.stderr))
                self.assert_record_is_missing()

    def test_record_in_a_directory_writable_by_others_is_ignored(self) -> None:
        self.world.cache.chmod(0o555)
        self.assert_installed(self.compile())
        (place,) = self.world.temporary.iterdir()
        self.assertEqual(mode_of(place), 0o700)
        place.chmod(0o777)
        self.assert_record_is_missing()
        self.assert_installed(self.compile())
        self.assertEqual(mode_of(place), 0o700)

    def test_private_record_is_removed_when_the_cache_is_writable_again(self) -> None:
        self.world.cache.chmod(0o555)
        self.assert_installed(self.compile())
        self.world.cache.chmod(0o755)
        self.setting("RELEASE_VERSION", "v9.9.9")
        self.assert_failed(self.compile(), "resolve::not-found", "user")
        self.assertEqual(list(self.world.temporary.iterdir()), [])

    def assert_record_is_missing(self) -> None:
        report = self.report()
        self.assertEqual(report["failure_reason"], "record::missing")
        self.assertNotIn("build_status", report)

    def test_record_of_another_directory_is_ignored(self) -> None:
        """The platform names no request, and this build was killed before it could write its own record."""
        self.world.app("node-web")
        self.assert_installed(self.compile())
        self.world.build = self.world.build.rename(self.world.root / "build_2")
        self.assert_record_is_missing()

    def test_record_of_a_refilled_directory_is_ignored(self) -> None:
        self.world.app("node-web")
        self.assert_installed(self.compile())
        self.world.refill("node-web")
        self.assert_record_is_missing()

    def test_record_is_found_after_later_buildpacks(self) -> None:
        self.world.app("node-web")
        self.assert_installed(self.compile())
        (self.world.build / "node_modules" / "x").mkdir(parents=True)
        (self.world.build / "Procfile").unlink()
        self.assertEqual(self.report()["build_status"], "success")

    def test_corrupt_records_of_the_previous_build_are_ignored(self) -> None:
        self.compile()
        good = self.record.read_bytes()
        for bad in (
            b"",
            good[:-1],
            b"\0" * 100,
            b"[" * 50_000,
            b"x" * 1_000_000,
            good.replace(b'"format":1', b'"format":2'),
        ):
            with self.subTest(bad[:20]):
                self.record.write_bytes(bad)
                self.assert_installed(self.compile())


if __name__ == "__main__":
    unittest.main()
