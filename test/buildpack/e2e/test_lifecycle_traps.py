"""Mistakes that the Cloud Native lifecycle rejects or silently accepts. For each, a test makes the mistake to show that a check
finds it, and another one shows that this buildpack does not make it.

If the lifecycle rejects a mistake, it checks a copy of this buildpack with the mistake. Otherwise, the test's own check finds the
mistake.
"""

from __future__ import annotations

import re
import subprocess
import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import cloud_build
import harness
import ruby_toml
import tomli
from cloud_build import LAYER
from tools import lifecycle, otlp_readers
from tools.buildpack_tree import architecture

LAUNCHER = "/cnb/lifecycle/launcher"
LAUNCH_TOML = '"$CNB_LAYERS_DIR/launch.toml"'
LAYER_TOML = f'"$CNB_LAYERS_DIR/{LAYER}.toml"'
A_LAYER = 'mkdir "$CNB_LAYERS_DIR/thing"\n'
LAUNCHED_LAYER = A_LAYER + 'printf "[types]\\nlaunch = true\\n" >"$CNB_LAYERS_DIR/thing.toml"\n'


class BuildpackApiTest(cloud_build.CloudBuildTest):
    """Trap 1: an unknown API, or a missing one."""

    def test_unknown_api_is_refused(self) -> None:
        self.ours(self.changed(descriptor=lambda text: re.sub(r'^api = ".*"$', 'api = "0.13"', text, flags=re.MULTILINE)))
        self.build_fails("detector", lifecycle.INCOMPATIBLE_API)

    def test_missing_api_is_refused(self) -> None:
        self.ours(self.changed(descriptor=lambda text: re.sub(r"^api = .*\n", "", text, flags=re.MULTILINE)))
        self.build_fails("detector", lifecycle.INCOMPATIBLE_API)

    def test_buildpack_has_api_0_10(self) -> None:
        self.assertIn('\napi = "0.10"\n', "\n" + (harness.buildpack() / "buildpack.toml").read_text())
        self.ours()
        self.build()


class ExecEnvTest(cloud_build.CloudBuildTest):
    """Trap 2: execution environments in the form of the specification end the whole detection."""

    def test_exec_env_as_tables_is_refused(self) -> None:
        self.ours(self.changed(descriptor=lambda text: text + '\n[[buildpack.exec-env]]\nname = "production"\n'))
        self.assertIn("incompatible types", self.build_fails("detector", 1).output)

    def test_buildpack_has_no_exec_env(self) -> None:
        self.assertNotIn("exec-env", (harness.buildpack() / "buildpack.toml").read_text())


class LayerMetadataNumbersTest(cloud_build.CloudBuildTest):
    """Trap 3: integers in a layer's metadata are restored as floats."""

    def check(self, build: lifecycle.Build) -> None:
        """Asserts that all values in the layer's metadata are strings."""
        metadata = self.layer(build)["data"]
        self.assertTrue(metadata)
        self.assertEqual({name: value for name, value in metadata.items() if not isinstance(value, str)}, {})

    def test_integers_come_back_as_floats(self) -> None:
        metadata = 'printf "[types]\\nlaunch = true\\ncache = true\\n[metadata]\\nn = 3\\n" >"$CNB_LAYERS_DIR/thing.toml"\n'
        self.throw_away(build=f'cat "$CNB_LAYERS_DIR"/*.toml || true\nmkdir -p "$CNB_LAYERS_DIR/thing"\n{metadata}')
        self.build()
        self.assertIn("n = 3.0", self.build().phases["builder"].output)

    def test_number_in_metadata_is_found(self) -> None:
        self.ours(self.changed(after_build=f'printf "number = 3\\n" >>{LAYER_TOML}'))
        with self.assertRaises(AssertionError):
            self.check(self.build())

    def test_buildpack_keeps_only_strings_in_metadata(self) -> None:
        self.ours()
        self.check(self.build())


class ClearEnvTest(cloud_build.CloudBuildTest):
    """Trap 4: `clear-env = true` hides the platform's variables from the environment, not from the platform's directory."""

    def test_clear_env_hides_variables_that_remain_as_files(self) -> None:
        self.platform.config(BP_THING="value")
        self.throw_away(
            descriptor="clear-env = true\n", build='echo "[${BP_THING:-unset}] [$(cat "$CNB_PLATFORM_DIR/env/BP_THING")]"\n'
        )
        self.assertIn("[unset] [value]", self.build().output)

    def test_buildpack_reads_settings_with_and_without_clear_env(self) -> None:
        self.platform.config(HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION="v0.1.1")
        self.server.publish("v0.1.1", harness.mesh_release_asset())
        self.server.publish("v0.1.9", harness.mesh_release_asset())
        for setting in ("true", "false"):
            with self.subTest(setting):
                self.platform.remove_buildpacks()
                self.ours(self.changed(descriptor=lambda text: _with_clear_env(text, setting)))
                self.assertEqual(self.layer(self.build())["data"]["version"], "v0.1.1")


