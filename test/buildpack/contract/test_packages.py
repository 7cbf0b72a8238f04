"""Tests of the files of a release: their content, and that the same commit gives the same bytes.

The .cnb files are read here as in the specifications (OCI image layout; buildpacks/spec, distribution.md), by other code than
that which writes them.
"""

from __future__ import annotations

import configparser
import functools
import gzip
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import unittest
import unittest.mock
from pathlib import Path

import tomli

import harness
from tools import buildpack_tree

sys.path.insert(0, str(harness.CHECKOUT / "script" / "packaging"))

import checkout
import licenses
import pins
import release_files

NAME = release_files.NAME
VERSION = pins.version()
ID = "heroku/heroku-integration-service-mesh"
TOP = f"/cnb/buildpacks/heroku_heroku-integration-service-mesh/{VERSION}"


def helpers() -> dict[str, Path]:
    """Returns the built helper for each architecture."""
    arm64 = Path(os.environ.get("MESH_ARM64_HELPER") or harness.CHECKOUT / "build/release-arm64/mesh-buildpack")
    own = buildpack_tree.architecture()
    if own != "arm64" and not arm64.is_file():
        raise FileNotFoundError(f"{arm64} is missing: build it first, with script/build arm64")
    return {own: harness.helper()} if own == "arm64" else {own: harness.helper(), "arm64": arm64}


MACHINES = {arch: {"amd64": "Advanced Micro Devices X86-64", "arm64": "AArch64"}[arch] for arch in helpers()}


def builds() -> dict[str, release_files.Build]:
    made = {}
    for arch, helper in helpers().items():
        programs = {name: helper.with_name(name) for name in buildpack_tree.PROGRAMS}
        made[arch] = release_files.Build(programs, json.loads(helper.with_name("provenance.json").read_text()))
    return made


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def entries(archive: bytes) -> dict[str, tuple[tarfile.TarInfo, bytes]]:
    """Returns the entries of a tar file, in order."""
    found = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            stream = tar.extractfile(member) if member.isfile() else None
            found[member.name] = (member, stream.read() if stream else b"")
    return found


class PackagesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.root = Path(scratch.name)
        cls.source = checkout.source(cls.root / "tree")
        cls.directory = cls.root / "dist"
        cls.files = {path.name: path for path in release_files.make(cls.source, builds(), cls.directory)}

    def test_release_has_every_file(self) -> None:
        programs = {f"{name}-{VERSION}-linux-{arch}" for name in buildpack_tree.PROGRAMS for arch in MACHINES}
        packages = {f"{NAME}-{VERSION}-linux-{arch}.cnb" for arch in MACHINES}
        others = {f"{NAME}-{VERSION}{ending}" for ending in (".tgz", ".provenance.json", ".licenses.txt")} | {"SHA256SUMS"}
        self.assertEqual(set(self.files), programs | packages | others)
        directories = {f"{NAME}-{VERSION}-linux-{arch}" for arch in MACHINES}
        self.assertEqual({path.name for path in self.directory.iterdir()}, set(self.files) | directories)

    def test_same_commit_gives_same_bytes(self) -> None:
        again = {path.name: path for path in release_files.make(checkout.source(self.root / "again"), builds(), self.root / "two")}
        self.assertEqual({n: sha256(p.read_bytes()) for n, p in self.files.items()}, {n: sha256(p.read_bytes()) for n, p in again.items()})

    def test_checksums_match_the_files(self) -> None:
        checked = subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=self.directory, capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stdout)
        self.assertEqual(len(checked.stdout.splitlines()), len(self.files) - 1)

    def test_programs_have_the_architecture_of_their_name(self) -> None:
        for arch, machine in MACHINES.items():
            for place in (self.directory / f"mesh-buildpack-{VERSION}-linux-{arch}",
                          self.directory / f"{NAME}-{VERSION}-linux-{arch}/libexec/linux-{arch}/mesh-buildpack"):  # fmt: skip
                header = subprocess.run(["readelf", "--file-header", place], capture_output=True, text=True, check=True)
                self.assertRegex(header.stdout, rf"Machine:\s+{machine}")

    # --- the package for both platforms ---

    def package(self) -> dict[str, tuple[tarfile.TarInfo, bytes]]:
        return entries(gzip.decompress(self.files[f"{NAME}-{VERSION}.tgz"].read_bytes()))

    def test_package_contains_published_files_and_programs(self) -> None:
        held = {name for name, (member, _) in self.package().items() if member.isfile()}
        committed = set(checkout.git("ls-tree", "-r", "--name-only", "HEAD").splitlines())
        left_out = buildpack_tree.unpublished_paths((harness.CHECKOUT / "buildpack.toml").read_text())
        published = {path for path in committed if not any(path == out or path.startswith(out) for out in left_out)}
        programs = {f"libexec/linux-{arch}/{name}" for arch in MACHINES for name in buildpack_tree.PROGRAMS}
        self.assertEqual(held, published | programs | {licenses.FILE})
        self.assertLessEqual({"bin/detect", "bin/compile", "bin/report", "buildpack.toml", "package.toml", "inventory/service-mesh.json", "LICENSE"}, held)
        self.assertEqual({path.split("/")[0] for path in held} & {"linux", "windows", "src", "test", "tools", "cmake", "script"}, set())

    def test_only_programs_and_scripts_are_executable(self) -> None:
        for name, (member, content) in self.package().items():
            runs = member.isdir() or name.startswith("bin/") or name.startswith("libexec/linux-")
            self.assertEqual(oct(member.mode), oct(0o755 if runs else 0o644), name)

    def test_package_size_is_limited(self) -> None:
        self.assertLessEqual(self.files[f"{NAME}-{VERSION}.tgz"].stat().st_size, 6_000_000)

    # --- the Cloud Native packages ---

    @functools.cache
    def image(self, arch: str) -> tuple[dict, bytes]:
        """Returns the configuration and the layer of the image. Checks every digest and size on the way."""
        held = entries(self.files[f"{NAME}-{VERSION}-linux-{arch}.cnb"].read_bytes())
        contents = {name: content for name, (member, content) in held.items() if member.isfile()}
        for name, content in contents.items():
            if name.startswith("blobs/"):
                self.assertEqual(name, f"blobs/sha256/{sha256(content)}")
        self.assertEqual(json.loads(contents["oci-layout"]), {"imageLayoutVersion": "1.0.0"})

        def blob(described: dict, media_type: str) -> bytes:
            content = contents["blobs/" + described["digest"].replace(":", "/")]
            self.assertEqual((described["mediaType"], described["size"]), (media_type, len(content)))
            return content

        index = json.loads(contents["index.json"])
        self.assertEqual((index["schemaVersion"], len(index["manifests"])), (2, 1))
        self.assertEqual(index["manifests"][0]["platform"], {"os": "linux", "architecture": arch})
        manifest = json.loads(blob(index["manifests"][0], "application/vnd.oci.image.manifest.v1+json"))
        config = json.loads(blob(manifest["config"], "application/vnd.oci.image.config.v1+json"))
        (layer,) = (blob(each, "application/vnd.oci.image.layer.v1.tar+gzip") for each in manifest["layers"])
        plain = gzip.decompress(layer)
        self.assertEqual(config["rootfs"], {"type": "layers", "diff_ids": [f"sha256:{sha256(plain)}"]})
        self.assertEqual(len(contents), 5)
        return config, plain

    def test_image_has_the_architecture_of_its_name(self) -> None:
        for arch in MACHINES:
            config, _ = self.image(arch)
            self.assertEqual((config["os"], config["architecture"]), ("linux", arch))

    def test_labels_match_the_descriptor(self) -> None:
        descriptor = tomli.loads((harness.CHECKOUT / "buildpack.toml").read_text())
        for arch in MACHINES:
            config, plain = self.image(arch)
            labels = {name: json.loads(value) for name, value in config["config"]["Labels"].items()}
            self.assertEqual(set(labels), {"io.buildpacks.buildpackage.metadata", "io.buildpacks.buildpack.layers"})
            metadata = labels["io.buildpacks.buildpackage.metadata"]
            for key in ("id", "version", "name", "homepage", "description", "keywords", "licenses", "clear-env"):
                self.assertEqual(metadata[key], descriptor["buildpack"][key])
            layer = labels["io.buildpacks.buildpack.layers"][ID][VERSION]
            self.assertEqual(layer["layerDiffID"], f"sha256:{sha256(plain)}")
            self.assertEqual((layer["api"], layer["targets"]), (descriptor["api"], descriptor["targets"]))

    def test_layer_matches_the_directory(self) -> None:
        for arch in MACHINES:
            held = entries(self.image(arch)[1])
            names = list(held)
            self.assertEqual(names[:2], [TOP.rpartition("/")[0], TOP])  # as pack has it, which reads the id from the first
            directory = self.directory / f"{NAME}-{VERSION}-linux-{arch}"
            files = {f"{TOP}/{path.relative_to(directory)}": path.read_bytes() for path in directory.rglob("*") if path.is_file()}
            self.assertEqual({name: content for name, (member, content) in held.items() if member.isfile()}, files)
            programs = {f"{TOP}/libexec/linux-{arch}/{name}" for name in buildpack_tree.PROGRAMS}
            self.assertEqual({name for name in files if "/linux-" in name}, programs)
            for name, (member, _) in held.items():
                self.assertEqual((member.uid, member.gid, member.uname, member.gname, member.mtime), (0, 0, "", "", 315532801), name)
                self.assertIn(member.mode, (0o644, 0o755))

    # --- the licences ---

    def notices(self) -> str:
        return self.files[f"{NAME}-{VERSION}.licenses.txt"].read_text()

    def test_every_package_contains_the_licences(self) -> None:
        notices = self.notices().encode()
        self.assertEqual(self.package()[licenses.FILE][1], notices)
        for arch in MACHINES:
            self.assertEqual(entries(self.image(arch)[1])[f"{TOP}/{licenses.FILE}"][1], notices)
            self.assertEqual((self.directory / f"{NAME}-{VERSION}-linux-{arch}" / licenses.FILE).read_bytes(), notices)

    def test_licences_name_every_linked_library_with_its_version(self) -> None:
        for build in builds().values():
            for dependency in build.provenance["dependencies"]:
                section = f"\n  {dependency['name']} {dependency['version']} ("
                self.assertEqual(section in self.notices(), licenses.LIBRARIES[dependency["name"]].is_linked, section)

    def test_licences_are_the_texts_of_the_sources(self) -> None:
        for text in ("Intel Corporation", "Apache License", "Daniel Stenberg", "Victor Zverovich", "Jesse Beder", "Tim Kientzle",
                     "Niels Lohmann", "Mark Gillard", "GNU LESSER GENERAL PUBLIC LICENSE", "GCC RUNTIME LIBRARY EXCEPTION"):  # fmt: skip
            self.assertIn(text, self.notices())

    def test_licences_explain_how_to_relink(self) -> None:
        self.assertRegex(self.notices(), rf"Get the source .* from {re.escape(self.source.descriptor['buildpack']['homepage'])}\.")
        self.assertRegex(self.notices(), r"glibc \(LGPL-2\.1-or-later\), Debian packages: libc6-dev \d")

    # --- the provenance ---

    def test_provenance_names_files_and_sources(self) -> None:
        statement = json.loads(self.files[f"{NAME}-{VERSION}.provenance.json"].read_text())
        self.assertEqual(statement["_type"], "https://in-toto.io/Statement/v1")
        self.assertEqual(statement["predicateType"], "https://slsa.dev/provenance/v1")
        subjects = {subject["name"]: subject["digest"]["sha256"] for subject in statement["subject"]}
        self.assertEqual(set(subjects), set(self.files) - {"SHA256SUMS", f"{NAME}-{VERSION}.provenance.json"})
        for name, digest in subjects.items():
            self.assertEqual(sha256(self.files[name].read_bytes()), digest)
        definition = statement["predicate"]["buildDefinition"]
        self.assertEqual(definition["resolvedDependencies"][0]["digest"], {"gitCommit": self.source.commit})
        libraries = {each["annotations"]["library"] for each in definition["resolvedDependencies"][1:]}
        self.assertLessEqual({"openssl", "curl", "isa-l", "libarchive", "fmt", "yaml-cpp", "nlohmann-json", "tomlplusplus"}, libraries)
        libraries_without_license = [each for each in definition["resolvedDependencies"][1:] if not each["annotations"]["license"]]
        self.assertEqual(libraries_without_license, [])
        self.assertRegex(definition["internalParameters"]["compilers"]["arm64"], r"^aarch64-linux-gnu-g\+\+|g\+\+")

    def test_files_contain_no_path_of_this_machine(self) -> None:
        for name, path in self.files.items():
            content = path.read_bytes()
            for place in (str(harness.CHECKOUT), str(self.root), os.path.expanduser("~") + "/"):
                self.assertNotIn(place.encode(), content, f"{name} holds {place}")


