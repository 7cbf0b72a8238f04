"""Concurrent builds that share one cache: each result is correct, and the cache is complete."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import unittest
from dataclasses import dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
import report_contract
from tools import signing_keys
from tools.release_model import ASSET_NAME, BINARY_NAME, Asset, Entry, make_archive
from tools.release_server import ReleaseServer

ROUNDS = 8
# The requests: product and version.
WANTED = (("integration", "latest"), ("integration", "v0.1.1"), ("integration", "v0.1.2"), ("integration", "v0.1.3"),
          ("applink", "latest"), ("applink", "v1.2.3"))  # fmt: skip


@dataclass
class Participant:
    """One of the builds: its own app and settings, and the binary that it must install."""

    product: str
    world: harness.World
    program: bytes

    @property
    def installed(self) -> Path:
        path = harness.BINARY_PATH if self.product == "integration" else harness.APPLINK_PATH
        return self.world.build / path

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.program).hexdigest()


class SharedCacheTest(unittest.TestCase):
    def setUp(self) -> None:
        self.server = ReleaseServer()
        self.addCleanup(self.server.close)
        self.programs = {}
        for number in range(1, 4):
            program = harness.mesh_standin().read_bytes() + bytes([number])
            self.programs["integration", f"v0.1.{number}"] = self.programs["integration", "latest"] = program
            self.server.publish(f"v0.1.{number}", Asset(ASSET_NAME, make_archive([Entry(BINARY_NAME, program)])))
        applink = harness.applink_standin().read_bytes()
        self.server.publish_applink("v1.2.3", applink, signing_keys.publisher())
        self.programs["applink", "latest"] = self.programs["applink", "v1.2.3"] = applink
        self.cache = self.new_world().cache
        self.builds = [self.participant(product, version) for product, version in WANTED]

    def new_world(self) -> harness.World:
        world = harness.World()
        self.addCleanup(world.close)
        world.keep_binaries = True
        world.use(self.server)
        return world

    def participant(self, product: str, version: str) -> Participant:
        world = self.new_world()
        world.cache = self.cache
        world.config(HEROKU_SERVICE_MESH_PRODUCT=product)
        world.config(**{f"HEROKU_{product.upper()}_SERVICE_MESH_RELEASE_VERSION": version})
        return Participant(product, world, self.programs[product, version])

    def test_concurrent_builds_are_independent(self) -> None:
        for number in range(ROUNDS):
            for build in self.builds:
                shutil.rmtree(build.world.build / "vendor", ignore_errors=True)
                build.world.environment["REQUEST_ID"] = f"round-{number}-{id(build)}"
            running = [(build, build.world.start("compile")) for build in self.builds]
            for build, done in [(build, ended(process)) for build, process in running]:
                self.assert_right(build, done)
            self.assert_reports_are_honest()
            self.assert_cache_is_whole()

    def assert_right(self, build: Participant, done: harness.Done) -> None:
        self.assertEqual(done.code, 0, done.output)
        self.assertEqual(hashlib.sha256(build.installed.read_bytes()).hexdigest(), build.sha256, done.output)
        self.assertEqual(build.installed.stat().st_mode & 0o777, 0o755)
        self.assertRegex(done.stdout, r"(?m)^ +Done! ")

    def assert_reports_are_honest(self) -> None:
        """Concurrent builds write the same record. The last one keeps it; the others report theirs as missing."""
        reported = 0
        for build in self.builds:
            done = build.world.run("report")
            report = report_contract.check(done.stdout)
            if report.get("failure_reason") == "record::missing":
                continue
            reported += 1
            seen = (report["build_status"], report["service_mesh_product"], report["service_mesh_sha256"])
            self.assertEqual(seen, ("success", build.product, build.sha256))
        self.assertEqual(reported, 1)

    def assert_cache_is_whole(self) -> None:
        store = self.cache / BINARY_NAME
        index = json.loads((store / "index.json").read_text())
        self.assertEqual(index["format"], 1)
        objects = {path.name: path.read_bytes() for path in (store / "objects").iterdir()}
        self.assertLessEqual(len(objects), 2)
        self.assertEqual({entry["sha256"] for entry in index["binaries"]}, set(objects))
        for name, content in objects.items():
            self.assertEqual(hashlib.sha256(content).hexdigest(), name)
        for entry in index["binaries"]:
            self.assertEqual(entry["bytes"], len(objects[entry["sha256"]]))
        names = {str(path.relative_to(self.cache)) for path in self.cache.rglob("*") if path.is_file()}
        unexpected = [name for name in names if not re.fullmatch(EXPECTED, name)]
        self.assertEqual(unexpected, [])


def ended(process: subprocess.Popen[str]) -> harness.Done:
    with process:
        stdout, stderr = process.communicate(timeout=harness.PATIENCE)
    return harness.Done(process.returncode, stdout, stderr)


# All files that may be in the cache.
EXPECTED = rf"build-data/{BINARY_NAME}(\.previous)?\.json|{BINARY_NAME}/(index\.json|(objects|keys)/[0-9a-f]{{64}})"

if __name__ == "__main__":
    unittest.main()
