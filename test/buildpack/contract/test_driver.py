"""The stand-in for Heroku's build system does what the platform does. A toy buildpack prints its arguments and environment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
from tools import buildpack_tree, heroku_build, platform_report

DRIVER = harness.CHECKOUT / "script" / "heroku-build"
URL = "https://example.com/toy"
PREFIX = platform_report.PREFIX

PLATFORM_VARIABLES = {
    "BUILDPACK_LOG_FILE", "DYNO", "HOME", "LANG", "PATH", "PWD", "REQUEST_ID", "SHLVL", "SOURCE_VERSION", "STACK", "_",
}  # fmt: skip


class DriverTest(unittest.TestCase):
    """Builds an app with a toy buildpack whose scripts each test may replace."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        self.root.chmod(0o755)
        self.app = self.root / "app"
        (self.app / ".git").mkdir(parents=True)
        (self.app / "Procfile").write_text("web: serve --port $PORT\n# clock: no\nworker: work\n")
        self.toy = self.root / "toy"
        (self.toy / "bin").mkdir(parents=True)
        self.script("detect", "echo Toy")
        self.script("compile", "echo '-----> Compiling'; echo built > \"$1/built\"; echo kept > \"$2/kept\"")
        self.script("report", "echo 'arch: \"amd64\"'; echo 'count: 3'")

    def script(self, phase: str, text: str, shell: str = "/bin/sh") -> None:
        path = self.toy / "bin" / phase
        path.write_text(f"#!{shell}\n{text}\n")
        path.chmod(0o755)

    def build(self, **options: object) -> heroku_build.Result:
        options.setdefault("work", self.root / "work")
        return heroku_build.Build(app=self.app, buildpack=self.toy, buildpack_url=URL, **options).run()

    def drive(self, *options: object) -> subprocess.CompletedProcess[str]:
        command = [DRIVER, "--buildpack", self.toy, "--buildpack-url", URL, *options, self.app]
        return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60)


class EnvironmentTest(DriverTest):
    def test_scripts_get_exactly_the_variables_of_the_platform(self) -> None:
        os.environ["LEAKED"] = "yes"
        self.addCleanup(os.environ.pop, "LEAKED")
        self.script("compile", "tr '\\0' '\\n' </proc/self/environ")
        lines = [line for line in self.build().output.splitlines() if "=" in line]
        variables = dict(line.split("=", 1) for line in lines)
        self.assertEqual(set(variables), PLATFORM_VARIABLES)
        self.assertEqual((variables["HOME"], variables["STACK"]), ("/app", "heroku-24"))
        self.assertRegex(variables["SOURCE_VERSION"], "^[0-9a-f]{40}$")

    def test_request_id_is_constant_within_a_build(self) -> None:
        seen = self.root / "seen"
        for phase in ("detect", "compile", "report"):
            self.script(phase, f'echo "$REQUEST_ID $SOURCE_VERSION" >>{seen}; echo "a: 1"')
        self.build()
        first = seen.read_text().splitlines()
        self.assertEqual((len(first), len(set(first))), (3, 1))
        self.build()
        self.assertNotIn(first[0], seen.read_text().splitlines()[3:])

    def test_directories_are_as_on_the_platform(self) -> None:
        for phase in ("detect", "compile", "report"):
            self.script(phase, 'echo "$PWD|$#|$*" >&2; echo a')
        self.script("compile", 'echo "$PWD|$#|$*"; pwd')
        result = self.build()
        work = self.root / "work"
        self.assertRegex(str(result.buildpack_dir), f"^{work}/codon/tmp/buildpacks/[0-9a-f]{{40}}$")
        self.assertRegex(str(result.build_dir), f"^{work}/build_[0-9a-f]{{8}}$")
        self.assertEqual(result.cache_dir, work / "codon" / "tmp" / "cache")
        self.assertIn(
            f"{result.buildpack_dir}|3|{result.build_dir} {result.cache_dir} {result.env_dir}\n{result.buildpack_dir}\n",
            result.output,
        )

    def test_file_descriptor_3_is_the_log_file(self) -> None:
        self.script("compile", 'echo metric >&3; echo other >> "$BUILDPACK_LOG_FILE"')
        self.assertEqual(self.build().exit_code, 0)
        self.assertEqual((self.root / "work" / "buildpack.log").read_text(), "metric\nother\n")

    def test_config_vars_are_files_and_not_in_the_environment(self) -> None:
        self.script("compile", 'cat "$3/GREETING"; echo "|${GREETING-unset}|$EXTRA"')
        result = self.build(config={"GREETING": "two\nlines"}, environment={"EXTRA": "given"})
        self.assertIn("two\nlines|unset|given\n", result.output)

    def test_app_is_copied_without_its_git_history(self) -> None:
        self.script("compile", 'ls -a "$1"')
        result = self.build()
        self.assertIn("Procfile", result.output)
        self.assertNotIn(".git", result.output)
        self.assertTrue((self.app / ".git").exists())

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_build_runs_as_another_user_with_write_permission(self) -> None:
        self.script("compile", 'id -un; id -Gn; for d in "$1" "$2" "$3" .; do echo x > "$d/new" || exit 9; done')
        result = self.build(user="nobody")
        self.assertEqual(result.exit_code, 0, result.output)
        self.assertIn("nobody\nnogroup\n", result.output)
        self.assertEqual(self.build(user="nobody").exit_code, 0)


