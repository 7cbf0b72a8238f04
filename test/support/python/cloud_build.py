"""Base classes of tests of the Cloud Native buildpack: the real lifecycle, a release server, and changed copies."""

from __future__ import annotations

import os
import shutil
import tempfile
import unittest
from pathlib import Path
from typing import Callable

import harness
from tools import lifecycle
from tools.release_server import ReleaseServer

LAYER = "service-mesh"


class LifecycleTest(unittest.TestCase):
    """A test with a platform and no buildpack yet."""

    def setUp(self) -> None:
        if os.geteuid() != 0:
            self.skipTest("needs root, to mount what a build's container has")
        self.platform = lifecycle.Platform()
        self.addCleanup(self.platform.close)

    def throw_away(self, **parts: object) -> lifecycle.Buildpack:
        """Adds a buildpack of a few lines after the others; see `lifecycle.ShellBuildpack`."""
        tree = lifecycle.ShellBuildpack(**parts).write(self.new_directory())
        return self.platform.add_buildpack(tree)

    def new_directory(self) -> Path:
        directory = Path(tempfile.mkdtemp(prefix="tree-", dir=self.platform.root))
        directory.chmod(0o755)
        return directory

    def build(self, **options: object) -> lifecycle.Build:
        """Builds, and asserts that the build succeeds."""
        build = self.platform.build(**options)
        self.assertEqual(build.code, 0, build.output)
        return build

    def build_fails(self, phase: str, code: int, **options: object) -> lifecycle.Build:
        """Builds, and asserts that the build fails in this phase with this code of the lifecycle."""
        build = self.platform.build(**options)
        self.assertEqual((build.last.name, build.code), (phase, code), build.output)
        return build


class CloudBuildTest(LifecycleTest):
    """A test that builds an app with this buildpack, from a release server that has both products."""

    fixture = "node-web"

    def setUp(self) -> None:
        super().setUp()
        self.server = ReleaseServer()
        self.addCleanup(self.server.close)
        use(self.platform, self.server)
        self.server.publish("v0.1.2", harness.mesh_release_asset())
        self.platform.app(harness.FIXTURES / self.fixture)

    def ours(self, tree: Path | None = None) -> lifecycle.Buildpack:
        """Adds this buildpack, or a changed copy of it."""
        self.buildpack = self.platform.add_buildpack(tree or harness.buildpack())
        return self.buildpack

    def changed(
        self, *, descriptor: Callable[[str], str] = lambda text: text, after_detect: str = "", after_build: str = ""
    ) -> Path:
        """Returns a copy of this buildpack with another descriptor, and lines of shell that run after its own scripts."""
        tree = self.new_directory() / "tree"
        shutil.copytree(harness.buildpack(), tree, symlinks=True)
        path = tree / "buildpack.toml"
        before = path.read_text()
        path.write_text(descriptor(before))
        for script, after in (("detect", after_detect), ("build", after_build)):
            if after:
                real = tree / "bin" / f"{script}.real"
                (tree / "bin" / script).rename(real)
                (tree / "bin" / script).write_text(f'#!/bin/sh\nset -eu\n"$0.real" "$@"\n{after}\n')
                (tree / "bin" / script).chmod(0o755)
        return tree

    def layer(self, build: lifecycle.Build) -> dict:
        """Returns the metadata of this buildpack's layer in the image."""
        return build.image.layers_of(self.buildpack.id)[LAYER]


def use(platform: lifecycle.Platform, server: ReleaseServer) -> None:
    """Makes the buildpack install from this server, and trust it."""
    platform.config(
        HEROKU_INTEGRATION_SERVICE_MESH_BASE_URL=server.base_url,
        HEROKU_INTEGRATION_SERVICE_MESH_API_URL=server.api_url,
        HEROKU_APPLINK_SERVICE_MESH_BASE_URL=server.bucket_url,
        SSL_CERT_FILE=platform.trust(server.ca_file),
    )
