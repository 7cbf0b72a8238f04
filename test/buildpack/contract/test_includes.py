"""The folders of src/ include only those that the drawing in docs/architecture.md allows.

With one include root, the linker does not find a wrong include; this test does.
"""

from __future__ import annotations

import re
import unittest
from dataclasses import dataclass

import harness

SOURCES = harness.CHECKOUT / "src"

# The parts of a single program. No wing includes another: programs share only the layers above.
WINGS = ("agent", "buildpack", "telemetry")

# The shared layers. Each may include the ones before it.
LAYERS = ("common", "platform", "schema")

DRAWING = harness.CHECKOUT / "docs" / "architecture.md"


def plan_in(drawing: str) -> dict[str, list[str]]:
    """Each folder of a drawing and the folders that it may include: the rows and the dots, of which a column is a row's number."""
    columns: dict[int, str] = {}
    names: dict[str, str] = {}
    plan: dict[str, list[str]] = {}
    for line in drawing.splitlines():
        if not columns:
            columns = {match.end(): match[0] for match in re.finditer(r"\d+", line)} if re.fullmatch(r"[\d ]+", line) else {}
        elif row := re.match(r" *(\d+) (\S+)", line):
            name = row[2] if row[2] in LAYERS else f"buildpack/{row[2]}"
            names[row[1]] = name
            # A dot right of the diagonal names a row that is not there yet.
            plan[name] = [names[columns[at + 1]] for at, cell in enumerate(line) if cell == "●"]
    return plan


def may_include() -> dict[str, list[str]]:
    document = DRAWING.read_text(encoding="utf-8")
    return next(plan for block in re.findall(r"^```\n(.*?)^```", document, re.MULTILINE | re.DOTALL) if (plan := plan_in(block)))


MAY_INCLUDE = may_include()

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]*)"')


def folder_of(path: str) -> str:
    """Returns the folder of a path below src/, as in the plan: `common`, but `buildpack/cnb`."""
    first, _, rest = path.partition("/")
    return f"{first}/{rest.partition('/')[0]}" if first in WINGS else first


def allowed_by(folder: str) -> list[str] | None:
    """Returns the other folders that this one may include, or None if it is not in the plan."""
    return MAY_INCLUDE.get(folder)


@dataclass(frozen=True)
class Include:
    """A file of src/, a line in it, and the path that it includes."""

    path: str
    line: int
    included: str

    @property
    def problem(self) -> str | None:
        """Returns the finding, beginning with `file:line`, or None if the include is allowed."""
        here, there = folder_of(self.path), folder_of(self.included)
        where = f"src/{self.path}:{self.line}"
        wing, other = self.path.partition("/")[0], self.included.partition("/")[0]
        if wing in WINGS and other in WINGS and wing != other:
            return f'{where}: {wing} never includes {other}, but it includes "{self.included}"'
        allowed = allowed_by(here)
        if allowed is None:
            return f"{where}: the folder {here} is not in the plan"
        if allowed_by(there) is None or "/" not in self.included:
            return f'{where}: "{self.included}" names no folder of the plan; write the path from src/'
        if there != here and there not in allowed:
            return f'{where}: {here} may include {", ".join(allowed) or "no other folder"}, not "{self.included}"'
        return None


def includes_of(path: str, text: str) -> list[Include]:
    """Yields the includes of the project's headers in one file, whose path is relative to src/."""
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


class DrawingTest(unittest.TestCase):
    DRAWING = """           1  2  3
 1 common  ╲
   ────────────
 2 base    ●  ╲
 3 cnb     ●  ●  ╲
"""

    def test_dots_are_the_includes_of_a_row(self) -> None:
        plan = {"common": [], "buildpack/base": ["common"], "buildpack/cnb": ["common", "buildpack/base"]}
        self.assertEqual(plan_in(self.DRAWING), plan)

    def test_an_include_of_a_later_row_is_rejected(self) -> None:
        with self.assertRaises(KeyError):
            plan_in(self.DRAWING.replace("╲", "╲  ●", 1))

    def test_every_folder_is_described(self) -> None:
        described = re.findall(r"^\| `([a-z_/]+)/` \|", DRAWING.read_text(encoding="utf-8"), re.MULTILINE)
        self.assertEqual(sorted(described), sorted(folder for folder in MAY_INCLUDE if folder != "buildpack/main.cpp"))


