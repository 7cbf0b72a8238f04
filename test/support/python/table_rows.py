"""Chooses rows of a table of situations: MESH_ROWS, a regular expression for "area: situation" such as "signal: SIGTERM"."""

from __future__ import annotations

import os
import re
from typing import Callable, Iterable, TypeVar

T = TypeVar("T")


def is_chosen(name: str) -> bool:
    """Returns whether MESH_ROWS matches the row of this name, or is not set."""
    return bool(re.search(os.environ.get("MESH_ROWS", ""), name))


def chosen(rows: Iterable[T], name: Callable[[T], str]) -> list[T]:
    """Returns the chosen rows. Fails if there are none."""
    found = [row for row in rows if is_chosen(name(row))]
    if not found:
        raise AssertionError(f"MESH_ROWS={os.environ.get('MESH_ROWS')} matches no row")
    return found


def is_filtered() -> bool:
    """Returns whether MESH_ROWS is set."""
    return bool(os.environ.get("MESH_ROWS"))


def merged(table: str, lines: list[str], columns: int) -> str:
    """Returns the table with these lines instead of those with equal first columns. Fails if the table has no such line."""
    by_key = {_key(line, columns): line for line in lines}
    keys = [_key(line, columns) for line in table.splitlines()]
    missing = [line for key, line in by_key.items() if key not in keys]
    if missing:
        raise AssertionError(f"The table has no such row: {missing}")
    return "".join(by_key.get(_key(line, columns), line) for line in table.splitlines(keepends=True))


def _key(line: str, columns: int) -> tuple[str, ...]:
    return tuple(line.split(" | ")[:columns])
