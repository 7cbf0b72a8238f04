"""bin/detect for Cedar and Cloud Native builds: it recognises the caller. Only exit code 100 means "not for this app"."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import cloud_phases

NAME = "Heroku Integration Service Mesh\n"
NONE_NAMED = {"CNB_PLATFORM_DIR": None, "CNB_LAYERS_DIR": None, "CNB_BUILDPACK_DIR": None, "CNB_STACK_ID": None}
PLAN = "/layers/plan.toml"


class DetectTest(cloud_phases.PhasesTest):
    def setUp(self) -> None:
        super().setUp()
        self.phases.environment["CNB_BUILD_PLAN_PATH"] = PLAN

    def detect(self, *arguments: str, **options: str | None) -> tuple[int, str]:
        done = self.phases.run("detect", *arguments, **options)
        self.stderr = done.stderr
        return done.code, done.stdout

    def was_cloud_native(self) -> bool:
        """Returns whether the last call was a Cloud Native one, because only those write a trace."""
        traced = bool(self.phases.traces())
        self.phases.forget_traces()
        return traced

    def test_lifecycle_calls_are_recognised(self) -> None:
        for arguments, environment in (
            (("/platform", PLAN), {}),
            (("/platform", PLAN), {**NONE_NAMED, "CNB_BUILD_PLAN_PATH": None}),
            (("/platform", "/layers/no-plan-yet"), {}),
            ((), {}),
        ):
            with self.subTest(arguments=arguments, environment=environment):
                self.assertEqual(self.detect(*arguments, **environment), (0, NAME), self.stderr)
                self.assertTrue(self.was_cloud_native())
        self.assertEqual((self.phases.layers / "plan.toml").read_text(), "")

    def test_classic_calls_are_recognised(self) -> None:
        for arguments, environment in (
            (("/workspace",), {**NONE_NAMED, "CNB_BUILD_PLAN_PATH": None}),
            (("/workspace",), {}),
            (("/workspace", "/layers"), {}),
            (("/workspace",), {"CNB_TARGET_ARCH": "riscv64"}),
        ):
            with self.subTest(arguments=arguments, environment=environment):
                self.assertEqual(self.detect(*arguments, directory="/", **environment), (0, NAME), self.stderr)
                self.assertFalse(self.was_cloud_native())

    def test_target_without_a_mesh_is_declined(self) -> None:
        for target in ({"CNB_TARGET_ARCH": "riscv64"}, {"CNB_TARGET_OS": "windows"}):
            with self.subTest(target):
                code, message = self.detect("/platform", PLAN, **target)
                self.assertEqual((code, self.stderr), (100, ""))
                self.assertIn("is not released for", message)
                self.assertTrue(self.was_cloud_native())

    def test_errors_end_with_1(self) -> None:
        nowhere = {**NONE_NAMED, "CNB_BUILD_PLAN_PATH": None}
        self.phases.workspace.chmod(0o300)
        for arguments, environment, reason in (
            ((), nowhere, "platform::bad-arguments"),
            (("",), {}, "platform::bad-arguments"),
            (("/nowhere",), {}, "platform::build-directory"),
            (("/workspace",), {}, "platform::build-directory"),
            (("/platform", PLAN), {}, "platform::build-directory"),
        ):
            with self.subTest(arguments=arguments):
                self.assertEqual(self.detect(*arguments, **environment), (1, ""))
                self.assert_explained(self.stderr, reason)

    def test_missing_platform_directory_is_treated_as_empty(self) -> None:
        self.assertEqual(self.detect("/nowhere", PLAN, CNB_PLATFORM_DIR="/nowhere"), (0, NAME), self.stderr)

    def test_trace_has_the_outcome(self) -> None:
        for target, event, failed in (("amd64", "libcnb-detect-passed", False), ("riscv64", "libcnb-detect-failed", True)):
            with self.subTest(target):
                self.detect("/platform", PLAN, CNB_TARGET_ARCH=target)
                (root,) = self.phases.spans()
                self.assertEqual((root["name"], root["attributes"]["failed"]), ("libcnb-detect", failed))
                self.assertEqual([one["name"] for one in root["events"]], [event])
                self.phases.forget_traces()


class BuildCallTest(cloud_phases.PhasesTest):
    def test_build_without_directories_fails(self) -> None:
        for arguments in ((), ("/layers",)):
            with self.subTest(arguments):
                done = self.phases.run("build", *arguments, CNB_LAYERS_DIR=None, CNB_PLATFORM_DIR=None)
                self.assertEqual((done.code, done.stdout), (1, ""))
                self.assert_explained(done.stderr, "platform::bad-arguments")

    def test_target_without_a_mesh_fails(self) -> None:
        done = self.build(CNB_TARGET_ARCH="riscv64")
        self.assertEqual(done.code, 1)
        self.assert_explained(done.stderr, "platform::unsupported-target")


if __name__ == "__main__":
    unittest.main()