def _with_clear_env(descriptor: str, value: str) -> str:
    without = re.sub(r"^clear-env = .*\n", "", descriptor, flags=re.MULTILINE)
    return without.replace("[buildpack]\n", f"[buildpack]\nclear-env = {value}\n", 1)


class ExecDTest(cloud_build.CloudBuildTest):
    """Trap 5: output of a program in exec.d other than strings, or its failure, prevents the start of the app."""

    def launch_code(self, program: str) -> int:
        """Returns the exit code of a process of an app whose buildpack has this program in exec.d."""
        put = 'mkdir "$CNB_LAYERS_DIR/thing/exec.d"\ncp "$CNB_BUILDPACK_DIR/program" "$CNB_LAYERS_DIR/thing/exec.d/"\n'
        self.throw_away(build=LAUNCHED_LAYER + put, files={"program": f"#!/bin/sh\n{program}\n"})
        image = self.build().image
        self.platform.remove_buildpacks()
        with self.platform.launch(image, LAUNCHER, "--", "true") as process:
            return process.wait()

    def test_exec_d_output_of_other_types_is_refused(self) -> None:
        self.assertEqual(self.launch_code("echo 'N = \"3\"' >&3"), 0)
        self.assertEqual(self.launch_code("echo 'N = 3' >&3"), lifecycle.LAUNCH_FAILED)

    def test_exec_d_failure_is_fatal(self) -> None:
        self.assertEqual(self.launch_code("exit 1"), lifecycle.LAUNCH_FAILED)

    # Environments of the program when the app starts. None of them may prevent the start.
    SURROUNDINGS = (
        {},
        {"PORT": "5006"},
        {"PORT": "not a number", "APP_PORT": ""},
        {"APP_PORT": '"\\\n\t$(exit 9)'},
        {"HOME": "/nowhere", "PATH": "/nowhere"},
        {"HEROKU_INTEGRATION_TOKEN": 'x"y', "HEROKU_INTEGRATION_API_URL": "not a URL"},
        {"HEROKU_SERVICE_MESH_PRODUCT": "unheard-of", "HEROKU_SERVICE_MESH_STRICT": "1"},
    )

    def test_buildpack_exec_d_never_fails_and_prints_only_strings(self) -> None:
        self.ours()
        image = self.build().image
        programs = [path for path in image.files if "/exec.d/" in path]
        self.assertTrue(programs, "the layer has no program in exec.d")
        for surroundings in self.SURROUNDINGS:
            with self.subTest(surroundings):
                with self.platform.launch(
                    image, LAUNCHER, "--", "/bin/true", log=self.new_directory() / "log", **surroundings
                ) as process:
                    self.assertEqual(process.wait(), 0, process.output)
                for program in programs:
                    self.assert_prints_strings(self.printed_by(image, program, surroundings))

    def printed_by(self, image: object, program: str, surroundings: dict[str, str]) -> str:
        """Returns the output on file descriptor 3."""
        log = self.new_directory() / "log"
        command = ("/bin/sh", "-c", 'exec 3>&1 1>/dev/null 2>/dev/null; exec "$0"', program)
        with self.platform.launch(image, *command, log=log, **surroundings) as process:
            self.assertEqual(process.wait(), 0)
        return process.output

    def assert_prints_strings(self, printed: str) -> None:
        for line in printed.splitlines():
            self.assertRegex(line, r'^[A-Za-z_][A-Za-z0-9_]* = "(?:[^"\\\x00-\x1f\x7f]|\\["\\bfnrt]|\\u[0-9A-Fa-f]{4})*"$')

    def test_other_exec_d_output_is_found(self) -> None:
        for printed in ("N = 3", "N = 'x'", 'N = "a\tb"', 'N="x"', 'N = "x', "N"):
            with self.subTest(printed), self.assertRaises(AssertionError):
                self.assert_prints_strings(printed)


class SbomMediaTypeTest(cloud_build.CloudBuildTest):
    """Trap 6: an SBOM of a media type that the descriptor does not declare fails the build."""

    def test_undeclared_sbom_is_refused(self) -> None:
        self.ours(self.changed(descriptor=lambda text: re.sub(r"^sbom-formats = .*\n", "", text, flags=re.MULTILINE)))
        self.assertIn("undeclared SBOM media type", self.build_fails("builder", lifecycle.OUTPUT_REFUSED).output)

    def test_buildpack_sboms_are_in_the_image(self) -> None:
        self.ours()
        image = self.build().image
        directory = f"/layers/sbom/launch/{self.buildpack.id.replace('/', '_')}/{LAYER}"
        self.assertEqual(
            sorted(path.removeprefix(directory + "/") for path in image.files if path.startswith(directory)),
            ["sbom.cdx.json", "sbom.spdx.json"],
        )


