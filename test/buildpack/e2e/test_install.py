"""bin/compile installs the mesh: paths, modes, log and report. bin/detect prints the buildpack's name."""

from __future__ import annotations

import re
import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
import programs
from outcome import OutcomeTest, mode_of, words
from tools import faults
from tools.release_model import ASSET_NAME
from tools.release_server import ReleaseServer


class InstallTest(OutcomeTest):
    def test_app_gets_only_two_files(self) -> None:
        self.assert_installed(self.compile())
        files = sorted(path for path, what in harness.snapshot(self.world.build).items() if what.startswith("-"))
        self.assertEqual(files, [harness.PROFILE_PATH, harness.BINARY_PATH])

    def test_created_directories_have_mode_0755(self) -> None:
        self.compile()
        for path in (self.world.build / harness.BINARY_PATH).relative_to(self.world.build).parents:
            self.assertEqual(mode_of(self.world.build / path), 0o755, path)
        self.assertEqual(mode_of(self.world.build / ".profile.d"), 0o755)

    def test_files_of_the_app_are_unchanged(self) -> None:
        self.world.app("node-web")
        (self.world.build / "vendor").mkdir()
        (self.world.build / "vendor" / "theirs").write_text("theirs\n")
        before = harness.snapshot(self.world.build)
        self.assert_installed(self.compile())
        after = harness.snapshot(self.world.build)
        self.assertEqual({path: after.get(path) for path in before}, before)

    def test_second_build_of_a_directory_replaces_the_installation(self) -> None:
        self.assert_installed(self.compile())
        first = harness.snapshot(self.world.build)
        done = self.compile()
        self.assert_installed(done)
        self.assertEqual(harness.snapshot(self.world.build), first)

    def test_log_has_known_lines_in_order_with_durations(self) -> None:
        done = self.compile()
        mesh = harness.BINARY_NAME
        patterns = [
            r'-----> Installing version "v0\.1\.2" of Heroku Integration Service Mesh\.\.\.',
            r"       Latest release of \S+ at \S+ \(\d\.\d+ s\)",
            rf"       Downloading {mesh}\.\.\.",
            r"       Downloaded [\d.]+ [kM]B of v0\.1\.2 from 127\.0\.0\.1 \(\d\.\d+ s\)",
            r"       SHA-256 [0-9a-f]{64} \(not verified: the release publishes no checksum\) \(\d\.\d+ s\)",
            r"       Unpacked [\d.]+ [kM]B \(\d\.\d+ s\)",
            r"       Inspected the binary: Linux executable for \w+ \(\d\.\d+ s\)",
            rf"       Installing {mesh}\.\.\.",
            rf"       Installed {harness.BINARY_PATH} \(\d\.\d+ s\)",
            r"       Done! \(\d\.\d+ s\)",
            rf"-----> Ensure that {mesh} is configured in your Procfile's web process to start your app, "
            rf"eg {mesh} <app startup command>",
            r"       Checked the Procfile \(\d\.\d+ s\)",
        ]  # fmt: skip
        for line in done.stdout.splitlines():
            if patterns and re.fullmatch(patterns[0], line):
                del patterns[0]
        self.assertEqual(patterns, [], done.stdout)
        self.assertTrue(done.output.endswith("\n"))

    def test_report_of_a_success_describes_the_installation(self) -> None:
        report = self.assert_installed(self.compile())
        expected = {
            "build_step": "done",
            "download_attempts": 1,
            "download_bytes": len(self.asset.data),
            "download_host": "127.0.0.1",
            "generation": "cedar",
            "service_mesh_bytes": harness.mesh_standin().stat().st_size,
            "service_mesh_product": "integration",
            "service_mesh_source": "mirror",
            "service_mesh_verified_by": "none",
            "service_mesh_version_pinned": False,
            "service_mesh_version_requested": "latest",
            "stack": "heroku-24",
        }
        self.assertEqual({key: report.get(key) for key in expected}, expected)

    def test_slow_download_prints_progress_lines(self) -> None:
        self.server.fault("asset", faults.slow(bytes_per_second=len(self.asset.data) / 5.6))
        done = self.compile()
        self.assert_installed(done)
        self.assertRegex(done.stdout, r"(?m)^       \.\.\. [\d.]+ [kM]B of [\d.]+ [kM]B so far$")
        self.assertNotIn("\r", done.output)

    def test_download_without_content_length_is_installed(self) -> None:
        self.server.fault("asset", faults.chunked())
        self.assert_installed(self.compile())

    def test_requests_are_retried_after_transient_faults(self) -> None:
        for route, fault in (
            ("latest", faults.status(502)),
            ("asset", faults.status(500)),
            ("asset", faults.reset(after=1000)),
            ("asset", faults.truncated()),
            ("asset", faults.empty()),
            ("asset", faults.html()),
            ("asset", faults.unavailable(retry_after=1)),
        ):
            with self.subTest(route=route):
                self.server.forget_requests()
                self.server.fault(route, fault, times=1)
                done = self.compile()
                self.assert_installed(done)
                self.assertIn("       Retrying in ", done.stdout)
                self.assertEqual(len(self.server.requests_to(route)), 2)
                self.assertEqual(self.report()["download_attempts"], 1 if route == "latest" else 2)

    def test_file_url_resolves_the_latest_link(self) -> None:
        releases = self.world.root / "mirror" / "heroku" / "heroku-integration-service-mesh" / "releases"
        (releases / "download" / "v0.1.2").mkdir(parents=True)
        (releases / "tag" / "v0.1.2").mkdir(parents=True)
        (releases / "latest").symlink_to("tag/v0.1.2")
        (releases / "download" / "v0.1.2" / ASSET_NAME).write_bytes(self.asset.data)
        self.setting("BASE_URL", f"file://{self.world.root}/mirror")
        for version in (None, "0.1.2"):
            with self.subTest(version=version):
                if version:
                    self.setting("RELEASE_VERSION", version)
                report = self.assert_installed(self.compile())
                self.assertEqual(report["service_mesh_source"], "file")
                self.assertNotIn("download_host", report)
        self.assertEqual(self.server.requests, [])

    def test_file_url_resolves_every_kind_of_latest_link(self) -> None:
        releases = self.world.root / "mirror" / "heroku" / "heroku-integration-service-mesh" / "releases"
        (releases / "download" / "v0.1.2").mkdir(parents=True)
        (releases / "download" / "v0.1.2" / ASSET_NAME).write_bytes(self.asset.data)
        (releases / "tag").mkdir()
        self.setting("BASE_URL", f"file://{self.world.root}/mirror")
        page, link = releases / "tag" / "v0.1.2", releases / "latest"
        for target in ("tag/v0.1.2", page, "../releases/tag/v0.1.2"):
            link.unlink(missing_ok=True)
            link.symlink_to(target)
            for kind, make in (("nothing", lambda: None), ("a file", lambda: page.write_text("v0.1.2"))):
                with self.subTest(target=target, kind=kind):
                    make()
                    self.assert_installed(self.compile())
            page.unlink()

    def test_file_url_follows_a_link_to_the_release(self) -> None:
        releases = self.world.root / "mirror" / "heroku" / "heroku-integration-service-mesh" / "releases"
        (releases / "download" / "v0.1.2").mkdir(parents=True)
        (releases / "download" / "v0.1.2" / ASSET_NAME).symlink_to("../../a file # of v0.1.2?.tgz")
        (releases / "a file # of v0.1.2?.tgz").write_bytes(self.asset.data)
        self.setting("BASE_URL", f"file://{self.world.root}/mirror")
        self.setting("RELEASE_VERSION", "v0.1.2")
        self.assert_installed(self.compile())

    def test_loopback_http_is_allowed(self) -> None:
        plain = ReleaseServer(https=False)
        self.addCleanup(plain.close)
        plain.publish(self.TAG, self.asset)
        self.world.use(plain)
        self.assert_installed(self.compile())


