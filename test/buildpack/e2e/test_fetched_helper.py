"""A git checkout contains no helper: the scripts fetch the one that buildpack.toml pins, and run no other."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
import threading
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]
sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "script" / "packaging"))

import harness
import pins
from tools import buildpack_tree, certificates, http_listener, platform_report

ARCH = buildpack_tree.architecture()
OTHER_ARCH = {"amd64": "arm64", "arm64": "amd64"}.get(ARCH, "amd64")
NAME = f"mesh-buildpack-{pins.version()}-linux-{ARCH}"
PHASES = ("detect", "compile", "report", "doctor")
ROUNDS, AT_ONCE = 10, 4

# Replaces the helper: prints its arguments, and exits with a code of its own.
PRINTING_HELPER = b"""#!/bin/sh
echo "me: $0"
for argument in "$@"; do echo "argument: $argument"; done
exit 42
"""


class FetchTest(unittest.TestCase):
    """A tree of committed files, its manifest as of a release, and a server with its assets."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name).resolve()
        self.root.chmod(0o755)
        self.tree = self.root / "a b'ü\n"
        buildpack_tree.lay_out(buildpack_tree.CHECKOUT, self.tree, None)
        buildpack_tree.remove_pins(self.tree)
        self.temporary = self.root / "tmp"
        self.temporary.mkdir()
        names = ("build", "cache", "env", "assets", "platform")
        self.build, self.cache, self.env, self.assets, self.platform = (self.root / name for name in names)
        for name in names:
            (self.root / name).mkdir()
        self.environment = {"PATH": "/usr/bin:/bin", "TMPDIR": str(self.temporary)}
        self.everyone: threading.Barrier | None = None

    def release(self, helper: bytes = PRINTING_HELPER, base: str | None = None) -> None:
        """Publishes a helper in the directory of assets, and pins it in the tree."""
        (self.assets / NAME).write_bytes(helper)
        self.pin(base or self.assets.as_uri(), helper, ARCH)

    def pin(self, base: str, helper: bytes, arch: str) -> None:
        manifest = self.tree / "buildpack.toml"
        digests = {("mesh-buildpack", arch): hashlib.sha256(helper).hexdigest()}
        manifest.write_text(pins.fill(manifest.read_text(), base, digests))

    def serve(self) -> str:
        """Serves the assets over TLS on this machine. Returns the address. `self.asked` has the requested paths."""
        (self.root / "ca").mkdir()
        authority = certificates.CertificateAuthority(self.root / "ca")
        context = authority.server_context("good")
        self.environment["SSL_CERT_FILE"] = str(authority.ca_file)
        return f"https://127.0.0.1:{self.listen(lambda: context).port}"

    def listen(self, context) -> http_listener.Listener:
        self.asked: list[str] = []
        listener = http_listener.Listener("assets", "127.0.0.1", self.answer, context, lambda _: None)
        self.addCleanup(listener.close)
        return listener

    def answer(self, request: http_listener.Request) -> http_listener.Response:
        self.asked.append(request.path)
        if self.everyone:
            with contextlib.suppress(threading.BrokenBarrierError):
                self.everyone.wait()
        asset = self.assets / request.segments[-1]
        return http_listener.Response(200, {}, asset.read_bytes()) if asset.exists() else http_listener.Response(404)

    def run_phase(self, phase: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs a script; without arguments, as the platform calls it (detect: the Cloud Native lifecycle)."""
        detect = [self.platform, self.root / "plan"]
        platform_arguments = {"detect": detect, "doctor": [self.build]}.get(phase, [self.build, self.cache, self.env])
        command = [self.tree / "bin" / phase, *(arguments or platform_arguments)]
        return subprocess.run(
            [str(part) for part in command], env={**self.environment, **environment}, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=harness.PATIENCE, **self.identity(),
        )  # fmt: skip

    def identity(self) -> dict:
        return {}

    def ran(self, done: subprocess.CompletedProcess[str]) -> Path:
        """Returns the path of the helper that ran."""
        self.assertEqual(done.returncode, 42, done.stderr)
        return Path(re.search(r"^me: (.*?)^argument: ", done.stdout, re.MULTILINE | re.DOTALL)[1].rstrip("\n"))

    def ran_at_once(self, phase: str) -> set[Path]:
        """Runs a script several times at once, without a kept helper. Returns the helpers that ran.

        The server responds when all of them have sent a request, so that all of them write the helper at the same time.
        """
        self.everyone = threading.Barrier(AT_ONCE)
        ended: list[subprocess.CompletedProcess[str]] = []

        def run() -> None:
            ended.append(self.run_phase(phase))
            self.everyone.abort()  # a call that ended without a request must not block the others

        threads = [threading.Thread(target=run) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(ended), AT_ONCE)
        return {self.ran(done) for done in ended}

    def failed(self, phase: str, reason: str, *words: str, **environment: str) -> None:
        """Asserts that the phase fails for this reason with a headline and a cause, and that the report is valid and contains it."""
        done = self.run_phase(phase, **environment)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        self.assertRegex(done.stderr, rf"(?ms)^ !     Error: [^\n]+\n !\n !     .* !     Cause: [a-z ]+ \({reason}\)\n\Z")
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertEqual(self.reported(**environment)["failure_reason"], reason)
        self.assertEqual(list(self.tree.glob("libexec/fetched/arriving*")), [])

    def reported(self, **environment: str) -> dict:
        done = self.run_phase("report", **environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        return platform_report.parse(done.stdout.encode())

    def tools_without(self, *names: str) -> str:
        """Returns a directory for PATH with the tools that the scripts call, except these."""
        directory = self.root / "tools"
        directory.mkdir()
        for name in {"sh", "id", "mkdir", "find", "mktemp", "rm", "mv", "cp", "chmod", "tr", "uname", "cat",
                     "curl", "wget", "sha256sum"} - set(names):  # fmt: skip
            if path := shutil.which(name, path="/usr/bin:/bin"):
                (directory / name).symlink_to(path)
        return str(directory)


class FetchedTest(FetchTest):
    def test_helper_is_fetched_over_tls_verified_and_run(self) -> None:
        self.release(base=self.serve())
        done = self.run_phase("compile", "/x y", "/z", "")
        kept = self.ran(done)
        expected = self.tree / "libexec/fetched" / f"mesh-buildpack-{hashlib.sha256(PRINTING_HELPER).hexdigest()}"
        self.assertEqual(kept.resolve(), expected.resolve())
        self.assertEqual(done.stdout.partition("argument: ")[2], "compile\nargument: /x y\nargument: /z\nargument: \n")
        self.assertIn(NAME, done.stderr)

    def test_helper_is_fetched_once(self) -> None:
        self.release(base=self.serve())
        for phase in PHASES[:1] + PHASES:
            self.ran(self.run_phase(phase))
        self.assertEqual(self.asked, [f"/{NAME}"])

    def test_packaged_or_built_helper_is_preferred(self) -> None:
        self.release(base="https://127.0.0.1:1")
        for place in ("build/release", f"libexec/linux-{ARCH}"):
            with self.subTest(place):
                helper = self.tree / place / "mesh-buildpack"
                helper.parent.mkdir(parents=True)
                helper.write_bytes(PRINTING_HELPER)
                helper.chmod(0o755)
                self.assertEqual(self.ran(self.run_phase("compile")).resolve(), helper.resolve())

    def test_changed_kept_helper_is_fetched_again(self) -> None:
        self.release()
        kept = self.ran(self.run_phase("compile"))
        kept.write_bytes(PRINTING_HELPER.replace(b"42", b"0"))
        self.assertEqual(self.ran(self.run_phase("compile")), kept)
        self.assertEqual(kept.read_bytes(), PRINTING_HELPER)

    def test_partial_downloads_of_killed_builds_are_removed_after_a_day(self) -> None:
        self.release()
        left, at_work = (self.tree / "libexec/fetched" / name for name in ("arriving.left", "arriving.now"))
        for path in (left, at_work):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(PRINTING_HELPER)
        two_days_ago = time.time() - 2 * 24 * 3600
        os.utime(left, (two_days_ago, two_days_ago))
        self.ran(self.run_phase("compile"))
        self.assertEqual((left.exists(), at_work.exists()), (False, True))

    def test_other_release_fetches_its_own_helper(self) -> None:
        self.release()
        first = self.ran(self.run_phase("compile"))
        self.release(PRINTING_HELPER + b"# newer\n")
        self.assertNotEqual(self.ran(self.run_phase("compile")), first)

    def test_base_url_is_read_from_environment_and_config_vars(self) -> None:
        self.release(base="https://nowhere.invalid/v1")
        mirror = self.assets.as_uri() + "/"
        for environment in ({"HEROKU_SERVICE_MESH_HELPER_BASE_URL": mirror}, {}):
            shutil.rmtree(self.tree / "libexec/fetched", ignore_errors=True)
            self.ran(self.run_phase("compile", **environment))
            (self.env / "HEROKU_SERVICE_MESH_HELPER_BASE_URL").write_text(mirror)

    def test_base_url_is_read_from_the_platform_directory_of_a_cnb_build(self) -> None:
        self.release(base="https://nowhere.invalid/v1")
        (self.platform / "env").mkdir()
        (self.platform / "env/HEROKU_SERVICE_MESH_HELPER_BASE_URL").write_text(self.assets.as_uri())
        self.ran(self.run_phase("detect", CNB_PLATFORM_DIR=str(self.platform), CNB_TARGET_ARCH=OTHER_ARCH))

    def test_classic_build_uses_a_mirror_that_is_a_config_var(self) -> None:
        """A classic build system passes config vars to compile, but not to detect."""
        self.release(base="https://127.0.0.1:1")
        (self.env / "HEROKU_SERVICE_MESH_HELPER_BASE_URL").write_text(self.assets.as_uri())
        detected = self.run_phase("detect", self.build)
        self.assertEqual((detected.returncode, detected.stdout, detected.stderr), (0, "Heroku Integration Service Mesh\n", ""))
        self.ran(self.run_phase("compile"))

    def test_classic_detect_leaves_an_unreadable_app_to_the_helper(self) -> None:
        self.release()
        self.ran(self.run_phase("detect", self.root / "missing"))

    def test_loopback_http_is_allowed_without_a_proxy(self) -> None:
        for downloader in ("curl", "wget"):
            self.release()
            address = f"http://127.0.0.1:{self.listen(lambda: None).port}"
            shutil.rmtree(self.tree / "libexec/fetched", ignore_errors=True)
            shutil.rmtree(self.root / "tools", ignore_errors=True)
            path = self.tools_without({"curl": "wget", "wget": "curl"}[downloader])
            self.ran(self.run_phase("compile", PATH=path, HEROKU_SERVICE_MESH_HELPER_BASE_URL=address, no_proxy="127.0.0.1"))
            self.assertEqual(self.asked, [f"/{NAME}"])

    def test_concurrent_first_calls_run_the_same_helper(self) -> None:
        self.release(base=self.serve())
        for _ in range(ROUNDS):
            shutil.rmtree(self.tree / "libexec/fetched", ignore_errors=True)
            self.assertEqual(len(self.ran_at_once("compile")), 1)
            self.assertEqual(list(self.tree.glob("libexec/fetched/arriving*")), [])


class UnprivilegedTest(FetchTest):
    """Scripts run by a user without write permission for the buildpack's directory."""

    def setUp(self) -> None:
        super().setUp()
        self.release()
        self.temporary.chmod(0o1777)
        for directory in (self.build, self.cache):
            directory.chmod(0o777)
        if not harness.unprivileged_user():
            for path in (self.tree / "libexec", self.tree):
                path.chmod(0o555)
                self.addCleanup(path.chmod, 0o755)

    def identity(self) -> dict:
        user = harness.unprivileged_user()
        return {"user": user, "group": "nogroup", "extra_groups": []} if user else {}

    def private(self) -> Path:
        import pwd

        user = harness.unprivileged_user()
        return self.temporary / f"heroku-integration-service-mesh-{pwd.getpwnam(user).pw_uid if user else os.getuid()}"

    def test_helper_is_kept_in_the_cache_of_the_build(self) -> None:
        self.assertTrue(self.ran(self.run_phase("compile")).is_relative_to(self.cache))
        shutil.rmtree(self.assets)
        self.assertTrue(self.ran(self.run_phase("report")).is_relative_to(self.cache))

    def test_helper_is_kept_in_a_private_directory_without_a_cache(self) -> None:
        self.assertTrue(self.ran(self.run_phase("detect")).is_relative_to(self.private()))
        self.assertEqual(stat.S_IMODE(self.private().stat().st_mode), 0o700)
        shutil.rmtree(self.assets)
        self.assertTrue(self.ran(self.run_phase("compile")).is_relative_to(self.private()))

    def test_private_directory_may_inherit_a_group(self) -> None:
        self.temporary.chmod(0o2777)
        self.assertTrue(self.ran(self.run_phase("detect")).is_relative_to(self.private()))

    def test_concurrent_first_calls_share_a_private_directory(self) -> None:
        self.release(base=self.serve())
        for _ in range(ROUNDS):
            shutil.rmtree(self.private(), ignore_errors=True)
            self.assertEqual({path.is_relative_to(self.private()) for path in self.ran_at_once("doctor")}, {True})

    def test_private_directory_of_a_concurrent_call_is_used(self) -> None:
        tools = self.tools_without("mkdir")
        mkdir = Path(tools, "mkdir")
        mkdir.write_text('#!/bin/sh\n/bin/mkdir "$@"\nexec /bin/mkdir "$@"\n')
        mkdir.chmod(0o755)
        self.assertTrue(self.ran(self.run_phase("doctor", PATH=tools)).is_relative_to(self.private()))

    def test_private_directory_of_others_is_not_trusted(self) -> None:
        reason = "platform::helper-place"
        for mode in (0o755, 0o777):
            self.private().mkdir(exist_ok=True)
            self.private().chmod(mode)
            done = self.run_phase("detect")
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"({reason})", done.stderr)
        self.private().rmdir()
        (self.temporary / "elsewhere").mkdir()
        self.private().symlink_to(self.temporary / "elsewhere")
        self.assertIn(f"({reason})", self.run_phase("detect").stderr)
        self.assertEqual(list((self.temporary / "elsewhere").iterdir()), [])


