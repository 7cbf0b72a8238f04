"""The documents are complete, their links and paths exist, and their addresses are those of this project."""

from __future__ import annotations

import os
import re
import sys
import unittest
from pathlib import Path

import tomli

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness

sys.path.insert(0, str(harness.CHECKOUT / "script" / "packaging"))

import pins
import release_files

CHECKOUT = harness.CHECKOUT
README = (CHECKOUT / "README.md").read_text()
CONTRIBUTING = (CHECKOUT / "CONTRIBUTING.md").read_text()
DOCUMENTS = [*sorted(CHECKOUT.glob("*.md")), CHECKOUT / "fixtures" / "README.md", *sorted((CHECKOUT / "docs").glob("*.md"))]
EXAMPLES = sorted((CHECKOUT / "docs" / "examples").glob("*/project.toml"))
HOMEPAGE = tomli.loads((CHECKOUT / "buildpack.toml").read_text())["buildpack"]["homepage"]

# The address of a repository on GitHub that has a name like this project's: the address of this project, or a mistake.
PROJECT_ADDRESS = re.compile(r"https?://(?:www\.)?github\.com/[\w.-]+/[\w.-]*buildpack[\w.-]*service-mesh[\w.-]*", re.IGNORECASE)
README_LINES = 120


def without_code(markdown: str) -> str:
    return re.sub(r"^( *)```.*?^\1```", "", markdown, flags=re.MULTILINE | re.DOTALL)


