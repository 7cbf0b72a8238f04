"""The real Cloud Native lifecycle, run as a platform runs it: five phases, an unprivileged user, the paths of production.

    platform = lifecycle.Platform()
    platform.add_buildpack(harness.buildpack())
    platform.app(harness.FIXTURES / "node-web")
    build = platform.build()
    assert build.code == 0, build.output
    with platform.launch(build.image, "web", PORT="5006") as process:
        ...

Every build gets a new container: only the launch cache and the image remain for the next, as on a platform. Needs root, for the
containers (container.py), and the programs that `script/setup lifecycle` installs.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from tools import buildpack_tree, container, otlp_readers
from tools.oci_image import Image, unpack, write_run_image
from tools.running import Running

# Names of programs and their subcommands.
_PHASES = {"analyzer": "analyze", "detector": "detect", "restorer": "restore", "builder": "build", "exporter": "export"}
_RUN_IMAGE = "index.docker.io/library/run/latest"
_APP_IMAGE = "index.docker.io/tests/app/latest"
_PATIENCE_SECONDS = 120

# Exit codes of the lifecycle (its platform/exit.go).
INCOMPATIBLE_API = 12
NOT_DETECTED = 20
DETECTION_FAILED = 21
BUILDPACK_FAILED = 51
OUTPUT_REFUSED = 52
LAUNCH_FAILED = 82


def tools() -> Path:
    """Returns the directory with the lifecycle's programs."""
    return _tool("lifecycle")


def pack() -> Path:
    """Returns pack, which packages buildpacks."""
    return _tool("pack") / "pack"


def sbom_python() -> Path:
    """Returns the Python that has the libraries of SBOM standards."""
    return _tool("sbom-readers") / "bin" / "python"


