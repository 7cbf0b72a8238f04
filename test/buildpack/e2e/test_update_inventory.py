"""script/update-inventory, run in a copy of the tree against a release server."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
from tools import faults, signing_keys
from tools.buildpack_tree import architecture
from tools.release_model import Asset
from tools.release_server import ReleaseServer


class InventoryTest(unittest.TestCase):
    def setUp(self) -> None:
        self.server = ReleaseServer()
        self.addCleanup(self.server.close)
        self.root = Path(tempfile.mkdtemp(prefix="mesh-inventory-"))
        self.addCleanup(shutil.rmtree, self.root)
        for name in ("script/update-inventory", "inventory/service-mesh.json"):
            (self.root / name).parent.mkdir(exist_ok=True)
            shutil.copy(harness.CHECKOUT / name, self.root / name)
        self.asset = harness.mesh_release_asset()
        self.server.publish("v0.1.2", self.asset)

    def run_script(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [self.root / "script/update-inventory", "--api-url", self.server.api_url, "--bucket-url", self.server.bucket_url]
        surroundings = {"PATH": os.environ["PATH"], "SSL_CERT_FILE": str(self.server.ca_file), **environment}
        return subprocess.run([*command, *arguments], env=surroundings, capture_output=True, text=True, timeout=harness.PATIENCE)

    @property
    def text(self) -> str:
        return (self.root / "inventory/service-mesh.json").read_text()

    def known(self, product: str = "integration") -> list[tuple[str, str, str]]:
        artifacts = json.loads(self.text)["products"][product]["artifacts"]
        return [(artifact["version"], artifact["arch"], artifact["sha256"]) for artifact in artifacts]

    def assert_refused(self, words: str, *arguments: str) -> None:
        before = self.text
        done = self.run_script(*arguments)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn(words, done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        self.assertEqual(self.text, before)


class GitHubTest(InventoryTest):
    def test_every_page_of_the_list_is_read(self) -> None:
        for number in range(120):
            self.server.publish(f"v2.{number}", Asset(self.asset.name, b"x"))
        self.assertEqual(self.run_script().returncode, 0)
        self.assertEqual(len(self.known()), 121)

    def test_releases_are_added_once(self) -> None:
        self.server.publish("v0.2.0", Asset("mesh-linux-arm64.tar.gz", b"x").with_digest(), Asset("checksums.txt", b"y"))
        self.server.publish("v0.3.0-rc", Asset(self.asset.name, b"z"), prerelease=True)
        done = self.run_script()
        self.assertEqual(done.returncode, 0, done.stderr)
        expected = [("v0.1.2", "amd64", self.asset.sha256), ("v0.2.0", "arm64", hashlib.sha256(b"x").hexdigest())]
        self.assertEqual(self.known(), expected)
        before = self.text
        self.assertEqual(self.run_script().stdout, "Nothing changed.\n")
        self.assertEqual(self.text, before)

    def test_dry_run_writes_no_files(self) -> None:
        before = self.text
        self.assertIn("v0.1.2 for amd64: new", self.run_script("--dry-run").stdout)
        self.assertEqual(self.text, before)

    def test_changed_release_is_refused(self) -> None:
        self.run_script()
        self.server.fault("asset", faults.wrong_bytes())
        self.assert_refused("integration: v0.1.2 for amd64: CHANGED")
        self.assertEqual(self.run_script("--accept-changes").returncode, 0)
        self.assertNotEqual(self.known()[0][2], self.asset.sha256)

    def test_digest_of_the_release_must_match_the_file(self) -> None:
        self.server.publish("v0.2.0", Asset(self.asset.name, b"x", digest="sha256:" + "0" * 64))
        self.assert_refused("is stated")

    def test_failed_downloads_are_reported(self) -> None:
        for route, fault, words in (("api", faults.rate_limit(), "rate limit"), ("api", faults.html(), "not JSON"),
                                    ("asset", faults.truncated(), "bytes"), ("api", faults.downgrade(), "only https"),
                                    ("asset", faults.status(404), "404")):  # fmt: skip
            with self.subTest(words):
                self.server.clear_faults()
                self.server.fault(route, fault)
                self.assert_refused(words)

    def test_token_is_sent_only_to_the_api(self) -> None:
        self.run_script(GITHUB_TOKEN="secret")
        for request in self.server.requests:
            self.assertEqual("authorization" in request.headers, request.route == "api")


class AppLinkTest(InventoryTest):
    def setUp(self) -> None:
        super().setUp()
        self.server.publish_applink("v1.2.3", b"a program", signing_keys.publisher())
        self.options = ("--repository", "", "--applink-version", "v1.2.3", "--arch", architecture())
        self.accept = ("--accept-key", signing_keys.publisher().fingerprint)

    def test_new_key_is_printed_and_not_trusted(self) -> None:
        self.assert_refused(f"--accept-key {signing_keys.publisher().fingerprint}", *self.options)
        self.assert_refused("publisher@example.com", *self.options, "--accept-key", signing_keys.other().fingerprint)

    def test_accepted_key_is_added_to_the_inventory(self) -> None:
        self.assertEqual(self.run_script(*self.options, *self.accept).returncode, 0)
        self.assertEqual(self.known("applink"), [("v1.2.3", architecture(), hashlib.sha256(b"a program").hexdigest())])
        (key,) = json.loads(self.text)["products"]["applink"]["signing_keys"]
        self.assertEqual((self.root / "inventory" / key["public_key"]).read_bytes(), signing_keys.publisher().public_key)
        self.server.publish_applink("v1.2.4", b"a newer one", signing_keys.publisher())
        self.assertEqual(self.run_script(*self.options, "--applink-version", "v1.2.4").returncode, 0)
        self.assertEqual(len(self.known("applink")), 2)

    def test_bad_signature_is_refused(self) -> None:
        name = f"heroku-applink-service-mesh-v1.2.3-{architecture()}"
        self.server.bucket.objects[name] += b"x"
        self.assert_refused("the signature is invalid", *self.options, *self.accept)
        self.server.bucket.objects[name + ".asc"] = b"<html>"
        self.assert_refused("the signature is invalid", *self.options, *self.accept)


if __name__ == "__main__":
    unittest.main()