class ProcessFormTest(cloud_build.CloudBuildTest):
    """Trap 7: processes in the form of older APIs are refused, and so are two default processes."""

    fixture = "unwrapped-web"

    def setUp(self) -> None:
        super().setUp()
        self.platform.config(HEROKU_SERVICE_MESH_WRAP="web")

    def refuses(self, edit: str) -> str:
        self.ours(self.changed(after_build=f"{edit} {LAUNCH_TOML}"))
        return self.build_fails("builder", lifecycle.OUTPUT_REFUSED).output

    def test_command_as_a_string_is_refused(self) -> None:
        self.assertIn("incompatible types", self.refuses("""sed -i 's/^command = .*/command = "mesh"/'"""))

    def test_direct_flag_is_refused(self) -> None:
        self.assertIn("direct is not supported", self.refuses("sed -i 's/^type = .*/&\\ndirect = true/'"))

    def test_two_default_processes_are_refused(self) -> None:
        defaults = "".join(
            f'[[processes]]\\ntype = "{name}"\\ncommand = ["true"]\\ndefault = true\\n' for name in ("one", "other")
        )
        self.assertIn("multiple default process types", self.refuses(f"printf '\\n{defaults}' >>"))

    def test_buildpack_processes_are_accepted(self) -> None:
        self.ours()
        self.assertTrue(self.build().image.processes["web"]["command"])


class LayerTypesTest(cloud_build.CloudBuildTest):
    """Trap 8: the types of a layer must be in a table."""

    def test_layer_types_outside_of_their_table_are_refused(self) -> None:
        self.ours(self.changed(after_build=f"sed -i '/^\\[types\\]/d' {LAYER_TOML}"))
        self.assertIn("types table", self.build_fails("builder", lifecycle.OUTPUT_REFUSED).output)

    def test_buildpack_layer_has_types_launch_and_cache(self) -> None:
        self.ours()
        layer = self.layer(self.build())
        self.assertEqual(
            {name: layer[name] for name in ("build", "launch", "cache")}, {"build": False, "launch": True, "cache": True}
        )


class LayerWithoutDescriptionTest(cloud_build.CloudBuildTest):
    """Trap 9: a layer without a TOML file, or without a type, is silently omitted."""

    def assert_layer_is_in_image(self, build: lifecycle.Build) -> None:
        self.assertIn(LAYER, build.image.layers_of(self.buildpack.id))

    def test_layer_without_toml_file_is_found(self) -> None:
        self.ours(self.changed(after_build=f"rm {LAYER_TOML}"))
        with self.assertRaises(AssertionError):
            self.assert_layer_is_in_image(self.build())

    def test_layer_without_types_is_found(self) -> None:
        self.ours(self.changed(after_build=f"sed -i 's/= true$/= false/' {LAYER_TOML}"))
        with self.assertRaises(AssertionError):
            self.assert_layer_is_in_image(self.build())

    def test_buildpack_layer_is_in_the_image_after_every_build(self) -> None:
        self.ours()
        for _ in range(2):
            self.assert_layer_is_in_image(self.build())


class DetectExitCodeTest(cloud_build.CloudBuildTest):
    """Trap 10: only exit code 100 of bin/detect means "not for this app"."""

    def test_other_detect_exit_code_is_an_error(self) -> None:
        self.ours(self.changed(after_detect="exit 1"))
        self.build_fails("detector", lifecycle.DETECTION_FAILED)

    def foreign(self) -> Path:
        """Returns a copy that declares an architecture without a mesh, so that its bin/detect is called."""
        self.platform.run_image("riscv64")
        return self.changed(descriptor=lambda text: text.replace('arch = "arm64"', 'arch = "riscv64"'))

    def test_buildpack_declines_with_exit_code_100(self) -> None:
        self.ours(self.foreign())
        build = self.build_fails("detector", lifecycle.NOT_DETECTED)
        self.assertIn(f"fail: {self.buildpack.id}@", build.output)

    def test_buildpack_is_skipped_when_optional(self) -> None:
        self.throw_away()
        self.buildpack = self.platform.add_buildpack(self.foreign(), optional=True)
        build = self.build()
        self.assertNotIn("err:", build.output)
        self.assertEqual(build.image.layers_of(self.buildpack.id), {})


