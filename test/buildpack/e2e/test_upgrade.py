"""The promises of docs/upgrading.md to apps of this buildpack's predecessors that no other test checks."""

from __future__ import annotations

import re
import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
from tools import signing_keys
from tools.buildpack_tree import architecture
from tools.release_model import APPLINK_NAME, BINARY_NAME

GUIDE = harness.CHECKOUT / "docs" / "upgrading.md"


class UpgradeTest(harness.BuildTest):
    def setUp(self) -> None:
        super().setUp()
        self.server.publish("v0.1.2", harness.mesh_release_asset())
        self.server.publish_applink("v1.2.3", harness.applink_standin().read_bytes(), signing_keys.publisher())
        self.world.app("node-web")

    def succeed(self) -> str:
        done = self.compile()
        self.assertEqual(done.code, 0, done.output)
        return done.output

    def test_log_has_lines_that_scripts_search_for(self) -> None:
        self.world.keep_binaries = True
        log = self.succeed()
        self.world.config(HEROKU_SERVICE_MESH_PRODUCT="applink")
        self.succeed()
        log += self.succeed()
        promised = re.search(r"scripts may search for:\n\n```\n(.*?)```", GUIDE.read_text(), re.DOTALL)[1].splitlines()
        self.assertEqual(len(promised), 6)
        for line in promised:
            with self.subTest(line):
                self.assertRegex(log, rf"(?m)^{re.escape(line)}")

    def test_links_exist_for_pinned_and_latest_names(self) -> None:
        self.world.config(HEROKU_SERVICE_MESH_PRODUCT="applink", HEROKU_APPLINK_SERVICE_MESH_RELEASE_VERSION="v1.2.3")
        self.succeed()
        directory = (self.world.build / harness.APPLINK_PATH).parent
        for name in (APPLINK_NAME, BINARY_NAME):
            for version in ("latest", "v1.2.3"):
                self.assertEqual((directory / f"{name}-{version}-{architecture()}").resolve(), (directory / APPLINK_NAME).resolve())

    def test_accidentally_exported_config_vars_are_ignored(self) -> None:
        self.world.config(BUILD_DIR="dist", CACHE_DIR="x", UID="3", BINARY_FILE="other", VENDOR_DIR="elsewhere")
        self.succeed()
        self.assertTrue((self.world.build / harness.BINARY_PATH).is_file())
        self.assertEqual(sorted(path.name for path in self.world.build.glob("*/")), [".profile.d", "vendor"])

    def test_mesh_of_an_earlier_buildpack_is_treated_as_vendored(self) -> None:
        """For this reason the guide asks users to remove it."""
        before = self.world.build / harness.BINARY_PATH
        before.parent.mkdir(parents=True)
        before.write_bytes(harness.mesh_standin().read_bytes())
        before.chmod(0o755)
        self.assertIn("that the app brings", self.succeed())
        self.assertEqual(self.report()["service_mesh_source"], "vendored")


if __name__ == "__main__":
    unittest.main()
