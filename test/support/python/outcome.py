"""Asserts the whole outcome of a compile: a failed build reports its failure everywhere and leaves no files."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import harness
import report_contract
from tools.release_model import Asset

# Between the colours of a line.
_MARKED_LINE = re.compile(r"\x1b\[1;3[13]m !(?:     (.*))?\x1b\[0m")

# Text that users must never see: HTML pages, and terms of libraries.
_FOREIGN_WORDS = ("<html", "<!doctype", "<h1", "<error", "<code>", "{\"", "curl", "errno", "terminate called", "what():",
                  "libarchive", "sanitizer", "runtime error")  # fmt: skip


class OutcomeTest(harness.BuildTest):
    """A BuildTest that starts with release v0.1.2 on the server, and asserts success and failure."""

    TAG = "v0.1.2"

    def setUp(self) -> None:
        super().setUp()
        self.asset = self.publish(self.TAG)

    def publish(self, tag: str, asset: Asset | None = None, **release: object) -> Asset:
        asset = asset or harness.mesh_release_asset()
        self.server.publish(tag, asset, **release)
        return asset

    def setting(self, name: str, value: str | bytes) -> None:
        """Sets a config var of the buildpack."""
        self.world.config(**{f"HEROKU_INTEGRATION_SERVICE_MESH_{name}": value})

    def report(self) -> dict[str, object]:
        """Returns the output of bin/report, checked against docs/report.md."""
        done = self.world.run("report")
        self.assertEqual((done.code, done.stderr), (0, ""))
        return report_contract.check(done.stdout)

    def assert_installed(self, done: harness.Done, tag: str = TAG) -> dict[str, object]:
        """Asserts that the build succeeded and installed the stand-in mesh of this release. Returns the report."""
        self.assertEqual(done.code, 0, done.output)
        binary = self.world.build / harness.BINARY_PATH
        self.assertEqual(binary.read_bytes(), harness.mesh_standin().read_bytes())
        self.assertEqual(mode_of(binary), 0o755)
        self.assertEqual(mode_of(self.world.build / harness.PROFILE_PATH), 0o644)
        self.assertIn(f'-----> Installing version "{tag}" of Heroku Integration Service Mesh...\n', done.stdout)
        report = self.report()
        self.assertEqual(report["build_status"], "success")
        self.assertEqual(report["service_mesh_version"], tag)
        self.assert_no_leftovers()
        return report

    def assert_fails(self, reason: str, classification: str, **environment: str) -> harness.Done:
        """Compiles. Asserts that it fails with this reason, in message and report, and does not change the app."""
        before = harness.snapshot(self.world.build)
        done = self.compile(**environment)
        self.assert_failed(done, reason, classification)
        self.assertEqual(harness.snapshot(self.world.build), before)
        return done

    def assert_failed(self, done: harness.Done, reason: str, classification: str) -> None:
        self.assertEqual(done.code, 1, done.output)
        self.assert_explained(done.stderr, reason)
        report = self.report()
        facts = {key: report.get(key) for key in ("build_status", "failure_reason", "failure_classification")}
        expected = {"build_status": "failure", "failure_reason": reason, "failure_classification": classification}
        self.assertEqual(facts, expected, done.output)
        self.assertEqual(report["failure_step"], report["build_step"])
        self.assertIn("total_duration", report)
        self.assertNotRegex(str(report["failure_detail"]), r"[\r\n<]")
        self.assert_no_leftovers()

    def assert_explained(self, stderr: str, reason: str) -> None:
        """Asserts the form of the failure's message: marked lines, from a headline to the cause."""
        texts = []
        for line in stderr.splitlines():
            marked = _MARKED_LINE.fullmatch(line)
            self.assertIsNotNone(marked, f"a line without its mark or its colour's end: {line!r} in:\n{stderr}")
            texts.append(marked[1] or "")
        text = "\n".join(texts).strip()
        self.assertRegex(text, r"\nCause: [^(]+ \(" + re.escape(reason) + r"\)$")
        paragraphs = text.split("\n\n")
        while paragraphs and not paragraphs[0].startswith("Error: "):  # warnings
            del paragraphs[0]
        self.assertGreaterEqual(len(paragraphs), 3, text)
        self.assertRegex(paragraphs[0], r"(?s)^Error: .*\.$")
        for word in _FOREIGN_WORDS:
            self.assertNotIn(word, text.replace("CURL_", "").lower())

    def assert_no_leftovers(self) -> None:
        """Asserts that the app has no temporary directory, and the cache no partial files."""
        left = [path for path in self.world.build.iterdir() if path.name.startswith(".heroku-integration")]
        for pattern in ("*.new.??????", "incoming.*"):
            left += self.world.cache.rglob(pattern)
        self.assertEqual(left, [])


def words(stderr: str) -> str:
    """Returns the text of a message, without marks, colours and line breaks."""
    return " ".join(" ".join(re.sub(r"\x1b\[[\d;]*m(?: !)?", " ", line) for line in stderr.splitlines()).split())


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
