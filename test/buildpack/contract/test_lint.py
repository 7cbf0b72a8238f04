"""script/lint reports clang-tidy's findings, also in a file whose earlier success is in the cache, and rejected phrases."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import harness
from tools import words

LINT = ("script/lint", "tools/__init__.py", "tools/words.py")
CLEAN = """#include "value.h"

namespace mesh {

int* nothing() {
  return nullptr;
}

}  // namespace mesh
"""
HEADER = """#pragma once

namespace mesh {

int* nothing();

}  // namespace mesh
"""
# Runs the real clang-tidy, and counts how often it checked something.
COUNTING_TIDY = """#!/bin/sh
[ "$1" = --version ] || echo run >>"$COUNT"
exec %s "$@"
"""


def copy_to(tree: Path, *paths: str) -> None:
    for path in paths:
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(harness.CHECKOUT / path, tree / path)


class TidyTest(unittest.TestCase):
    def setUp(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="lint-"))
        self.addCleanup(shutil.rmtree, self.root)
        self.tree = self.root / "tree"
        self.make_tree(self.tree)
        tools = self.root / "tools"
        tools.mkdir()
        (tools / "clang-tidy-14").write_text(COUNTING_TIDY % shutil.which("clang-tidy-14"))
        (tools / "clang-tidy-14").chmod(0o755)
        self.environment = {
            **os.environ,
            "COUNT": str(self.root / "count"),
            "PATH": f"{tools}:{os.environ['PATH']}",
            "XDG_CACHE_HOME": str(self.root / "cache"),
        }

    def make_tree(self, tree: Path) -> None:
        """Makes a checkout of one translation unit without findings, with the dev preset configured."""
        copy_to(tree, ".clang-tidy", *LINT)
        (tree / "src" / "common").mkdir(parents=True)
        (tree / "src" / "common" / "value.cpp").write_text(CLEAN)
        (tree / "src" / "common" / "value.h").write_text(HEADER)
        subprocess.run(["git", "init", "--quiet", tree], check=True)
        self.compile_with(tree, "")

    def compile_with(self, tree: Path, options: str) -> None:
        unit = tree / "src" / "common" / "value.cpp"
        command = f"/usr/bin/ccache /usr/bin/g++-12 -std=c++20 {options} -o value.o -c {unit}"
        (tree / "build" / "dev").mkdir(parents=True, exist_ok=True)
        entry = {"directory": str(tree / "build" / "dev"), "command": command, "file": str(unit)}
        (tree / "build" / "dev" / "compile_commands.json").write_text(json.dumps([entry]))

    def lint(self, tree: Path | None = None) -> str:
        """Returns the findings, or an empty string."""
        command = [(tree or self.tree) / "script" / "lint", "tidy"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=harness.PATIENCE)
        self.assertEqual(done.returncode, 1 if done.stdout else 0, done.stdout + done.stderr)
        return done.stdout

    def runs(self) -> int:
        count = self.root / "count"
        return count.read_text().count("run") if count.exists() else 0

    def assert_finds(self, check: str) -> None:
        """Asserts that this run and the next one print the finding."""
        self.assertIn(check, self.lint())
        self.assertIn(check, self.lint())

    def plant(self, name: str, text: str, planted: str) -> None:
        """Changes a file after it was linted without a finding."""
        self.assertEqual(self.lint(), "")
        path = self.tree / "src" / "common" / name
        self.assertIn(text, path.read_text())
        path.write_text(path.read_text().replace(text, planted))

    def test_unchanged_file_is_checked_once(self) -> None:
        self.assertEqual((self.lint(), self.lint()), ("", ""))
        self.assertEqual(self.runs(), 1)

    def test_checkout_elsewhere_shares_the_cache(self) -> None:
        self.assertEqual(self.lint(), "")
        other = self.root / "elsewhere" / "tree"
        self.make_tree(other)
        self.assertEqual(self.lint(other), "")
        self.assertEqual(self.runs(), 1)

    def test_finding_in_a_source_fails(self) -> None:
        self.plant("value.cpp", "return nullptr", "return 0")
        self.assert_finds("modernize-use-nullptr")

    def test_finding_in_a_header_fails(self) -> None:
        self.plant("value.h", "int* nothing();", "int* nothing();\nint BadName();")
        self.assert_finds("readability-identifier-naming")

    def test_repeated_include_fails(self) -> None:
        self.plant("value.cpp", '#include "value.h"', '#include "value.h"\n#include "value.h"')
        self.assert_finds("readability-duplicate-include")

    def test_removed_nolint_comment_fails(self) -> None:
        self.plant("value.cpp", "return nullptr;", "return 0;  // NOLINT(modernize-use-nullptr)")
        self.plant("value.cpp", "  // NOLINT(modernize-use-nullptr)", "")
        self.assert_finds("modernize-use-nullptr")

    def test_other_configuration_is_checked_again(self) -> None:
        self.assertEqual(self.lint(), "")
        configuration = self.tree / ".clang-tidy"
        configuration.write_text(configuration.read_text().replace("FunctionCase, value: lower_case", "FunctionCase, value: CamelCase"))
        self.assert_finds("readability-identifier-naming")

    def test_other_compiler_options_are_checked_again(self) -> None:
        self.plant("value.cpp", "return nullptr;", "return nullptr;\n#ifdef PLANTED\n  return 0;\n#endif")
        self.assertEqual(self.lint(), "")
        self.compile_with(self.tree, "-DPLANTED")
        self.assert_finds("modernize-use-nullptr")


class WordsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.tree = Path(tempfile.mkdtemp(prefix="lint-"))
        self.addCleanup(shutil.rmtree, self.tree)
        copy_to(self.tree, *LINT)
        subprocess.run(["git", "init", "--quiet", self.tree], check=True)

    def lint(self, name: str, text: str) -> str:
        """Returns the findings in one file with this text."""
        path = self.tree / name
        path.write_text(text)
        command = [self.tree / "script" / "lint", "words"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=harness.PATIENCE)
        self.assertEqual(done.returncode, 1 if done.stdout else 0, done.stdout + done.stderr)
        path.unlink()
        return done.stdout

    def phrases(self) -> list[str]:
        """Returns the phrases that are the same in the list and in a text."""
        return [phrase for phrase in words.PHRASES if re.fullmatch("[a-z ]+", phrase)]

    def test_clean_text_passes(self) -> None:
        self.assertEqual(self.lint("guide.md", "The helper fetches the mesh binary.\n"), "")

    def test_phrase_of_the_list_fails_with_line_and_replacement(self) -> None:
        self.assertGreater(len(self.phrases()), 5)
        for phrase in self.phrases():
            with self.subTest(phrase):
                found = self.lint("guide.md", f"# Guide\n\nThis is {phrase}.\n")
                self.assertIn(f'guide.md:3: "{phrase}": {words.PHRASES[phrase]}\n', found)

    def test_phrase_fails_in_comments_and_messages_also_across_lines(self) -> None:
        first, _, rest = next(phrase for phrase in self.phrases() if " " in phrase).partition(" ")
        for name, text in {
            "a.cpp": f"// It is {first}\n// {rest}.\n",
            "b.cpp": f'say("It is {first} "\n    "{rest}.");\n',
            "c.sh": f"# It is {first}\n# {rest}.\n",
            "d.py": f'"""It is {first}\n{rest}."""\n',
            "e.txt": f" !     It is {first}\n !     {rest}.\n",
        }.items():
            with self.subTest(name):
                self.assertIn(f'{name}:1: "{first} {rest}"', self.lint(name, text))

    def test_part_of_a_longer_word_passes(self) -> None:
        phrase = self.phrases()[-1]
        self.assertEqual(self.lint("guide.md", f"un{phrase}, {phrase}s, {phrase}-like\n"), "")

    def test_other_meaning_of_a_word_passes(self) -> None:
        self.assertEqual(self.lint("guide.md", "Add a blank line. If it is None, there is none.\n"), "")


if __name__ == "__main__":
    unittest.main()