class LicensesTest(unittest.TestCase):
    """The table of licences covers the locked dependencies and the libraries that are linked."""

    def test_table_has_every_locked_dependency(self) -> None:
        lock = configparser.ConfigParser(interpolation=None)
        lock.read_string((harness.CHECKOUT / "cmake" / "deps" / "deps.lock").read_text())
        self.assertEqual(set(licenses.LIBRARIES), set(lock.sections()))

    def test_table_has_every_linked_archive(self) -> None:
        rules = harness.helper().with_name("build.ninja").read_text()
        rule = re.search(r"^build mesh-buildpack: .*?LINK_LIBRARIES = (.*?)\n", rules, re.MULTILINE | re.DOTALL)
        self.assertIsNotNone(rule)
        linked = {Path(word).name for word in rule[1].split() if word.startswith("/") and word.endswith(".a")}
        self.assertEqual(linked, {archive for library in licenses.LIBRARIES.values() for archive in library.archives})

    def test_source_without_licence_is_an_error(self) -> None:
        library = licenses.Library("MIT", "NO-SUCH-FILE")
        (curl,) = [each for each in next(iter(builds().values())).provenance["dependencies"] if each["name"] == "curl"]
        with self.assertRaisesRegex(SystemExit, "curl.* contains no licence"):
            licenses._license_of(curl, library)