def package(tree: Path, directory: Path, *, arch: str) -> Path:
    """Packages a buildpack with pack, into `directory` (created), and unpacks it: the tree that a builder would have."""
    directory.mkdir()
    file = directory / "package.cnb"
    command = [pack(), "buildpack", "package", file, "--format", "file", "--path", tree, "--target", f"linux/{arch}"]
    environment = {"HOME": str(directory), "PACK_HOME": str(directory / "pack"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_PATIENCE_SECONDS)
    if done.returncode != 0:
        raise RuntimeError(f"pack failed:\n{done.stdout}{done.stderr}")
    with tarfile.open(file) as archive:
        unpack(archive, directory / "layout")
    Image(directory / "layout").extract(directory / "files")
    buildpack = read_descriptor(tree)
    return directory / "files" / "cnb" / "buildpacks" / buildpack.id.replace("/", "_") / buildpack.version


def _tool(name: str) -> Path:
    # The versions and directories of script/environment.sh.
    settings = (buildpack_tree.CHECKOUT / "script" / "environment.sh").read_text()
    version = re.search(rf"^mesh_{name}_version=(.*)$", settings, re.MULTILINE)
    directory = otlp_readers.tools() / (f"{name}-{version[1]}" if version else name)
    if not directory.is_dir():
        raise FileNotFoundError(f"{directory} is missing: run script/setup first")
    return directory


@dataclass(frozen=True)
class Buildpack:
    """Returns the buildpack's id and version from its descriptor."""

    id: str
    version: str


def read_descriptor(tree: Path) -> Buildpack:
    """Returns id and version. Uses a pattern, because the oldest supported Python has no TOML reader."""
    text = (tree / "buildpack.toml").read_text()

    def value(name: str) -> str:
        return re.search(rf'^{name}\s*=\s*"(.+)"', text, re.MULTILINE)[1]

    return Buildpack(value("id"), value("version"))


@dataclass(frozen=True)
class Phase:
    """A completed phase: its exit code and its output."""

    name: str
    code: int
    output: str


@dataclass
class Build:
    """The phases that ran, the last one of which may have failed, and the image if there is one."""

    phases: dict[str, Phase]
    image: Image | None

    @property
    def code(self) -> int:
        return self.last.code

    @property
    def last(self) -> Phase:
        return list(self.phases.values())[-1]

    @property
    def output(self) -> str:
        return "".join(f"===> {phase.name}\n{phase.output}" for phase in self.phases.values())


class Platform:
    """Buildpacks, an app, config vars, and the state between builds. `close` removes everything.

    Directories that tests may look at and change: `source` (the app as it is pushed), `env` (config vars as files) and `cache`;
    of the build that runs or ran last: `layers`, `workspace` and `tmp`.
    """

    def __init__(self, *, arch: str | None = None) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="mesh-platform-"))
        self.root.chmod(0o755)
        self.cnb, self.platform, self.cache, self.layout = (
            self.root / name for name in ("cnb", "platform", "cache", "layout")
        )
        self.layers, self.workspace, self.tmp = (self.root / name for name in ("layers", "workspace", "tmp"))
        self.source, self.env = self.root / "source", self.platform / "env"
        for directory in (self.env, self.cache, self.layout, self.source, self.cnb / "lifecycle", self.cnb / "nosbom"):
            directory.mkdir(parents=True)
        self._order: list[tuple[Buildpack, bool]] = []
        self.run_image(arch or buildpack_tree.architecture())
        (self.cnb / "run.toml").write_text('[[images]]\nimage = "index.docker.io/library/run:latest"\n')
        self.processes_environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}

    def close(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)

    # --- what is built with what ---

    def add_buildpack(self, tree: Path, *, optional: bool = False) -> Buildpack:
        """Adds a copy of a buildpack after the others; `buildpack_directory` returns its path."""
        buildpack = read_descriptor(tree)
        shutil.copytree(tree, self.buildpack_directory(buildpack), symlinks=True)
        self._order.append((buildpack, optional))
        self._write_order()
        return buildpack

    def buildpack_directory(self, buildpack: Buildpack) -> Path:
        return self.cnb / "buildpacks" / buildpack.id.replace("/", "_") / buildpack.version

    def remove_buildpacks(self) -> None:
        self._order.clear()
        shutil.rmtree(self.cnb / "buildpacks", ignore_errors=True)

    def _write_order(self) -> None:
        groups = "".join(
            f'[[order.group]]\nid = "{buildpack.id}"\nversion = "{buildpack.version}"\noptional = {str(optional).lower()}\n'
            for buildpack, optional in self._order
        )
        (self.cnb / "order.toml").write_text(f"[[order]]\n{groups}")

    def app(self, directory: Path) -> None:
        """Pushes this app."""
        shutil.rmtree(self.source)
        shutil.copytree(directory, self.source, symlinks=True)

    def config(self, **values: str) -> None:
        """Sets the config vars in $CNB_PLATFORM_DIR/env."""
        for name, value in values.items():
            (self.env / name).write_text(value)

    def trust(self, ca_file: Path) -> str:
        """Adds a file that builds can read, and returns its path for them."""
        shutil.copyfile(ca_file, self.cnb / "ca.pem")
        return "/cnb/ca.pem"

    def run_image(self, arch: str) -> None:
        """Sets the run image of later builds."""
        directory = self.layout / _RUN_IMAGE
        shutil.rmtree(directory, ignore_errors=True)
        write_run_image(directory, arch=arch)

    # --- building ---

    def build(self, after: dict[str, Callable[[], None]] | None = None, *, log_level: str = "info") -> Build:
        """Runs the phases until one fails. `after` has functions to call after a phase."""
        for directory in (self.layers, self.workspace, self.tmp):
            shutil.rmtree(directory, ignore_errors=True)
        shutil.copytree(self.source, self.workspace, symlinks=True)
        self.layers.mkdir()
        self.tmp.mkdir()
        self.tmp.chmod(0o1777)
        container.hand_over(self.layers, self.workspace, self.cache, self.layout)
        box = self._build_container(log_level)
        phases: dict[str, Phase] = {}
        for name in _PHASES:
            phases[name] = self._run_phase(box, name)
            if phases[name].code != 0:
                return Build(phases, None)
            if after and name in after:
                after[name]()
                container.hand_over(self.layers, self.workspace)
        return Build(phases, self.image())

    def _build_container(self, log_level: str) -> container.Container:
        environment = {
            "CNB_APP_DIR": "/workspace",
            "CNB_BUILDPACKS_DIR": "/cnb/buildpacks",
            "CNB_CACHE_DIR": "/cache",
            "CNB_EXPERIMENTAL_MODE": "quiet",
            "CNB_GROUP_ID": str(container.USER_ID),
            "CNB_LAYERS_DIR": "/layers",
            "CNB_LAYOUT_DIR": "/layout",
            "CNB_LOG_LEVEL": log_level,
            "CNB_NO_COLOR": "true",
            "CNB_ORDER_PATH": "/cnb/order.toml",
            "CNB_PLATFORM_API": "0.15",
            "CNB_PLATFORM_DIR": "/platform",
            # Git does not ask for credentials.
            "CNB_REGISTRY_AUTH_KEYCHAIN_SKIP_AMAZON": "true",
            "CNB_REGISTRY_AUTH_KEYCHAIN_SKIP_AZURE": "true",
            "CNB_RUN_PATH": "/cnb/run.toml",
            "CNB_STACK_ID": "heroku-24",
            "CNB_USER_ID": str(container.USER_ID),
            "CNB_USE_LAYOUT": "true",
            "HOME": "/home/heroku",
            **self.processes_environment,
        }
        mounts = {
            "/cnb": self.cnb,
            "/cnb/lifecycle": tools(),
            "/platform": self.platform,
            "/cache": self.cache,
            "/layout": self.layout,
            "/layers": self.layers,
            "/workspace": self.workspace,
            "/tmp": self.tmp,
        }
        return container.Container(self._new_root(), mounts, environment)

    def _new_root(self) -> Path:
        return Path(tempfile.mkdtemp(prefix="root-", dir=self.root))

    def _run_phase(self, box: container.Container, name: str) -> Phase:
        image = "index.docker.io/tests/app:latest"
        arguments = {
            "analyzer": ["-run-image", "index.docker.io/library/run:latest", image],
            "exporter": ["-launcher", "/cnb/lifecycle/launcher", "-launcher-sbom", "/cnb/nosbom", image],
        }
        command = ["/cnb/lifecycle/lifecycle", _PHASES[name], *arguments.get(name, [])]
        with box.start(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace") as process:
            try:
                output, _ = process.communicate(timeout=_PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                output, _ = process.communicate()
                raise AssertionError(f"the {name} did not end within {_PATIENCE_SECONDS} s; its output:\n{output}") from None
        return Phase(name, process.returncode, output)

    # --- what came of it ---

    def image(self) -> Image:
        """Returns the app's image as it was exported last."""
        return Image(self.layout / _APP_IMAGE, self.layout / _RUN_IMAGE)

    def forget_image(self) -> None:
        shutil.rmtree(self.layout / _APP_IMAGE)

    def forget_cache(self) -> None:
        shutil.rmtree(self.cache)
        self.cache.mkdir()

    def layers_of(self, buildpack: Buildpack) -> Path:
        """Returns the directory of a buildpack's layers in the current or last build."""
        return self.layers / buildpack.id.replace("/", "_")

    def launch(self, image: Image, *command: str, log: Path | None = None, **config: str) -> Launched:
        """Starts a process of the image: a process type and its arguments, or any command. Its output goes to `log`."""
        return Launched(self, image, command, log or self.root / "process.log", config)


class Launched(Running):
    """A running process of an image."""

    def __init__(self, platform: Platform, image: Image, command: tuple[str, ...], log: Path, config: dict[str, str]):
        directory = Path(tempfile.mkdtemp(prefix="image-", dir=platform.root))
        image.extract(directory / "files")
        (directory / "tmp").mkdir()
        (directory / "tmp").chmod(0o1777)
        places = {f"/{path.name}": path for path in (directory / "files").iterdir() if path.is_dir()}
        image_settings = image.config["config"]
        environment = {**dict(variable.split("=", 1) for variable in image_settings["Env"]), "HOME": "/home/heroku", **config}
        (directory / "root").mkdir()
        box = container.Container(
            directory / "root", {**places, "/tmp": directory / "tmp"}, environment, image_settings["WorkingDir"]
        )
        process_type = f"/cnb/process/{command[0]}"
        if process_type in image.links:
            command = (process_type, *command[1:])
        self.log = log
        with log.open("ab") as output:
            self.process = box.start(*command, stdout=output, stderr=output)

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def wait(self) -> int:
        """Waits for the process. Returns its exit code."""
        return self.process.wait(_PATIENCE_SECONDS)


@dataclass
class ShellBuildpack:
    """Adds a buildpack of a few lines for one test. Each part is text; `files` are added as executables."""

    id: str = "tests/throw-away"
    version: str = "1.0.0"
    api: str = 'api = "0.10"\n'
    descriptor: str = ""  # more of [buildpack], then more tables
    detect: str = "exit 0\n"
    build: str = "exit 0\n"
    files: dict[str, str] = field(default_factory=dict)

    def write(self, directory: Path) -> Path:
        """Makes `directory` (created) this buildpack."""
        texts = {
            "bin/detect": f"#!/bin/sh\nset -eu\n{self.detect}",
            "bin/build": f"#!/bin/sh\nset -eu\n{self.build}",
            "buildpack.toml": f'{self.api}[buildpack]\nid = "{self.id}"\nversion = "{self.version}"\n{self.descriptor}\n',
            **self.files,
        }
        for path, text in texts.items():
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).write_text(text)
            (directory / path).chmod(0o755)
        return directory
