"""bin/*: a few lines of POSIX sh that find the helper of this machine and pass everything to it unchanged."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

from tools import buildpack_tree, platform_report

PHASES = ("detect", "compile", "report", "doctor")
PACKAGED = f"libexec/linux-{buildpack_tree.architecture()}/mesh-buildpack"
BUILT = "build/release/mesh-buildpack"

# Replaces the helper: prints its arguments and environment, and exits with a code of its own.
PRINTING_HELPER = """#!/usr/bin/python3
import json, os, sys
print(json.dumps({"me": sys.argv[0], "arguments": [os.fsencode(a).hex() for a in sys.argv[1:]], "cwd": os.getcwd(),
                  "pid": os.getpid(), "environment": dict(os.environ), "input": sys.stdin.read()}))
sys.exit(42)
"""


class DispatchTest(unittest.TestCase):
    """The scripts in a tree without a helper; tests add the helpers that they need."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.tree = Path(directory.name).resolve() / "a b'ü\n"
        buildpack_tree.lay_out(buildpack_tree.CHECKOUT, self.tree, None)

    def put_helper(self, place: str, content: str = PRINTING_HELPER, mode: int = 0o755) -> Path:
        path = self.tree / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        path.chmod(mode)
        return path

    def run_phase(
        self, phase: str, *arguments: bytes | str, by: str | None = None, **how: object
    ) -> subprocess.CompletedProcess[str]:
        command = [by or str(self.tree / "bin" / phase), *arguments]
        how = {"env": {"PATH": "/usr/bin:/bin"}, "input": "", **how}
        return subprocess.run(command, capture_output=True, text=True, **how)

    def received(self, done: subprocess.CompletedProcess[str]) -> dict:
        self.assertEqual((done.returncode, done.stderr), (42, ""))
        return json.loads(done.stdout)


