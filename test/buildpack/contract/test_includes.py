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
    "common": "",
    "platform": "common",
    "schema": "common platform",
    "buildpack/base": "common",
    "buildpack/record": "common platform schema buildpack/base",
    "buildpack/report": "common schema buildpack/base buildpack/record",
    "buildpack/release": "common platform schema buildpack/base",
    "buildpack/fetch": "common platform schema buildpack/base buildpack/release",
    "buildpack/verify": "common platform schema buildpack/base buildpack/release buildpack/fetch",
    "buildpack/install": "common platform schema buildpack/base buildpack/record buildpack/release buildpack/fetch buildpack/verify",
    "buildpack/procfile": "common buildpack/base",
    "buildpack/doctor": "common buildpack/base buildpack/procfile",
    "buildpack/run_check": "",
    "buildpack/pipeline": "common platform schema buildpack/base buildpack/record buildpack/report buildpack/release buildpack/fetch buildpack/verify buildpack/install buildpack/procfile buildpack/doctor",
    "buildpack/cedar": "common platform schema buildpack/base buildpack/record buildpack/report buildpack/release buildpack/fetch buildpack/verify buildpack/install buildpack/procfile buildpack/doctor buildpack/pipeline",
    "buildpack/cnb": "common platform schema buildpack/base buildpack/record buildpack/report buildpack/release buildpack/fetch buildpack/verify buildpack/install buildpack/procfile buildpack/doctor buildpack/pipeline",
    "buildpack/cli": "common platform schema buildpack/base buildpack/record buildpack/report buildpack/release buildpack/fetch buildpack/verify buildpack/install buildpack/procfile buildpack/doctor buildpack/pipeline buildpack/cedar buildpack/cnb",
    "buildpack/main.cpp": "buildpack/cli",
}

# Folders of a single program, whose own folders are told apart.
WINGS = ("agent", "buildpack", "telemetry")

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
        here = folder_of(self.path)
        there = folder_of(self.included)
        where = f"src/{self.path}:{self.line}"
        if here not in MAY_INCLUDE:
            return f"{where}: the room {here} is not in the plan"
        if there not in MAY_INCLUDE or "/" not in self.included:
            return f'{where}: "{self.included}" names no room; write the path from src/'
        allowed = MAY_INCLUDE[here].split()
        if there != here and there not in allowed:
            return f'{where}: {here} may include {", ".join(allowed) or "no other room"}, not "{self.included}"'
        return None


def folder_of(path: str) -> str:
    """The folder of the plan that a file is in: `common`, but `buildpack/cnb`."""
    first, _, rest = path.partition("/")
    return f"{first}/{rest.partition('/')[0]}" if first in WINGS and rest else first


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
        self.assertEqual(self.problem("buildpack/cnb/layer.cpp", '#include "buildpack/cnb/layer.h"'), "")
        self.assertEqual(self.problem("buildpack/cnb/layer.cpp", '#include "common/result.h"'), "")

    def test_a_room_may_not_include_those_below(self) -> None:
        problem = self.problem("common/text.h", '#pragma once\n\n#include "platform/files.h"\n')
        self.assertEqual(problem, 'src/common/text.h:3: common may include no other room, not "platform/files.h"')

    def test_a_report_cannot_reach_the_outside_world(self) -> None:
        self.assertIn("report may include common, ", self.problem("buildpack/report/yaml.cpp", '#include "platform/http.h"'))

    def test_the_two_lifecycles_do_not_know_each_other(self) -> None:
        self.assertIn("cedar may include", self.problem("buildpack/cedar/compile.cpp", '#include "buildpack/cnb/build.h"'))

    def test_includes_are_written_from_the_root(self) -> None:
        self.assertIn("names no room", self.problem("common/text.cpp", '#include "text.h"'))
        self.assertIn("names no room", self.problem("common/text.cpp", '  #  include "../common/text.h"'))

    def test_new_rooms_have_to_be_planned(self) -> None:
        self.assertIn("not in the plan", self.problem("utils/misc.cpp", '#include "common/text.h"'))


if __name__ == "__main__":
    unittest.main()
