"""The rooms of src/ include only what the house's plan allows (docs/architecture.md shows it as a picture).

One include root means that the linker does not stop a wrong include: this does.
"""

from __future__ import annotations

import re
import unittest
from dataclasses import dataclass

import harness

SOURCES = harness.CHECKOUT / "src"

# Each room and the other rooms it may include, in the order in which data flows through them. main.cpp stands in none.
MAY_INCLUDE = {
    "base": "",
    "platform": "base",
    "record": "base platform",
    "report": "base record",
    "release": "base platform record",
    "install": "base platform record release",
    "procfile": "base",
    "build": "base platform record report release install procfile",
    "run_check": "",
    "cedar": "base platform record report release install procfile build",
    "cnb": "base platform record report release install procfile build",
    "cli": "base platform record report release install procfile build cedar cnb",
    "main.cpp": "cli",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]*)"')


@dataclass(frozen=True)
class Include:
    """A file of ours, a line in it, and the path that it includes."""

    path: str
    line: int
    included: str

    @property
    def problem(self) -> str | None:
        """What is wrong with it, beginning with `file:line`; None when it is allowed."""
        here = self.path.split("/")[0]
        there = self.included.split("/")[0]
        where = f"src/{self.path}:{self.line}"
        if here not in MAY_INCLUDE:
            return f"{where}: the room {here} is not in the plan"
        if there not in MAY_INCLUDE or "/" not in self.included:
            return f'{where}: "{self.included}" names no room; write the path from src/'
        allowed = MAY_INCLUDE[here].split()
        if there != here and there not in allowed:
            return f'{where}: {here} may include {", ".join(allowed) or "no other room"}, not "{self.included}"'
        return None


def includes_of(path: str, text: str) -> list[Include]:
    """The includes of our own headers in one file, whose path counts from src/."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if match := INCLUDE.match(line):
            found.append(Include(path, number, match[1]))
    return found


def all_includes() -> list[Include]:
    found = []
    for file in sorted([*SOURCES.rglob("*.h"), *SOURCES.rglob("*.cpp")]):
        found += includes_of(str(file.relative_to(SOURCES)), file.read_text(encoding="utf-8"))
    return found


class IncludesTest(unittest.TestCase):
    def test_every_include_is_allowed(self) -> None:
        includes = all_includes()
        self.assertGreater(len(includes), 100, f"hardly an include was found below {SOURCES}")
        problems = [include.problem for include in includes if include.problem]
        self.assertEqual(problems, [], "\n" + "\n".join(problems))


class PlanTest(unittest.TestCase):
    """The plan tells right from wrong."""

    def problem(self, path: str, text: str) -> str:
        return "\n".join(include.problem or "" for include in includes_of(path, text))

    def test_a_room_may_include_itself_and_those_above(self) -> None:
        self.assertEqual(self.problem("install/place.cpp", '#include "install/place.h"'), "")
        self.assertEqual(self.problem("install/place.cpp", '#include "base/result.h"'), "")

    def test_a_room_may_not_include_those_below(self) -> None:
        problem = self.problem("base/text.h", '#pragma once\n\n#include "platform/files.h"\n')
        self.assertEqual(problem, 'src/base/text.h:3: base may include no other room, not "platform/files.h"')

    def test_a_report_cannot_reach_the_outside_world(self) -> None:
        self.assertIn("report may include base, record", self.problem("report/yaml.cpp", '#include "platform/http.h"'))

    def test_the_two_lifecycles_do_not_know_each_other(self) -> None:
        self.assertIn("cedar may include", self.problem("cedar/compile.cpp", '#include "cnb/build.h"'))

    def test_includes_are_written_from_the_root(self) -> None:
        self.assertIn("names no room", self.problem("base/text.cpp", '#include "text.h"'))
        self.assertIn("names no room", self.problem("base/text.cpp", '  #  include "../base/text.h"'))

    def test_new_rooms_have_to_be_planned(self) -> None:
        self.assertIn("not in the plan", self.problem("utils/misc.cpp", '#include "base/text.h"'))


if __name__ == "__main__":
    unittest.main()