class HandOverTest(DispatchTest):
    def test_phase_and_arguments_are_passed_unchanged(self) -> None:
        self.put_helper(PACKAGED)
        arguments = [b"/a b", b"", b"*", b"-n", b"--", b"$HOME `id` \\n", b"line\nbreak\n", b"\xff\xfe", b"'\"", b"  "]
        for phase in PHASES:
            with self.subTest(phase):
                received = self.received(self.run_phase(phase, *arguments))
                self.assertEqual([bytes.fromhex(a) for a in received["arguments"]], [phase.encode(), *arguments])

    def test_empty_argument_list_is_passed_unchanged(self) -> None:
        self.put_helper(PACKAGED)
        self.assertEqual(len(self.received(self.run_phase("compile"))["arguments"]), 1)

    def test_helper_replaces_the_shell_process(self) -> None:
        """Signals reach the helper, and its exit code is the phase's."""
        self.put_helper(PACKAGED)
        with subprocess.Popen([self.tree / "bin" / "compile"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
            received = json.loads(process.stdout.read())
        self.assertEqual((received["pid"], process.returncode), (process.pid, 42))

    def test_input_environment_and_working_directory_are_unchanged(self) -> None:
        self.put_helper(PACKAGED)
        environment = {"PATH": "/usr/bin:/bin", "HOME": "/a b", "IFS": "/", "phase": "detect", "arch": "vax",
        "helper": "/bin/false",
                       "packaged": "/bin/false", "built": "/bin/false", "ENV": "/nonexistent"}  # fmt: skip
        received = self.received(self.run_phase("report", env=environment, input="in\n", cwd="/"))
        self.assertEqual((received["input"], received["cwd"]), ("in\n", "/"))
        self.assertEqual(bytes.fromhex(received["arguments"][0]), b"report")
        for name in ("PATH", "HOME", "ENV"):
            self.assertEqual(received["environment"][name], environment[name])

    def test_buildpack_directory_of_the_caller_is_ignored(self) -> None:
        self.put_helper(PACKAGED)
        received = self.received(self.run_phase("compile", env={"PATH": "/usr/bin:/bin", "MESH_BUILDPACK_DIRECTORY": "/elsewhere"}))
        self.assertNotIn("MESH_BUILDPACK_DIRECTORY", received["environment"])

    def test_packaged_helper_is_preferred_to_the_built_one(self) -> None:
        built = self.put_helper(BUILT)
        self.assertTrue(self.received(self.run_phase("detect"))["me"].endswith(BUILT))
        packaged = self.put_helper(PACKAGED)
        self.assertTrue(self.received(self.run_phase("detect"))["me"].endswith(PACKAGED))
        self.assertNotEqual(built, packaged)

    def test_helper_without_execute_permission_is_skipped(self) -> None:
        self.put_helper(BUILT)
        (self.tree / PACKAGED).mkdir(parents=True)
        self.assertTrue(self.received(self.run_phase("detect"))["me"].endswith(BUILT))
        (self.tree / PACKAGED).rmdir()
        self.put_helper(PACKAGED, mode=0o644)
        self.assertTrue(self.received(self.run_phase("detect"))["me"].endswith(BUILT))

    def test_helper_is_found_from_every_working_directory(self) -> None:
        self.put_helper(PACKAGED)
        ways = {
            "absolute": (str(self.tree / "bin/detect"), "/"),
            "relative": ("bin/detect", self.tree),
            "with dots": ("./bin/../bin/./detect", self.tree),
            "from its directory": ("./detect", self.tree / "bin"),
            "from below": ("../../bin/detect", self.tree / "libexec" / f"linux-{buildpack_tree.architecture()}"),
        }
        for way, (path, cwd) in ways.items():
            with self.subTest(way):
                self.received(self.run_phase("detect", by=path, cwd=cwd))

    def test_empty_path_suffices(self) -> None:
        self.put_helper(PACKAGED)
        for environment in ({}, {"PATH": ""}, {"PATH": "/nonexistent"}):
            with self.subTest(environment):
                self.received(self.run_phase("detect", env=environment))

    def test_scripts_run_in_every_shell(self) -> None:
        self.put_helper(PACKAGED)
        for shell in ("dash", "bash", "bash --posix", "busybox sh"):
            if not shutil.which(shell.split()[0]):
                continue
            for phase in PHASES:
                with self.subTest(shell=shell, phase=phase):
                    program, *options = shell.split()
                    received = self.received(self.run_phase(phase, *options, self.tree / "bin" / phase, "x", by=program))
                    self.assertEqual([bytes.fromhex(a) for a in received["arguments"]], [phase.encode(), b"x"])


@unittest.skipUnless(os.path.exists("/lib64/ld-linux-x86-64.so.2"), "the other loader can only be added to an amd64 machine")
class ArchitectureTest(DispatchTest):
    """On a machine that has the loaders of both architectures, `uname` is asked. Needs a mount namespace of its own."""

    def setUp(self) -> None:
        super().setUp()
        for arch in ("amd64", "arm64"):
            self.put_helper(f"libexec/linux-{arch}/mesh-buildpack")
        self.root = self.tree.parent
        (self.root / "lib").mkdir()
        (self.root / "lib/ld-linux-aarch64.so.1").touch()
        (self.root / "bin").mkdir()

    def chosen(self, machine: str, **environment: str) -> str:
        uname = self.root / "bin" / "uname"
        uname.write_text(f"#!/bin/sh\necho {machine}\n")
        uname.chmod(0o755)
        mounted = 'mount -t overlay overlay -o "lowerdir=$0:/usr/lib" /usr/lib && exec "$@"'
        user = [] if os.geteuid() == 0 else ["--map-root-user"]
        command = ["unshare", *user, "--mount", "--", "sh", "-c", mounted, str(self.root / "lib"), str(self.tree / "bin/detect")]
        done = subprocess.run(
            command, env={"PATH": f"{self.root / 'bin'}:/usr/bin:/bin", **environment}, capture_output=True, text=True,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return self.received(done)["me"].split("/")[-2]

    def test_uname_decides_when_both_loaders_exist(self) -> None:
        for machine, arch in {"x86_64": "amd64", "aarch64": "arm64", "amd64": "amd64", "arm64": "arm64"}.items():
            with self.subTest(machine):
                self.assertEqual(self.chosen(machine), f"linux-{arch}")

    def test_target_architecture_of_the_app_is_ignored(self) -> None:
        self.assertEqual(self.chosen("x86_64", CNB_TARGET_ARCH="arm64", CNB_TARGET_OS="linux"), "linux-amd64")


class MissingHelperTest(DispatchTest):
    """Before the first release, buildpack.toml pins no helper."""

    def setUp(self) -> None:
        super().setUp()
        buildpack_tree.remove_pins(self.tree)

    def test_message_names_script_build_before_the_first_release(self) -> None:
        for phase in ("detect", "compile"):
            with self.subTest(phase):
                done = self.run_phase(phase, "/x", "/y", "/z")
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertTrue(done.stderr.startswith(" !     Error: No release of this buildpack exists yet\n"))
                for word in (PACKAGED, BUILT, "script/build", "buildpacks:add", "Cause: this buildpack (platform::helper-missing)"):
                    self.assertIn(word, done.stderr)
                self.assertTrue(done.stderr.endswith("\n"))

    def test_report_is_printed(self) -> None:
        done = self.run_phase("report", "/x", "/y", "/z")
        self.assertEqual(done.returncode, 0)
        self.assertIn(PACKAGED, done.stderr)
        self.assertEqual(
            platform_report.parse(done.stdout.encode()),
            {
                "failure_classification": "buildpack",
                "failure_detail": PACKAGED,
                "failure_reason": "platform::helper-missing",
            },
        )

    def test_failure_is_printed_with_an_empty_path(self) -> None:
        for phase, code in (("compile", 1), ("report", 0)):
            with self.subTest(phase):
                done = self.run_phase(phase, env={"PATH": ""})
                self.assertEqual(done.returncode, code)
                self.assertIn(PACKAGED, done.stderr)
                self.assertNotIn("not found", done.stderr)

    def test_helper_for_another_architecture_is_ignored(self) -> None:
        self.put_helper("libexec/linux-vax/mesh-buildpack")
        self.assertEqual(self.run_phase("detect").returncode, 1)


class CommittedFilesTest(unittest.TestCase):
    def git(self, *arguments: str) -> str:
        command = ["git", "-c", "safe.directory=*", "-C", str(buildpack_tree.CHECKOUT), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def test_scripts_are_committed_as_executable(self) -> None:
        committed = re.findall(r"^(\d+) blob \w+\t(.*)$", self.git("ls-tree", "-r", "HEAD", "bin"), re.MULTILINE)
        self.assertGreaterEqual({path for _, path in committed}, {f"bin/{phase}" for phase in PHASES})
        self.assertEqual({mode for mode, _ in committed}, {"100755"})

    def test_scripts_are_posix_sh_of_a_few_lines(self) -> None:
        for path in (buildpack_tree.CHECKOUT / "bin").iterdir():
            with self.subTest(path.name):
                lines = path.read_text().splitlines()
                self.assertEqual(lines[0], "#!/bin/sh")
                self.assertLess(len(lines), 12)
                self.assertTrue(os.access(path, os.X_OK))

    def test_no_built_helper_is_committed(self) -> None:
        self.assertEqual(
            [path for path in self.git("ls-tree", "-r", "--name-only", "HEAD", "libexec").split() if "linux-" in path],
            [],
        )


if __name__ == "__main__":
    unittest.main()
