"""Whole builds of the fixtures, as the platform runs them: log, report, event, cache, and a web process that answers."""

from __future__ import annotations

import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
import report_contract
from tools import faults, heroku_build, platform_report
from tools.dyno import Dyno
from tools.release_server import ReleaseServer

ADVICE = (
    "-----> Ensure that heroku-integration-service-mesh is configured in your Procfile's web process to start your app, "
    "eg heroku-integration-service-mesh <app startup command>\n"
)


class AppTest(unittest.TestCase):
    def setUp(self) -> None:
        self.server = ReleaseServer()
        self.addCleanup(self.server.close)
        self.server.publish("v0.1.2", harness.mesh_release_asset())
        directory = tempfile.TemporaryDirectory(prefix="mesh-apps-")
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        self.root.chmod(0o755)

    def build(self, fixture: str, **options: object) -> heroku_build.Result:
        result = harness.platform_build(harness.FIXTURES / fixture, self.root / "work", self.server, **options)
        self.assertEqual(result.report_error, "", result.output)
        report_contract.check(result.report_output.decode())
        return result

    def facts(self, result: heroku_build.Result, *keys: str) -> list[object]:
        return [result.event.get(platform_report.PREFIX + key) for key in keys]


class ProcfileTest(AppTest):
    """Findings in the Procfile are in the log and in the event, and do not fail a build."""

    def assert_found(self, fixture: str, web: str, findings: str | None) -> str:
        result = self.build(fixture)
        self.assertFalse(result.failed, result.output)
        keys = ("procfile_web", "procfile_findings", "procfile_findings_count", "failed", "build_status")
        self.assertEqual(self.facts(result, *keys), [web, findings, 1 if findings else 0, False, "success"])
        self.assertIn(ADVICE, result.output)
        return result.output

    def test_wrapped_web_process_is_logged(self) -> None:
        for fixture in ("node-web", "python-web"):
            with self.subTest(fixture):
                output = self.assert_found(fixture, "wrapped", None)
                self.assertIn("       Found: web: APP_PORT=${APP_PORT:-3000} heroku-integration-service-mesh ", output)
                self.assertNotIn(" !     ", output)

    def test_unwrapped_web_process_gets_a_warning_with_a_suggestion(self) -> None:
        output = self.assert_found("unwrapped-web", "unwrapped", "mesh-not-used")
        self.assertRegex(output, r" !       web: APP_PORT=3000 heroku-integration-service-mesh env PORT=3000 node server\.js\x1b\[0m\n")

    def test_procfile_without_web_process_gets_a_warning(self) -> None:
        self.assertIn("The Procfile has no web process", self.assert_found("no-web", "missing", "web-missing"))

    def test_app_without_procfile_gets_a_warning(self) -> None:
        self.assertIn("This app has no Procfile", self.assert_found("no-procfile", "no-procfile", "procfile-missing"))


class EventTest(AppTest):
    def test_event_of_a_success(self) -> None:
        result = self.build("node-web")
        self.assertIs(self.facts(result, "failed")[0], False)
        self.assertEqual(self.facts(result, "buildpack_url"), [heroku_build.DEFAULT_URL])
        self.assertEqual(
            self.facts(result, "service_mesh_version", "service_mesh_version_requested", "service_mesh_source", "stack"),
            ["v0.1.2", "latest", "mirror", "heroku-24"],
        )
        self.assertIs(self.facts(result, "service_mesh_version_pinned")[0], False)

    def test_event_of_a_failure(self) -> None:
        for fixture, reason in {
            "directory-in-the-way": "install::path-conflict",
            "profile-directory-in-the-way": "install::path-conflict",
            "vendor-is-a-file": "install::path-conflict",
        }.items():
            with self.subTest(fixture):
                result = self.build(fixture)
                self.assertEqual(result.exit_code, 1)
                self.assertEqual(
                    self.facts(result, "failed", "build_status", "failure_reason", "failure_classification", "failure_step"),
                    [True, "failure", reason, "user", "place"],
                )
                self.assertIn("Push rejected, failed to compile Heroku Integration Service Mesh app.", result.output)
                self.assertEqual(harness.snapshot(result.build_dir), harness.snapshot(harness.FIXTURES / fixture))

    def test_event_of_a_timed_out_build(self) -> None:
        self.server.fault("asset", faults.stall())
        result = self.build("node-web", timeout=2, grace=10)
        self.assertTrue(result.timed_out)
        self.assertEqual(self.facts(result, "failed", "build_status", "build_step"), [True, "interrupted", "download"])
        self.assertIn("The build was interrupted.", result.output)

    def test_every_platform_configuration_passes_config_vars_as_files(self) -> None:
        self.server.publish("v7.0.0", harness.mesh_release_asset(), repository="acme/mesh")
        names = {"RELEASE_VERSION": "7.0.0", "REPO_OWNER": "acme", "REPO_PROJECT": "mesh"}
        config = {f"HEROKU_INTEGRATION_SERVICE_MESH_{name}": value for name, value in names.items()}
        result = self.build("node-web", config={**config, "BUILD_DIR": "dist", "PATH": "/nowhere", "my-var": "1"})
        self.assertEqual(self.facts(result, "failed", "service_mesh_version"), [False, "v7.0.0"])


class CacheTest(AppTest):
    def test_previous_version_is_that_of_the_last_successful_build(self) -> None:
        first = self.build("node-web")
        self.assertEqual(self.facts(first, "service_mesh_version_previous", "service_mesh_version_changed"), [None, None])
        self.server.publish("v0.1.3", harness.mesh_release_asset())
        failed = self.build("vendor-is-a-file")
        self.assertEqual(self.facts(failed, "service_mesh_version", "service_mesh_version_previous"), ["v0.1.3", "v0.1.2"])
        self.assertEqual(self.facts(failed, "service_mesh_version_changed"), [None])
        again = self.build("node-web")
        self.assertEqual(self.facts(again, "service_mesh_version_previous", "service_mesh_version_changed"), ["v0.1.2", True])
        self.assertEqual(self.facts(self.build("node-web"), "service_mesh_version_changed"), [False])

    def test_buildpack_listed_twice_installs_once(self) -> None:
        """The second one finds the files of the first one, in the same app and cache."""
        first = self.build("node-web")
        slug = self.root / "slug"
        first.build_dir.rename(slug)
        second = harness.platform_build(slug, self.root / "work", self.server)
        self.assertFalse(second.failed, second.output)
        profile = (second.build_dir / harness.PROFILE_PATH).read_text()
        self.assertEqual(profile, (slug / harness.PROFILE_PATH).read_text())
        self.assertEqual(harness.snapshot(second.build_dir), harness.snapshot(slug))


class DynoTest(AppTest):
    def test_web_process_answers_through_the_installed_mesh(self) -> None:
        result = self.build("python-web")
        port, app_port = harness.free_ports(2)
        config = {
            "APP_PORT": str(app_port),
            "HEROKU_INTEGRATION_TOKEN": "t",
            "HEROKU_INTEGRATION_API_URL": "http://127.0.0.1:9",
        }
        log = self.root / "dyno.log"
        with Dyno(result.build_dir, result.processes["web"], port=port, log=log, config=config) as dyno:
            answer = harness.eventually(lambda: _get(f"{dyno.url}/hello"), "the app answers through the mesh")
        self.assertIn("Hello from Python behind the mesh: GET /hello", answer)


def _get(url: str) -> str | None:
    request = urllib.request.Request(url, headers={"X-Client-Context": "test"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read().decode()
    except (OSError, urllib.error.HTTPError):
        return None


if __name__ == "__main__":
    unittest.main()
