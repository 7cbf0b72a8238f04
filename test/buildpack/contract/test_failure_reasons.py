"""Tests provoke each reason in the failure reference by a build, a report or a call of the real scripts.

A test contains the reason as its expected outcome, or docs/reliability.md has it in a cell, which a test compares with real
builds.
"""

from __future__ import annotations

import re
import unittest
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
TESTS = [path for kind in ("e2e", "contract") for path in (CHECKOUT / "test" / "buildpack" / kind).glob("test_*.py")]


def reasons() -> list[str]:
    """Returns the reasons of the catalogue, and those of the scripts themselves."""
    return re.findall(r"^(?:###|\|) `([a-z-]+::[a-z0-9-]+)`", (CHECKOUT / "docs" / "failures.md").read_text(), re.MULTILINE)


def provoked() -> set[str]:
    """Returns the reasons in quotes in tests, and those of the table."""
    sources = "\n".join(path.read_text() for path in TESTS if path != Path(__file__).resolve())
    table = (CHECKOUT / "docs" / "reliability.md").read_text()
    return {*re.findall(r'"([a-z-]+::[a-z0-9-]+)"', sources), *re.findall(r"\| ([a-z-]+::[a-z0-9-]+) \|", table)}


# Cannot be provoked from outside; unit tests throw an exception.
DEFECT = "internal-error::unhandled"


class FailureReasonsTest(unittest.TestCase):
    def test_reference_is_read(self) -> None:
        self.assertGreater(len(reasons()), 60)
        self.assertEqual(len(reasons()), len(set(reasons())))

    def test_every_reason_is_provoked(self) -> None:
        self.assertEqual([reason for reason in reasons() if reason not in provoked()], [DEFECT])

    def test_expected_reasons_are_in_the_reference(self) -> None:
        self.assertEqual(sorted(provoked() - set(reasons())), [])


if __name__ == "__main__":
    unittest.main()
