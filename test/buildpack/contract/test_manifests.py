"""Tests that every reader of buildpack.toml, package.toml and project.toml reads the same content."""

from __future__ import annotations

import re
import sys
import unittest
from pathlib import Path

import tomli

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import manifest_rules
import ruby_toml
from tools import buildpack_tree

CHECKOUT = buildpack_tree.CHECKOUT
DIGEST = "0" * 63 + "f"


def read(name: str) -> str:
    return (CHECKOUT / name).read_bytes().decode()


def unreleased(text: str) -> str:
    """Returns the manifest as before the first release, without a pinned helper."""
    return re.sub(r'^(url|sha256) = ".*"$', r'\1 = ""', text, flags=re.MULTILINE)


def released(text: str, base: str = "https://example.com/v0.1.0") -> str:
    """Returns the manifest with the pinned programs of a release."""
    def pin(entry: re.Match[str]) -> str:
        return f'{entry[1]}url = "{base}/{entry[2]}-0.1.0-linux-{entry[3]}"\nsha256 = "{DIGEST}"'

    return re.sub(r'(name = "(.+)"\narch = "(.+)"\n)url = ".*"\nsha256 = ".*"', pin, text)


def content(text: str) -> dict | str:
    """Returns the content as a complete TOML parser reads it."""
    try:
        return tomli.loads(text)
    except tomli.TOMLDecodeError:
        return "not TOML"


class BuildpackTest(unittest.TestCase):
    def test_manifest_follows_all_rules(self) -> None:
        """Checks the current manifest, the one before the first release, and one after a release."""
        text = read("buildpack.toml")
        self.assertIn('url = ""', unreleased(text))
        self.assertNotIn('url = ""', released(text))
        for each in (text, unreleased(text), released(text)):
            self.assertEqual(manifest_rules.objections(each), [])

    def test_registry_and_lifecycle_read_the_same_content(self) -> None:
        texts = [read("buildpack.toml"), unreleased(read("buildpack.toml")), released(read("buildpack.toml"))]
        self.assertEqual(ruby_toml.load_all(texts), [tomli.loads(text) for text in texts])

    def test_ignored_paths_exist(self) -> None:
        for path in buildpack_tree.unpublished_paths(read("buildpack.toml")):
            with self.subTest(path):
                self.assertEqual((CHECKOUT / path).is_dir(), path.endswith("/"))
                self.assertTrue((CHECKOUT / path).exists())

    def test_license_is_the_one_in_the_license_file(self) -> None:
        buildpack = tomli.loads(read("buildpack.toml"))["buildpack"]
        self.assertEqual(buildpack["licenses"], [{"type": "MIT", "uri": f"{buildpack['homepage']}/blob/main/LICENSE"}])
        self.assertEqual(read("LICENSE").splitlines()[:3:2], ["MIT License", "Copyright (c) 2026 The Heroku Service Mesh Buildpack authors"])

    def test_no_directory_is_named_like_a_platform(self) -> None:
        """pack would treat a top-level `linux` as the whole buildpack."""
        self.assertEqual([name for name in ("linux", "windows") if (CHECKOUT / name).exists()], [])


