"""Builds in unusual environments: streams, umasks, homes, variables, limits."""

from __future__ import annotations

import datetime
import os
import re
import shutil
import signal
import subprocess
import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
import namespaces
from outcome import OutcomeTest, mode_of, words
from tools import faults, platform_report, signing_keys

# Variables that sanitized helpers need.
KEPT = ("ASAN_OPTIONS", "UBSAN_OPTIONS")


def under_shell(line: str) -> tuple[str, ...]:
    """Returns a wrapper: a shell that runs commands before it is replaced by the script."""
    return ("/bin/sh", "-c", line, "sh")


class StreamsTest(OutcomeTest):
    def assert_quietly_installed(self, code: int) -> None:
        self.world.wrapper = ()
        self.assertEqual(code, 0)
        binary = self.world.build / harness.BINARY_PATH
        self.assertEqual(binary.read_bytes(), harness.mesh_standin().read_bytes())
        self.assertEqual(self.report()["build_status"], "success")

    def test_closed_streams_are_accepted(self) -> None:
        for closed in ("<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"):
            with self.subTest(closed):
                self.world.wrapper = under_shell(f'exec "$@" {closed}')
                self.assert_quietly_installed(self.compile().code)

    def test_closed_streams_are_replaced_by_dev_null(self) -> None:
        """Otherwise messages would be written into a file, or wake the build while it waits."""
        self.server.fault("asset", faults.stall(after=1000), times=1)
        self.world.wrapper = under_shell('exec "$@" <&- >&- 2>&-')
        with self.world.start("compile") as build:
            self.server.wait_stalled("asset")
            streams = [os.readlink(f"/proc/{build.pid}/fd/{stream}") for stream in range(3)]
            self.server.release_stalled()
            build.wait(harness.PATIENCE)
        self.assertEqual(streams, ["/dev/null"] * 3)
        self.assert_quietly_installed(build.returncode)

    def test_full_disk_of_the_log_does_not_fail_the_build(self) -> None:
        self.world.wrapper = under_shell('exec "$@" >/dev/full 2>&1')
        self.assert_quietly_installed(self.compile().code)

    def test_broken_pipe_of_the_log_does_not_end_the_build(self) -> None:
        self.server.fault("latest", faults.stall(), times=1)
        with self.world.start("compile") as build:
            self.server.wait_stalled("latest")
            build.stdout.close()
            build.stderr.close()
            self.server.release_stalled()
            build.wait(harness.PATIENCE)
        self.assert_quietly_installed(build.returncode)

    def test_sigterm_ends_the_build_when_the_caller_ignores_sighup(self) -> None:
        """The build inherits ignored signals, as under nohup. A later SIGTERM still ends it in order."""
        self.world.wrapper = under_shell("trap '' HUP PIPE; exec \"$@\"")
        self.server.fault("asset", faults.stall())
        with self.world.start("compile") as build:
            self.server.wait_stalled("asset")
            build.terminate()
            build.communicate(timeout=harness.PATIENCE)
        self.world.wrapper = ()
        self.assertEqual(build.returncode, -signal.SIGTERM)
        self.assertEqual(self.report()["build_status"], "interrupted")


    def test_failure_with_closed_streams_has_exit_code_and_report(self) -> None:
        self.setting("RELEASE_VERSION", "v9.9.9")
        for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full 2>&1"):
            with self.subTest(closed):
                self.world.wrapper = under_shell(f'exec "$@" {closed}')
                done = self.compile()
                self.world.wrapper = ()
                self.assertEqual(done.code, 1)
                self.assertEqual(self.report()["failure_reason"], "resolve::not-found")
                self.assert_no_leftovers()

    def test_unread_pipe_of_the_log_does_not_change_the_exit_code(self) -> None:
        code = self.world.root / "code"
        code.touch()
        code.chmod(0o666)
        for version, expected in ((self.TAG, "0"), ("v9.9.9", "1")):
            with self.subTest(version):
                self.setting("RELEASE_VERSION", version)
                self.world.wrapper = under_shell(f'{{ "$@" 2>&1; echo $? >"{code}"; }} | true')
                self.assertEqual(self.compile().output, "")
                self.world.wrapper = ()
                self.assertEqual(code.read_text().strip(), expected)
                self.assertEqual(self.report()["build_status"], "success" if expected == "0" else "failure")


