"""OpenTelemetry's collector and protobuf read the intended values from traces, and find mistakes in them.

The traces are those of test/golden/otlp/, which otlp_lines_test.cpp compares with the journal.
"""

from __future__ import annotations

import json
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

from tools import otlp_readers

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "otlp"
START = 1760000000 * 10**9  # when the clock of those traces starts
SUCCESS, FAILURE = 0, 2  # status codes: unset, and error


def golden(name: str) -> list[dict[str, Any]]:
    return otlp_readers.spans(GOLDEN / f"{name}.jsonl")


class GoldenTest(unittest.TestCase):
    def test_every_trace_is_consistent(self) -> None:
        for path in sorted(GOLDEN.glob("*.jsonl")):
            with self.subTest(path.stem):
                spans = otlp_readers.spans(path)
                self.assertEqual({span["trace_id"] for span in spans}, {spans[0]["trace_id"]})
                self.assertEqual(len({span["span_id"] for span in spans}), len(spans))
                for span in spans:
                    self.assertEqual(span["kind"], 1)
                    self.assertLessEqual(START, span["start"])
                    self.assertLessEqual(span["start"], span["end"])
                    self.assertEqual(span["resource"]["service.name"], "acme/service-mesh")
                    self.assertEqual(span["scope"], "mesh-buildpack")
                if path.stem != "killed":
                    self.assert_under_a_root(spans)

    def assert_under_a_root(self, spans: list[dict[str, Any]]) -> None:
        *children, root = spans
        self.assertIn(root["name"], ("libcnb-build", "libcnb-detect"))
        for child in children:
            self.assertRegex(child["name"], r"^service-mesh\.[a-z]+$")
            self.assertEqual(child["parent_id"], root["span_id"])
            self.assertLessEqual(root["start"], child["start"])
            self.assertLessEqual(child["end"], root["end"])

    def test_success_has_typed_attributes(self) -> None:
        *children, root = golden("success")
        self.assertEqual(
            [child["name"] for child in children],
            ["service-mesh.settings", "service-mesh.resolve", "service-mesh.download"],
        )
        self.assertEqual(root["parent_id"], "")
        self.assertEqual(root["flags"], 257)
        self.assertEqual((root["status"], root["message"]), (SUCCESS, ""))
        self.assertEqual([event["name"] for event in root["events"]], ["libcnb-build-success"])
        facts = root["attributes"]
        self.assertIs(facts["failed"], False)
        self.assertIs(facts["cnb.service_mesh.service_mesh_version_pinned"], False)
        self.assertEqual(facts["cnb.service_mesh.download_bytes"], 9007199254740993)
        self.assertEqual(facts["cnb.service_mesh.download_duration"], 0.001234567)
        self.assertEqual(facts["cnb.service_mesh.build_status"], "success")
        self.assertEqual(children[2]["end"] - children[2]["start"], 1234567)

    def test_failure_is_recorded_on_its_step_and_on_the_root(self) -> None:
        download, verify, root = golden("failure")
        self.assertEqual(download["status"], SUCCESS)
        for span in (verify, root):
            self.assertEqual(span["status"], FAILURE)
            self.assertIn("expected 4f2a, got 91bc", span["message"])
            self.assertEqual(span["attributes"]["error.type"], "verify::digest-mismatch")
            self.assertEqual(span["attributes"]["cnb.service_mesh.error.id"], "verify::digest-mismatch")
            self.assertEqual(span["attributes"]["cnb.service_mesh.error.message"], span["message"])
            exception = span["events"][-1]
            self.assertEqual(exception["name"], "exception")
            self.assertEqual(exception["attributes"]["exception.type"], "verify::digest-mismatch")
            self.assertEqual(exception["attributes"]["exception.message"], span["message"])
        self.assertEqual(root["events"][0]["name"], "libcnb-build-error")
        self.assertIs(root["attributes"]["failed"], True)
        self.assertEqual(root["attributes"]["cnb.service_mesh.failure_step"], "verify")

    def test_recovered_failure_is_recorded_only_on_its_step(self) -> None:
        resolve, cache, root = golden("overcome")
        self.assertEqual([resolve["status"], cache["status"], root["status"]], [FAILURE, SUCCESS, SUCCESS])
        self.assertIs(root["attributes"]["failed"], False)

    def test_root_of_an_interrupted_build_has_its_status(self) -> None:
        root = golden("interrupted")[-1]
        self.assertIs(root["attributes"]["failed"], True)
        self.assertEqual(root["attributes"]["cnb.service_mesh.build_status"], "interrupted")
        self.assertEqual(root["attributes"]["cnb.service_mesh.build_step"], "download")

    def test_killed_build_has_completed_steps_without_a_root(self) -> None:
        spans = golden("killed")
        self.assertEqual([span["name"] for span in spans], ["service-mesh.settings", "service-mesh.resolve"])
        self.assertEqual(len({span["parent_id"] for span in spans}), 1)

    def test_build_continues_the_trace_of_the_platform(self) -> None:
        settings, root = golden("child_of_the_platform")
        self.assertEqual(root["trace_id"], "0af7651916cd43dd8448eb211c80319c")
        self.assertEqual(root["parent_id"], "b7ad6b7169203331")
        self.assertEqual((settings["flags"], root["flags"]), (0x101, 0x301))

    def test_detection_uses_the_attribute_names_of_libcnb(self) -> None:
        for name, event, failed, status in (("detect_passed", "libcnb-detect-passed", False, SUCCESS),
                                            ("detect_failed", "libcnb-detect-failed", True, SUCCESS),
                                            ("detect_error", "libcnb-detect-error", True, FAILURE)):  # fmt: skip
            with self.subTest(name):
                (root,) = golden(name)
                self.assertEqual(root["name"], "libcnb-detect")
                self.assertEqual(root["events"][0]["name"], event)
                self.assertIs(root["attributes"]["failed"], failed)
                self.assertEqual(root["status"], status)

    def test_hostile_strings_are_preserved(self) -> None:
        (root,) = golden("nasty")
        facts = {key.removeprefix("cnb.service_mesh."): value for key, value in root["attributes"].items()}
        self.assertEqual(facts["arch"], "".join(map(chr, range(0x20))))
        self.assertEqual(facts["stack"], '\x7f\u0085\u2028\u2029\ufeff\ufffe\U0001f600 "\\/ </script>')
        self.assertRegex(facts["cache_status"], "^\ufffd+ a\ufffd$")
        self.assertEqual(facts["generation"], "")
        self.assertEqual(facts["service_mesh_version"], "v" * 1000)
        self.assertEqual((facts["download_bytes"], facts["service_mesh_bytes"]), (-(2**63), 2**63 - 1))