# Mistakes: the replaced text, its replacement, and whether the registry's parser alone detects it. Mistakes that it does not detect
# break the lifecycle, pack, a build, or a reader of the file in this repository.
PIN = re.compile(r"url = .*\nsha256 = .*\n")
MUTATIONS = {
    "an inline table": ('[[targets]]\nos = "linux"\narch = "amd64"', 'targets = [{ os = "linux", arch = "amd64" }]', True),
    "no space before the equals sign": ('api = "0.10"', 'api="0.10"', True),
    "no space after the equals sign": ('api = "0.10"', 'api ="0.10"', False),
    "a literal string": ('os = "linux"', "os = 'linux'", True),
    "a long string": ('api = "0.10"', 'api = """0.10"""', True),
    "a dotted key": ('api = "0.10"', 'api = "0.10"\nmetadata.api = "0.10"', True),
    "a quoted key": ("clear-env = true", '"clear.env" = true', True),
    "spaces in a header": ("[buildpack]", "[ buildpack ]", True),
    "a number in hexadecimal": ("clear-env = true", "clear-env = true\nmask = 0x1f", True),
    "an exponent": ("clear-env = true", "clear-env = true\nsize = 1e5", True),
    "a plus sign": ("clear-env = true", "clear-env = true\nsize = +3", True),
    "an escape of a code point": ('"Heroku Integration Service Mesh"', '"Heroku \\u0049ntegration Service Mesh"', True),
    "an array of several types": ('"service-mesh"]', '"service-mesh", 1]', True),
    "a table of distributions": ('arch = "amd64"\n\n', 'arch = "amd64"\n\n[[targets.distros]]\nname = "ubuntu"\n\n', False),
    "carriage returns": ("\n", "\r\n", True),
    "no newline at the end": (re.compile(r"\]\n\Z"), "]", False),
    "exec-env as the specification writes it": ("[[targets]]\nos = \"linux\"\narch = \"amd64\"", '[[buildpack.exec-env]]\nname = "test"\n\n[[targets]]\nos = "linux"\narch = "amd64"', False),
    "exec-env as the lifecycle reads it": ("clear-env", 'exec-env = ["test"]\nclear-env', False),
    "no target for arm64": ('[[targets]]\nos = "linux"\narch = "arm64"\n', "", False),
    "no targets at all": (re.compile(r"\[\[targets\]\]\n.*\n.*\n"), "", False),
    "stacks beside targets": ("[publish", '[[stacks]]\nid = "*"\n\n[publish', False),
    "another API": ('api = "0.10"', 'api = "0.13"', False),
    "no API": ('api = "0.10"\n', "", False),
    "a version with leading zeros": (re.compile(r'^version = ".*"', re.MULTILINE), 'version = "0.01.0"', False),
    "a version of two parts": (re.compile(r'^version = ".*"', re.MULTILINE), 'version = "0.1"', False),
    "an environment that is not cleared": ("clear-env = true", "clear-env = false", False),
    "an SBOM format that is not declared": (', "application/spdx+json"', "", False),
    "no description": (re.compile(r'description = ".*"\n'), "", False),
    "a homepage without TLS": ('homepage = "https:', 'homepage = "http:', False),
    "a needed directory left out": ('  "cmake/",', '  "cmake/",\n  "libexec/",', False),
    "a needed file left out": ('  "cmake/",', '  "cmake/",\n  "package.toml",', False),
    "a glob": ('"cmake/"', '"cmake/*"', False),
    "a program for only one architecture": (re.compile(r'\[\[metadata\.programs\]\]\nname = "mesh-buildpack"\narch = "arm64"\nurl = .*\nsha256 = .*\n'), "", False),
    "a program without its digest": (PIN, 'url = "https://example.com/mesh-buildpack-0.1.0-linux-amd64"\nsha256 = ""\n', False),
    "a malformed digest": (PIN, 'url = "https://example.com/mesh-buildpack-0.1.0-linux-amd64"\nsha256 = "0123"\n', False),
}  # fmt: skip


class MutatedBuildpackTest(unittest.TestCase):
    """Tests that the rules detect every mistake."""

    def test_rules_detect_each_mistake(self) -> None:
        for mistake, (old, new, _) in MUTATIONS.items():
            with self.subTest(mistake):
                self.assertNotEqual(manifest_rules.objections(self.mutated(old, new)), [])

    def test_registry_parser_detects_the_marked_mistakes(self) -> None:
        texts = [self.mutated(old, new) for old, new, _ in MUTATIONS.values()]
        for (mistake, (_, _, noticed)), text, parsed in zip(MUTATIONS.items(), texts, ruby_toml.load_all(texts)):
            with self.subTest(mistake):
                self.assertEqual(parsed == content(text), not noticed)

    def mutated(self, old: str | re.Pattern[str], new: str) -> str:
        text = read("buildpack.toml")
        changed = text.replace(old, new) if isinstance(old, str) else old.sub(lambda _: new, text)
        self.assertTrue(changed != text, f"there is no {old!r} to replace")
        return changed


class PackageTest(unittest.TestCase):
    def test_package_names_only_this_directory(self) -> None:
        """pack rejects unknown keys."""
        self.assertEqual(tomli.loads(read("package.toml")), {"buildpack": {"uri": "."}})


class ProjectTest(unittest.TestCase):
    def test_project_uses_schema_0_2(self) -> None:
        project = tomli.loads(read("project.toml"))
        self.assertEqual(project["_"]["schema-version"], "0.2")
        known = {"schema-version", "id", "name", "version", "authors", "licenses", "documentation-url", "source-url", "metadata"}
        self.assertLessEqual(set(project["_"]), known)
        self.assertLessEqual(set(project), {"_", "io"})

    def test_project_matches_the_buildpack(self) -> None:
        project, buildpack = tomli.loads(read("project.toml"))["_"], tomli.loads(read("buildpack.toml"))["buildpack"]
        self.assertEqual((project["id"], project["licenses"]), (buildpack["id"], buildpack["licenses"]))


if __name__ == "__main__":
    unittest.main()