class PlaceTest(OutcomeTest):
    """A build writes only to the app and the cache."""

    def setUp(self) -> None:
        super().setUp()
        self.server.publish_applink("v1.2.3", harness.applink_standin().read_bytes(), signing_keys.publisher())

    def test_files_are_created_only_in_build_and_cache(self) -> None:
        log = self.world.root / "trace"
        calls = "open,openat,creat,mkdir,mkdirat,mknod,mknodat,link,linkat,symlink,symlinkat,rename,renameat,renameat2"
        for product in ("integration", "applink"):
            with self.subTest(product):
                self.world.config(HEROKU_SERVICE_MESH_PRODUCT=product)
                log.write_text("")
                log.chmod(0o666)
                self.world.wrapper = ("strace", "-f", "-qq", "-o", str(log), "-e", f"trace={calls}", "--")
                done = self.compile(ASAN_OPTIONS="detect_leaks=0")
                self.world.wrapper = ()
                self.assertEqual(done.code, 0, done.output)
                made = self.made(log.read_text())
                self.assertTrue(made)
                ours = (f"{self.world.build}/", f"{self.world.cache}/", "/dev/null")
                self.assertEqual([path for path in made if not path.startswith(ours)], [])
                self.assert_no_leftovers()

    def test_relative_directories_are_accepted(self) -> None:
        """Relative paths are common in calls by hand. The smoke test and gpgv run in other directories."""
        layers = self.world.cache / "layers"
        layers.mkdir()
        named = {
            "compile": (self.world.build, self.world.cache, self.world.env),
            "build": (layers, self.world.env.parent, self.world.root / "plan"),
        }
        for product in ("integration", "applink"):
            self.world.config(HEROKU_SERVICE_MESH_PRODUCT=product)
            for phase, directories in named.items():
                with self.subTest(f"{phase} {product}"):
                    done = self.world.run(phase, *(os.path.relpath(path, self.world.buildpack) for path in directories))
                    self.assertEqual(done.code, 0, done.output)
                    self.assertNotIn("smoke test", done.output)

    def made(self, trace: str) -> list[str]:
        """Returns the absolute paths in successful calls that make or change files."""
        lines = [line for line in trace.splitlines() if " = -1 E" not in line and "+++" not in line]
        changing = [line for line in lines if not re.search(r" open(at)?\(", line) or re.search("O_(WRONLY|RDWR|CREAT)", line)]
        return [path for line in changing for path in re.findall(r'"(/[^"]*)"', line)]

    def test_temporary_directories_are_not_needed(self) -> None:
        """The other files of these directories are hidden from the build, too."""
        if not namespaces.available():
            self.skipTest("needs root, to hide a directory")
        self.world = harness.World(Path("/var/tmp"))
        self.addCleanup(self.world.close)
        self.world.own_buildpack()
        self.world.use(self.server)
        authority = self.world.root / "ca.pem"
        authority.write_bytes(self.server.ca_file.read_bytes())
        self.world.environment["SSL_CERT_FILE"] = str(authority)
        self.world.namespaces = namespaces.MOUNTS
        self.world.arrangement = "mount -t tmpfs -o mode=0700 tmpfs /tmp"
        for product, path in (("integration", harness.BINARY_PATH), ("applink", harness.APPLINK_PATH)):
            with self.subTest(product):
                self.world.config(HEROKU_SERVICE_MESH_PRODUCT=product)
                done = self.compile()
                self.assertEqual(done.code, 0, done.output)
                self.assertTrue((self.world.build / path).is_file())
                self.assertEqual(self.report()["build_status"], "success")

    def test_build_stopped_during_a_signature_check_leaves_no_files(self) -> None:
        tools = self.world.root / "tools"
        tools.mkdir()
        started = self.world.root / "started"
        os.mkfifo(started)
        started.chmod(0o666)
        (tools / "gpgv").write_text(f"#!/bin/sh\necho >'{started}'\nexec /bin/sleep 600\n")
        (tools / "gpgv").chmod(0o755)
        self.world.config(HEROKU_SERVICE_MESH_PRODUCT="applink")
        before = harness.snapshot(self.world.build)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number.name), self.world.start("compile", PATH=str(tools)) as build:
                started.read_text()
                build.send_signal(number)
                build.communicate(timeout=harness.PATIENCE)
                self.assertEqual(build.returncode, -number)
                self.assertEqual(self.report()["build_status"], "interrupted")
                self.assertEqual(harness.snapshot(self.world.build), before)
                self.assert_no_leftovers()


# The leak check of a sanitized program needs a thread of its own.
NO_THREADS = under_shell('ulimit -p 1; ASAN_OPTIONS=detect_leaks=0; export ASAN_OPTIONS; exec "$@"')


