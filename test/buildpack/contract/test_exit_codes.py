"""Exit codes and streams: 0 or 1 for phases, 2 for invalid arguments; reports always succeed."""

from __future__ import annotations

import os
import subprocess
import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
from outcome import OutcomeTest, words


class HelperTest(unittest.TestCase):
    """The helper called by hand."""

    def run_helper(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        keep = {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
        return subprocess.run(
            [harness.helper(), *arguments], env=keep, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )

    def test_usage_is_printed_for_a_missing_or_unknown_phase(self) -> None:
        for arguments in ((), ("",), ("builds",), ("DETECT",), ("compile ",), ("-h",)):
            with self.subTest(arguments):
                done = self.run_helper(*arguments)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn("Usage: mesh-buildpack detect BUILD_DIR", done.stderr)

    def test_help_and_version_are_printed_on_stdout(self) -> None:
        for argument, pattern in (
            ("--help", "^Usage: mesh-buildpack detect"),
            ("--version", r"^mesh-buildpack \d+\.\d+\.\d+\n$"),
        ):
            with self.subTest(argument):
                done = self.run_helper(argument)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertRegex(done.stdout, pattern)


class PhaseTest(OutcomeTest):
    def test_usage_of_a_phase_is_printed_without_its_directory(self) -> None:
        for phase, call in (
            ("detect", "bin/detect BUILD_DIR"),
            ("compile", "bin/compile BUILD_DIR CACHE_DIR ENV_DIR"),
            ("build", "CNB_LAYERS_DIR is not set"),
        ):
            with self.subTest(phase):
                done = self.world.run(phase, "")
                self.assertEqual((done.code, done.stdout), (1, ""))
                self.assertIn(call, words(done.stderr))
                self.assert_explained(done.stderr, "platform::bad-arguments")

    def test_success_has_exit_code_0_and_empty_stderr(self) -> None:
        self.world.app("node-web")
        for phase in ("detect", "compile", "report"):
            with self.subTest(phase):
                done = self.world.run(phase)
                self.assertEqual((done.code, done.stderr), (0, ""))
                self.assertTrue(done.stdout.endswith("\n"))

    def test_failure_has_exit_code_1_and_completed_steps_on_stdout(self) -> None:
        self.setting("RELEASE_VERSION", "v9.9.9")
        done = self.assert_fails("resolve::not-found", "user")
        self.assertIn("-----> Installing version", done.stdout)
        self.assertNotIn(" !", done.stdout)

    def test_warnings_do_not_change_the_exit_code(self) -> None:
        self.world.app("unwrapped-web")
        done = self.compile()
        self.assertEqual(done.code, 0)
        self.assertIn(" !     The web process does not start through the service mesh", done.stderr)

    def test_report_has_exit_code_0_after_failures_and_without_arguments(self) -> None:
        self.setting("RELEASE_VERSION", "v9.9.9")
        self.compile()
        for arguments in ((), ("",), ("a", "b", "c", "d")):
            self.assertEqual(self.world.run("report", *arguments).code, 0)


if __name__ == "__main__":
    unittest.main()
