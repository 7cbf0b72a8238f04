"""Builds by the real lifecycle match those of a platform. Uses small buildpacks of the tests."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import cloud_build
from tools import container, lifecycle
from tools.buildpack_tree import architecture

# A layer with a program, and a process that prints its environment.
BUILD = """
mkdir -p "$CNB_LAYERS_DIR/thing/bin"
printf '#!/bin/sh\\necho "thing says $1"\\n' >"$CNB_LAYERS_DIR/thing/bin/thing"
chmod 755 "$CNB_LAYERS_DIR/thing/bin/thing"
printf '[types]\\nlaunch = true\\ncache = true\\n[metadata]\\nversion = "1"\\n' >"$CNB_LAYERS_DIR/thing.toml"
cat >"$CNB_LAYERS_DIR/launch.toml" <<'END'
[[processes]]
type = "web"
command = ["sh", "-c", 'thing "$GREETING"; id -u; pwd; exit 7']
default = true
END
"""


class LifecyclePlatformTest(cloud_build.LifecycleTest):
    def layer_log(self, build: lifecycle.Build) -> list[str]:
        return [line for line in build.output.splitlines() if "'tests/throw-away:thing'" in line]

    def test_build_environment_matches_a_platform(self) -> None:
        self.platform.config(GREETING="hello")
        (self.platform.source / "Procfile").write_text("web: true\n")
        buildpack = self.throw_away(build='env; id; pwd; ls; ls -a /tmp /layers; touch /etc/x "$CNB_BUILDPACK_DIR/x" || true\n')
        output = self.build().phases["builder"].output
        self.assertEqual(self.platform.layers_of(buildpack).name, "tests_throw-away")
        for expected in (
            "CNB_BUILDPACK_DIR=/cnb/buildpacks/tests_throw-away/1.0.0",
            "CNB_LAYERS_DIR=/layers/tests_throw-away",
            f"CNB_TARGET_ARCH={architecture()}",
            "CNB_TARGET_DISTRO_NAME=ubuntu",
            "GREETING=hello",
            f"uid={container.USER_ID} gid={container.USER_ID} groups={container.USER_ID}",
            "/workspace",
            "Procfile",
            "touch: cannot touch '/etc/x': Permission denied",
            "touch: cannot touch '/cnb/buildpacks/tests_throw-away/1.0.0/x': Permission denied",
        ):
            self.assertIn(f"{expected}\n", output)
        self.assertNotIn("mesh-platform", output)

    def test_equal_builds_give_equal_images(self) -> None:
        self.throw_away(build=BUILD)
        first, second = self.build(), self.build()
        self.assertEqual(first.image.digest, second.image.digest)
        self.assertIn("Adding layer 'tests/throw-away:thing'", first.output)
        self.assertIn("Reusing layer 'tests/throw-away:thing'", second.output)
        self.assertEqual(second.image.layers_of("tests/throw-away")["thing"]["data"], {"version": "1"})

    def test_image_and_launch_cache_can_be_removed(self) -> None:
        self.throw_away(build=BUILD + "ls /layers/tests_throw-away >&2\n")
        self.build()
        self.platform.forget_cache()
        self.assertNotIn('Restoring data for "tests/throw-away:thing"', self.build().output)
        self.platform.forget_image()
        self.assertIn("Adding layer 'tests/throw-away:thing'", self.build().output)

    def test_files_can_be_changed_between_phases(self) -> None:
        buildpack = self.throw_away(build=f'cat "$CNB_LAYERS_DIR/thing.toml" || true\n{BUILD}')
        self.build()
        path = self.platform.layers_of(buildpack) / "thing.toml"
        output = self.build(after={"restorer": lambda: path.write_text("changed meanwhile\n")}).output
        self.assertIn("changed meanwhile\n", output)

    def test_another_architecture(self) -> None:
        self.platform.run_image("arm64")
        self.throw_away(build='echo "for $CNB_TARGET_ARCH"\n')
        build = self.build()
        self.assertIn("for arm64\n", build.output)
        self.assertEqual(build.image.config["architecture"], "arm64")

    def test_failing_phase_ends_the_build(self) -> None:
        self.throw_away(build="echo broken; exit 3\n")
        build = self.build_fails("builder", lifecycle.BUILDPACK_FAILED)
        self.assertIn("broken\n", build.output)
        self.assertIsNone(build.image)

    def test_image_process_is_started_by_the_launcher(self) -> None:
        self.throw_away(build=BUILD)
        image = self.build().image
        with self.platform.launch(image, "web", GREETING="hello") as process:
            self.assertEqual(process.wait(), 7)
        self.assertEqual(process.output, f"thing says hello\n{container.USER_ID}\n/workspace\n")

    def test_package_contains_the_source_tree(self) -> None:
        tree = lifecycle.ShellBuildpack(build=BUILD, files={"inside/file": "x"}).write(self.new_directory())
        packaged = lifecycle.package(tree, self.new_directory() / "package", arch="arm64")
        self.assertEqual(*({str(p.relative_to(top)) for p in top.rglob("*")} for top in (tree, packaged)))
        self.platform.add_buildpack(packaged)
        self.build()


if __name__ == "__main__":
    unittest.main()
