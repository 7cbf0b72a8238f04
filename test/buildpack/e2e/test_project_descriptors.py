"""The examples of project.toml in docs/examples, each with an app: built by the real lifecycle with the order and the settings of
the file, and responding through the mesh.

The builder's own buildpacks are stand-ins of a few lines, which declare the processes of the real ones: heroku/procfile every
line of the Procfile, the languages' a web process of their own.
"""

from __future__ import annotations

import shutil
import sys
import unittest
import urllib.error
import urllib.request
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import cloud_build
import harness
from project_descriptor import Descriptor, Entry
from tools import lifecycle, otlp_readers, signing_keys
from tools.release_model import APPLINK_NAME

EXAMPLES = harness.CHECKOUT / "docs" / "examples"

# Does the same as heroku/procfile 4 (its src/launch.rs), for the simplest Procfiles.
PROCFILE = """
exec >"$CNB_LAYERS_DIR/launch.toml"
while IFS= read -r line; do
  printf '[[processes]]\\ntype = "%s"\\ncommand = ["bash", "-c"]\\nargs = ["%s"]\\n' "${line%%:*}" "${line#*: }"
  [ "${line%%:*}" != web ] || printf 'default = true\\n'
done <Procfile
"""
LANGUAGE = """
printf '[[processes]]\\ntype = "web"\\ncommand = ["false"]\\n' >"$CNB_LAYERS_DIR/launch.toml"
"""
STAND_INS = {"heroku/procfile": PROCFILE, "heroku/nodejs": LANGUAGE, "heroku/python": LANGUAGE}