class LogTest(DriverTest):
    def test_log_of_a_successful_build(self) -> None:
        self.assertEqual(
            self.build().output,
            "-----> Building on the Heroku-24 stack\n"
            f"-----> Using buildpack: {URL}\n"
            "-----> Toy app detected\n"
            "-----> Compiling\n"
            "-----> Discovering process types\n"
            "       Procfile declares types -> web, worker\n",
        )

    def test_both_streams_are_in_the_log_in_order(self) -> None:
        self.script("compile", "echo one; echo two >&2; echo three; echo four >&2; printf '\\303'; sleep 0; printf '\\244\\n'")
        self.assertIn("one\ntwo\nthree\nfour\nä\n", self.build().output)

    def test_undetected_app_is_reported_with_the_reason(self) -> None:
        self.script("detect", "echo 'not shown'; echo 'There is no app.' >&2; echo 'None.' >&2; exit 1")
        self.script("compile", "echo compiled")
        result = self.build()
        self.assertEqual(result.exit_code, 1)
        self.assertIn(
            f"-----> App not compatible with buildpack: {URL}\n       There is no app.\n       None.\n"
            "       More info: https://devcenter.heroku.com/articles/buildpacks#detection-failure\n !     Push failed\n",
            result.output,
        )
        self.assertNotIn("compiled", result.output)
        self.assertNotIn("not shown", result.output)
        self.assertEqual(result.event, {PREFIX + "buildpack_url": URL, PREFIX + "failed": True})

    def test_exit_code_of_a_failed_compile_is_kept(self) -> None:
        self.script("compile", "echo Sorry; exit 7")
        self.script("release", "echo released >&2")
        result = self.build()
        self.assertEqual(result.exit_code, 7)
        self.assertTrue(
            result.output.endswith("Sorry\n !     Push rejected, failed to compile Toy app.\n !     Push failed\n"),
            result.output,
        )

    def test_killed_compile_has_exit_code_128_plus_signal(self) -> None:
        self.script("compile", "kill -9 $$")
        self.assertEqual(self.build().exit_code, 137)

    def test_compile_can_be_killed_at_a_line_of_its_log(self) -> None:
        self.script("compile", "echo ready; exec sleep 100")
        started = {}

        def kill_when_ready(phase: str, text: str) -> None:
            if "ready" in text:
                started[phase].kill()

        result = self.build(on_start=started.__setitem__, on_output=kill_when_ready)
        self.assertEqual(result.exit_code, 137)
        self.assertEqual(result.event[PREFIX + "count"], 3)

    def test_build_is_ended_at_its_time_limit(self) -> None:
        self.script("compile", "trap 'echo ending; exit 3' TERM; while :; do sleep 0.01; done")
        result = self.build(timeout=1.5)
        self.assertTrue(result.timed_out)
        self.assertEqual(result.exit_code, 3)
        self.assertIn("ending\n !     Timed out compiling Toy app (0.025 minutes)\n", result.output)
        self.assertEqual(result.event[PREFIX + "count"], 3)

    def test_build_that_ignores_sigterm_is_killed_with_its_children(self) -> None:
        self.script("compile", "trap '' TERM; sleep 100 & echo $! > \"$2/pid\"; wait; sleep 100")
        result = self.build(timeout=1.5, grace=0.1)
        self.assertEqual(result.exit_code, 137)
        pid = int((result.cache_dir / "pid").read_text())
        harness.eventually(lambda: not harness.is_running(pid), "the background process is gone")

    def test_background_process_with_open_output_delays_the_build(self) -> None:
        self.script("compile", "(sleep 0.2; echo late) &")
        self.assertIn("late\n", self.build().output)
        self.script("compile", "sleep 100 &")
        self.assertTrue(self.build(timeout=0.3, grace=0.1).timed_out)