class PlanTest(unittest.TestCase):
    """Wrong includes are found."""

    def problem(self, path: str, text: str) -> str:
        return "\n".join(include.problem or "" for include in includes_of(path, text))

    def test_buildpack_never_includes_telemetry(self) -> None:
        for path in ("buildpack/report/otlp.cpp", "buildpack/main.cpp", "buildpack/new/otlp.h"):
            problem = self.problem(path, '#include "telemetry/store/spans.h"')
            self.assertEqual(problem, f'src/{path}:1: buildpack never includes telemetry, but it includes "telemetry/store/spans.h"')

    def test_telemetry_never_includes_the_buildpack(self) -> None:
        for path in ("telemetry/store/spans.cpp", "telemetry/main.cpp"):
            problem = self.problem(path, '\n#include "buildpack/base/product.h"')
            self.assertEqual(problem, f'src/{path}:2: telemetry never includes buildpack, but it includes "buildpack/base/product.h"')

    def test_shared_layers_include_no_program(self) -> None:
        for layer in LAYERS:
            for wing in ("buildpack/base/product.h", "telemetry/store/spans.h"):
                self.assertIn(f"src/{layer}/a.h:1: ", self.problem(f"{layer}/a.h", f'#include "{wing}"'))

    def test_folder_may_include_itself_and_folders_above(self) -> None:
        self.assertEqual(self.problem("buildpack/cnb/layer.cpp", '#include "buildpack/cnb/layer.h"'), "")
        self.assertEqual(self.problem("buildpack/cnb/layer.cpp", '#include "buildpack/install/layout.h"'), "")
        self.assertEqual(self.problem("buildpack/cnb/layer.cpp", '#include "common/result.h"'), "")
        self.assertEqual(self.problem("platform/files.h", '#include "common/result.h"'), "")

    def test_platform_does_not_include_failure_reasons(self) -> None:
        for path in ("common/result.h", "platform/curl_failure.cpp"):
            self.assertIn(f"src/{path}:1: ", self.problem(path, '#include "schema/failure.h"'))

    def test_folder_may_not_include_folders_below(self) -> None:
        problem = self.problem("common/text.h", '#pragma once\n\n#include "platform/files.h"\n')
        self.assertEqual(problem, 'src/common/text.h:3: common may include no other folder, not "platform/files.h"')
        self.assertIn("verify may include ", self.problem("buildpack/verify/verify.h", '#include "buildpack/install/acquire.h"'))

    def test_report_does_not_include_platform(self) -> None:
        problem = self.problem("buildpack/report/yaml.cpp", '#include "platform/http.h"')
        self.assertIn("report may include common, schema, ", problem)

    def test_cedar_and_cnb_do_not_include_each_other(self) -> None:
        self.assertIn("cedar may include", self.problem("buildpack/cedar/compile.cpp", '#include "buildpack/cnb/build.h"'))
        self.assertIn("cnb may include", self.problem("buildpack/cnb/build.cpp", '#include "buildpack/cedar/place.h"'))

    def test_includes_are_written_from_the_root(self) -> None:
        self.assertIn("names no folder", self.problem("common/text.cpp", '#include "text.h"'))
        self.assertIn("names no folder", self.problem("common/text.cpp", '  #  include "../common/text.h"'))

    def test_new_folders_have_to_be_planned(self) -> None:
        self.assertIn("not in the plan", self.problem("utils/misc.cpp", '#include "common/text.h"'))
        self.assertIn("not in the plan", self.problem("buildpack/utils/misc.cpp", '#include "common/text.h"'))


if __name__ == "__main__":
    unittest.main()