LINE = (GOLDEN / "success.jsonl").read_text(encoding="utf-8").splitlines()[-1]
ID = '"traceId":"0102030405060708090a0b0c0d0e0f10"'
START_TIME = '"startTimeUnixNano":"1760000000000000000"'
FAILED = '"key":"failed","value":{"boolValue":false}'

# Mistakes of a writer, as changes of a valid line.
WRONG = {
    "an id of another length": (ID, ID.replace("0f10", "0f")),
    "an id in base64": (ID, '"traceId":"W47/95gDgQPSabYzgT/GDA=="'),
    "a time with a fraction": (START_TIME, '"startTimeUnixNano":1.5'),
    "a truth in quotes": (FAILED, '"key":"failed","value":{"boolValue":"true"}'),
    "a number for a string": ('"stringValue":"miss"', '"stringValue":1'),
    "a bare value": (FAILED, '"key":"failed","value":"v"'),
    "a fraction of an integer": ('"intValue":"2"', '"intValue":1.5'),
    "attributes as an object": ('"attributes":[{"key":"failed"', '"attributes":{},"x":[{"key":"failed"'),
    "a field that OTLP does not have": ('"kind":1', '"sort":1'),
    "a comma too many": ('"links":[]', '"links":[],'),
    "a control character": ('"miss"', '"mi\tss"'),
    "logs, not spans": ('{"resourceSpans"', '{"resourceLogs"'),
}


class ReadersTest(unittest.TestCase):
    """The readers find mistakes."""

    def read(self, contents: dict[str, bytes]) -> dict[str, dict[str, list[otlp_readers.Line]]]:
        """Returns the result of each reader for each of these files."""
        with tempfile.TemporaryDirectory() as directory:
            paths = {name: Path(directory, str(number)) for number, name in enumerate(contents)}
            for name, path in paths.items():
                path.write_bytes(contents[name])
            results = otlp_readers.read_all(list(paths.values()))
            return {reader: {name: files[path] for name, path in paths.items()} for reader, files in results.items()}

    def assert_refused(self, contents: dict[str, bytes], *, by: tuple[str, ...] = ("the collector", "protoc")) -> None:
        results = self.read(contents)
        for reader in by:
            for name, lines in results[reader].items():
                with self.subTest(name, reader=reader):
                    self.assertEqual([bool(line.error) for line in lines], [True])

    def test_valid_line_is_accepted_by_all_readers(self) -> None:
        for files in self.read({"good": LINE.encode() + b"\n"}).values():
            self.assertEqual([line.error for line in files["good"]], [""])
            self.assertEqual(files["good"][0].spans[0]["name"], "libcnb-build")

    def test_each_mistake_is_found_by_each_reader(self) -> None:
        for name, (right, _) in WRONG.items():
            self.assertEqual(LINE.count(right), 1, name)
        self.assert_refused({name: LINE.replace(*change).encode() + b"\n" for name, change in WRONG.items()})

    def test_mistakes_around_the_object_are_found(self) -> None:
        self.assert_refused({
            "a part of a line": LINE[:-20].encode() + b"\n",
            "two objects on a line": (LINE + LINE).encode() + b"\n",
            "a list": f"[{LINE}]\n".encode(),
            "a mark of byte order": b"\xef\xbb\xbf" + LINE.encode() + b"\n",
        })  # fmt: skip

    def test_collector_rejects_more_mistakes(self) -> None:
        contents = {
            "a long line": json.dumps({"resourceSpans": [], "x": "y" * 2**20}).encode() + b"\n",
            "no end": LINE.encode(),
            "no time": LINE.replace(START_TIME, '"startTimeUnixNano":null').encode() + b"\n",
        }
        self.assert_refused(contents, by=("the collector",))

    def test_invalid_line_does_not_affect_other_lines(self) -> None:
        for files in self.read({"mixed": f"{LINE[:100]}\n{LINE}\n\n{LINE}\n".encode()}).values():
            self.assertEqual([bool(line.error) for line in files["mixed"]], [True, False, False])


if __name__ == "__main__":
    unittest.main()
