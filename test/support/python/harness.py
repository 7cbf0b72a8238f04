"""Base classes of the buildpack's tests: its tree, build directories, release servers, and the results of builds.

    class InstallTest(harness.BuildTest):
        def test_it_installs(self):
            self.server.publish("v0.1.2", harness.mesh_release_asset())
            done = self.compile()
            self.assertEqual(done.code, 0, done.output)
            self.assertEqual(self.report()["build_status"], "success")

built_programs.py finds the programs under test.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import json
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest
from dataclasses import dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent / path) for path in ("../../..", ".")]

from tools import buildpack_tree, platform_report
from tools.built_programs import applink_standin, helper, mesh_release_asset, mesh_standin, platform_build, run_check, unprivileged_user
from tools.release_model import APPLINK_NAME, BINARY_NAME
from tools.release_server import ReleaseServer
from tools.running import PATIENCE, eventually, free_ports, is_running

CHECKOUT = buildpack_tree.CHECKOUT
FIXTURES = CHECKOUT / "fixtures"
APPLINK_PATH = f"vendor/heroku-applink/bin/{APPLINK_NAME}"
BINARY_PATH = f"vendor/heroku-integration/bin/{BINARY_NAME}"
PROFILE_PATH = f".profile.d/{BINARY_NAME}.sh"


# --- what is under test ----------------------------------------------------------------------------------------------


@functools.cache
def buildpack() -> Path:
    """Returns the buildpack's tree as in a release, with the helper under test. Made once for the whole test run."""
    destination = _shared_directory() / "buildpack"
    buildpack_tree.lay_out(CHECKOUT, destination, helper())
    return destination


@functools.cache
def _shared_directory() -> Path:
    directory = Path(tempfile.mkdtemp(prefix="mesh-test-"))
    directory.chmod(0o755)
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory


# --- running its scripts ---------------------------------------------------------------------------------------------


@dataclass
class Done:
    """The result of a script: exit code (negative: the signal) and output."""

    code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        return self.stdout + self.stderr


def fixture_config(fixture: str) -> dict[str, str]:
    """Returns the config vars of a fixture: those of its app.json."""
    manifest = FIXTURES / fixture / "app.json"
    return json.loads(manifest.read_text())["env"] if manifest.exists() else {}


