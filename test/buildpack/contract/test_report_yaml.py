"""Every reader reads the same values from a report, with any strings; and every record results in a report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
import report_contract
import yaml_readers
from outcome import OutcomeTest

# Strings that some reader treats as another type if they are not quoted.
WORDS = [
    "", " ", "~", "null", "Null", "NULL", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF",
    "y", "Y", "n", "N",
    "true", "True", "TRUE", "false", "False", "FALSE", "=", "<<", "---", "--- a", "...", "... a", "-", "- a", "?", "? a",
    ":", "a: b", "a:",
    "a #b", "#", "&a", "*a", "!a", "!!str a", "%YAML 1.2", "@a", "`a`", "'a'", '"a"', "[a]", "{a: b}", "[", "]", "{",
    "}", ",", "|", ">", "|-",
    "\\", "\\n", "\\u0041", "a\\", '"', "'", "$HOME", "%s", "a" * 200, "None", "nil", "undefined", "NaN", "Infinity",
    "__proto__", "constructor",
]  # fmt: skip
NUMBERS = [
    "0", "1", "00", "-0", "+1", "-1", ".5", "-.5", "1.", "0.1", "1.0", "1.10", "0123", "0o17", "08", "09", "0x1F",
    "0b101", "1_000", "1,000",
    "1e5", "1E5", "1.5e3", "6.02e23", "-1e-5", "12:30", "190:20:30", "1:2", ".inf", "-.inf", "+.INF", ".nan", ".NaN",
    "inf", "nan",
    "2024-01-02", "2024-01-02T03:04:05Z", "2024-01-02 03:04:05 +1", "2024-13-45", "1.2.3", "v1.0.0", "9007199254740993",
    "18446744073709551616", "1" * 50,
]  # fmt: skip
CHARACTERS = [
    "\0", "\a", "\b", "\t", "\n", "\v", "\f", "\r", "\x1b", "\x1b[1;31m", "\x7f", "\x80", "\x85", "\x9f", "\xa0", "\xad",
    "\xff",
    "\u2028", "\u2029", "\u200b", "\u202e", "\ud7ff", "\ue000", "\ufeff", "\ufffd", "\ufffe", "\uffff", "\U0001f600",
    "\U0001f468\u200d\U0001f469",
    "\U0001fffe", "\U0010ffff", "e\u0301", "日本語", "a\rb", "a\nb", "a\r\nb", "a\n\nb", "a\tb", "\ta", "a\t", " a", "a ",
    "  a  ", "\n", "\n\n", "a\n",
    "a\n b", "\u00e9", "\u0660", "\uff11",
]  # fmt: skip
NASTY = [*WORDS, *NUMBERS, *CHARACTERS, *(f"a{c}b" for c in CHARACTERS if len(c) == 1)]

# The build request of the records and of the reports.
REQUEST = "request-1"

# The keys of a record with strings that the report repeats.
STRING_FACTS = [key for key, kind in report_contract.documented_types().items() if kind == "string"]
NOT_FACTS = {"build_status", "build_step", "failure_classification", "failure_detail", "failure_reason", "failure_step"}
SLOTS = [key for key in STRING_FACTS if key not in NOT_FACTS]
FAILURE_SLOTS = {"failure_reason": "reason", "failure_classification": "classification", "failure_detail": "detail"}


class Reports(unittest.TestCase):
    """bin/report on records that the test writes itself."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.cache = Path(directory.name)
        (self.cache / "build-data").mkdir()
        self.record = self.cache / "build-data" / "heroku-integration-service-mesh.json"

    def report(self, record: bytes) -> bytes:
        self.record.write_bytes(record)
        keep = {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
        command = [harness.helper(), "report", "/nonexistent", self.cache, "/nonexistent"]
        done = subprocess.run(command, env={**keep, "REQUEST_ID": REQUEST}, capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return done.stdout


def record_with(facts: dict[str, object], **fields: object) -> dict[str, object]:
    return {
        "format": 1,
        "status": "success",
        "step": "done",
        "facts": facts,
        "phases": [],
        "total_ns": 1500000,
        "request": REQUEST,
        **fields,
    }


class ReaderTest(Reports):
    def assert_all_agree(self, documents: list[bytes], expected: list[dict[str, object]]) -> None:
        kinds = report_contract.documented_types()
        for reader, values in yaml_readers.read_all(documents).items():
            for document, entries, wanted in zip(documents, values, expected, strict=True):
                with self.subTest(reader=reader):
                    self.assertEqual({key: value for key, _, value in entries}, wanted, document)
                    self.assertEqual([key for key, _, _ in entries], sorted(wanted))
                    for key, kind, _ in entries:
                        numbers = {"integer", "float"} if kind == "number" else {kind}
                        self.assertIn(kinds[key], numbers, key)

    def assert_strings_survive(self, strings: list[str]) -> None:
        width = len(SLOTS) + len(FAILURE_SLOTS)
        documents, expected = [], []
        for start in range(0, len(strings), width):
            group = strings[start : start + width]
            facts = dict(zip(SLOTS, group))
            failure = dict(zip(FAILURE_SLOTS, group[len(SLOTS) :]))
            record = record_with(facts)
            wanted = {**facts, "build_status": "success", "build_step": "done", "total_duration": 0.0015}
            if len(failure) == len(FAILURE_SLOTS):
                record["failure"] = {"step": "resolve", **{FAILURE_SLOTS[key]: value for key, value in failure.items()}}
                wanted |= failure | {"failure_step": "resolve"}
            documents.append(self.report(json.dumps(record, ensure_ascii=False).encode()))
            expected.append({key: value[:200] if isinstance(value, str) else value for key, value in wanted.items()})
        self.assert_all_agree(documents, expected)


class AgreementTest(ReaderTest):
    def test_hostile_strings_are_preserved_as_strings(self) -> None:
        self.assert_strings_survive(NASTY + [""] * (-len(NASTY) % (len(SLOTS) + len(FAILURE_SLOTS))))

    def test_long_strings_are_truncated_between_characters(self) -> None:
        self.assert_strings_survive(
            [c * 10_000 for c in ("a", "é", "日", "\U0001f600", '"', "\\", "\n", "\u2028", "e\u0301")]
        )

    def test_whole_record_is_printed_with_its_types(self) -> None:
        facts = {
            "download_attempts": 3, "download_bytes": 9007199254740993, "procfile_findings_count": 0,
            "service_mesh_bytes": 0,
            "service_mesh_version_changed": False, "service_mesh_version_pinned": True, "stack": "heroku-24",
        }  # fmt: skip
        spans = {
            "resolve": 0,
            "download": 1,
            "verify": 999,
            "unpack": 1000,
            "inspect": 123456789,
            "place": 900_000_000_000,
            "procfile": 86_400 * 10**9,
        }
        phases = [{"step": step, "begin_ns": 0, "duration_ns": span} for step, span in spans.items()]
        document = self.report(json.dumps(record_with(facts, phases=phases)).encode())
        wanted = {**facts, "build_status": "success", "build_step": "done", "total_duration": 0.0015}
        wanted |= {f"{step}_duration": round(span / 1e9, 6) for step, span in spans.items()}
        # JavaScript's numbers end at 2**53.
        del wanted["download_bytes"]
        self.assert_all_agree(
            [b"".join(line + b"\n" for line in document.splitlines() if b"download_bytes" not in line)], [wanted]
        )
        self.assertIn(b"download_bytes: 9007199254740993\n", document)
        self.assertIn(b"download_duration: 0.000000\n", document)
        self.assertIn(b"place_duration: 900.000000\n", document)

    def test_record_of_an_earlier_version_is_printed(self) -> None:
        """The record lacks the keys that were added later and the directory of the build."""
        document = self.report(json.dumps(record_with({"arch": "amd64", "buildpack_version": "0.1.0"})).encode())
        wanted = {"arch": "amd64", "buildpack_version": "0.1.0", "build_status": "success", "build_step": "done"}
        self.assert_all_agree([document], [{**wanted, "total_duration": 0.0015}])

    def test_record_without_request_and_directory_is_reported_as_missing(self) -> None:
        record = record_with({"arch": "amd64"})
        del record["request"]
        report = report_contract.check(self.report(json.dumps(record).encode()).decode())
        self.assertEqual(report["failure_reason"], "record::missing")

    def test_unknown_and_mistyped_facts_are_omitted(self) -> None:
        facts = {"unknown": "x", "stack": 24, "service_mesh_bytes": "12", "service_mesh_version_pinned": 1, "arch": None,
        "generation": ["x"],
                 "download_bytes": 1.5, "download_host": {"x": "y"}, "service_mesh_version": "v0.1.2"}  # fmt: skip
        document = self.report(json.dumps(record_with(facts)).encode())
        wanted = {
            "build_status": "success",
            "build_step": "done",
            "service_mesh_version": "v0.1.2",
            "total_duration": 0.0015,
        }
        self.assert_all_agree([document], [wanted])


class EveryShortStringTest(ReaderTest):
    def test_every_string_of_one_or_two_ascii_characters_is_preserved(self) -> None:
        if "build/dev" in str(harness.helper()):
            self.skipTest("a thousand reports take too long with a sanitized helper")
        ascii_characters = [chr(code) for code in range(128)]
        self.assert_strings_survive([*ascii_characters, *(a + b for a in ascii_characters for b in ascii_characters)])


class DamagedRecordTest(Reports):
    GOOD = json.dumps(
        record_with(
            {"arch": "amd64", "stack": "heroku-24", "service_mesh_version_pinned": True},
            phases=[{"step": "resolve", "begin_ns": 1, "duration_ns": 2}],
        )
    ).encode()

    def assert_unreadable(self, record: bytes) -> None:
        report = report_contract.check(self.report(record).decode())
        self.assertEqual(report["failure_reason"], "record::unreadable")

    def test_truncated_record_is_reported_as_unreadable(self) -> None:
        step = 29 if "build/dev" in str(harness.helper()) else 3
        for length in [0, *range(1, len(self.GOOD), step), len(self.GOOD) - 1]:
            with self.subTest(length=length):
                self.assert_unreadable(self.GOOD[:length])

    def test_record_with_a_changed_byte_gives_a_valid_report(self) -> None:
        step = 23 if "build/dev" in str(harness.helper()) else 3
        for at in range(0, len(self.GOOD), step):
            for byte in (0x00, 0xFF, ord('"')):
                with self.subTest(at=at, byte=byte):
                    document = self.report(self.GOOD[:at] + bytes([byte]) + self.GOOD[at + 1 :])
                    harness.platform_report.parse(document)

    def test_records_of_other_formats_are_reported_as_unreadable(self) -> None:
        for name, record in {
            "empty": b"", "blank": b"  \n", "binary": bytes(range(256)), "null": b"null", "list": b"[]",
            "string": b'"x"', "object": b"{}",
            "two": self.GOOD + self.GOOD, "trailing": self.GOOD + b"x", "mark": b"\xef\xbb\xbf" + self.GOOD[:-1],
            "later format": self.GOOD.replace(b'"format": 1', b'"format": 2'),
            "format as text": self.GOOD.replace(b'"format": 1', b'"format": "1"'),
            "no such status": self.GOOD.replace(b'"success"', b'"splendid"'),
            "no such step": self.GOOD.replace(b'"done"', b'"lunch"'),
            "facts a list": self.GOOD.replace(b'"facts": {', b'"facts": [], "x": {').replace(b'"phases": [',
            b'"phases": {}, "y": ['),
            "invalid UTF-8": self.GOOD.replace(b"heroku-24", b"heroku-\xff\xfe"),
            "half a surrogate": self.GOOD.replace(b"heroku-24", b"\\ud83d"),
            "deep": b"[" * 200_000, "deep objects": b'{"a":' * 100_000, "huge": b" " * 1_000_000 + self.GOOD,
            "huge number": self.GOOD.replace(b"1500000", b"9" * 400),
        }.items():  # fmt: skip
            with self.subTest(name):
                document = self.report(record).decode()
                if name != "huge number":
                    self.assert_unreadable(record)
                harness.platform_report.parse(document.encode())

    def test_record_path_of_another_file_type_is_reported_as_unreadable(self) -> None:
        self.record.mkdir()
        self.assertEqual(self._reason(), "record::unreadable")
        self.record.rmdir()
        os.mkfifo(self.record)
        self.assertEqual(self._reason(), "record::unreadable")
        self.record.unlink()
        self.record.symlink_to("/dev/zero")
        self.assertEqual(self._reason(), "record::unreadable")
        self.record.unlink()
        self.record.symlink_to(self.record.name)
        self.assertEqual(self._reason(), "record::unreadable")

    def _reason(self) -> object:
        keep = {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
        command = [harness.helper(), "report", "/nonexistent", self.cache]
        done = subprocess.run(command, env=keep, capture_output=True, text=True, timeout=harness.PATIENCE)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return report_contract.check(done.stdout)["failure_reason"]


class RealReportTest(OutcomeTest):
    """Reports of builds, with values that only a build can have."""

    def test_unreadable_record_is_reported(self) -> None:
        self.compile()
        record = self.world.cache / "build-data" / "heroku-integration-service-mesh.json"
        record.chmod(0)
        report = self.report()
        self.assertEqual(report["failure_reason"], "record::unreadable")
        self.assertEqual(report["failure_detail"], f"CACHE_DIR/build-data/{record.name}: Permission denied")

    def test_stack_name_is_always_text(self) -> None:
        self.setting("RELEASE_VERSION", "not a version")
        for stack, values in {
            "0123": "0123", "1e5": "1e5", "yes": "yes", "~": "~", "a: b #c": "a: b #c", "\U0001f600": "\U0001f600",
            "x" * 10_000: "x" * 200,
            os.fsdecode(b"heroku-\xff\xfe\x80"): "heroku-\ufffd\ufffd\ufffd", os.fsdecode(b"\xf0\x9f\x98"): "\ufffd",
            "a\nb": "a\nb", "\x1b[31m": "\x1b[31m", "\u2028\ufeff": "\u2028\ufeff",
        }.items():  # fmt: skip
            with self.subTest(stack=stack[:20]):
                self.compile(STACK=stack)
                self.assertEqual(self.report()["stack"], values)

    def test_hostile_setting_is_reported_in_one_printable_line(self) -> None:
        for value in (
            b"a\nb: c",
            b"\xff\xfe",
            b"\x1b[31mred",
            "\U0001f600".encode(),
            b"x" * 8000,
            b'"; exit',
            b"yes: no\r\n",
        ):
            with self.subTest(value[:20]):
                self.setting("RELEASE_VERSION", value)
                done = self.compile()
                self.assertEqual(done.code, 1)
                detail = self.report()["failure_detail"]
                self.assertIn("HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION=", detail)
                self.assertRegex(detail, r"^[^\x00-\x1f\x7f]*$")
                self.assertNotIn("\x1b[31mred", done.stderr)


if __name__ == "__main__":
    unittest.main()
