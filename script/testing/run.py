"""Builds what the wanted tests run, then runs them, in one run of ctest for all presets. script/test describes the usage.

Nothing is printed after ctest's own summary.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
SLOWEST = 15
ON_DEMAND = "on-demand"  # the label of tests that run only when they are named

# "12/54 Test  #3: dev/e2e.cache ....   Passed   12.34 sec", as ctest prints it.
RESULT = re.compile(r"^\s*\d+/\d+ Test +#\d+: (\S+) .*\s([0-9.]+) sec\s*$")
SUMMARY = re.compile(r"^\d+% tests passed, ")


def presets() -> list[str]:
    """Returns the presets to test, in the order in which they are built. On arm64, release is for arm64 already."""
    return ["dev", "release", *(["release-arm64"] if platform.machine() != "aarch64" else []), "fuzz"]


def configure() -> None:
    """Configures every preset, and writes the file that lets one run of ctest see the tests of all."""
    for preset in presets():
        subprocess.run(["cmake", "--preset", preset, "--log-level=NOTICE"], cwd=ROOT, check=True)
    (BUILD / "CTestTestfile.cmake").write_text("".join(f"subdirs({preset})\n" for preset in presets()))


def selection(patterns: list[str]) -> list[str]:
    """Returns the options of ctest that select the tests."""
    return ["-R", "|".join(f"({pattern})" for pattern in patterns)] if patterns else ["-LE", f"^{ON_DEMAND}$"]


def required_files(tests: list[dict]) -> set[Path]:
    """Returns the programs that these tests need."""
    properties = [one for test in tests for one in test.get("properties", [])]
    return {Path(path) for one in properties if one["name"] == "REQUIRED_FILES" for path in one["value"]}


def invalid_pattern(patterns: list[str]) -> str | None:
    """Returns the first pattern that ctest cannot compile, or None. For such a pattern ctest itself exits with 0."""
    with tempfile.TemporaryDirectory() as empty:
        for pattern in patterns:
            command = ["ctest", "--test-dir", empty, "--show-only", "-R", f"({pattern})"]
            if "RegularExpression::compile" in subprocess.run(command, stdout=subprocess.PIPE, text=True).stdout:
                return pattern
    return None


def list_tests(patterns: list[str]) -> list[dict]:
    """Returns the selected tests as ctest describes them."""
    command = ["ctest", "--test-dir", str(BUILD), "--show-only=json-v1", *selection(patterns)]
    listed = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return json.loads(listed.stdout)["tests"]


def build(files: set[Path]) -> None:
    """Builds these programs, each in the preset whose build directory it is in."""
    for preset in presets():
        directory = BUILD / preset
        targets = sorted(str(file.relative_to(directory)) for file in files if file.is_relative_to(directory))
        if targets:
            subprocess.run(["cmake", "--build", "--preset", preset, "--target", *targets], cwd=ROOT, check=True)


def slowest(seconds: dict[str, float]) -> str:
    """Returns a table of the slowest tests."""
    names = sorted(seconds, key=lambda name: -seconds[name])[:SLOWEST]
    return "".join(["\nSlowest tests, in seconds:\n", *(f"{seconds[name]:8.2f}  {name}\n" for name in names), "\n"])


def run(patterns: list[str]) -> int:
    """Runs the selected tests; the slowest ones are printed just before ctest's summary. Returns ctest's exit status."""
    jobs = 2 * (os.cpu_count() or 1)
    command = ["ctest", "--test-dir", str(BUILD), f"-j{jobs}", "--output-on-failure", "--no-label-summary", "--no-tests=error"]
    seconds: dict[str, float] = {}
    with subprocess.Popen([*command, *selection(patterns)], stdout=subprocess.PIPE, text=True, errors="replace") as ctest:
        for line in ctest.stdout:
            if result := RESULT.match(line):
                seconds[result[1]] = float(result[2])
            if SUMMARY.match(line):
                print(slowest(seconds), end="")
            print(line, end="", flush=True)
    return ctest.returncode


def main(patterns: list[str]) -> int:
    if invalid := invalid_pattern(patterns):
        print(f"script/test: invalid regular expression: {invalid}", file=sys.stderr)
        return 2
    configure()
    tests = list_tests(patterns)
    if not tests:
        print(f"script/test: no test matches {' '.join(patterns)}", file=sys.stderr)
        return 2
    build(required_files(tests))
    return run(patterns)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode or 1)