class ScarceResourcesTest(OutcomeTest):
    """A lack of threads or memory is reported as a failure of the build machine, not of the buildpack."""

    def test_build_without_threads_is_explained(self) -> None:
        for product in ("integration", "applink"):
            with self.subTest(product):
                self.offer_both(product)
                self.world.wrapper = NO_THREADS
                self.assert_fails("platform::out-of-resources", "platform")

    def test_name_lookup_without_threads_is_explained(self) -> None:
        self.setting("BASE_URL", "https://mesh.invalid")
        self.world.wrapper = NO_THREADS
        self.assert_fails("platform::out-of-resources", "platform")

    @unittest.skipIf("ASAN_OPTIONS" in os.environ, "a sanitized program needs more addresses than any limit allows")
    def test_build_without_memory_is_explained(self) -> None:
        outcomes: dict[int, str] = {}
        for product in ("integration", "applink"):
            self.offer_both(product)
            for megabytes in (*range(8, 40), *range(40, 160, 8)):
                self.world.wrapper = under_shell(f'ulimit -v {megabytes * 1024}; exec "$@"')
                with self.subTest(product=product, megabytes=megabytes):
                    done = self.compile()
                    self.world.wrapper = ()
                    if done.code == 1 and "Fatal Internal Error in libarchive: Out of memory" in done.stderr:
                        # The library ends the process itself if it cannot return an error.
                        self.assertEqual(self.report()["build_status"], "interrupted")
                    elif done.code == 1 and "(" in done.stderr:
                        outcomes[megabytes] = str(self.report()["failure_reason"])
                        self.assertIn(outcomes[megabytes], ("platform::out-of-resources", "verify::tool-failed"), done.output)
                    else:  # too little for the start of the helper, or enough
                        self.assertIn(done.code, (0, 126, 127, 139, -9, -11), done.output)
        self.assertIn("platform::out-of-resources", outcomes.values())

    def offer_both(self, product: str) -> None:
        self.server.publish_applink("v1.2.3", harness.applink_standin().read_bytes(), signing_keys.publisher())
        self.world.config(HEROKU_SERVICE_MESH_PRODUCT=product)


class MaskTest(OutcomeTest):
    def test_umask_does_not_affect_file_modes(self) -> None:
        self.server.publish_applink("v1.2.3", harness.applink_standin().read_bytes(), signing_keys.publisher())
        self.world.config(HEROKU_SERVICE_MESH_PRODUCT="applink")
        modes = {}
        for mask in ("000", "022", "077"):
            self.world.wrapper = under_shell(f'umask {mask}; exec "$@"')
            done = self.compile()
            self.world.wrapper = ()
            self.assertEqual(done.code, 0, done.output)
            modes[mask] = self.modes()
            for directory in (self.world.build, self.world.cache):
                shutil.rmtree(directory)
                directory.mkdir()
        self.assertEqual(modes["000"], modes["022"])
        self.assertEqual(modes["077"], modes["022"])

    def modes(self) -> dict[str, int]:
        paths = [path for top in (self.world.build, self.world.cache) for path in top.rglob("*") if not path.is_symlink()]
        return {str(path.relative_to(self.world.root)): mode_of(path) for path in paths}

    def test_umask_does_not_reach_the_app(self) -> None:
        for mask in ("077", "027", "000"):
            with self.subTest(mask):
                self.world.wrapper = under_shell(f'umask {mask}; exec "$@"')
                done = self.compile()
                self.world.wrapper = ()
                self.assert_installed(done)
                for path in (".profile.d", "vendor", "vendor/heroku-integration", "vendor/heroku-integration/bin"):
                    self.assertEqual(mode_of(self.world.build / path), 0o755, path)
                harness.make_writable(self.world.build)
                subprocess.run(["rm", "-rf", self.world.build / "vendor", self.world.build / ".profile.d"], check=True)
                subprocess.run(["rm", "-rf", self.world.cache / "build-data"], check=True)


