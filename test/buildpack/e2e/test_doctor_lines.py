"""The doctor on hundreds of command lines generated from the table of servers: no false alarm, no suggestion that fails, and
few unnoticed broken lines."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import app_lines
import harness
from app_lines import Line

THREADS = 4
MAX_UNNOTICED = 0.05


def judge(line: Line, config: Path | None) -> dict[str, Any]:
    """Returns the doctor's report, without config vars if there is no directory for them."""
    with tempfile.TemporaryDirectory(prefix="mesh-lines-") as app:
        app_lines.write_app(Path(app), line)
        arguments = [app, "--format", "json", "--product", line.product, *(["--env", str(config)] if config else [])]
        done = subprocess.run([harness.helper(), "doctor", *arguments], capture_output=True, text=True)
        assert done.stderr == "", f"{line}: {done.stderr}"
        return json.loads(done.stdout)


def judge_all(lines: list[Line], with_config: bool = True) -> list[dict[str, Any]]:
    """Returns the report of each line; the config vars are those of the add-on, without APP_PORT."""
    with tempfile.TemporaryDirectory(prefix="mesh-config-") as directory, ThreadPoolExecutor(max_workers=THREADS) as pool:
        for product in app_lines.MESH:
            (Path(directory) / f"HEROKU_{product.upper()}_TOKEN").write_text("t")
        config = Path(directory) if with_config else None
        return list(pool.map(lambda line: judge(line, config), lines))


def mistakes(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [finding for finding in report["findings"] if finding["severity"] != "note"]


class WorkingLinesTest(unittest.TestCase):
    lines = app_lines.working()

    def test_working_lines_have_no_mistakes(self) -> None:
        self.assertGreater(len(self.lines), 200)
        for with_config in (True, False):
            for line, report in zip(self.lines, judge_all(self.lines, with_config)):
                with self.subTest(line, with_config=with_config):
                    self.assertEqual([(each["id"], each["message"]) for each in mistakes(report)], [])
                    self.assertIn(report["web"], ("wrapped", "unknown"))

    def test_working_lines_work(self) -> None:
        for line, answer in zip(self.lines, app_lines.run_all(self.lines)):
            with self.subTest(line):
                self.assertTrue(answer)


class BrokenLinesTest(unittest.TestCase):
    lines = [*app_lines.broken(), *app_lines.wrongly_called(), *app_lines.called_in_files()]
    reports: list[dict[str, Any]]

    @classmethod
    def setUpClass(cls) -> None:
        cls.reports = judge_all(cls.lines)

    def test_few_broken_lines_are_unnoticed(self) -> None:
        unnoticed = [str(line) for line, report in zip(self.lines, self.reports) if not mistakes(report)]
        self.assertLessEqual(len(unnoticed), MAX_UNNOTICED * len(self.lines), unnoticed)

    def test_every_suggestion_works(self) -> None:
        suggested: dict[str, Line] = {}
        for line, report in zip(self.lines, self.reports):
            for finding in mistakes(report):
                better = app_lines.with_suggestion(line, finding["location"], finding["suggestion"]) if "suggestion" in finding else None
                if better:
                    suggested.setdefault(f"{better.product} {better.command} {better.files}", better)
        self.assertGreater(len(suggested), len(self.lines) // 2)
        for line, answer in zip(suggested.values(), app_lines.run_all(list(suggested.values()))):
            with self.subTest(line):
                self.assertTrue(answer)


if __name__ == "__main__":
    unittest.main()
