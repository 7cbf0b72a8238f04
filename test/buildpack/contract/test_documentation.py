"""What README and docs list is complete, and what they point to is there."""

from __future__ import annotations

import os
import re
import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness

sys.path.insert(0, str(harness.CHECKOUT / "script" / "packaging"))

import pins
import release_files

CHECKOUT = harness.CHECKOUT
README = (CHECKOUT / "README.md").read_text()
DOCUMENTS = [CHECKOUT / "README.md", CHECKOUT / "CHANGELOG.md", CHECKOUT / "fixtures" / "README.md", *sorted((CHECKOUT / "docs").glob("*.md"))]


def without_code(markdown: str) -> str:
    return re.sub(r"^( *)```.*?^\1```", "", markdown, flags=re.MULTILINE | re.DOTALL)


def anchors(markdown: str) -> set[str]:
    """What the headings of a document are called in addresses, as GitHub does it."""
    headings = re.findall(r"^#+ (.+)$", without_code(markdown), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(markdown: str) -> list[str]:
    return [re.sub(r"\s", "", target) for target in re.findall(r"\]\(([^)]+)\)", without_code(markdown))]


def column(section: str, heading: str) -> list[str]:
    """What stands in backticks in the first cell of each row, below the heading of a table."""
    table = section.partition(heading)[2].partition("\n\n")[0]
    cells = re.findall(r"^ *\|(.*?)\|", table, re.MULTILINE)
    return [code for cell in cells for code in re.findall(r"`([^`]+)`", cell)]


class LinksTest(unittest.TestCase):
    def test_they_lead_somewhere(self) -> None:
        for document in DOCUMENTS:
            for link in links(document.read_text()):
                with self.subTest(f"{document.name}: {link}"):
                    self.assert_leads_somewhere(document, link)

    def assert_leads_somewhere(self, document: Path, link: str) -> None:
        if re.match(r"[a-z]+:", link):
            self.assertTrue(link.startswith("https://"))
            return
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        self.assertTrue(target.exists())
        if anchor:
            self.assertIn(anchor, anchors(target.read_text()))

    def test_the_readme_leads_to_every_document(self) -> None:
        told = {link.partition("#")[0] for link in links(README)}
        self.assertLessEqual({f"docs/{path.name}" for path in (CHECKOUT / "docs").glob("*.md")}, told)


class ReadmeTablesTest(unittest.TestCase):
    def test_settings(self) -> None:
        sources = [CHECKOUT / "src" / "buildpack" / "release" / "settings.cpp", CHECKOUT / "libexec" / "fetch-helper.sh"]
        read = {name for path in sources for name in re.findall(r"\bHEROKU_\w+", path.read_text())}
        told = [name for name in column(README, "| config var |") if name.startswith("HEROKU_")]
        self.assertEqual(sorted(told), sorted(read))

    def test_commands(self) -> None:
        told = {name.split()[0] for name in column(README, "| command |")}
        scripts = {f"script/{path.name}" for path in (CHECKOUT / "script").iterdir() if path.is_file() and os.access(path, os.X_OK)}
        self.assertEqual({name for name in told if name.startswith("script/")}, scripts)
        self.assertEqual({name for name in told if name.startswith("bin/")}, {f"bin/{path.name}" for path in (CHECKOUT / "bin").iterdir()})


    def test_files_of_a_release(self) -> None:
        name, version = release_files.NAME, pins.version()
        of_arch = (f"{name}-{version}-linux-<arch>.cnb", f"{name}-{version}-linux-<arch>/", pins.asset("mesh-buildpack", "<arch>"))
        of_all = (*(f"{name}-{version}{ending}" for ending in (".tgz", ".provenance.json", ".licenses.txt")), "SHA256SUMS")
        self.assertEqual(sorted(column(README, "| in `dist/` |")), sorted(of_arch + of_all))
        guide = (CHECKOUT / "docs" / "releasing.md").read_text()
        told = [told.replace("<version>", version) for told in column(guide, "| in `dist/` |")]
        self.assertEqual(sorted(told), sorted(of_arch + of_all))


class MonitoringTest(unittest.TestCase):
    def test_queries_ask_for_what_a_report_has(self) -> None:
        monitoring = (CHECKOUT / "docs" / "monitoring.md").read_text()
        reported = set(column((CHECKOUT / "docs" / "report.md").read_text(), "| key |"))
        self.assertIn("build_status", reported)
        classic = set(re.findall(r"heroku[-_]integration[-_]service[-_]mesh[._]([a-z_0-9]+)", monitoring))
        self.assertLessEqual(classic - {"buildpack_url", "failed"}, reported)
        traced = set(re.findall(r"cnb[._]service_mesh[._]([a-z_0-9]+(?:\.[a-z]+)?)", monitoring))
        self.assertLessEqual(traced - {"error.id", "error.message", "error_id", "error_message"}, reported)


if __name__ == "__main__":
    unittest.main()