class EnvironmentTest(OutcomeTest):
    def test_missing_home_is_accepted(self) -> None:
        self.assert_installed(self.compile(HOME="/nonexistent"))
        profile = (self.world.build / harness.PROFILE_PATH).read_bytes()
        read_only = self.world.root / "home"
        read_only.mkdir()
        read_only.chmod(0o555)
        for home in ("", "/", str(self.world.root), str(read_only)):
            with self.subTest(home):
                self.assert_installed(self.compile(HOME=home))
                self.assertEqual((self.world.build / harness.PROFILE_PATH).read_bytes(), profile)
        del self.world.environment["HOME"]
        self.assert_installed(self.compile())

    def test_empty_environment_suffices(self) -> None:
        kept = " ".join(f'{name}="${name}"' for name in KEPT if name in self.world.environment)
        trusted = "SSL_CERT_FILE=" + self.world.environment["SSL_CERT_FILE"]
        self.world.wrapper = under_shell(f'exec env -i {kept} {trusted} "$@"')
        done = self.compile()
        report = self.assert_installed(done)
        self.assertNotIn("stack", report)

    def test_hostile_environment_is_ignored(self) -> None:
        hostile = {
            "BUILD_DIR": "/nonexistent", "CACHE_DIR": "/nonexistent", "ENV_DIR": "/nonexistent", "TMPDIR": "/nonexistent",
            "IFS": "/", "CDPATH": "/", "OPENSSL_CONF": "/nonexistent", "CURL_HOME": "/nonexistent", "LC_ALL": "tr_TR.UTF-8",
            "CURL_CA_BUNDLE": "/nonexistent", "RES_OPTIONS": "nonsense", "HOSTALIASES": "/nonexistent",
        }  # fmt: skip
        self.assert_installed(self.compile(**hostile))

    def test_malformed_time_limits_are_ignored(self) -> None:
        for value in ("", "abc", "-1", "0", "nan", "inf", "1e400", "10s"):
            with self.subTest(value):
                self.assert_installed(self.compile(CURL_TIMEOUT=value, CURL_CONNECT_TIMEOUT=value))

    def test_uppercase_http_proxy_is_ignored(self) -> None:
        """HTTP_PROXY in capitals may be a header of a request (CVE-2016-5385)."""
        self.assert_installed(self.compile(HTTP_PROXY="http://127.0.0.1:9"))


class ReportSurroundingsTest(OutcomeTest):
    def report_of(self, *arguments: object, **environment: str) -> dict[str, object]:
        done = self.world.run("report", *arguments, **environment)
        self.assertEqual((done.code, done.stderr), (0, ""))
        return platform_report.parse(done.stdout.encode())

    def test_report_needs_neither_path_nor_home(self) -> None:
        self.compile()
        expected = self.report()
        self.assertEqual(self.report_of(PATH="", HOME="/nonexistent"), expected)
        self.assertEqual(self.report_of(PATH="/nonexistent"), expected)

    def test_report_makes_no_requests_and_writes_no_files(self) -> None:
        self.compile()
        self.server.forget_requests()
        log = self.world.root / "trace"
        log.touch()
        log.chmod(0o666)
        before = harness.snapshot(self.world.cache), harness.snapshot(self.world.build)
        self.world.wrapper = (
            "strace",
            "-f",
            "-qq",
            "-o",
            str(log),
            "-e",
            "trace=%network,%creds,fork,vfork,execve,openat",
            "--",
        )
        self.world.run("report", ASAN_OPTIONS="detect_leaks=0")
        self.world.wrapper = ()
        calls = log.read_text()
        self.assertNotRegex(calls, r"(?m)^\d+ +(socket|connect|sendto|sendmsg)\(")
        self.assertNotRegex(calls, r"openat\(.*O_(WRONLY|RDWR|CREAT)")
        self.assertEqual((harness.snapshot(self.world.cache), harness.snapshot(self.world.build)), before)
        self.assertEqual(self.server.requests, [])

    def test_report_is_correct_without_its_other_directories(self) -> None:
        """The platform sets REQUEST_ID."""
        self.world.environment["REQUEST_ID"] = "first"
        self.compile()
        expected = self.report()
        for arguments in (("/nonexistent", self.world.cache, "/nonexistent"), ("", self.world.cache)):
            self.assertEqual(self.report_of(*arguments), expected)

    def test_report_without_cache_directory_prints_the_missing_argument(self) -> None:
        for arguments in (
            ("",),
            (self.world.build,),
            (self.world.build, ""),
            (self.world.build, "/nonexistent", "/nonexistent"),
        ):
            with self.subTest(arguments):
                report = self.report_of(*arguments)
                self.assertEqual(report["failure_reason"], "record::missing")
                self.assertNotIn("failure_classification", report)
                self.assertEqual(report["stack"], "heroku-24")

    def test_report_ignores_the_record_of_another_build(self) -> None:
        """The same happens if a build is killed before it writes its record."""
        self.world.environment["REQUEST_ID"] = "first"
        self.compile()
        self.assertEqual(self.report()["build_status"], "success")
        self.world.environment["REQUEST_ID"] = "second"
        report = self.report()
        self.assertEqual(report["failure_reason"], "record::missing")
        self.assertNotIn("build_status", report)
        del self.world.environment["REQUEST_ID"]
        self.assertEqual(self.report()["build_status"], "success")

    def test_report_with_closed_streams_ends(self) -> None:
        self.compile()
        for closed in (">&-", "2>&-", ">/dev/full"):
            with self.subTest(closed):
                self.world.wrapper = under_shell(f'exec "$@" {closed}')
                self.assertEqual(self.world.run("report").code, 0)


