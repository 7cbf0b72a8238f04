"""Each file of tests is run by some ctest test: each Python module, each file of unit tests, and each fuzz target."""

from __future__ import annotations

import json
import subprocess
import unittest
from pathlib import Path

import harness

TESTS = harness.CHECKOUT / "test"
BUILD = harness.CHECKOUT / "build"


def test_files() -> set[str]:
    """Returns the files of tests in the checkout, below test/."""
    patterns = ("**/test_*.py", "**/*_test.cpp", "**/*_fuzz.cpp")
    return {str(path.relative_to(TESTS)) for pattern in patterns for path in TESTS.glob(pattern)}


def registered_tests() -> list[dict]:
    """Returns the tests of all presets, as ctest describes them. script/test writes the file that names them all."""
    if not (BUILD / "CTestTestfile.cmake").exists():
        raise AssertionError(f"{BUILD}/CTestTestfile.cmake is missing: run this test with script/test")
    command = ["ctest", "--test-dir", BUILD, "--show-only=json-v1"]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["tests"]


def run_files(tests: list[dict]) -> set[str]:
    """Returns the files of tests that these tests run."""
    found: set[str] = set()
    for test in tests:
        command = test.get("command", [])  # missing if the program is not built
        properties = {one["name"]: one["value"] for one in test["properties"]}
        if "unittest" in command:
            found.add(str(Path(properties["WORKING_DIRECTORY"], f"{command[-1]}.py").relative_to(TESTS)))
        elif "--no-build" in command:
            found.add(f"fuzz/{command[-1]}_fuzz.cpp")
    return found


def compiled_files() -> set[str]:
    """Returns the files of tests that are compiled into the unit tests, which run as a whole."""
    entries = json.loads((BUILD / "dev" / "compile_commands.json").read_text())
    files = [Path(entry["file"]) for entry in entries]
    return {str(file.relative_to(TESTS)) for file in files if file.is_relative_to(TESTS)}


class RegisteredTestsTest(unittest.TestCase):
    def test_each_file_of_tests_is_run(self) -> None:
        tests = registered_tests()
        self.assertIn("dev/unit", {test["name"] for test in tests})
        self.assertEqual(test_files() - run_files(tests) - compiled_files(), set())

    def test_file_that_no_test_runs_is_noticed(self) -> None:
        tests = registered_tests()
        for name in ("buildpack/e2e/test_install.py", "buildpack/contract/test_detect.py", "fuzz/archive_fuzz.cpp"):
            with self.subTest(name):
                remaining = [test for test in tests if name not in run_files([test])]
                self.assertLess(len(remaining), len(tests))
                self.assertNotIn(name, run_files(remaining))


if __name__ == "__main__":
    unittest.main()
