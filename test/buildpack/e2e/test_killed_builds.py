"""A build that is killed at any moment has a correct report, and does not affect later builds."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
from outcome import OutcomeTest
from tools import faults
from tools.release_model import Asset

STEPS = ["settings", "cache", "resolve", "download", "verify", "unpack", "inspect", "place", "procfile"]
STALLING = [("latest", "resolve"), ("download", "download"), ("asset", "download")]


class KilledTest(OutcomeTest):
    def setUp(self) -> None:
        super().setUp()
        self.world.app("node-web")

    def assert_interrupted(self, step: str, durations_before: str | None = None) -> dict[str, object]:
        """Asserts that the report has this step, and the durations of the steps before it (or before another one)."""
        report = self.report()
        self.assertEqual((report["build_status"], report["build_step"]), ("interrupted", step))
        self.assertEqual([key for key in report if key.startswith("failure_")], [])
        ran = [name for name in STEPS[1:] if f"{name}_duration" in report]
        self.assertEqual(ran, STEPS[1 : max(1, [*STEPS, "done"].index(durations_before or step))])
        return report

    def assert_next_build_succeeds(self) -> None:
        self.world.wrapper = ()
        done = self.compile()
        self.assertEqual(done.code, 0, done.output)
        self.assertEqual(self.report()["build_status"], "success")
        self.assert_no_leftovers()


class KilledWhileWaitingTest(KilledTest):
    """SIGKILL while the build waits for the network."""

    def test_report_has_the_interrupted_step(self) -> None:
        for route, step in STALLING:
            for name, fault in (("silent", faults.stall()), ("silent in the middle", faults.stall(after=1000))):
                if route != "asset" and "middle" in name:
                    continue
                with self.subTest(route=route, fault=name):
                    self.server.fault(route, fault)
                    with self.world.start("compile") as build:
                        self.server.wait_stalled(route)
                        build.kill()
                        build.communicate()
                    self.server.clear_faults()
                    self.server.release_stalled()
                    self.assertEqual(build.returncode, -signal.SIGKILL)
                    self.assertNotIn("total_duration", self.assert_interrupted(step))
                    self.assertFalse((self.world.build / harness.BINARY_PATH).exists())
                    self.assert_next_build_succeeds()
                    (self.world.build / harness.BINARY_PATH).unlink()

    def test_report_has_the_step_interrupted_during_an_api_request(self) -> None:
        self.server.publish("v0.2.0", Asset("something-else", b""))
        self.server.fault("api", faults.stall())
        with self.world.start("compile") as build:
            self.server.wait_stalled("api")
            build.kill()
            build.communicate()
        report = self.report()
        self.assertEqual((report["build_status"], report["build_step"]), ("interrupted", "resolve"))


@unittest.skipIf("ASAN_OPTIONS" in os.environ, "a killed program has no findings of sanitizers, and this runs hundreds of them")
class KilledWhileWorkingTest(KilledTest):
    """SIGKILL at a system call of the helper, in each build one call later. Uses strace."""

    def killed_at(self, calls: str, count: int) -> harness.Done:
        """Builds. Kills the helper at its count-th call of one of these kinds."""
        self.world.wrapper = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e",
                              f"inject={calls}:signal=KILL:when={count}", "--")  # fmt: skip
        done = self.compile()
        self.world.wrapper = ()
        return done

    def sweep(self, calls: str, counts: itertools.count) -> list[str]:
        """Kills builds at each of these counts until a build completes. Returns the steps in their reports."""
        steps = []
        for count in counts:
            done = self.killed_at(calls, count)
            if done.code == 0:
                return steps
            with self.subTest(calls=calls, count=count):
                self.assertEqual(done.code, -signal.SIGKILL, done.output)
                steps.append(self.step_told(done))
                self.assert_next_build_succeeds()
                (self.world.cache / "build-data" / "heroku-integration-service-mesh.previous.json").unlink(missing_ok=True)
                (self.world.cache / "build-data" / "heroku-integration-service-mesh.json").unlink()
        return steps

    def step_told(self, done: harness.Done) -> str:
        """Returns the step in the report, or "" if the build was killed before its first record."""
        report = self.report()
        if report.get("failure_reason") == "record::missing":
            self.assertEqual(done.stdout, "")
            return ""
        if report["build_status"] == "success":
            self.assertIn("-----> Ensure that", done.stdout)
            return "done"
        step = str(report["build_step"])
        if f"{step}_duration" in report:  # killed between this step and the next
            self.assert_interrupted(step, [*STEPS, "done"][STEPS.index(step) + 1])
        else:
            self.assert_interrupted(step)
        # Words of the log, and the earliest step that prints them.
        for word, earliest in (("Downloading", "resolve"), ("Downloaded", "download"), ("Unpacked", "unpack"),
                               ("Installed", "place"), ("Done!", "place"), ("-----> Ensure", "procfile")):  # fmt: skip
            if word in done.stdout:
                self.assertGreaterEqual(STEPS.index(step), STEPS.index(earliest), done.stdout)
        return step

    def assert_in_order(self, steps: list[str]) -> None:
        order = ["", *STEPS, "done"]
        self.assertEqual(steps, sorted(steps, key=order.index))

    def test_report_has_the_last_recorded_step(self) -> None:
        steps = self.sweep("rename", itertools.count(1))
        self.assert_in_order(steps)
        self.assertEqual(sorted(set(steps), key=["", *STEPS].index), ["", *STEPS])

    def test_build_killed_before_its_first_record_is_reported_as_missing(self) -> None:
        self.assert_installed(self.compile())
        self.world.refill("node-web")
        self.assertEqual(self.killed_at("rename", 1).code, -signal.SIGKILL)
        self.assertEqual(self.report()["failure_reason"], "record::missing")

    def test_report_is_correct_when_killed_at_any_open(self) -> None:
        steps = self.sweep("openat,mkdir", itertools.count(12, 2))
        self.assert_in_order(steps)
        self.assertGreaterEqual(set(steps), {"download", "place"})

    def test_report_is_correct_when_killed_at_any_write(self) -> None:
        steps = self.sweep("write", itertools.count(1, 3))
        self.assert_in_order(steps)
        self.assertGreaterEqual(set(steps), {"download"})


class StoppedTest(KilledTest):
    """SIGTERM, SIGINT and SIGHUP: the build cleans up, and then ends by that signal."""

    def assert_stopped(self, step: str) -> dict[str, object]:
        """Asserts that the report has the status interrupted. The stopped step ended in order and has its duration too."""
        return self.assert_interrupted(step, STEPS[STEPS.index(step) + 1])

    def test_stopped_build_cleans_up_and_ends_by_the_signal(self) -> None:
        before = harness.snapshot(self.world.build)
        for (route, step), number in zip(STALLING, (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)):
            with self.subTest(step=step, signal=number.name):
                self.server.fault(route, faults.stall())
                with self.world.start("compile") as build:
                    self.server.wait_stalled(route)
                    build.send_signal(number)
                    _, stderr = build.communicate(timeout=harness.PATIENCE)
                self.server.clear_faults()
                self.server.release_stalled()
                self.assertEqual(build.returncode, -number)
                self.assert_explained(stderr, "build::interrupted")
                self.assertIn("total_duration", self.assert_stopped(step))
                self.assertEqual(harness.snapshot(self.world.build), before)
                self.assert_no_leftovers()
        self.assert_next_build_succeeds()

    def test_build_stopped_between_attempts_ends_at_once(self) -> None:
        self.server.fault("asset", faults.unavailable(retry_after=100))
        with self.world.start("compile") as build:
            for line in build.stdout:
                if "Retrying in" in line:
                    break
            build.send_signal(signal.SIGTERM)
            build.communicate(timeout=harness.PATIENCE)
        self.assertEqual(build.returncode, -signal.SIGTERM)
        self.assertIn("total_duration", self.assert_stopped("download"))
        self.assert_no_leftovers()

    def test_stopped_build_is_not_the_previous_build(self) -> None:
        self.compile()
        self.server.fault("asset", faults.stall())
        with self.world.start("compile") as build:
            self.server.wait_stalled("asset")
            build.terminate()
            build.communicate(timeout=harness.PATIENCE)
        self.server.clear_faults()
        self.server.release_stalled()
        report = self.assert_stopped("download")
        self.assertEqual(report["service_mesh_version_previous"], self.TAG)
        self.assertIs(self.assert_installed(self.compile())["service_mesh_version_changed"], False)


if __name__ == "__main__":
    unittest.main()