class ProjectDescriptorsTest(cloud_build.CloudBuildTest):
    fixture = "node-web"

    def setUp(self) -> None:
        super().setUp()
        self.server.publish_applink("v1.2.3", harness.applink_standin().read_bytes(), signing_keys.publisher())

    def app(self, *fixtures: str) -> None:
        """Makes an app of these fixtures; later ones overwrite files of earlier ones."""
        shutil.rmtree(self.platform.source)
        for fixture in fixtures:
            shutil.copytree(harness.FIXTURES / fixture, self.platform.source, dirs_exist_ok=True)

    def build_as_it_says(self, example: str, *builder: Entry) -> lifecycle.Build:
        """Runs a strict build of the app with this file, by a builder with these buildpacks. It must print no warnings."""
        text = (EXAMPLES / example / "project.toml").read_text()
        (self.platform.source / "project.toml").write_text(text)
        descriptor = Descriptor(text)
        self.platform.config(HEROKU_SERVICE_MESH_STRICT="1", **descriptor.environment)
        for entry in descriptor.order(list(builder)):
            if entry.name.startswith("https:"):
                self.ours()
            else:
                tree = lifecycle.ShellBuildpack(id=entry.name, build=STAND_INS[entry.name]).write(self.new_directory())
                self.platform.add_buildpack(tree, optional=entry.is_optional)
        build = self.build()
        self.assertNotIn(" !     ", build.output)
        return build

    def assert_answers_through_the_mesh(self, build: lifecycle.Build, product: str, greeting: str) -> None:
        port, app_port = harness.free_ports(2)
        addon = {f"HEROKU_{product}_TOKEN": "token", f"HEROKU_{product}_API_URL": "http://127.0.0.1:9"}
        with self.platform.launch(build.image, "web", PORT=str(port), APP_PORT=str(app_port), **addon) as process:

            def answer() -> tuple[int, str] | None:
                self.assertIsNone(process.process.poll(), process.output)
                return self.get(f"http://127.0.0.1:{port}/a", {"X-Client-Context": "test"})

            self.assertEqual(harness.eventually(answer, "the app answers"), (200, f"{greeting}: GET /a\n"))
            self.assertEqual(self.get(f"http://127.0.0.1:{port}/a", {})[0], 401)

    def get(self, url: str, headers: dict[str, str]) -> tuple[int, str] | None:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return None if error.code == 502 else (error.code, "")
        except OSError:
            return None

    BUILDER = (Entry("heroku/nodejs"), Entry("heroku/procfile", is_optional=True))

    def test_post_group(self) -> None:
        build = self.build_as_it_says("post-group", *self.BUILDER)
        web = build.image.processes["web"]
        self.assertEqual((web["command"], web["buildpackID"]), (["bash", "-c"], "heroku/procfile"))
        self.assertEqual(self.layer(build)["data"]["product"], "integration")
        self.assert_answers_through_the_mesh(build, "INTEGRATION", "Hello from Node.js behind the mesh")

    def test_explicit_group(self) -> None:
        self.app("python-web")
        self.server.publish("v0.1.9", harness.mesh_release_asset())  # which is not the pinned one
        build = self.build_as_it_says("explicit-group", *self.BUILDER)
        self.assertNotIn("heroku/nodejs", build.output)
        self.assertEqual(self.layer(build)["data"]["version"], "v0.1.2")
        self.assert_answers_through_the_mesh(build, "INTEGRATION", "Hello from Python behind the mesh")

    def test_wrapped(self) -> None:
        self.app("node-web", "unwrapped-web")
        build = self.build_as_it_says("wrapped", *self.BUILDER)
        web = build.image.processes["web"]
        self.assertEqual((web["command"], web["args"]), ([APPLINK_NAME, "--", "bash", "-c"], ["node server.js"]))
        self.assertEqual(build.image.config["config"]["Entrypoint"], ["/cnb/process/web"])
        self.assert_answers_through_the_mesh(build, "APPLINK", "Hello from Node.js behind the mesh")

    def test_wrap_before_the_procfile_buildpack_is_overridden(self) -> None:
        """The examples put this buildpack after heroku/procfile for this reason."""
        self.app("node-web", "unwrapped-web")
        self.platform.config(**Descriptor((EXAMPLES / "wrapped" / "project.toml").read_text()).environment)
        self.ours()
        self.throw_away(id="heroku/procfile", build=PROCFILE)
        build = self.build()
        self.assertIn("heroku/procfile runs after this buildpack", build.output)
        self.assertNotIn("starts through the mesh:", build.output)
        self.assertEqual(self.verdict(), "unwrapped")
        self.assertEqual(build.image.processes["web"]["command"], ["bash", "-c"])
        self.assertNotIn(APPLINK_NAME, str(build.image.processes["web"]))
        self.platform.config(HEROKU_SERVICE_MESH_STRICT="1")
        failed = self.build_fails("builder", lifecycle.BUILDPACK_FAILED)
        self.assertIn("buildpack-order", failed.output)
        self.assertIn("procfile::strict", failed.output)

    def test_later_buildpack_makes_the_verdict_unknown(self) -> None:
        self.app("node-web", "unwrapped-web")
        environment = Descriptor((EXAMPLES / "wrapped" / "project.toml").read_text()).environment
        self.platform.config(HEROKU_SERVICE_MESH_STRICT="1", **environment)
        self.ours()
        self.throw_away(id="tests/language", build=LANGUAGE)
        build = self.build()
        self.assertIn("later-buildpack (note)", build.output)
        self.assertEqual(self.verdict(), "unknown")
        self.assertEqual(build.image.processes["web"]["command"], ["false"])

    def test_wrap_needs_no_other_buildpack_when_the_procfile_calls_the_mesh(self) -> None:
        self.platform.config(HEROKU_SERVICE_MESH_WRAP="web", HEROKU_SERVICE_MESH_STRICT="1")
        self.ours()
        build = self.build()
        self.assertEqual(build.image.processes["web"]["command"], ["bash", "-c"])
        self.assert_answers_through_the_mesh(build, "INTEGRATION", "Hello from Node.js behind the mesh")

    def test_shell_command_with_arguments_is_kept(self) -> None:
        self.platform.config(HEROKU_SERVICE_MESH_WRAP="web")
        process = '[[processes]]\ntype = "web"\ncommand = "node"\nargs = ["server.js"]\n'
        self.throw_away(
            id="tests/old", api='api = "0.8"\n', build=f"cat >\"$CNB_LAYERS_DIR/launch.toml\" <<'END'\n{process}END\n"
        )
        self.ours()
        build = self.build()
        self.assertIn("cannot wrap the process type", build.output)
        self.assertEqual(build.image.processes["web"]["buildpackID"], "tests/old")
        self.assertEqual(self.verdict(), "unwrapped")

    def verdict(self) -> str:
        """Returns the verdict on the web process in the trace of the last build."""
        (path,) = (self.platform.tmp / "libcnb-telemetry").glob("*-build.jsonl")
        return otlp_readers.spans(path)[-1]["attributes"]["cnb.service_mesh.procfile_web"]


if __name__ == "__main__":
    unittest.main()
