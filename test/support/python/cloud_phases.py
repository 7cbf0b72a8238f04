"""bin/detect and bin/build as the Cloud Native lifecycle runs them, without the lifecycle: in a container with a /tmp of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Any

import harness
from outcome import OutcomeTest
from tools import container, otlp_readers
from tools.release_server import ReleaseServer

LAYER = "service-mesh"
FACTS = "cnb.service_mesh."


class Phases:
    """The directories of one build, and the phases run in them as an unprivileged user. Needs root, for the container."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="mesh-phases-"))
        self.root.chmod(0o755)
        self.layers, self.platform, self.workspace, self.tmp, self.trust = (
            self.root / name for name in ("layers", "platform", "workspace", "tmp", "trust")
        )
        self.own_layers, self.env = self.layers / "heroku_mesh", self.platform / "env"
        for directory in (self.own_layers, self.env, self.workspace, self.tmp, self.trust):
            directory.mkdir(parents=True)
        self.tmp_mode = 0o1777  # 0o555: nobody may write there
        (self.layers / "plan.toml").write_text("")
        self.environment = {
            "CNB_BUILDPACK_DIR": "/buildpack",
            "CNB_LAYERS_DIR": "/layers/heroku_mesh",
            "CNB_PLATFORM_DIR": "/platform",
            "CNB_STACK_ID": "heroku-24",
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        }
        self.environment |= {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}

    def close(self) -> None:
        shutil.rmtree(self.root)

    def app(self, fixture: str) -> None:
        shutil.copytree(harness.FIXTURES / fixture, self.workspace, symlinks=True, dirs_exist_ok=True)

    def config(self, **values: str) -> None:
        """Sets the config vars in the platform directory."""
        for name, value in values.items():
            (self.env / name).write_text(value)

    def use(self, server: ReleaseServer) -> None:
        """Makes the buildpack install from this server, and trust it."""
        shutil.copyfile(server.ca_file, self.trust / "ca.pem")
        self.config(
            HEROKU_INTEGRATION_SERVICE_MESH_BASE_URL=server.base_url,
            HEROKU_INTEGRATION_SERVICE_MESH_API_URL=server.api_url,
            HEROKU_APPLINK_SERVICE_MESH_BASE_URL=server.bucket_url,
            SSL_CERT_FILE="/trust/ca.pem",
        )

    def start(self, phase: str, *arguments: str, directory: str = "/workspace", **environment: str | None) -> subprocess.Popen:
        """Starts bin/<phase> with these arguments. A variable that is None is not set."""
        container.hand_over(self.layers, self.workspace, self.platform)
        self.tmp.chmod(self.tmp_mode)
        mounts = {
            "/buildpack": harness.buildpack(),
            "/layers": self.layers,
            "/platform": self.platform,
            "/workspace": self.workspace,
            "/tmp": self.tmp,
            "/trust": self.trust,
        }
        variables = {name: value for name, value in {**self.environment, **environment}.items() if value is not None}
        box = container.Container(Path(tempfile.mkdtemp(prefix="root-", dir=self.root)), mounts, variables, directory)
        return box.start(
            f"/buildpack/bin/{phase}", *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
        )

    def run(self, phase: str, *arguments: str, **options: str | None) -> harness.Done:
        """Runs a phase to its end."""
        with self.start(phase, *arguments, **options) as process:
            try:
                stdout, stderr = process.communicate(timeout=harness.PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return harness.Done(process.returncode, stdout, stderr)

    def traces(self) -> list[Path]:
        directory = self.tmp / "libcnb-telemetry"
        return sorted(directory.iterdir()) if directory.is_dir() else []

    def forget_traces(self) -> None:
        shutil.rmtree(self.tmp / "libcnb-telemetry", ignore_errors=True)

    def spans(self) -> list[dict[str, Any]]:
        """Returns the spans of the only trace file, as the independent readers read them."""
        (path,) = self.traces()
        return otlp_readers.spans(path)

    def next_container(self) -> None:
        """Restores files for the next build, as the lifecycle does: the layer, its metadata without their types, and the
        store."""
        for path in self.own_layers.iterdir():
            if path.is_file() and path.name not in (f"{LAYER}.toml", "store.toml"):
                path.unlink()
        metadata = self.own_layers / f"{LAYER}.toml"
        with contextlib.suppress(FileNotFoundError):
            text = metadata.read_text()
            metadata.write_text(text[text.index("[metadata]") :])
        self.forget_traces()


class PhasesTest(OutcomeTest):
    """A test with both kinds of builds, of the same server: `phases`, and the classic `world`."""

    def setUp(self) -> None:
        if os.geteuid() != 0:
            raise unittest.SkipTest("needs root, to mount what a build's container has")
        super().setUp()
        self.phases = Phases()
        self.addCleanup(self.phases.close)
        self.phases.use(self.server)
        self.phases.app("node-web")

    def build(self, **options: str | None) -> harness.Done:
        return self.phases.run("build", "/layers/heroku_mesh", "/platform", "/layers/plan.toml", **options)

    def program(self) -> Path:
        return self.phases.own_layers / LAYER / "bin" / harness.BINARY_NAME

    def assert_no_staging(self) -> None:
        self.assertEqual([path.name for path in self.phases.own_layers.iterdir() if path.name.startswith(".")], [])