class World:
    """The directories of one build, and the buildpack's scripts run in them one by one.

    (The whole build, as the platform runs it, is `heroku_build.Build`.) Scripts run in a clean environment, as an
    unprivileged user.
    """

    def __init__(self, parent: Path | None = None) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="mesh-world-", dir=parent))
        self.root.chmod(0o755)
        self.build, self.cache, self.env = (self.root / name for name in ("build", "cache", "env"))
        for directory in (self.build, self.cache, self.env):
            directory.mkdir()
        self.user = unprivileged_user()
        self.wrapper: tuple[str, ...] = ()  # a command that the scripts are run under
        self.namespaces: tuple[str, ...] = ()  # options of unshare(1) that the scripts are run under; needs root
        self.arrangement = ""  # commands of root's shell in the namespaces, before the scripts
        self.buildpack = buildpack()  # the tree whose scripts are run
        self.keep_binaries = False  # whether the cache keeps the binaries of the previous build
        self.environment = {
            "HOME": "/app",
            "LANG": "en_US.UTF-8",
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "STACK": "heroku-24",
        }
        self.temporary = self.root / "temporary"
        self.temporary.mkdir()
        self.temporary.chmod(0o1777)
        self.environment["TMPDIR"] = str(self.temporary)
        # The settings of sanitized builds of the helper are passed on.
        self.environment |= {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}

    def close(self) -> None:
        make_writable(self.root)
        shutil.rmtree(self.root)

    def own_buildpack(self) -> Path:
        """Gives this world a copy of the buildpack that a test may change."""
        self.buildpack = self.root / "buildpack"
        shutil.copytree(buildpack(), self.buildpack, symlinks=True)
        return self.buildpack

    def app(self, fixture: str) -> None:
        """Copies a fixture into the build directory."""
        shutil.copytree(FIXTURES / fixture, self.build, symlinks=True, dirs_exist_ok=True)

    def refill(self, fixture: str) -> None:
        """Replaces the content of the build directory by a fixture, like a platform that always builds in the same directory."""
        for path in self.build.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        self.app(fixture)

    def config(self, **values: str | bytes) -> None:
        """Sets config vars."""
        for name, value in values.items():
            (self.env / name).write_bytes(value.encode() if isinstance(value, str) else value)

    def use(self, server: ReleaseServer) -> None:
        """Makes the buildpack install from this server, and trust it."""
        self.config(
            HEROKU_INTEGRATION_SERVICE_MESH_BASE_URL=server.base_url,
            HEROKU_INTEGRATION_SERVICE_MESH_API_URL=server.api_url,
            HEROKU_APPLINK_SERVICE_MESH_BASE_URL=server.bucket_url,
        )
        self.environment["SSL_CERT_FILE"] = str(server.ca_file)

    def start(self, phase: str, *arguments: object, **environment: str) -> subprocess.Popen[str]:
        """Starts bin/<phase>, by default with the arguments that the platform gives it. Its own process group."""
        if phase == "compile" and not self.keep_binaries:
            shutil.rmtree(self.cache / BINARY_NAME, ignore_errors=True)
        self._hand_over()
        default = [self.build] if phase in ("detect", "release") else [self.build, self.cache, self.env]
        command = [*self.wrapper, self.buildpack / "bin" / phase, *(arguments or default)]
        identity = {}
        if self.namespaces:
            command = self._secluded(command)
        elif self.user:
            identity = {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []}
        return subprocess.Popen(
            [str(part) for part in command], cwd=self.buildpack, env={**self.environment, **environment},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="surrogateescape",
            start_new_session=True, **identity,
        )  # fmt: skip

    def run(self, phase: str, *arguments: object, **environment: str) -> Done:
        """Runs bin/<phase> to its end."""
        with self.start(phase, *arguments, **environment) as process:
            try:
                stdout, stderr = process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                stdout, stderr = process.communicate()
                raise AssertionError(f"bin/{phase} did not end within {PATIENCE} s; its output:\n{stdout}{stderr}") from None
        return Done(process.returncode, stdout, stderr)

    def report(self) -> dict[str, platform_report.Value]:
        """Returns the output of bin/report, checked as the platform checks it."""
        done = self.run("report")
        if done.code != 0:
            raise AssertionError(f"bin/report ended with {done.code}: {done.output}")
        return platform_report.parse(done.stdout.encode(errors="surrogateescape"))

    def _secluded(self, command: list[object]) -> list[object]:
        """Returns the command in its own namespaces. Root arranges them, then the build's user runs the command."""
        user = pwd.getpwnam(self.user or "root")
        step_down = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]
        arrange = ["/bin/sh", "-euc", f'{self.arrangement}\nexec "$@"', "sh"]
        return ["unshare", *self.namespaces, "--", *arrange, *step_down, *command]

    def _hand_over(self) -> None:
        """Gives the files in the build's directories to the build's user. Modes stay."""
        if not self.user:
            return
        uid = pwd.getpwnam(self.user).pw_uid
        for top in (self.build, self.cache, self.env):
            for directory, names, files in os.walk(top):
                for name in [".", *names, *files]:
                    with contextlib.suppress(FileNotFoundError):  # of another build that shares the cache
                        path = os.path.join(directory, name)
                        if os.lstat(path).st_uid != uid:  # because chown changes the ctime
                            os.chown(path, uid, -1, follow_symlinks=False)


class BuildTest(unittest.TestCase):
    """A test with a world and a release server that the world uses, and shorthands for most tests."""

    def setUp(self) -> None:
        self.world = World()
        self.addCleanup(self.world.close)
        self.server = ReleaseServer()
        self.addCleanup(self.server.close)
        self.world.use(self.server)

    def compile(self, **environment: str) -> Done:
        return self.world.run("compile", **environment)

    def report(self) -> dict[str, platform_report.Value]:
        return self.world.report()


# --- looking at things -----------------------------------------------------------------------------------------------


def snapshot(directory: Path) -> dict[str, str]:
    """Returns every path below `directory` with its type, mode and contents (as a digest) or target. Equal if nothing changed."""
    seen = {}
    for path in sorted(directory.rglob("*")):
        status = path.lstat()
        what = stat.filemode(status.st_mode)
        if path.is_symlink():
            what += f" -> {os.readlink(path)}"
        elif path.is_file():
            what += f" {hashlib.sha256(path.read_bytes()).hexdigest()}"
        seen[str(path.relative_to(directory))] = what
    return seen


def make_writable(directory: Path) -> None:
    """Restores modes, so that the directory can be removed."""
    for path, names, _ in os.walk(directory):
        for name in [".", *names]:
            child = Path(path, name)
            if not child.is_symlink():
                child.chmod(stat.S_IMODE(child.stat().st_mode) | stat.S_IRWXU)
