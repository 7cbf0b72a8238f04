"""The helper has no dependencies on the system, is hardened, and is small."""

from __future__ import annotations

import re
import subprocess
import unittest

import harness

MAX_BYTES = 5_000_000


def readelf(*options: str) -> str:
    """Returns the output of readelf for the helper under test."""
    command = ["readelf", "--wide", *options, str(harness.helper())]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


class StaticLinkageTest(unittest.TestCase):
    def test_no_shared_library_is_needed(self) -> None:
        dynamic = readelf("--dynamic")
        self.assertIn("Dynamic section", dynamic)
        self.assertNotIn("(NEEDED)", dynamic)

    def test_no_dynamic_linker_is_needed(self) -> None:
        self.assertNotIn("INTERP", readelf("--program-headers"))

    def test_no_library_search_path_is_set(self) -> None:
        self.assertNotRegex(readelf("--dynamic"), r"\((RPATH|RUNPATH)\)")


class HardeningTest(unittest.TestCase):
    def test_helper_is_position_independent(self) -> None:
        self.assertRegex(readelf("--file-header"), r"Type:\s+DYN")
        self.assertRegex(readelf("--dynamic"), r"\(FLAGS_1\).*\bPIE\b")

    def test_relocated_data_becomes_read_only(self) -> None:
        self.assertIn("GNU_RELRO", readelf("--program-headers"))
        self.assertRegex(readelf("--dynamic"), r"\(FLAGS\)\s+BIND_NOW")

    def test_code_is_never_relocated(self) -> None:
        self.assertNotRegex(readelf("--dynamic"), r"TEXTREL")

    def test_no_memory_is_writable_and_executable(self) -> None:
        flags = re.findall(r"^\s+(?:LOAD|GNU_STACK)\s+(?:0x\S+\s+){5}([RWE ]{3})", readelf("--program-headers"), re.MULTILINE)
        self.assertGreaterEqual(len(flags), 3)  # code, data and the stack; read-only data apart, where the linker does so
        self.assertEqual([f for f in flags if "W" in f and "E" in f], [])


class SizeTest(unittest.TestCase):
    def test_helper_is_stripped(self) -> None:
        sections = readelf("--section-headers")
        self.assertIn(".text", sections)
        self.assertNotRegex(sections, r"\.(symtab|debug_\w+)\b")

    def test_helper_size_is_limited(self) -> None:
        # The file's size grows in steps on arm64, because the linker pads its segments for pages of 64 KiB.
        segments = [line.split() for line in readelf("--program-headers", "--wide").splitlines()]
        sizes = [int(fields[4], 16) for fields in segments if fields[:1] == ["LOAD"]]
        self.assertGreaterEqual(len(sizes), 2)
        self.assertLessEqual(sum(sizes), MAX_BYTES)


if __name__ == "__main__":
    unittest.main()
