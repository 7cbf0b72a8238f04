"""The examples of project.toml in docs/examples, and this repository's own, are valid for pack and this buildpack."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

import tomli

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
import project_descriptor
from tools import lifecycle
from tools.oci_image import Image, unpack

sys.path.insert(0, str(harness.CHECKOUT / "script" / "packaging"))

import archives
import release_files

EXAMPLES = {path.parent.name: path.read_text() for path in sorted(harness.CHECKOUT.glob("docs/examples/*/project.toml"))}
OWN = (harness.CHECKOUT / "project.toml").read_text()


def settings_in_sources() -> set[str]:
    """Returns the names of all settings that the helper and the scripts read."""
    files = ("src/buildpack/release/settings.cpp", "libexec/fetch-helper.sh")
    return {name for file in files for name in re.findall(r"\bHEROKU_\w+", (harness.CHECKOUT / file).read_text())}


class DescriptorsTest(unittest.TestCase):
    def test_descriptors_have_no_findings(self) -> None:
        for name, text in {**EXAMPLES, "this repository": OWN}.items():
            with self.subTest(name):
                self.assertEqual(project_descriptor.objections(text), [])
                self.assertEqual(project_descriptor.said_by_pack(text), "")

    def test_settings_are_read_by_this_buildpack(self) -> None:
        for name, text in EXAMPLES.items():
            with self.subTest(name):
                self.assertLessEqual(set(project_descriptor.Descriptor(text).environment), settings_in_sources())

    def test_buildpack_uris_name_files_of_this_release(self) -> None:
        buildpack = tomli.loads((harness.CHECKOUT / "buildpack.toml").read_text())["buildpack"]
        version = buildpack["version"]
        address = f"{buildpack['homepage']}/releases/download/v{version}/{release_files.NAME}-{version}.tgz"
        for name, text in EXAMPLES.items():
            with self.subTest(name):
                named = [entry.name for entry in project_descriptor.Descriptor(text).entries]
                self.assertEqual(named[-1], address)
                self.assertEqual(named.count(address), 1)

    def test_pack_accepts_the_file_as_a_buildpack(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            (directory / "buildpack.tgz").write_bytes(archives.gzipped(archives.tar(harness.buildpack(), 0)))
            (directory / "package.toml").write_text(f'[buildpack]\nuri = "{directory}/buildpack.tgz"\n')
            package = directory / "package.cnb"
            command = [lifecycle.pack(), "buildpack", "package", package, "--format", "file", "--config", directory / "package.toml"]
            environment = {"HOME": name, "PACK_HOME": f"{name}/pack", "PATH": "/usr/bin:/bin"}
            subprocess.run([*command, "--target", "linux/amd64"], env=environment, check=True, capture_output=True, timeout=60)
            with tarfile.open(package) as archive:
                unpack(archive, directory / "layout")
            Image(directory / "layout").extract(directory / "files")
            (taken,) = directory.glob("files/cnb/buildpacks/heroku_heroku-integration-service-mesh/*")
            self.assertEqual(harness.snapshot(taken), harness.snapshot(harness.buildpack()))

    def test_quick_starts_are_valid(self) -> None:
        for name in ("README.md", "docs/cloud-native.md"):
            with self.subTest(name):
                (text,) = re.findall(r"^```toml\n(\[_\]\n.*?)^```", (harness.CHECKOUT / name).read_text(), re.MULTILINE | re.DOTALL)
                self.assertEqual(project_descriptor.objections(text), [])
                self.assertEqual(project_descriptor.said_by_pack(text), "")

    def test_each_is_explained(self) -> None:
        guide = (harness.CHECKOUT / "docs" / "cloud-native.md").read_text()
        self.assertEqual(sorted(set(re.findall(r"\(examples/([\w-]+)/project\.toml\)", guide))), sorted(EXAMPLES))


# Mistakes of a careless edit of an example: the replaced text, the new one, and whether pack notices it. (A build ignores other
# mistakes.)
MUTATIONS = {
    "no TOML": ("[_]", "[_", True),
    "no schema": ('schema-version = "0.2"\n', "", True),
    "an unknown schema": ('"0.2"', '"9.9"', True),
    "a misspelled group": ("[[io.buildpacks.post.group]]", "[[io.buildpacks.post.groups]]", True),
    "a misspelled key": ("uri =", "url =", True),
    "env in the wrong table": ("[[io.buildpacks.build.env]]", "[[io.buildpacks.env]]", True),
    "a value that is not a string": ('value = "web"', "value = true", True),
    "a key outside the schema": ('value = "web"', 'text = "web"', True),
    "an execution environment, of schema 0.3": ('value = "web"', 'value = "web"\nexec-env = ["test"]', True),
    "an address and a version": ("[[io.buildpacks.post.group]]\n", '[[io.buildpacks.group]]\nversion = "0.1.0"\n', True),
    "an address and a version behind the builder's": ("post.group]]\n", 'post.group]]\nversion = "0.1.0"\n', False),
    "an address and an id": ("[[io.buildpacks.post.group]]\n", '[[io.buildpacks.post.group]]\nid = "a/b"\n', False),
    "a group and one behind the builder's": (
        "[[io.buildpacks.post.group]]", '[[io.buildpacks.group]]\nid = "a/b"\n\n[[io.buildpacks.post.group]]', False),
    "both ways to choose files": ("builder =", 'include = ["a"]\nexclude = ["b"]\nbuilder =', True),
}  # fmt: skip


class MutatedDescriptorTest(unittest.TestCase):
    def test_each_mistake_is_found(self) -> None:
        for mistake, (old, new, is_noticed_by_pack) in MUTATIONS.items():
            with self.subTest(mistake):
                text = EXAMPLES["wrapped"].replace(old, new)
                self.assertNotEqual(text, EXAMPLES["wrapped"])
                self.assertNotEqual(project_descriptor.objections(text), [])
                self.assertEqual(project_descriptor.said_by_pack(text) != "", is_noticed_by_pack)


if __name__ == "__main__":
    unittest.main()