class FailureTest(FetchTest):
    def test_missing_asset_is_reported(self) -> None:
        self.release(base=self.serve())
        (self.assets / NAME).unlink()
        self.failed("compile", "platform::helper-unreachable", f"https://127.0.0.1:", "404", "HEROKU_SERVICE_MESH_HELPER_BASE_URL")
        self.assertEqual(self.reported()["failure_detail"], NAME)
        self.assertEqual(self.reported()["failure_classification"], "upstream")

    def test_only_the_last_attempts_error_is_printed(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as unused:
            address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        self.release()
        done = self.run_phase("compile", HEROKU_SERVICE_MESH_HELPER_BASE_URL=address, CURL_TIMEOUT="1")
        self.assertEqual(done.stderr.count(" !     (7) "), 1, done.stderr)
        self.assertNotIn("curl:", done.stderr)

    def test_untrusted_certificate_is_reported(self) -> None:
        self.release(base=self.serve())
        del self.environment["SSL_CERT_FILE"]
        self.failed("compile", "platform::helper-unreachable", "certificate")

    def test_helper_with_wrong_digest_is_never_run(self) -> None:
        self.release()
        (self.assets / NAME).write_bytes(b"#!/bin/sh\ntouch ran\n")
        actual = hashlib.sha256(b"#!/bin/sh\ntouch ran\n").hexdigest()
        detected = self.run_phase("detect")
        self.assertEqual((detected.returncode, detected.stdout), (1, ""))
        self.assertIn("(platform::helper-digest)", detected.stderr)
        self.failed("compile", "platform::helper-digest", hashlib.sha256(PRINTING_HELPER).hexdigest(), actual)
        self.assertEqual(self.reported()["failure_detail"], f"{NAME} has {actual}")
        self.assertFalse((self.tree / "ran").exists())

    def test_oversized_helper_is_refused(self) -> None:
        self.release()
        with (self.assets / NAME).open("wb") as huge:
            huge.truncate(1 << 30)
        self.failed("compile", "platform::helper-unreachable", "32 MB")

    def test_missing_curl_and_wget_fail(self) -> None:
        self.release(base="https://127.0.0.1:1")
        self.failed("compile", "platform::helper-tools", "curl or wget", PATH=self.tools_without("curl", "wget"))

    def test_missing_sha256sum_fails(self) -> None:
        self.release()
        self.failed("compile", "platform::helper-tools", "sha256sum", PATH=self.tools_without("sha256sum"))

    def test_unsafe_base_url_is_refused(self) -> None:
        self.release()
        for address in ("http://example.com", "http://localhost.example.com", "http://localhost:80@example.com", "ftp://example.com",
                        "/srv", "https://", "https://a b", "http://127.0.0.1.example.com/x", "https://example.com/$(id)"):  # fmt: skip
            with self.subTest(address):
                self.failed("compile", "platform::helper-address", HEROKU_SERVICE_MESH_HELPER_BASE_URL=address)
        self.assertEqual(self.reported(HEROKU_SERVICE_MESH_HELPER_BASE_URL="/srv")["failure_classification"], "user")

    def test_credentials_are_not_shown(self) -> None:
        self.release()
        base = f"{self.serve()}/x".replace("https://", "https://me:secret@")
        (self.assets / NAME).unlink()
        done = self.run_phase("compile", HEROKU_SERVICE_MESH_HELPER_BASE_URL=base)
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("secret", done.stdout + done.stderr)
        self.assertIn("https://127.0.0.1:", done.stderr)

    def test_unsupported_architecture(self) -> None:
        self.pin("https://example.com", b"", OTHER_ARCH)
        self.failed("compile", "platform::helper-missing", "Unsupported architecture", "amd64 and arm64", ARCH)

    def test_checkout_before_the_first_release(self) -> None:
        words = ("No release of this buildpack exists yet", "script/build", "buildpacks:add")
        self.failed("detect", "platform::helper-missing", *words)
        self.failed("compile", "platform::helper-missing", *words)
        self.assertFalse((self.tree / "libexec/fetched").exists())

    def test_checkout_without_a_manifest(self) -> None:
        (self.tree / "buildpack.toml").unlink()
        self.failed("detect", "platform::helper-missing", "buildpack.toml missing")

    def test_report_makes_no_requests(self) -> None:
        self.release(base=self.serve())
        report = self.reported()
        self.assertEqual(report, {"failure_reason": "platform::helper-unreachable", "failure_detail": "not fetched"})
        self.assertEqual(self.asked, [])

    def test_malformed_note_in_the_cache_is_ignored(self) -> None:
        self.release()
        note = self.cache / "heroku-integration-service-mesh.helper" / "failure"
        note.parent.mkdir()
        for content in ('', '"', 'platform::helper-"quoted detail', 'platform::helper- x', 'platform::helper-unknown x', 'archive::corrupt detail', "\xff\n"):
            with self.subTest(content):
                note.write_text(content + "\n")
                self.assertEqual(self.reported()["failure_detail"], "not fetched")
        note.write_text('platform::helper-digest "quoted": detail\n')
        self.assertEqual(self.reported(), {"failure_classification": "upstream", "failure_reason": "platform::helper-digest"})

    def test_noted_failure_is_removed_after_a_success(self) -> None:
        self.release()
        (self.assets / NAME).rename(self.assets / "away")
        self.failed("compile", "platform::helper-unreachable")
        (self.assets / "away").rename(self.assets / NAME)
        self.ran(self.run_phase("compile"))
        self.assertEqual(list(self.cache.rglob("failure")), [])


class WholeBuildTest(harness.BuildTest):
    """Runs the real helper, which a checkout fetches."""

    def setUp(self) -> None:
        super().setUp()
        assets = self.world.root / "assets"
        assets.mkdir()
        shutil.copyfile(harness.helper(), assets / NAME)
        self.tree = self.world.root / "release"
        buildpack_tree.lay_out(buildpack_tree.CHECKOUT, self.tree, None)
        digest = hashlib.sha256(harness.helper().read_bytes()).hexdigest()
        self.manifest = self.tree / "buildpack.toml"
        self.manifest.write_text(pins.fill(self.manifest.read_text(), assets.as_uri(), {("mesh-buildpack", ARCH): digest}))
        self.world.buildpack = self.tree
        self.world.environment["TMPDIR"] = str(self.world.build.parent / "tmp")
        Path(self.world.environment["TMPDIR"]).mkdir(mode=0o1777)
        os.chmod(self.world.environment["TMPDIR"], 0o1777)
        self.world.app("node-web")
        self.server.publish("v0.1.2", harness.mesh_release_asset())

    def test_detect_compile_and_report_work_from_a_checkout_of_a_release(self) -> None:
        detected = self.world.run("detect")
        self.assertEqual((detected.code, detected.stdout), (0, self.helper_output("detect")))
        done = self.compile()
        self.assertEqual(done.code, 0, done.output)
        self.assertEqual(self.report()["build_status"], "success")

    def test_checkout_with_sources_newer_than_the_release_runs_the_released_helper(self) -> None:
        self.manifest.write_text(self.manifest.read_text().replace(f'\nversion = "{pins.version()}"', '\nversion = "99.0.0"'))
        (self.tree / "src/buildpack").mkdir(parents=True)
        (self.tree / "src/buildpack/main.cpp").write_text("#error not built\n")
        self.assertEqual(self.world.run("detect").code, 0)
        done = self.compile()
        self.assertEqual(done.code, 0, done.output)
        report = self.report()
        self.assertEqual((report["build_status"], report["buildpack_version"]), ("success", pins.version()))

    def helper_output(self, phase: str) -> str:
        command = [str(harness.helper()), phase, str(self.world.root)]
        return subprocess.run(command, env={}, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    unittest.main()