class ProfileTest(OutcomeTest):
    """The profile, which a dyno sources before it starts the app."""

    def setUp(self) -> None:
        super().setUp()
        self.world.app("committed-profile")
        self.done = self.compile()
        self.profile = self.world.build / harness.PROFILE_PATH

    def source(self, shell: str, script: str, home: str = "/app", path: str = "/usr/bin:/bin") -> str:
        """Returns the output of a script that sources the profile, `$1`."""
        done = subprocess.run(
            [shell, "-euc", script, "sh", str(self.profile)],
            env={"HOME": home, "PATH": path},
            capture_output=True,
            text=True,
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_profile_replaces_a_committed_file_with_a_warning(self) -> None:
        self.assert_installed(self.done)
        self.assertRegex(words(self.done.stderr), f"file {harness.PROFILE_PATH}.* It was replaced")
        text = self.profile.read_text()
        self.assertTrue(text.endswith("\n"))
        self.compile()
        self.assertEqual(self.profile.read_text(), text)

    def test_profile_uses_home_of_the_dyno(self) -> None:
        text = self.profile.read_text()
        self.assertIn('"$HOME/vendor/heroku-integration/bin:', text)
        for directory in (str(self.world.build), "/app/vendor"):
            self.assertNotIn(directory, text)

    def test_profile_puts_the_mesh_first_on_path_in_every_shell(self) -> None:
        for shell in ("/bin/bash", "/bin/dash", "/bin/sh"):
            with self.subTest(shell):
                path = self.source(shell, '. "$1"; printf %s "$PATH"', home="/srv/a b")
                self.assertEqual(path, "/srv/a b/vendor/heroku-integration/bin:/usr/bin:/bin")

    def test_profile_may_be_sourced_twice(self) -> None:
        for shell in ("/bin/bash", "/bin/dash"):
            with self.subTest(shell):
                path = self.source(shell, '. "$1"; . "$1"; printf %s "$PATH"')
                self.assertEqual(path, "/app/vendor/heroku-integration/bin:/usr/bin:/bin")

    def test_profile_puts_the_mesh_on_path(self) -> None:
        where = self.source("/bin/bash", f'. "$1"; command -v {harness.BINARY_NAME}', home=str(self.world.build))
        self.assertEqual(where.strip(), str(self.world.build / harness.BINARY_PATH))
        self.assertTrue(os.access(where.strip(), os.X_OK))


class IdentityTest(OutcomeTest):
    """The report contains the build's trace id and its start time."""

    ID = "0af7651916cd43dd8448eb211c80319c"

    def test_all_reports_of_a_build_have_its_trace_id(self) -> None:
        ids = []
        for _ in range(2):
            self.compile()
            ids.append(self.report()["trace_id"])
            self.assertEqual(self.report()["trace_id"], ids[-1])
        self.assertNotEqual(*ids)

    def test_traceparent_sets_the_trace_id(self) -> None:
        self.setting("RELEASE_VERSION", "v9.9.9")
        self.assert_fails("resolve::not-found", "user", TRACEPARENT=f"00-{self.ID}-b7ad6b7169203331-01")
        self.assertEqual(self.report()["trace_id"], self.ID)

    def test_malformed_traceparent_is_ignored(self) -> None:
        self.assert_installed(self.compile(TRACEPARENT=f"00-{self.ID}-0000000000000000-01"))
        self.assertNotEqual(self.report()["trace_id"], self.ID)

    def test_config_var_does_not_set_the_trace_id(self) -> None:
        """A config var would give every build the same trace id."""
        self.world.config(TRACEPARENT=f"00-{self.ID}-b7ad6b7169203331-01")
        self.compile()
        self.assertNotEqual(self.report()["trace_id"], self.ID)

    def test_start_time_is_on_the_wall_clock(self) -> None:
        before = datetime.datetime.now(datetime.timezone.utc)
        self.compile()
        after = datetime.datetime.now(datetime.timezone.utc)
        started = datetime.datetime.fromisoformat(str(self.report()["started_at"]).replace("Z", "+00:00"))
        self.assertLess(before - datetime.timedelta(milliseconds=1), started)
        self.assertLess(started, after)


if __name__ == "__main__":
    unittest.main()
