"""The stand-in mesh behaves as the real one where a buildpack, an app and its users can see it."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import harness

AUTHENTICATED = {"X-Client-Context": "anything"}

# An app that answers with what it was asked, after it was told to start; prints a line when it listens.
APP = """
import http.server, os, sys
class App(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = f"{self.command} {self.path} {self.headers['X-Seen']} {self.headers['Connection']} ".encode() + body
        self.send_response(201); self.send_header("Content-Length", str(len(answer))); self.end_headers()
        self.wfile.write(answer)
    def do_GET(self):
        self.send_response(200); self.end_headers()
        self.wfile.write(b"x" * 3_000_000)
    def log_message(self, *_): pass
server = http.server.HTTPServer(("127.0.0.1", int(os.environ["APP_PORT"])), App)
print("app listens", flush=True)
server.serve_forever()
"""


class MeshTest(unittest.TestCase):
    def setUp(self) -> None:
        self.mesh = harness.mesh_standin()
        self.port, self.app_port = harness.free_ports(2)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HEROKU_INTEGRATION_TOKEN": "token",
            "HEROKU_INTEGRATION_API_URL": "http://127.0.0.1:9",
            "PORT": str(self.port),
            "APP_PORT": str(self.app_port),
        }

    def run_mesh(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([self.mesh, *command], env=self.environment, capture_output=True, text=True, timeout=30)

    def start_mesh(self, *command: str) -> subprocess.Popen[str]:
        """Started, and answering its health check."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        mesh = subprocess.Popen([self.mesh, *command], env=self.environment, text=True, start_new_session=True, **pipes)
        self.addCleanup(mesh.stdout.close)
        self.addCleanup(mesh.wait)
        self.addCleanup(os.killpg, mesh.pid, signal.SIGKILL)
        harness.eventually(lambda: self.status("/healthcheck") == 200, "the mesh answers its health check")
        return mesh

    def start_app(self) -> subprocess.Popen[str]:
        mesh = self.start_mesh(sys.executable, "-c", APP)
        self.assertEqual(mesh.stdout.readline(), "app listens\n")
        return mesh

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        self.addCleanup(connection.close)
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, response.read()

    def status(self, path: str) -> int | None:
        try:
            return self.ask(path)[0]
        except OSError:
            return None

    def test_without_the_addons_variables_it_refuses_to_start(self) -> None:
        for missing in ("HEROKU_INTEGRATION_TOKEN", "HEROKU_INTEGRATION_API_URL"):
            with self.subTest(missing):
                value = self.environment.pop(missing)
                done = self.run_mesh("true")
                self.environment[missing] = value
                self.assertEqual((done.returncode, done.stderr), (1, "Heroku Integration add-on config vars not set\n"))

    def test_without_a_command_it_ends_at_once(self) -> None:
        self.assertEqual(self.run_mesh().returncode, 0)

    def test_its_exit_code_says_only_whether_the_command_succeeded(self) -> None:
        self.assertEqual(self.run_mesh("true").returncode, 0)
        self.assertEqual(self.run_mesh("sh", "-c", "exit 7").returncode, 1)

    def test_every_argument_belongs_to_the_command(self) -> None:
        for command in (["--", "true"], ["--port", "1", "true"], ["-v"], ["APP_PORT=1", "true"], ["echo hello"]):
            with self.subTest(command):
                done = self.run_mesh(*command)
                self.assertEqual((done.returncode, done.stderr), (1, ""))
                self.assertEqual(done.stdout, "Error executing command: exec: not started\n")

    def test_the_command_gets_the_environment_and_the_output(self) -> None:
        done = self.run_mesh("sh", "-c", 'echo "$PORT $APP_PORT"')
        self.assertEqual(done.stdout, f"{self.port} {self.app_port}\n")

    def test_health_and_version_are_answered_without_the_app(self) -> None:
        self.start_mesh("sleep", "100")
        self.assertEqual(self.ask("/healthcheck"), (200, b"OK\n"))
        self.assertEqual(self.ask("/__herokuIntegrationServiceMeshInfo"), (200, b'{"version":"v0.1.2"}'))

    def test_requests_without_context_are_refused(self) -> None:
        self.start_app()
        self.assertEqual(self.ask("/"), (401, b"Invalid request\n"))
        self.assertEqual(self.ask("/", "POST", b"x" * 100_000), (401, b"Invalid request\n"))

    def test_requests_are_forwarded_with_headers_and_body(self) -> None:
        self.start_app()
        status, body = self.ask("/a?b=c", "POST", b"y" * 200_000, X_Seen="yes", **AUTHENTICATED)
        self.assertEqual((status, body), (201, b"POST /a?b=c yes close " + b"y" * 200_000))

    def test_long_answers_arrive_whole(self) -> None:
        self.start_app()
        self.assertEqual(self.ask("/", **AUTHENTICATED), (200, b"x" * 3_000_000))

    def test_an_app_that_is_not_there_is_a_bad_gateway(self) -> None:
        self.start_mesh("sleep", "100")
        self.assertEqual(self.ask("/", **AUTHENTICATED), (502, b"Failed to forward request\n"))

    def test_a_port_in_use_is_fatal(self) -> None:
        self.start_mesh("sleep", "100")
        self.assertEqual(self.run_mesh("true").returncode, 1)

    # The first line is the process's number; the second tells that a signal came, which the script survives.
    SCRIPT = 'echo $$; trap "echo got it" TERM INT HUP; while :; do sleep 1000 & wait; done'

    def start_script(self) -> subprocess.Popen[str]:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        mesh = subprocess.Popen(
            [self.mesh, "sh", "-c", self.SCRIPT], env=self.environment, text=True, start_new_session=True, **pipes
        )
        self.addCleanup(mesh.stdout.close)
        self.addCleanup(mesh.wait)
        self.addCleanup(os.killpg, mesh.pid, signal.SIGKILL)
        return mesh

    def test_signal_ends_the_mesh_but_does_not_reach_the_command(self) -> None:
        mesh = self.start_script()
        command = int(mesh.stdout.readline())
        mesh.terminate()
        self.assertEqual(mesh.wait(20), -signal.SIGTERM)
        self.assertTrue(harness.is_running(command))

    def test_signal_to_all_processes_reaches_the_command(self) -> None:
        mesh = self.start_script()
        mesh.stdout.readline()
        os.killpg(mesh.pid, signal.SIGTERM)
        self.assertEqual(mesh.stdout.readline(), "got it\n")


if __name__ == "__main__":
    unittest.main()