class PinsTest(unittest.TestCase):
    """Tests of the pins that script/release writes into buildpack.toml."""

    def test_fill_changes_only_the_pins(self) -> None:
        text = (harness.CHECKOUT / "buildpack.toml").read_text()
        digests = {(name, arch): f"{number:064x}" for name in buildpack_tree.PROGRAMS for number, arch in enumerate(MACHINES)}
        filled = pins.fill(text, "https://example.com/v1", digests)
        for entry in tomli.loads(filled)["metadata"]["programs"]:
            self.assertEqual(entry["sha256"], digests[entry["name"], entry["arch"]])
            self.assertEqual(entry["url"], f"https://example.com/v1/{entry['name']}-{VERSION}-linux-{entry['arch']}")
        emptied = re.sub(r'^(url|sha256) = ".+"$', r'\1 = ""', filled, flags=re.MULTILINE)
        self.assertEqual(emptied, re.sub(r'^(url|sha256) = ".+"$', r'\1 = ""', text, flags=re.MULTILINE))

    def test_release_fails_without_pins_of_the_built_programs(self) -> None:
        text = (harness.CHECKOUT / "buildpack.toml").read_text()
        made = builds()
        digests = {(name, arch): sha256(path.read_bytes()) for arch, b in made.items() for name, path in b.programs.items()}
        filled = pins.fill(text, "https://example.com", digests)
        checkout.insist_on_pins(tomli.loads(filled), made)
        for program in digests:
            others = {
                "another digest": pins.fill(text, "https://example.com", {**digests, program: "0" * 64}),
                "another version": filled.replace(pins.asset(*program), pins.asset(*program).replace(VERSION, "0.0.9")),
                "none": pins.fill(text, "", {**digests, program: ""}),
            }
            for pinned, manifest in others.items():
                with self.subTest(pinned), self.assertRaisesRegex(SystemExit, f"another {program[0]} for {program[1]} than was built"):
                    checkout.insist_on_pins(tomli.loads(manifest), made)

    def test_untagged_commit_needs_no_pins(self) -> None:
        """The default branch keeps the pins of the last release after its sources have changed."""
        with tempfile.TemporaryDirectory() as root, unittest.mock.patch.object(checkout, "ROOT", Path(root)):
            checkout.git("init", "--quiet")
            commit = ("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "--allow-empty", "-m")
            subprocess.run(["git", "-C", root, *commit, "release: 1.2.3"], check=True)
            checkout.git("tag", "v1.2.3")
            self.assertEqual((checkout.is_release("1.2.3"), checkout.is_release("1.2.4")), (True, False))
            subprocess.run(["git", "-C", root, *commit, "src: Change something"], check=True)
            self.assertFalse(checkout.is_release("1.2.3"))

    def test_fill_adds_new_programs(self) -> None:
        filled = pins.fill((harness.CHECKOUT / "buildpack.toml").read_text(), "https://example.com/v1", {("new", "amd64"): "0" * 64})
        self.assertIn("new", {entry["name"] for entry in tomli.loads(filled)["metadata"]["programs"]})


if __name__ == "__main__":
    unittest.main()
