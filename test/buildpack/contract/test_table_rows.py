"""Rows of the tables in docs/reliability.md and docs/lifecycle.md can be chosen, and are compared with their lines only."""

from __future__ import annotations

import os
import unittest
from unittest import mock

import harness  # puts the support directory on the path
import table_rows

ROWS = ["network: reset", "signal: SIGTERM", "signal: SIGINT"]
TABLE = "| | fault | outcome |\n| --- | --- | --- |\n| a | x | 1 |\n| a | y | 2 |\n| b | x | 3 |\n"


def chosen(pattern: str | None) -> list[str]:
    environment = {} if pattern is None else {"MESH_ROWS": pattern}
    with mock.patch.dict(os.environ, environment):
        return table_rows.chosen(ROWS, str)


class ChosenRowsTest(unittest.TestCase):
    def setUp(self) -> None:
        patch = mock.patch.dict(os.environ)
        patch.start()
        self.addCleanup(patch.stop)
        os.environ.pop("MESH_ROWS", None)

    def test_every_row_without_a_choice(self) -> None:
        self.assertEqual(chosen(None), ROWS)
        self.assertFalse(table_rows.is_filtered())

    def test_rows_that_match(self) -> None:
        self.assertEqual(chosen("SIGTERM"), ROWS[1:2])
        self.assertEqual(chosen("^signal: "), ROWS[1:])

    def test_fails_when_no_row_matches(self) -> None:
        with self.assertRaisesRegex(AssertionError, "MESH_ROWS=SIGKILL matches no row"):
            chosen("SIGKILL")


class MergedTableTest(unittest.TestCase):
    def test_equal_line_leaves_the_table_unchanged(self) -> None:
        self.assertEqual(table_rows.merged(TABLE, ["| a | y | 2 |\n"], 2), TABLE)

    def test_different_line_differs_in_its_row_only(self) -> None:
        self.assertEqual(table_rows.merged(TABLE, ["| a | y | 7 |\n"], 2), TABLE.replace("| a | y | 2 |", "| a | y | 7 |"))

    def test_fails_when_the_table_has_no_such_row(self) -> None:
        with self.assertRaisesRegex(AssertionError, "no such row"):
            table_rows.merged(TABLE, ["| c | y | 2 |\n"], 2)


if __name__ == "__main__":
    unittest.main()
