"""The helper finds the release server by name, over TLS, in a root directory with only the configuration of a build machine.

A static program that resolves names with glibc loads parts of the system's C library, as the configuration demands. They are of
another version than its own, so it crashes. In these tests, its root directory contains only /etc/hosts, /etc/resolv.conf and the
certificates; in the hostile variant also a configuration that names such parts, and libraries that end the process that loads
them.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import unittest
from dataclasses import dataclass
from pathlib import Path

import confined_build
import harness

SCRIPT = Path(confined_build.__file__)


@dataclass
class Outcome:
    """The output of `confined_build.py`."""

    code: int
    output: str
    control: int
    asked_under: list[str]
    installed: bool


@functools.cache
def namespaces() -> list[str]:
    """Returns the command that makes a network namespace, with root in it, or nothing if the machine forbids root to make one."""
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    command = ["unshare", *user, "--net", "--"]
    allowed = subprocess.run([*command, "ip", "link", "set", "lo", "up"], capture_output=True).returncode == 0
    return [*command, "sh", "-c", 'ip link set lo up && exec "$@"', "sh"] if allowed else []


@functools.cache
def build(*options: str) -> Outcome:
    """Returns the result of a confined build. Equal builds run once."""
    done = subprocess.run(
        [*namespaces(), sys.executable, "-B", str(SCRIPT), *options],
        capture_output=True,
        text=True,
        timeout=3 * harness.PATIENCE,
    )
    if done.returncode:
        raise AssertionError(f"confined_build.py {' '.join(options)} failed:\n{done.stderr}")
    return Outcome(**json.loads(done.stdout))


class NameResolutionTest(unittest.TestCase):
    def assert_installed(self, outcome: Outcome) -> None:
        self.assertEqual(outcome.code, 0, outcome.output)
        self.assertTrue(outcome.installed, outcome.output)
        self.assertIn(confined_build.NAME, outcome.asked_under)

    def test_hosts_file_is_used(self) -> None:
        self.assert_installed(build("--names-in", "hosts"))

    def test_name_server_is_used(self) -> None:
        self.assert_installed(build("--names-in", "dns"))

    def test_hosts_file_is_used_on_a_hostile_system(self) -> None:
        self.assert_installed(build("--names-in", "hosts", "--hostile"))

    def test_name_server_is_used_on_a_hostile_system(self) -> None:
        self.assert_installed(build("--names-in", "dns", "--hostile"))

    def test_unknown_name_fails_without_a_crash(self) -> None:
        outcome = build("--names-in", "dns", "--hostile", "--unknown")
        self.assertEqual(outcome.code, 1, outcome.output)
        self.assertIn(confined_build.UNKNOWN_NAME, outcome.output)
        self.assertEqual(outcome.asked_under, [])


class FamilyTest(unittest.TestCase):
    """A host with addresses of both families is reached by the working one, without waiting for the other (RFC 8305)."""

    def assert_reached_at_once(self, lost: str) -> None:
        outcome = build("--names-in", "hosts", "--lost", lost)
        self.assertEqual(outcome.code, 0, outcome.output)
        self.assertTrue(outcome.installed, outcome.output)
        self.assertNotIn("Retrying in", outcome.output)

    def test_ipv4_is_used_when_ipv6_is_unreachable(self) -> None:
        self.assert_reached_at_once("ipv6")

    def test_ipv6_is_used_when_ipv4_is_unreachable(self) -> None:
        self.assert_reached_at_once("ipv4")


class TrapTest(unittest.TestCase):
    """The hostile system kills a static program that uses glibc's resolver. Without this, the tests above would prove nothing."""

    def test_static_glibc_program_is_killed_on_a_hostile_system(self) -> None:
        outcome = build("--names-in", "hosts", "--hostile")
        self.assertLess(outcome.control, 0, "the control program was not killed: the traps do not work")

    def test_static_glibc_program_works_on_a_usual_system(self) -> None:
        self.assertEqual(build("--names-in", "hosts").control, 0)


if __name__ == "__main__":
    unittest.main()