class ReportTest(DriverTest):
    def test_event_has_prefixed_report_keys_and_platform_keys(self) -> None:
        self.script("report", "echo 'a_float: 1.5'; echo 'b_flag: true'; echo 'c_text: \"yes\"'")
        self.assertEqual(
            self.build().event,
            {
                PREFIX + "a_float": 1.5,
                PREFIX + "b_flag": True,
                PREFIX + "c_text": "yes",
                PREFIX + "buildpack_url": URL,
                PREFIX + "failed": False,
            },
        )

    def test_failed_build_is_reported(self) -> None:
        self.script("compile", 'echo network > "$2/why"; exit 1')
        self.script("report", 'echo "failure_reason: \\"$(cat "$2/why")\\""')
        event = self.build().event
        self.assertEqual((event[PREFIX + "failure_reason"], event[PREFIX + "failed"]), ("network", True))

    def test_malformed_reports_are_rejected(self) -> None:
        for output, why in (
            ("- a", "not a mapping"),
            ("", "not a mapping"),
            ("a: [", "not YAML"),
            ("a: [1]", "type list"),
            ("a: {b: 1}", "type dict"),
            ("a:", "type NoneType"),
            ("a: 2020-01-01", "type date"),
            ("a: .inf", "not a finite number"),
            ("1: 2", "key is not a string"),
            ("b: 1\na: 2", "not sorted"),
            ("a: 1\na: 2", "appears twice"),
            ("a: 1\n---\na: 2", "not YAML"),
        ):
            with self.subTest(output):
                self.script("report", f"cat <<'END'\n{output}\nEND")
                result = self.build()
                self.assertEqual(result.exit_code, 0)
                self.assertIn(why, result.report_error)
                self.assertIn("buildpack.report.failed: ", result.output)
                self.assertEqual(result.event, {PREFIX + "buildpack_url": URL, PREFIX + "failed": False})

    def test_json_is_yaml(self) -> None:
        self.script("report", """echo '{"a": "x", "b": 2}'""")
        self.assertEqual(self.build().report, {"a": "x", "b": 2})

    def test_failing_or_hanging_report_does_not_fail_the_build(self) -> None:
        self.script("report", "echo 'a: 1'; exit 3")
        self.assertEqual((self.build().exit_code, self.build().report_error), (0, "exit code 3"))
        self.script("report", "echo 'a: 1'; sleep 100")
        result = self.build(report_timeout=0.2, grace=0.1)
        self.assertEqual((result.exit_code, result.report_error), (0, "timed out"))

    def test_stderr_of_the_report_is_not_in_the_log(self) -> None:
        self.script("report", "echo noise >&2; echo 'a: 1'")
        result = self.build()
        self.assertEqual((result.report, "noise" in result.output), ({"a": 1}, False))

    def test_event_without_a_report_script_has_only_platform_keys(self) -> None:
        (self.toy / "bin" / "report").unlink()
        self.assertEqual(self.build().event, {PREFIX + "buildpack_url": URL, PREFIX + "failed": False})


class ReleaseTest(DriverTest):
    def test_procfile_overrides_default_processes_of_release(self) -> None:
        self.script("release", 'printf -- "---\\ndefault_process_types:\\n  web: other\\n  console: sh\\n"; test -f "$1/built"')
        result = self.build()
        self.assertEqual(result.processes, {"web": "serve --port $PORT", "worker": "work", "console": "sh"})

    def test_failing_release_fails_the_build(self) -> None:
        for text in ("exit 4", "echo '['"):
            self.script("release", text)
            self.assertIn(" !     Push rejected, failed to release Toy app.\n !     Push failed\n", self.build().output)


class CacheTest(DriverTest):
    def test_only_successful_builds_update_the_cache(self) -> None:
        self.script("compile", 'cat "$2"/* 2>/dev/null; echo good > "$2/state"')
        self.build()
        self.script("compile", 'cat "$2/state"; echo bad > "$2/state"; echo more > "$2/more"; exit 1')
        failed = self.build()
        self.assertIn("good\n", failed.output)
        self.assertEqual((failed.cache_dir / "state").read_text(), "bad\n")
        self.script("compile", 'cat "$2"/*; rm -rf "$2"')
        self.assertIn("good\n", self.build().output)
        self.script("compile", 'ls -A "$2"')
        self.assertNotIn("state", self.build().output)

    def test_work_directories_are_independent(self) -> None:
        self.build()
        self.script("compile", 'ls -A "$2"')
        self.assertNotIn("kept", self.build(work=self.root / "other").output)


