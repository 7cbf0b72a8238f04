"""The release for another architecture, run by an emulator of its processor behind the same scripts.

The kernel does not start the emulator here, so a script replaces the helper and calls the emulator.
"""

from __future__ import annotations

import os
import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
from tools import buildpack_tree, signing_keys
from tools.release_model import ASSET_NAME, BINARY_NAME, Asset, Entry, make_archive

ARCH = "arm64"


class EmulatedTest(harness.BuildTest):
    """A buildpack whose helper is for arm64, and a release server that has a mesh for it."""

    def setUp(self) -> None:
        super().setUp()
        tree = self.world.root / "buildpack"
        buildpack_tree.lay_out(buildpack_tree.CHECKOUT, tree, None)
        helper = tree / "libexec" / f"linux-{buildpack_tree.architecture()}" / "mesh-buildpack"
        helper.parent.mkdir()
        emulator = os.environ.get("MESH_EMULATOR", "qemu-aarch64-static")
        program = self.world.root / "mesh-buildpack"
        program.write_bytes(harness.helper().read_bytes())
        program.chmod(0o755)
        helper.write_text(f"#!/bin/sh\nexec {emulator} -0 \"$0\" {program} \"$@\"\n")
        helper.chmod(0o755)
        self.world.buildpack = tree
        self.world.app("node-web")

    def test_detect_prints_the_name(self) -> None:
        done = self.world.run("detect")
        self.assertEqual((done.code, done.stdout), (0, "Heroku Integration Service Mesh\n"), done.output)

    def test_binary_for_arm64_is_installed_over_tls(self) -> None:
        self.server.publish("v0.1.2", harness.mesh_release_asset())
        done = self.compile()
        self.assertEqual(done.code, 0, done.output)
        installed = self.world.build / harness.BINARY_PATH
        self.assertEqual(installed.read_bytes(), harness.mesh_standin().read_bytes())
        report = self.report()
        self.assertEqual((report["build_status"], report["arch"]), ("success", ARCH))

    def test_binary_for_the_host_architecture_is_refused(self) -> None:
        other = Path("/bin/true").read_bytes()
        self.server.publish("v0.1.2", Asset(ASSET_NAME, make_archive([Entry(BINARY_NAME, other)])))
        done = self.compile()
        self.assertEqual(done.code, 1, done.output)
        self.assertIn("(binary::wrong-architecture)", done.output)
        self.assertEqual(self.report()["failure_reason"], "binary::wrong-architecture")

    def test_signed_applink_binary_is_installed(self) -> None:
        (self.world.build / "Procfile").write_text("web: APP_PORT=3000 heroku-applink-service-mesh -- node server.js\n")
        program = harness.applink_standin().read_bytes()
        self.server.publish_applink("v1.2.3", program, signing_keys.publisher(), arch=ARCH)
        done = self.compile()
        self.assertEqual(done.code, 0, done.output)
        self.assertEqual((self.world.build / harness.APPLINK_PATH).read_bytes(), program)
        self.assertEqual(self.report()["service_mesh_verified_by"], "signature")

    def test_doctor_checks_an_app(self) -> None:
        self.world.app("doctor-same-port")
        done = self.world.run("doctor", self.world.build)
        self.assertEqual((done.code, done.stderr), (1, ""))
        self.assertIn("same-port", done.stdout)

    def test_refused_connection_is_reported(self) -> None:
        self.world.config(HEROKU_INTEGRATION_SERVICE_MESH_BASE_URL=f"https://127.0.0.1:{harness.free_ports(1)[0]}")
        self.world.environment |= {"CURL_TIMEOUT": "1"}
        self.assertEqual(self.compile().code, 1)
        self.assertEqual(self.report()["failure_reason"], "network::connect")


if __name__ == "__main__":
    unittest.main()
