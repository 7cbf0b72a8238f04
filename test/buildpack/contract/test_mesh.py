"""The stand-in meshes behave like the real ones for a buildpack, an app and its users.

Log lines, error texts and exit codes are those of Integration's mesh v0.1.2. AppLink's mesh is not public; its stand-in behaves
like Integration's where AppLink's behavior is unknown.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
from tools.running import Running

AUTHENTICATED = {"X-Client-Context": "anything"}

# An app that describes each request in its response, and prints a line when it listens.
APP = """
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = f"{self.command} {self.path} {self.headers['X-Seen']} ".encode() + body
        self.send_response(201); self.send_header("Content-Length", str(len(answer))); self.end_headers()
        self.wfile.write(answer)
    def do_GET(self):
        if self.path != "/chunked":
            self.close_connection = True
        if self.path == "/long":
            self.send_response(200); self.end_headers()
            self.wfile.write(b"x" * 3_000_000)
        elif self.path == "/chunked":
            self.send_response(200); self.send_header("Transfer-Encoding", "chunked"); self.end_headers()
            self.wfile.write(b"5\\r\\nhello\\r\\nc\\r\\n the\\n world!\\r\\n0\\r\\n\\r\\n")
        elif self.path == "/silent":
            pass
        elif self.path == "/missing":
            self.send_error(404)
        else:
            self.send_response(200); self.end_headers()
            names = ("Host", "X-Request-Id", "X-Request-Context")
            self.wfile.write(" ".join(f"{name}={self.headers[name]}" for name in names).encode())
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer((sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1", int(os.environ["AT"])), Handler)
print("app listens", flush=True)
server.serve_forever()
"""

TIME = r"time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
LOCAL_TIME = r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d"
DURATION = r"[\d.]+(ns|µs|ms|s)"


class Mesh(Running):
    """Runs a mesh with its command in a process group of its own."""

    def __init__(self, command: list[str | Path], directory: Path, environment: dict[str, str]):
        self.out, self.err = directory / "stdout", directory / "stderr"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                command, cwd=directory, env=environment, stdout=out, stderr=err, stdin=subprocess.PIPE,
                start_new_session=True,
            )  # fmt: skip
        self.process.stdin.close()

    def stop(self) -> int:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait()


class MeshTest(unittest.TestCase):
    prefix, title, name, version = "HEROKU_INTEGRATION", "Heroku Integration", "heroku-integration-service-mesh", "v0.1.2"

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.mesh = self.binary()
        self.port, self.app_port = harness.free_ports(2)
        self.environment = {
            "PATH": os.environ["PATH"],
            f"{self.prefix}_TOKEN": "token",
            f"{self.prefix}_API_URL": "http://127.0.0.1:9",
            "PORT": str(self.port),
            "APP_PORT": str(self.app_port),
        }

    def binary(self) -> Path:
        return harness.mesh_standin()

    def configure(self, text: str) -> None:
        (self.directory / f"{self.name}.yaml").write_text(text)

    def run_mesh(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.mesh, *command], env=self.environment, cwd=self.directory, capture_output=True, text=True, timeout=30
        )

    def start_mesh(self, *command: str, at: int | None = None) -> Mesh:
        """Starts the mesh and waits until it listens."""
        mesh = Mesh([self.mesh, *command], self.directory, self.environment)
        self.addCleanup(mesh.stop)

        def listens() -> bool:
            self.assertIsNone(mesh.process.poll(), mesh.err.read_text())
            return self.is_listening(at or self.port)

        harness.eventually(listens, "the mesh listens")
        return mesh

    def start_app(self, *flags: str, at: int | None = None, host: str = "127.0.0.1") -> Mesh:
        """Starts an app behind the mesh on this port, by default the one that the mesh forwards to."""
        self.environment["AT"] = str(at or self.app_port)
        mesh = self.start_mesh(*flags, sys.executable, "-c", APP, host)
        harness.eventually(lambda: "app listens\n" in mesh.out.read_text(), "the app listens")
        return mesh

    def is_listening(self, port: int, host: str = "127.0.0.1") -> bool:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            return probe.connect_ex((host, port)) == 0

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        response = self.response(path, method, body, **headers)
        return response.status, response.read()

    def response(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        self.addCleanup(connection.close)
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        return connection.getresponse()

    def log_line(self, level: str, message: str, more: str = "") -> str:
        """Returns a regular expression for a line of the mesh's log."""
        message = re.escape(message) if re.fullmatch(r"[\w./-]+", message) else f'"{re.escape(message)}"'
        return f"{TIME} level={level} msg={message} app=local source={self.name}{more}"

    def assert_lines(self, expected: list[str], text: str) -> None:
        lines = text.splitlines()
        self.assertEqual(len(lines), len(expected), text)
        for pattern, line in zip(expected, lines):
            self.assertRegex(line, rf"\A{pattern}\Z")

    def start_lines(self, port: int | str, app_host: str = "http://127.0.0.1", app_port: int | str | None = None) -> list[str]:
        facts = (
            r" go_version:=go[\d.]+ os=linux arch=(amd64|arm64)"
            rf" http_port={port} version={self.version} environment=local"
            f" app_host={re.escape(app_host)} app_port={app_port or self.app_port}"
        )
        return [
            self.log_line("INFO", "environment", facts),
            self.log_line("INFO", f"{self.title} Service Mesh is up!", f" port={port}"),
        ]


class EndTest(MeshTest):
    """How the mesh starts and ends."""

    def test_refuses_to_start_without_the_addons_variables(self) -> None:
        for missing in ("TOKEN", "API_URL"):
            for value in (None, ""):
                with self.subTest(missing=missing, value=value):
                    environment = dict(self.environment)
                    del self.environment[f"{self.prefix}_{missing}"]
                    if value is not None:
                        self.environment[f"{self.prefix}_{missing}"] = value
                    done = self.run_mesh("true")
                    self.environment = environment
                    self.assertEqual((done.returncode, done.stdout), (1, ""))
                    self.assertRegex(done.stderr, rf"\A{LOCAL_TIME} {self.title} add-on config vars not set\n\Z")

    def test_ends_at_once_without_a_command(self) -> None:
        self.assertEqual(self.run_mesh().returncode, 0)

    def test_exit_code_is_0_when_the_command_succeeds(self) -> None:
        done = self.run_mesh("true")
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_logs_how_the_command_failed(self) -> None:
        for script, end in (
            ("exit 7", "exit status 7"),
            ("exit 127", "exit status 127"),
            ("kill -TERM $$", "signal: terminated"),
            ("kill -KILL $$", "signal: killed"),
        ):
            with self.subTest(script):
                done = self.run_mesh("sh", "-c", script)
                self.assertEqual((done.returncode, done.stdout), (1, f"Error executing command: {end}\n"))
                self.assert_lines(self.start_lines(self.port), done.stderr)

    def test_command_that_cannot_be_started(self) -> None:
        for command in (["/no/such/program"], ["APP_PORT=1", "true"], ["echo hello"]):
            with self.subTest(command):
                done = self.run_mesh(*command)
                self.assertEqual((done.returncode, done.stdout), (1, "Error executing command: exec: not started\n"))

    def test_command_gets_the_environment_and_the_output(self) -> None:
        done = self.run_mesh("sh", "-c", 'echo "$PORT $APP_PORT"; echo error >&2')
        self.assertEqual(done.stdout, f"{self.port} {self.app_port}\n")
        self.assertIn("error\n", done.stderr)

    def test_command_gets_no_input(self) -> None:
        done = subprocess.run(
            [self.mesh, "cat"], env=self.environment, input="text", capture_output=True, text=True, timeout=30
        )
        self.assertEqual((done.returncode, done.stdout), (0, ""))


class SignalTest(MeshTest):
    # Prints its process id, then a line for each signal, which does not end it.
    SCRIPT = 'echo $$; trap "echo got it" TERM INT HUP; while :; do sleep 1000 & wait; done'

    def start(self) -> tuple[Mesh, int]:
        mesh = self.start_mesh("sh", "-c", self.SCRIPT)
        number = harness.eventually(mesh.out.read_text, "the command runs")
        return mesh, int(number)

    def test_signal_ends_the_mesh_but_does_not_reach_the_command(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number):
                mesh, command = self.start()
                mesh.process.send_signal(number)
                self.assertEqual(mesh.process.wait(20), -number)
                self.assertFalse(self.is_listening(self.port))
                # The command takes this signal, and no other came before.
                os.kill(command, signal.SIGTERM)
                harness.eventually(lambda mesh=mesh: "got it" in mesh.out.read_text(), "the command gets a signal of its own")
                self.assertEqual(mesh.out.read_text(), f"{command}\ngot it\n")
                mesh.stop()
                harness.eventually(lambda command=command: not harness.is_running(command), "the command is gone")

    def test_signal_to_all_processes_reaches_the_command(self) -> None:
        mesh, command = self.start()
        os.killpg(mesh.process.pid, signal.SIGTERM)
        self.assertEqual(mesh.process.wait(20), -signal.SIGTERM)
        harness.eventually(lambda: mesh.out.read_text() == f"{command}\ngot it\n", "the command gets the signal")

    @unittest.skipIf(os.geteuid() != 0, "needs root for a process namespace")
    def test_signal_ends_the_first_process_of_a_container(self) -> None:
        box = Mesh(
            ["unshare", "--pid", "--fork", "--kill-child", self.mesh, "sleep", "1000"], self.directory, self.environment
        )
        self.addCleanup(box.stop)
        harness.eventually(lambda: self.is_listening(self.port), "the mesh listens")
        children = Path(f"/proc/{box.process.pid}/task/{box.process.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGTERM)
        self.assertEqual(box.process.wait(20), 2)


class PortTest(MeshTest):
    def test_listens_on_port(self) -> None:
        self.start_mesh("sleep", "100")
        self.assertTrue(self.is_listening(self.port))

    def test_default_ports(self) -> None:
        del self.environment["PORT"], self.environment["APP_PORT"]
        self.assert_lines(self.start_lines(8070, app_port=3000), "\n".join(self.run_mesh("true").stderr.splitlines()[:2]))

    def test_empty_port_is_any(self) -> None:
        for port, printed in (("", '""'), ("0", "0")):
            with self.subTest(port):
                self.environment["PORT"] = port
                done = self.run_mesh("true")
                self.assertEqual(done.returncode, 0)
                self.assert_lines(self.start_lines(printed), done.stderr)

    def test_port_in_use_is_fatal(self) -> None:
        for host in ("127.0.0.1", "::1"):
            with self.subTest(host), socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as other:
                try:
                    other.bind((host, self.port))
                except OSError as error:
                    self.skipTest(str(error))
                other.listen()
                done = self.run_mesh("true")
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                problem = f"listen tcp :{self.port}: bind: address already in use"
                self.assert_lines([*self.start_lines(self.port), self.log_line("INFO", problem)], done.stderr)

    def test_app_cannot_listen_on_the_meshs_port(self) -> None:
        for host in ("127.0.0.1", "0.0.0.0", "::", "::1"):
            with self.subTest(host):
                script = (
                    "import socket, sys\n"
                    "s = socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET)\n"
                    "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n"
                    "s.bind((sys.argv[1], int(sys.argv[2])))\n"
                )
                done = self.run_mesh(sys.executable, "-c", script, host, str(self.port))
                self.assertIn("Address already in use", done.stderr)
                self.assertEqual((done.returncode, done.stdout), (1, "Error executing command: exit status 1\n"))

    def test_malformed_port_is_fatal(self) -> None:
        for port, problem in (
            ("abc", "listen tcp: lookup tcp/abc: unknown port"),
            ("70000", "listen tcp: address 70000: invalid port"),
        ):
            with self.subTest(port):
                self.environment["PORT"] = port
                done = self.run_mesh("true")
                self.assertEqual(done.returncode, 1)
                self.assert_lines([*self.start_lines(port), self.log_line("INFO", problem)], done.stderr)

    def test_app_port_of_the_yaml_file(self) -> None:
        del self.environment["APP_PORT"]
        self.configure(f"app:\n  port: {self.app_port}\n")
        mesh = self.start_app()
        self.assertEqual(self.ask("/healthcheck")[0], 200)
        self.assert_lines(self.start_lines(self.port), "\n".join(mesh.err.read_text().splitlines()[:2]))

    def test_app_port_variable_overrides_the_yaml_file(self) -> None:
        self.configure("app:\n  port: 1\n")
        self.start_app()
        self.assertEqual(self.ask("/healthcheck")[0], 200)

    def test_app_host_of_the_yaml_file(self) -> None:
        for host, at in (("http://127.0.0.2", "127.0.0.2"), ('"http://localhost"', "127.0.0.1")):
            with self.subTest(host):
                self.configure(f"app:\n  host: {host}\n")
                mesh = self.start_app(host=at)
                self.assertEqual(self.ask("/healthcheck")[0], 200)
                mesh.stop()

    def test_mesh_behind_a_mesh(self) -> None:
        """The second mesh listens on the port that the first one forwards to."""
        (last,) = harness.free_ports(1)
        self.environment["AT"] = str(last)
        line = f'PORT={self.app_port} APP_PORT={last} "$0" "$@"'
        self.start_mesh("bash", "-c", line, str(self.mesh), sys.executable, "-c", APP)
        harness.eventually(lambda: self.ask("/healthcheck")[0] == 200, "the app answers through both")


class YamlTest(MeshTest):
    def test_malformed_file_is_fatal(self) -> None:
        for text, problem in (
            ("", "EOF"),
            ("# nothing\n", "EOF"),
            ("app:\n\tport: 1\n", "yaml: line 2: found character that cannot start any token"),
            ("authentication:\n", "yaml: unmarshal errors:\n  line 1: field authentication not found in type conf.YamlConfig"),
            ("app:\n  prot: 1\n", "yaml: unmarshal errors:\n  line 2: field prot not found in type conf.App"),
            ("app:\n  port: [1]\n", "yaml: unmarshal errors:\n  line 2: cannot unmarshal !!seq into string"),
        ):
            with self.subTest(text):
                self.configure(text)
                done = self.run_mesh("true")
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertRegex(done.stderr, rf"\A{LOCAL_TIME} Invalid YAML config: {re.escape(problem)}\n\Z")

    def test_bypass_routes_are_forwarded_unchecked(self) -> None:
        for routes in ('["/exact", "/prefix*"]', '\n      - /exact\n      - "/prefix*"  # all below'):
            with self.subTest(routes):
                self.configure(f"mesh:\n  authentication:\n    bypassRoutes: {routes}\n")
                mesh = self.start_app()
                self.assertRegex(mesh.err.read_text(), self.log_line("WARN", "Authentication bypass routes: /exact, /prefix*"))
                statuses = [self.ask(path)[0] for path in ("/exact", "/exact?a=b", "/prefix/a", "/exact/a", "/")]
                self.assertEqual(statuses, [200, 200, 200, 401, 401])
                mesh.stop()

    def test_health_route_of_the_yaml_file(self) -> None:
        self.configure("mesh:\n  healthcheck:\n    route: /alive\n")
        self.start_app()
        self.assertEqual([self.ask(path)[0] for path in ("/alive", "/healthcheck")], [200, 401])

    def test_health_route_is_checked_when_disabled(self) -> None:
        self.configure('mesh:\n  healthcheck:\n    enable: "false"\n')
        self.start_app()
        self.assertEqual(self.ask("/healthcheck")[0], 401)

    def test_all_routes_can_bypass_the_checks(self) -> None:
        for value, status in (("true", 200), ("1", 200), ("yes", 401), ("", 401)):
            with self.subTest(value):
                self.environment[f"{self.prefix}_SERVICE_MESH_BYPASS_ALL_ROUTES"] = value
                mesh = self.start_app()
                self.assertEqual(self.ask("/")[0], status)
                mesh.stop()


class RequestTest(MeshTest):
    def test_health_check_is_forwarded(self) -> None:
        self.start_app()
        self.assertEqual(self.ask("/healthcheck")[0], 200)
        self.assertEqual(self.ask("/healthcheck", "POST", b"body"), (201, b"POST /healthcheck None body"))

    def test_health_check_fails_without_the_app(self) -> None:
        self.start_mesh("sleep", "100")
        self.assertEqual(self.ask("/healthcheck", X_Request_Id="7"), (502, b"Failed to forward request 7\n"))

    def test_version_is_answered_without_the_app(self) -> None:
        self.start_mesh("sleep", "100")
        self.assertEqual(self.ask("/__herokuIntegrationServiceMeshInfo"), (200, self.version.encode()))

    def test_requests_without_context_are_refused(self) -> None:
        self.start_app()
        self.assertEqual(self.ask("/"), (401, b"401 Invalid request\n"))
        self.assertEqual(self.ask("/", "POST", b"x" * 100_000), (401, b"401 Invalid request\n"))

    def test_requests_with_only_a_request_context_are_refused(self) -> None:
        self.start_app()
        self.assertEqual(self.ask("/", X_Request_Context="anything"), (400, b"400 Invalid request\n"))

    def test_requests_are_forwarded_with_headers_and_body(self) -> None:
        self.start_app()
        status, body = self.ask("/a?b=c", "POST", b"y" * 200_000, X_Seen="yes", **AUTHENTICATED)
        self.assertEqual((status, body), (201, b"POST /a?b=c yes " + b"y" * 200_000))

    def test_signed_requests_are_forwarded(self) -> None:
        self.start_app()
        self.assertEqual(self.ask("/", X_Signature="anything")[0], 200)

    def test_app_sees_its_own_host_and_no_request_context(self) -> None:
        self.start_app()
        seen = f"Host=127.0.0.1:{self.app_port} X-Request-Id=7 X-Request-Context=None".encode()
        self.assertEqual(self.ask("/", X_Request_Id="7", X_Request_Context="secret", **AUTHENTICATED), (200, seen))

    def test_missing_request_id_is_generated_for_the_client(self) -> None:
        self.start_app()
        for path in ("/", "/refused"):
            headers = AUTHENTICATED if path == "/" else {}
            response = self.response(path, **headers)
            self.assertRegex(response.headers["X-Request-Id"], r"\A[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
        self.assertIn(b"X-Request-Id=None", self.ask("/", **AUTHENTICATED)[1])
        self.assertIsNone(self.response("/", X_Request_Id="7", **AUTHENTICATED).headers["X-Request-Id"])

    def test_long_responses_are_forwarded_completely(self) -> None:
        self.start_app()
        self.assertEqual(self.ask("/long", **AUTHENTICATED), (200, b"x" * 3_000_000))

    def test_app_that_closes_the_connection_is_a_bad_gateway(self) -> None:
        mesh = self.start_app()
        self.assertEqual(self.ask("/silent", X_Request_Id="7", **AUTHENTICATED), (502, b"Failed to forward request 7\n"))
        self.assertRegex(mesh.err.read_text(), rf'level=ERROR msg="Failed to forward request: Get \\"http://[^"]*/silent\\": EOF"')

    def test_unreachable_app_is_a_bad_gateway(self) -> None:
        mesh = self.start_mesh("sleep", "100")
        self.assertEqual(self.ask("/a?b", X_Request_Id="7", **AUTHENTICATED), (502, b"Failed to forward request 7\n"))
        address = f"127.0.0.1:{self.app_port}"
        problem = rf'Get \"http://{address}/a?b\": dial tcp {address}: connect: connection refused'
        self.assertRegex(mesh.err.read_text(), self.log_line("ERROR", f"Failed to forward request: {problem}", " request-id=7"))


class LogTest(MeshTest):
    """The lines of a request."""

    def assert_logged(self, mesh: Mesh, access: str, *expected: tuple[str, str], request_id: str = "7") -> None:
        """Asserts the access line, and the log after the two lines of the start."""
        harness.eventually(lambda: " in " in mesh.out.read_text(), "the request is logged")
        (line,) = [line for line in mesh.out.read_text().splitlines() if line != "app listens"]
        self.assertRegex(line, rf"\A{LOCAL_TIME} {access} in {DURATION}\Z")
        lines = [self.log_line(level, message, f" request-id={request_id}") for level, message in expected]
        self.assert_lines(lines, "\n".join(mesh.err.read_text().splitlines()[2:]))

    def access(self, what: str, end: str, request_id: str = "7", peer: str = r"127\.0\.0\.1:\d+") -> str:
        method, path = what.split()
        url = re.escape(f"http://127.0.0.1:{self.port}{path}")
        return rf'\[{request_id}\] "{method} {url} HTTP/1\.1" from {peer} - {end}'

    def test_start(self) -> None:
        mesh = self.start_app()
        self.assert_lines(self.start_lines(self.port), mesh.err.read_text())

    def test_name_of_the_app(self) -> None:
        self.environment |= {"HEROKU_APP_NAME": "my app", "ENVIRONMENT": "production"}
        mesh = self.start_mesh("sleep", "100")
        self.assertRegex(mesh.err.read_text(), rf'msg=environment app="my app" source={self.name} .* environment=production ')

    def test_forwarded(self) -> None:
        mesh = self.start_app()
        body = self.ask("/a?b=c", X_Request_Id="7", **AUTHENTICATED)[1]
        self.assert_logged(
            mesh,
            self.access("GET /a?b=c", f"200 {len(body)}B"),
            ("INFO", "Processing request to /a..."),
            ("INFO", "Validating request..."),
            ("INFO", "Valid request!"),
            ("INFO", "Found Salesforce request"),
            ("INFO", "Authenticated request!"),
            ("INFO", "Forwarding request..."),
        )

    def test_signed(self) -> None:
        mesh = self.start_app()
        self.ask("/", X_Request_Id="7", X_Signature="anything")
        self.assertRegex(mesh.err.read_text(), self.log_line("INFO", "Found Data Action Target request", " request-id=7"))

    def test_health_check(self) -> None:
        mesh = self.start_app()
        body = self.ask("/healthcheck", X_Request_Id="7")[1]
        self.assert_logged(
            mesh,
            self.access("GET /healthcheck", f"200 {len(body)}B"),
            ("INFO", "Processing request to /healthcheck..."),
            ("WARN", "Bypassing validation and authentication for route /healthcheck"),
            ("INFO", "Forwarding request..."),
        )

    def test_all_routes_bypassed(self) -> None:
        self.environment[f"{self.prefix}_SERVICE_MESH_BYPASS_ALL_ROUTES"] = "true"
        mesh = self.start_app()
        self.ask("/missing", X_Request_Id="7")
        self.assert_logged(
            mesh,
            self.access("GET /missing", r"404 \d+B"),
            ("INFO", "Processing request to /missing..."),
            ("WARN", "Bypassing authentication and validation for ALL routes"),
            ("WARN", "Bypassing validation and authentication for route /missing"),
            ("INFO", "Forwarding request..."),
        )

    def test_refused(self) -> None:
        mesh = self.start_app()
        self.ask("/a", X_Request_Id="7", X_Forwarded_For="192.0.2.1, 192.0.2.2")
        self.assert_logged(
            mesh,
            self.access("GET /a", "401 20B", peer=r"192\.0\.2\.1"),
            ("INFO", "Processing request to /a..."),
            ("INFO", "Validating request..."),
            ("ERROR", "Invalid request!"),
            ("ERROR", "401 Invalid request"),
        )

    def test_generated_request_id(self) -> None:
        mesh = self.start_app()
        request_id = self.response("/a").headers["X-Request-Id"]
        self.assert_logged(
            mesh,
            self.access("GET /a", "401 20B", request_id=rf"{re.escape(socket.gethostname())}/\w{{10}}-000001"),
            ("WARN", "Generated x-request-id header"),
            ("INFO", "Processing request to /a..."),
            ("INFO", "Validating request..."),
            ("ERROR", "Invalid request!"),
            ("ERROR", "401 Invalid request"),
            request_id=request_id,
        )

    def test_version(self) -> None:
        mesh = self.start_app()
        self.ask("/__herokuIntegrationServiceMeshInfo", X_Request_Id="7")
        access = self.access("GET /__herokuIntegrationServiceMeshInfo", "200 6B")
        self.assert_logged(mesh, access, ("INFO", self.version), request_id="n/a")

    def test_chunked_response_is_logged_with_the_size_of_its_body(self) -> None:
        self.configure('mesh:\n  authentication:\n    bypassRoutes: ["/chunked"]\n')
        mesh = self.start_app()
        self.assertEqual(self.ask("/chunked", X_Request_Id="7"), (200, b"hello the\n world!"))
        harness.eventually(lambda: " - 200 17B in " in mesh.out.read_text(), "the request is logged")

    def test_durations_with_debug_level(self) -> None:
        self.environment["GO_LOG"] = "debug"
        mesh = self.start_app()
        self.ask("/", X_Request_Id="7")
        self.assertRegex(mesh.err.read_text(), rf'level=DEBUG msg="{self.title} Service Mesh took {DURATION}" app=local')

    def test_only_errors_are_logged_with_error_level(self) -> None:
        self.environment["GO_LOG"] = "error"
        mesh = self.start_app()
        self.ask("/", X_Request_Id="7")
        lines = [self.log_line("ERROR", message, " request-id=7") for message in ("Invalid request!", "401 Invalid request")]
        self.assert_lines(lines, mesh.err.read_text())


class IntegrationTest(MeshTest):
    def test_every_argument_belongs_to_the_command(self) -> None:
        for command in (["--", "true"], ["--port", "1", "true"], ["-v"]):
            with self.subTest(command):
                done = self.run_mesh(*command)
                self.assertEqual((done.returncode, done.stdout), (1, "Error executing command: exec: not started\n"))


class AppLinkTest(EndTest, RequestTest, LogTest):
    prefix, title, name, version = "HEROKU_APPLINK", "Heroku AppLink", "heroku-applink-service-mesh", "v1.2.3"

    def binary(self) -> Path:
        return harness.applink_standin()

    def test_flags_choose_the_port(self) -> None:
        for form in ("--port {}", "--port={}", "-p {}", "--port {} --"):
            (port,) = harness.free_ports(1)  # another one each time: a released port may be in use again
            flags = form.format(port).split()
            with self.subTest(flags):
                mesh = self.start_mesh(*flags, "sleep", "100", at=port)
                self.assertFalse(self.is_listening(self.port))
                mesh.stop()

    def test_flags_after_the_command_are_parsed(self) -> None:
        (port,) = harness.free_ports(1)
        self.start_mesh("sleep", "--port", str(port), "100", at=port)

    def test_flags_of_the_command_need_the_separator(self) -> None:
        done = self.run_mesh("sh", "-c", "true")
        self.assertEqual((done.returncode, done.stdout), (1, "Incorrect Usage: flag provided but not defined: -c\n"))
        self.assertRegex(done.stderr, rf"\A{LOCAL_TIME} flag provided but not defined: -c\n\Z")
        self.assertEqual(self.run_mesh("--", "sh", "-c", "true").returncode, 0)

    def test_version_needs_no_config_vars(self) -> None:
        self.environment = {}
        done = self.run_mesh("-v")
        self.assertEqual((done.returncode, done.stdout), (0, f"{self.name} version {self.version}\n"))

    # Commands of the shared tests have flags, which need the separator.
    def run_mesh(self, *command: str) -> subprocess.CompletedProcess[str]:
        is_own = command[:1] in ((), ("-v",)) or self._testMethodName.startswith("test_flags")
        return super().run_mesh(*(() if is_own else ("--",)), *command)

    def start_app(self, *flags: str, at: int | None = None, host: str = "127.0.0.1") -> Mesh:
        return super().start_app(*flags, "--", at=at, host=host)


if __name__ == "__main__":
    unittest.main()