class DetectTest(harness.BuildTest):
    def test_every_app_is_detected(self) -> None:
        done = self.world.run("detect")
        self.assertEqual((done.code, done.stdout, done.stderr), (0, "Heroku Integration Service Mesh\n", ""))

    def test_missing_directory_is_reported_on_stderr(self) -> None:
        for what, directory in (("missing", self.world.root / "none"), ("a file", Path("/etc/passwd"))):
            with self.subTest(what):
                done = self.world.run("detect", directory)
                self.assertEqual((done.code, done.stdout), (1, ""))
                self.assertIn("The app directory is unreadable.", done.stderr)
                self.assertIn(str(directory), done.stderr)

    def test_unreadable_directory_is_reported_on_stderr(self) -> None:
        self.world.build.chmod(0)
        done = self.world.run("detect")
        self.assertEqual((done.code, done.stdout), (1, ""))
        self.assertIn("platform::build-directory", done.stderr)


class VendoredFileTest(OutcomeTest):
    """An unusable vendored mesh is reported as a failure of the app, with its path."""

    def fails(self, content: bytes, reason: str) -> str:
        for path in (harness.BINARY_PATH, harness.APPLINK_PATH):
            file = self.world.build / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        self.world.config(HEROKU_SERVICE_MESH_PRODUCT="applink")
        self.assertIn(harness.APPLINK_PATH, words(self.assert_fails(reason, "user").stderr))
        self.world.config(HEROKU_SERVICE_MESH_PRODUCT="integration")
        text = words(self.assert_fails(reason, "user").stderr)
        self.assertIn(harness.BINARY_PATH, text)
        self.assertEqual(self.server.requests, [])
        return text

    def test_git_lfs_pointer_is_reported(self) -> None:
        text = self.fails(programs.GIT_LFS_POINTER, "vendored::not-a-program")
        self.assertIn("a Git LFS pointer, not an ELF file", text)
        self.assertIn("Commit the binary itself", text)

    def test_committed_git_lfs_pointer_is_reported_with_its_path(self) -> None:
        self.world.app("vendored-pointer")
        text = words(self.assert_fails("vendored::not-a-program", "user").stderr)
        self.assertIn(f"{harness.BINARY_PATH}: a Git LFS pointer, not an ELF file", text)

    def test_empty_file_is_reported(self) -> None:
        self.assertIn("an empty file", self.fails(b"", "vendored::not-a-program"))

    def test_script_is_reported(self) -> None:
        self.assertIn("a script", self.fails(b"#!/bin/sh\nexec true\n", "vendored::not-a-program"))

    def test_truncated_binary_is_refused(self) -> None:
        self.fails(harness.mesh_standin().read_bytes()[:40], "vendored::not-a-program")

    def test_file_format_is_reported_despite_a_pin(self) -> None:
        self.setting("SHA256", "0" * 64)
        self.fails(programs.GIT_LFS_POINTER, "vendored::not-a-program")

    def test_binary_for_another_architecture_is_refused(self) -> None:
        self.assertIn("this build is for", self.fails(programs.for_another_processor(), "vendored::cannot-run"))

    def test_binary_with_a_missing_loader_is_refused(self) -> None:
        self.fails(programs.without_loader(), "vendored::cannot-run")

    def test_binary_that_differs_from_the_pin_is_refused(self) -> None:
        self.setting("SHA256", "0" * 64)
        self.world.config(HEROKU_APPLINK_SERVICE_MESH_SHA256="0" * 64)
        self.assertIn("expected 0000", self.fails(harness.mesh_standin().read_bytes(), "vendored::digest-mismatch"))


if __name__ == "__main__":
    unittest.main()
