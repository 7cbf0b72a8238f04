"""mesh-check runs before each process of a Cloud Native image: it prints warnings and never prevents the start of an app.

It is called as the launcher calls an exec.d program: variables are read from file descriptor 3, to which it must write none.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import signal
import subprocess
import tempfile
import unittest
from dataclasses import dataclass
from pathlib import Path

import harness

START = "Heroku Service Mesh Buildpack: "
PRODUCTS = {
    "service-mesh-integration": "HEROKU_INTEGRATION",
    "service-mesh-applink": "HEROKU_APPLINK",
}
MAX_BYTES = 8192


@dataclass(frozen=True)
class Ran:
    """The result of a run."""

    code: int
    printed: str
    variables: bytes


class RunCheckTest(unittest.TestCase):
    def setUp(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="run-check-"))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)

    def program(self, name: str) -> Path:
        """Copies the program to its path in a layer, under this name."""
        place = self.root / "layers" / "heroku_heroku-integration-service-mesh" / "service-mesh" / "exec.d" / "web" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            shutil.copy(harness.run_check(), place)
        return place

    def run_check(self, name: str, environment: dict[str, str]) -> Ran:
        return self.run_command([str(self.program(name))], environment)

    def run_command(self, command: list[str], environment: dict[str, str]) -> Ran:
        variables = self.root / "variables"
        with variables.open("wb") as third:
            done = subprocess.run(
                ["/bin/sh", "-c", 'exec 3>&"$0"; exec "$@"', str(third.fileno()), *command],
                env=environment,
                pass_fds=[third.fileno()],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=harness.PATIENCE,
            )
        self.assertEqual(done.stdout, b"")
        return Ran(done.returncode, done.stderr.decode(errors="replace"), variables.read_bytes())

    def lines(self, name: str, environment: dict[str, str]) -> list[str]:
        """Runs it, and asserts exit code 0 and no variables. Returns its lines without their prefix."""
        ran = self.run_check(name, environment)
        self.assertEqual((ran.code, ran.variables), (0, b""))
        for line in ran.printed.splitlines():
            self.assertTrue(line.startswith(START), line)
        self.assertTrue(ran.printed == "" or ran.printed.endswith("\n"))
        return [line.removeprefix(START) for line in ran.printed.splitlines()]

    def test_every_combination_prints_its_lines(self) -> None:
        ports = {"own": ("3000", 0), "none": (None, 1), "same": ("5006", 1)}
        for name, prefix in PRODUCTS.items():
            conditions = itertools.product(ports, (True, False), (True, False), ("", "true"), ("", "debug"))
            for port, token, url, bypass, log in conditions:
                environment = {"PORT": "5006", f"{prefix}_SERVICE_MESH_BYPASS_ALL_ROUTES": bypass, "GO_LOG": log}
                value, expected = ports[port]
                if value:
                    environment["APP_PORT"] = value
                if token:
                    environment[f"{prefix}_TOKEN"] = "secret"
                if url:
                    environment[f"{prefix}_API_URL"] = "secret"
                attached = prefix == "HEROKU_APPLINK" and url
                expected += 0 if attached else (not token) + (not url)
                expected += bool(bypass) + bool(log)
                with self.subTest(name=name, environment=environment):
                    lines = self.lines(name, environment)
                    self.assertEqual(len(lines), expected, lines)
                    self.assertNotIn("secret", "".join(lines))

    def test_each_warning_begins_with_its_variable(self) -> None:
        lines = self.lines("service-mesh-integration", {"APP_PORT": "1", "PORT": "1", "GO_LOG": "DEBUG"})
        subjects = [line.split(" ", 1)[0] for line in lines]
        self.assertEqual(subjects, ["APP_PORT", "HEROKU_INTEGRATION_TOKEN", "HEROKU_INTEGRATION_API_URL", "GO_LOG"])

    def test_command_that_sets_the_port_gets_no_warning(self) -> None:
        environment = {"HEROKU_APPLINK_TOKEN": "t", "HEROKU_APPLINK_API_URL": "u"}
        self.assertEqual(len(self.lines("service-mesh-applink", environment)), 1)
        self.assertEqual(self.lines("service-mesh-applink-own-port", environment), [])

    def test_empty_environment_is_accepted(self) -> None:
        self.assertEqual(len(self.lines("service-mesh-applink", {})), 3)

    def test_huge_malformed_environment_is_accepted(self) -> None:
        environment = {f"V{i}": "x" * 100_000 for i in range(10)} | {"APP_PORT": "3" * 100_000, "GO_LOG": "\udcff\n="}
        self.assertEqual(len(self.lines("service-mesh-applink", environment)), 2)

    def test_closed_stderr_is_ignored(self) -> None:
        program = str(self.program("service-mesh-applink"))
        ran = self.run_command(["/bin/sh", "-c", f"exec 2>&-; exec {program}"], {})
        self.assertEqual((ran.code, ran.printed, ran.variables), (0, "", b""))

    def test_broken_pipe_on_stderr_is_ignored(self) -> None:
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "wb") as log:
            done = subprocess.run(
                [str(self.program("service-mesh-applink"))], env={}, stderr=log, restore_signals=True, timeout=harness.PATIENCE
            )
        self.assertEqual(done.returncode, 0)
        self.assertNotEqual(done.returncode, -signal.SIGPIPE)

    def test_full_pipe_on_stderr_does_not_block(self) -> None:
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)
        os.set_blocking(writer, False)
        try:
            while True:
                os.write(writer, b"x" * 4096)
        except BlockingIOError:
            os.set_blocking(writer, True)
        done = subprocess.run(
            [str(self.program("service-mesh-applink"))], env={}, stderr=writer, timeout=harness.PATIENCE
        )
        self.assertEqual(done.returncode, 0)

    def system_calls(self, environment: dict[str, str]) -> list[str]:
        log = self.root / "calls"
        program = str(self.program("service-mesh-applink"))
        subprocess.run(["strace", "-f", "-qq", "-o", str(log), program], env=environment, check=True, stderr=subprocess.DEVNULL)
        return re.findall(r"^\d+ +(\w+)\(", log.read_text(), re.MULTILINE)

    def test_no_other_system_calls_are_made(self) -> None:
        sound = {"APP_PORT": "3000", "HEROKU_APPLINK_API_URL": "u", "PATH": os.environ["PATH"]}
        self.assertEqual(self.system_calls(sound), ["execve", "exit_group"])
        self.assertEqual(
            self.system_calls({"PATH": os.environ["PATH"]}), ["execve", "rt_sigaction", "ppoll", "write", "exit_group"]
        )


class ProgramTest(unittest.TestCase):
    """It runs on any image: it needs no library, no loader and no relocations."""

    def readelf(self, *options: str) -> str:
        command = ["readelf", "--wide", *options, str(harness.run_check())]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def test_program_has_no_dynamic_dependencies(self) -> None:
        self.assertNotIn("INTERP", self.readelf("--program-headers"))
        self.assertNotIn("(NEEDED)", self.readelf("--dynamic"))
        self.assertIn("There are no relocations", self.readelf("--relocs"))

    def test_program_is_position_independent(self) -> None:
        self.assertRegex(self.readelf("--file-header"), r"Type:\s+DYN")

    def test_no_memory_is_writable_and_executable(self) -> None:
        headers = self.readelf("--program-headers")
        flags = re.findall(r"^\s+(?:LOAD|GNU_STACK)\s+(?:0x\S+\s+){5}([RWE ]{3})", headers, re.MULTILINE)
        self.assertGreaterEqual(len(flags), 2)
        self.assertEqual([f for f in flags if "W" in f and "E" in f], [])

    def test_program_size_is_limited(self) -> None:
        self.assertLessEqual(harness.run_check().stat().st_size, MAX_BYTES)


if __name__ == "__main__":
    unittest.main()