class TreeTest(DriverTest):
    def git(self, *arguments: str) -> None:
        identity = ["-c", "user.name=T", "-c", "user.email=t@example.com"]
        subprocess.run(["git", *identity, *arguments], cwd=self.toy, check=True, capture_output=True)

    def test_tree_of_a_checkout_has_committed_published_files_and_the_helper(self) -> None:
        (self.toy / "buildpack.toml").write_text('[publish.Ignore]\nfiles = [\n  "test/",\n  "notes.md"\n]\n')
        (self.toy / "test").mkdir()
        for name in ("test/a", "notes.md", "kept.md"):
            (self.toy / name).write_text("text")
        self.git("init", "--quiet")
        self.git("add", ".")
        self.git("commit", "--quiet", "--message", "Begin")
        (self.toy / "uncommitted").write_text("text")
        helper = self.root / "helper"
        helper.write_text("#!/bin/sh\n")
        result = self.build(helper=helper)
        packaged = f"libexec/linux-{buildpack_tree.architecture()}"
        seen = harness.snapshot(result.buildpack_dir)
        self.assertEqual(
            [name for name in seen if not name.startswith("bin")],
            ["buildpack.toml", "kept.md", "libexec", packaged, f"{packaged}/mesh-buildpack"],
        )
        self.assertTrue(seen["bin/compile"].startswith("-rwxr-xr-x"))
        self.assertTrue(seen[f"{packaged}/mesh-buildpack"].startswith("-rwxr-xr-x"))
        self.assertTrue(seen["kept.md"].startswith("-rw-r--r--"))

    def test_script_without_execute_permission_fails(self) -> None:
        (self.toy / "bin" / "detect").chmod(0o644)
        self.assertIn("Permission denied", self.build().output)


class CommandLineTest(DriverTest):
    def test_event_is_one_json_line_on_stdout_with_the_log_on_stderr(self) -> None:
        self.script("report", "printf 'text: \"one\\\\ntwo\\342\\200\\250three\"\\n'")
        done = self.drive("--event")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), 1)
        event = json.loads(done.stdout)
        self.assertEqual(event[PREFIX + "text"], "one\ntwo\u2028three")
        self.assertIs(event[PREFIX + "failed"], False)
        self.assertIn("-----> Toy app detected", done.stderr)

    def test_log_is_on_stdout_without_event(self) -> None:
        done = self.drive()
        self.assertIn("-----> Toy app detected", done.stdout)
        self.assertEqual(done.stderr, "")

    def test_files_and_slug_are_written(self) -> None:
        event, report, slug = (self.root / name for name in ("event.json", "report.yml", "slug"))
        done = self.drive("--event-file", event, "--report-file", report, "--slug", slug)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(event.read_text())[PREFIX + "count"], 3)
        self.assertEqual(report.read_text(), 'arch: "amd64"\ncount: 3\n')
        self.assertEqual((slug / "built").read_text(), "built\n")

    def test_failed_build_has_the_exit_code_of_compile_and_no_slug(self) -> None:
        self.script("compile", "exit 7")
        done = self.drive("--slug", self.root / "slug")
        self.assertEqual(done.returncode, 7)
        self.assertFalse((self.root / "slug").exists())

    def test_config_environment_and_work_options_are_used(self) -> None:
        self.script("compile", 'echo "$(cat "$3/A")|$(cat "$3/B")|$C"')
        (self.root / "config").mkdir()
        (self.root / "config" / "A").write_bytes(b"\xff from file")
        done = subprocess.run(
            [DRIVER, "--buildpack", self.toy, "--config-dir", self.root / "config", "--config", "B=b=b", "--env", "C=c", "--work",
             self.root / "work", self.app], capture_output=True)  # fmt: skip
        self.assertIn("\ufffd from file|b=b|c", done.stdout.decode())
        self.assertTrue((self.root / "work" / "stored-cache").is_dir())

    def test_invalid_arguments_are_reported(self) -> None:
        for options, message in (
            (["--config", "novalue"], "NAME=VALUE"),
            (["--helper", self.root / "none"], "no helper at"),
            (["--slug", self.app], "is not empty"),
        ):
            with self.subTest(message):
                done = self.drive(*options)
                self.assertEqual(done.returncode, 2)
                self.assertIn(message, done.stderr)

    def test_signal_to_the_driver_ends_the_build(self) -> None:
        for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
            with self.subTest(number):
                pid_file = self.root / f"pid{int(number)}"
                self.script("compile", f"echo $$ > {pid_file}.part; mv {pid_file}.part {pid_file}; sleep 100")
                driver = subprocess.Popen([DRIVER, "--buildpack", self.toy, self.app], stdout=subprocess.DEVNULL)
                harness.eventually(pid_file.exists, "the build runs")
                driver.send_signal(number)
                self.assertEqual(driver.wait(harness.PATIENCE), code)
                self.assertFalse(harness.is_running(int(pid_file.read_text())))


if __name__ == "__main__":
    unittest.main()