def anchors(markdown: str) -> set[str]:
    """Returns the anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", without_code(markdown), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(markdown: str) -> list[str]:
    return [re.sub(r"\s", "", target) for target in re.findall(r"\]\(([^)]+)\)", without_code(markdown))]


def column(section: str, heading: str) -> list[str]:
    """Returns the code in the first cell of each row of the table with this heading."""
    table = section.partition(heading)[2].partition("\n\n")[0]
    cells = re.findall(r"^ *\|(.*?)\|", table, re.MULTILINE)
    return [code for cell in cells for code in re.findall(r"`([^`]+)`", cell)]


class LinksTest(unittest.TestCase):
    def test_targets_exist(self) -> None:
        for document in DOCUMENTS:
            for link in links(document.read_text()):
                with self.subTest(f"{document.name}: {link}"):
                    self.assert_target_exists(document, link)

    def assert_target_exists(self, document: Path, link: str) -> None:
        if re.match(r"[a-z]+:", link):
            self.assertTrue(link.startswith("https://"))
            return
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        self.assertTrue(target.exists())
        if anchor:
            self.assertIn(anchor, anchors(target.read_text()))

    def test_readme_links_to_every_document(self) -> None:
        linked = {link.partition("#")[0] for link in links(README)}
        documents = {f"docs/{path.name}" for path in (CHECKOUT / "docs").glob("*.md")}
        self.assertLessEqual(documents | {"CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "SECURITY.md"}, linked)


class ReadmeTest(unittest.TestCase):
    def test_is_short(self) -> None:
        self.assertLessEqual(len(README.splitlines()), README_LINES)

    def test_commands_have_no_placeholders(self) -> None:
        blocks = re.findall(r"^```\w*\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
        self.assertGreater(len(blocks), 5)
        self.assertEqual([block for block in blocks if re.search(r"<[a-z][^>\n]*>", block)], [])

    def test_test_command_is_the_one_of_continuous_integration(self) -> None:
        (command,) = re.findall(r"^exec (.+)$", (CHECKOUT / ".ci" / "run").read_text(), re.MULTILINE)
        self.assertRegex(README, rf"(?m)^\$ {re.escape(command)} ")

    def test_settings_have_the_documented_defaults(self) -> None:
        configuration = (CHECKOUT / "docs" / "configuration.md").read_text()
        defaults = [dict(re.findall(r"^\| `(HEROKU_\w+)` \| (.+?) \|", text, re.MULTILINE)) for text in (README, configuration)]
        self.assertEqual(len(defaults[0]), 5)
        for name, default in defaults[0].items():
            self.assertEqual(default, re.sub(r"\[(.+)\]\(.+\)", r"\1", defaults[1][name]), name)


class AddressTest(unittest.TestCase):
    """The address of this project is the homepage in buildpack.toml, everywhere."""

    def test_address_is_the_homepage(self) -> None:
        files = [*DOCUMENTS, *EXAMPLES, *(CHECKOUT / name for name in ("project.toml", "buildpack.toml", "tools/heroku_build.py"))]
        found = {(str(path.relative_to(CHECKOUT)), address) for path in files for address in PROJECT_ADDRESS.findall(path.read_text())}
        self.assertLessEqual({"README.md", "docs/cloud-native.md", "tools/heroku_build.py"}, {name for name, _ in found})
        self.assertEqual([each for each in sorted(found) if each[1] != HOMEPAGE], [])

    def test_package_addresses_name_a_file_of_this_version(self) -> None:
        version = pins.version()
        expected = f"{HOMEPAGE}/releases/download/v{version}/{release_files.NAME}-{version}.tgz"
        for document in DOCUMENTS:
            for address in re.findall(r"https://\S+\.tgz", document.read_text()):
                self.assertEqual(address, expected, document.name)


class ContributingTest(unittest.TestCase):
    def test_named_files_exist(self) -> None:
        named = re.findall(r"`((?:src|test|cmake|docs|tools|script|fixtures|inventory)/[\w./-]*|[\w.]+\.(?:md|toml))`", CONTRIBUTING)
        self.assertGreater(len(named), 30)
        self.assertEqual([path for path in named if not (CHECKOUT / path).exists() and "-NAME" not in path], [])

    def test_named_tests_exist(self) -> None:
        recipes = "".join(re.findall(r"^Tests: .*?\n\n", CONTRIBUTING, re.MULTILINE | re.DOTALL))
        named = re.findall(r"`(contract|e2e)\.(\w+)`", recipes)
        self.assertGreater(len(named), 8)
        missing = [each for each in named if not (CHECKOUT / "test" / "buildpack" / each[0] / f"test_{each[1]}.py").exists()]
        self.assertEqual(missing, [])


class TablesTest(unittest.TestCase):
    def test_settings(self) -> None:
        sources = [CHECKOUT / "src" / "buildpack" / "release" / "settings.cpp", CHECKOUT / "libexec" / "fetch-helper.sh"]
        read = {name for path in sources for name in re.findall(r"\bHEROKU_\w+", path.read_text())}
        configuration = (CHECKOUT / "docs" / "configuration.md").read_text()
        documented = [name for name in column(configuration, "| config var |") if name.startswith("HEROKU_")]
        self.assertEqual(sorted(documented), sorted(read))

    def test_commands(self) -> None:
        documented = {name.split()[0] for name in column(CONTRIBUTING, "| command |")}
        scripts = {f"script/{path.name}" for path in (CHECKOUT / "script").iterdir() if path.is_file() and os.access(path, os.X_OK)}
        self.assertEqual({name for name in documented if name.startswith("script/")}, scripts)
        self.assertEqual({name for name in documented if name.startswith("bin/")}, {f"bin/{path.name}" for path in (CHECKOUT / "bin").iterdir()})

    def test_files_of_a_release(self) -> None:
        name, version = release_files.NAME, pins.version()
        of_arch = (f"{name}-{version}-linux-<arch>.cnb", f"{name}-{version}-linux-<arch>/", pins.asset("mesh-buildpack", "<arch>"))
        of_all = (*(f"{name}-{version}{ending}" for ending in (".tgz", ".provenance.json", ".licenses.txt")), "SHA256SUMS")
        guide = (CHECKOUT / "docs" / "releasing.md").read_text()
        documented = [name.replace("<version>", version) for name in column(guide, "| in `dist/` |")]
        self.assertEqual(sorted(documented), sorted(of_arch + of_all))


class MonitoringTest(unittest.TestCase):
    def test_queries_use_keys_of_the_report(self) -> None:
        monitoring = (CHECKOUT / "docs" / "monitoring.md").read_text()
        reported = set(column((CHECKOUT / "docs" / "report.md").read_text(), "| key |"))
        self.assertIn("build_status", reported)
        classic = set(re.findall(r"heroku[-_]integration[-_]service[-_]mesh[._]([a-z_0-9]+)", monitoring))
        self.assertLessEqual(classic - {"buildpack_url", "failed"}, reported)
        traced = set(re.findall(r"cnb[._]service_mesh[._]([a-z_0-9]+(?:\.[a-z]+)?)", monitoring))
        self.assertLessEqual(traced - {"error.id", "error.message", "error_id", "error_message"}, reported)


if __name__ == "__main__":
    unittest.main()