class BuildPlanTest(cloud_build.CloudBuildTest):
    """Trap 11: a buildpack with an unrequired provision is skipped."""

    def test_unrequired_provision_is_refused(self) -> None:
        self.ours(self.changed(after_detect='printf \'\\n[[provides]]\\nname = "unwanted"\\n\' >>"$CNB_BUILD_PLAN_PATH"'))
        self.assertIn("provides unused unwanted", self.build_fails("detector", lifecycle.NOT_DETECTED).output)

    def test_buildpack_is_detected_alone_and_with_others(self) -> None:
        self.ours()
        self.build()
        self.throw_away()
        self.build()


class RegistryParserTest(unittest.TestCase):
    """Trap 12: the parser of the classic buildpack registry supports only TOML 0.4, and needs spaces around "="."""

    def check(self, descriptor: str) -> None:
        """Asserts that the registry reads the intended values."""
        self.assertEqual(ruby_toml.load_all([descriptor]), [tomli.loads(descriptor)])

    def test_unsupported_toml_is_found(self) -> None:
        descriptor = (harness.buildpack() / "buildpack.toml").read_text()
        for mistake in (
            re.sub(r"^id = ", "id=", descriptor, count=1, flags=re.MULTILINE),
            descriptor + '\n[metadata.release]\nimage = { repository = "x" }\n',
            descriptor + "\n[other]\nname = 'literal'\n",
            descriptor + "\n[other]\na.b = 1\n",
        ):
            with self.subTest(mistake[-60:]):
                self.assertNotEqual(mistake, descriptor)
                with self.assertRaises(AssertionError):
                    self.check(mistake)

    def test_buildpack_descriptor_is_read(self) -> None:
        self.check((harness.buildpack() / "buildpack.toml").read_text())


class TelemetryLinesTest(cloud_build.CloudBuildTest):
    """Trap 13: a collector silently drops the second of two objects on a line, and lines with control characters."""

    def files(self) -> list[Path]:
        """Returns the telemetry files of this buildpack's phases."""
        return sorted((self.platform.tmp / "libcnb-telemetry").iterdir())

    def check(self, content: bytes) -> None:
        """Asserts that the content ends with a newline, and that the collector and protoc read the same spans."""
        path = self.new_directory() / "trace.jsonl"
        path.write_bytes(content)
        self.assertTrue(content.endswith(b"\n"))
        self.assertTrue(otlp_readers.spans(path))

    def test_malformed_telemetry_lines_are_found(self) -> None:
        self.ours()
        self.build()
        line = self.files()[0].read_bytes().splitlines()[0]
        self.check(line + b"\n" + line + b"\n")
        for mistake in (line + line + b"\n", line.replace(b'"name":"', b'"name":"\t', 1) + b"\n", line):
            with self.subTest(mistake), self.assertRaises(AssertionError):
                self.check(mistake)

    def test_buildpack_telemetry_is_whole_lines(self) -> None:
        stem = re.sub(r"[^A-Za-z0-9]", "_", self.ours().id)
        self.build()
        self.assertEqual([path.name for path in self.files()], [f"{stem}-build.jsonl", f"{stem}-detect.jsonl"])
        for path in self.files():
            self.check(path.read_bytes())

    def test_buildpack_telemetry_is_whole_lines_with_control_characters(self) -> None:
        self.ours()
        self.platform.config(HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION='v\x01\x1b[31m\t"\\\n{}\r{"a":1}')
        self.build_fails("builder", lifecycle.BUILDPACK_FAILED)
        for path in self.files():
            self.check(path.read_bytes())


class TopLevelDirectoriesTest(cloud_build.CloudBuildTest):
    """Trap 14: packaging treats a top-level directory `linux` as the whole buildpack."""

    def package(self, tree: Path) -> Path:
        return lifecycle.package(tree, self.new_directory() / "package", arch=architecture())

    def test_directory_linux_replaces_the_buildpack(self) -> None:
        tree = self.changed()
        (tree / "linux").mkdir()
        (tree / "linux" / "anything").write_text("anything")
        self.ours(self.package(tree))
        self.build_fails("detector", lifecycle.DETECTION_FAILED)

    def test_packaged_buildpack_is_complete(self) -> None:
        """It contains every file, and it builds."""
        packaged = self.package(harness.buildpack())
        names = {str(path.relative_to(harness.buildpack())) for path in harness.buildpack().rglob("*")}
        self.assertEqual({str(path.relative_to(packaged)) for path in packaged.rglob("*")}, names)
        self.ours(packaged)
        self.build()

    def test_release_has_no_git_directory(self) -> None:
        self.assertFalse((harness.buildpack() / ".git").exists())


if __name__ == "__main__":
    unittest.main()
