"""The demo prints every step, reports failures, and leaves no processes.

Runs without the steps of script/demo that build the programs under test.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness

SCRIPT = harness.CHECKOUT / "script" / "demo"
DEMO = harness.CHECKOUT / "tools" / "demo.py"


def run_demo(app: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables}
    return subprocess.run(
        [sys.executable, DEMO, app], capture_output=True, text=True, timeout=2 * harness.PATIENCE, env=environment
    )


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class DemoTest(unittest.TestCase):
    def directory(self) -> Path:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        return Path(directory.name)

    def app(self, procfile: str) -> Path:
        app = self.directory()
        (app / "Procfile").write_text(procfile)
        return app

    def python_app(self, procfile: str) -> Path:
        app = self.app(procfile)
        shutil.copy(harness.FIXTURES / "python-web" / "app.py", app)
        return app

    def test_web_apps_are_built_and_answer_through_the_mesh(self) -> None:
        for fixture, answer in (("node-web", "Hello from Node.js"), ("python-web", "Hello from Python")):
            with self.subTest(fixture):
                done = run_demo(harness.FIXTURES / fixture)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertIn('-----> Installing version "v0.1.2" of Heroku Integration Service Mesh...', done.stdout)
                self.assertIn('build_status: "success"', done.stdout)
                self.assertRegex(done.stdout, r"\nPORT=\d+ APP_PORT=\d+   \(assignments in the command take precedence\)\n")
                self.assertRegex(done.stdout, rf"GET /healthcheck .*\n200 {answer} behind the mesh: GET /healthcheck\n")
                self.assertRegex(done.stdout, r"\(without credentials: the mesh must refuse it\)\n401 401 Invalid request")
                self.assertTrue(done.stdout.endswith(f"200 {answer} behind the mesh: GET /hello\n"), done.stdout)

    def test_applink_app_answers_through_its_own_mesh(self) -> None:
        done = run_demo(self.python_app("web: APP_PORT=$APP_PORT heroku-applink-service-mesh -- python3 app.py\n"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn('-----> Installing version "latest" of Heroku AppLink Service Mesh...', done.stdout)
        self.assertIn('service_mesh_version: "v1.2.3"', done.stdout)
        self.assertRegex(done.stdout, r"the mesh must refuse it\)\n401 ")
        self.assertTrue(done.stdout.endswith("200 Hello from Python behind the mesh: GET /hello\n"), done.stdout)

    def test_script_builds_all_that_the_demo_needs(self) -> None:
        done = self.run_script_copy()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("cmake --build --preset release --target mesh-standin applink-standin\n", done.stdout)
        self.assertTrue(done.stdout.endswith("the demo runs\n"), done.stdout)

    def test_only_the_first_build_is_announced(self) -> None:
        notice = "script/setup demo\nBuilding the buildpack. The first time takes five to fifteen minutes.\nscript/build\n"
        self.assertIn(notice, self.run_script_copy().stdout)
        self.assertNotIn("Building", self.run_script_copy("mesh-buildpack").stdout)

    def run_script_copy(self, *built: str) -> subprocess.CompletedProcess[str]:
        """Runs script/demo in a tree whose other scripts only print their names. `built` are programs in build/release."""
        tree = self.directory()
        for name in ("script", "tools", "build/release", "app"):
            (tree / name).mkdir(parents=True)
        for name in built:
            (tree / "build" / "release" / name).touch()
        for name in ("setup", "build"):
            script = tree / "script" / name
            script.write_text(f"#!/bin/sh\necho script/{name} $*\n")
            script.chmod(0o755)
        (tree / "script" / "environment.sh").write_text('cmake() { echo "cmake $*"; }\n')
        (tree / "tools" / "demo.py").write_text('print("the demo runs")\n')
        script = shutil.copy(SCRIPT, tree / "script")
        return subprocess.run([script, tree / "app"], capture_output=True, text=True, timeout=harness.PATIENCE)

    def test_config_vars_are_explained_before_the_build_log(self) -> None:
        done = run_demo(harness.FIXTURES / "directory-in-the-way")
        before, _, log = done.stdout.partition("=== Build log of directory-in-the-way")
        self.assertIn("\nThe demo sets config vars that name its own release server.\n", before)
        self.assertIn("-----> Using buildpack", log)

    def test_help_prints_the_usage_lines(self) -> None:
        for name, usage in (
            ("demo", "usage: script/demo [FIXTURE_OR_APP_DIR]   (default: fixtures/node-web)\n"),
            ("build", "usage: script/build [amd64|arm64]...   (default: for this machine)\n"),
        ):
            for option in ("-h", "--help"):
                with self.subTest(name, option=option):
                    script = harness.CHECKOUT / "script" / name
                    done = subprocess.run([script, option], capture_output=True, text=True, timeout=harness.PATIENCE)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
                    self.assertTrue(done.stdout.startswith(usage), done.stdout)
                    self.assertNotIn("\nset ", done.stdout)

    def test_missing_directory_is_reported_before_anything_is_built(self) -> None:
        done = subprocess.run([SCRIPT, "/nope"], capture_output=True, text=True, timeout=harness.PATIENCE)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (2, "", "script/demo: no such directory: /nope\n"))

    def test_report_is_printed_once(self) -> None:
        done = run_demo(harness.FIXTURES / "directory-in-the-way")
        self.assertEqual(done.stdout.count("build_status"), 1, done.stdout)

    def test_failed_build_fails_the_demo_and_prints_its_report(self) -> None:
        done = run_demo(harness.FIXTURES / "directory-in-the-way")
        self.assertEqual(done.returncode, 1)
        self.assertIn(" !     Push rejected, failed to compile Heroku Integration Service Mesh app.\n", done.stdout)
        self.assertIn('build_status: "failure"', done.stdout)
        self.assertIn("The demo failed: the build did not succeed", done.stderr)

    def test_missing_web_process_fails_the_demo(self) -> None:
        for fixture in ("no-web", "no-procfile"):
            with self.subTest(fixture):
                done = run_demo(harness.FIXTURES / fixture)
                self.assertEqual(done.returncode, 1)
                reason = "the app has no web process. Add a Procfile with a web line (see README.md)."
                self.assertEqual(done.stderr, f"\nThe demo failed: {reason}\n")

    def test_exited_web_process_fails_the_demo(self) -> None:
        done = run_demo(self.app("web: heroku-integration-service-mesh sh -c 'echo I give up; exit 3'\n"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("The demo failed: the web process ended", done.stderr)
        self.assertIn("I give up", done.stderr)

    def test_app_that_answers_without_the_mesh_fails_the_demo(self) -> None:
        done = run_demo(self.python_app("web: APP_PORT=$PORT exec python3 app.py\n"))
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stdout, r"\(without credentials: the mesh must refuse it\)\n200 Hello from Python")
        self.assertIn("The demo failed: Requests reach the app without credentials: the web process does not start", done.stderr)

    def test_runtimes_on_the_callers_path_are_at_the_end_of_the_dynos_path(self) -> None:
        directories = []
        for runtime in ("node", "python", "ruby", "java"):
            directory = self.directory()
            (directory / runtime).touch(0o755)
            directories.append(str(directory))
        path = ":".join([*directories, os.environ["PATH"]])
        done = run_demo(self.app("web: heroku-integration-service-mesh sh -c 'echo $PATH; exit 3'\n"), PATH=path)
        self.assertIn(":".join(["/usr/bin", "/bin", *directories]) + "\n", done.stderr)

    def test_interrupted_demo_ends_its_processes(self) -> None:
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(number):
                app = self.app("web: heroku-integration-service-mesh sleep 1000\n")
                demo = subprocess.Popen([sys.executable, DEMO, app], stdout=subprocess.PIPE, text=True)
                self.addCleanup(demo.stdout.close)
                self.addCleanup(demo.wait)
                self.addCleanup(demo.terminate)
                line = ""
                while not line.startswith("PORT="):
                    line = demo.stdout.readline()
                    self.assertTrue(line, "the demo ended before it started the web process")
                port = int(re.match(r"PORT=(\d+)", line)[1])
                harness.eventually(lambda port=port: is_listening(port), "the mesh listens")
                demo.send_signal(number)
                self.assertEqual(demo.wait(harness.PATIENCE), code)
                self.assertFalse(is_listening(port))


if __name__ == "__main__":
    unittest.main()
