"""Checks the output of bin/report against docs/report.md: keys, types, values, and dependencies between keys."""

from __future__ import annotations

import functools
import re

from tools import buildpack_tree, platform_report

STEPS = ("settings", "cache", "resolve", "download", "verify", "unpack", "inspect", "place", "procfile", "done")
PHASES = STEPS[1:-1]

# Keys that a build omits if it uses a cached or vendored binary.
_DOWNLOADING = {
    "download_attempts", "download_bytes", "download_duration", "resolve_duration", "unpack_duration", "verify_duration",
}  # fmt: skip

STARTED_AT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"

# The values or patterns of strings.
_SHAPES = {
    "arch": r"amd64|arm64",
    "build_status": r"success|failure|interrupted",
    "build_step": "|".join(STEPS),
    "cache_status": r"hit|revalidated|stale|miss|corrupt|disabled",
    "buildpack_version": r"\d+\.\d+\.\d+",
    "failure_classification": r"user|buildpack|upstream|platform",
    "failure_reason": r"[a-z0-9-]+::[a-z0-9-]+",
    "failure_step": "|".join(STEPS[:-1]),
    "generation": r"cedar",
    "procfile_findings": r"[a-z0-9-]+(,[a-z0-9-]+)*",
    "procfile_web": r"wrapped|unwrapped|missing|no-procfile|unknown",
    "service_mesh_product": r"integration|applink",
    "service_mesh_sha256": r"[0-9a-f]{64}",
    "service_mesh_source": r"github|s3|mirror|file|vendored",
    "service_mesh_verified_by": r"sha256-pin|inventory|signature|release-digest|none",
    "started_at": STARTED_AT,
    "trace_id": r"(?!0{32})[0-9a-f]{32}",
}  # fmt: skip

# The pattern of each type's values.
_SPELLINGS = {
    "string": r'"(?:[^"\\\x00-\x1f\x7f]|\\["\\]|\\u[0-9a-f]{4})*"',
    "integer": r"0|[1-9]\d*",
    "float": r"\d+\.\d{6}",
    "boolean": r"true|false",
}

_ALWAYS = {"arch", "buildpack_version", "generation"}
_RECORDED = {"build_step", "started_at", "trace_id"}  # in every report with a record
_FAILURE = {"failure_classification", "failure_detail", "failure_reason", "failure_step"}
_INSTALLED = {
    "download_attempts", "download_bytes", "procfile_findings_count", "procfile_web", "service_mesh_bytes",
    "service_mesh_product",
    "service_mesh_sha256", "service_mesh_source", "service_mesh_verified_by", "service_mesh_version",
    "service_mesh_version_pinned",
    "service_mesh_version_requested", "total_duration",
}  # fmt: skip


class Broken(AssertionError):
    """The report violates docs/report.md; the text has the reason."""


@functools.cache
def documented_types() -> dict[str, str]:
    """Returns every key and its type in the reference."""
    text = (buildpack_tree.CHECKOUT / "docs" / "report.md").read_text()
    return dict(re.findall(r"^\| `([a-z0-9_]+)` \| (string|integer|float|boolean) \|", text, re.MULTILINE))


def check(output: str) -> dict[str, platform_report.Value]:
    """Returns the report as values. Raises an error unless it conforms."""
    report = platform_report.parse(output.encode(errors="surrogateescape"))
    _check_lines(output)
    _check_values(report)
    _check_company(report)
    return report


def _check_lines(output: str) -> None:
    for line in output.removesuffix("\n").split("\n"):
        key, _, value = line.partition(": ")
        _require(key in documented_types(), f"{key!r} is not documented")
        spelling = _SPELLINGS[documented_types()[key]]
        _require(re.fullmatch(spelling, value), f"{key} is not written as a {documented_types()[key]}: {value}")
    _require(output.endswith("\n"), "the last line does not end")


def _check_values(report: dict[str, platform_report.Value]) -> None:
    for key, value in report.items():
        if key in _SHAPES:
            _require(re.fullmatch(_SHAPES[key], str(value)), f"{key} is {value!r}")
        if isinstance(value, str):
            _require(0 < len(value) <= 200, f"{key} has {len(value)} characters")


def _check_company(report: dict[str, platform_report.Value]) -> None:
    """Checks the keys of the report against the outcome of the build."""
    status = report.get("build_status")
    _require(_ALWAYS <= report.keys(), f"without {_ALWAYS - report.keys()}")
    if status:
        _require(_RECORDED <= report.keys(), f"a report with a record lacks {_RECORDED - report.keys()}")
    if status == "success":
        expected = _INSTALLED | {f"{phase}_duration" for phase in PHASES}
        if report["service_mesh_source"] == "vendored":
            expected -= _DOWNLOADING | {"cache_duration", "service_mesh_version"}
        elif report["cache_status"] in ("hit", "revalidated", "stale"):
            expected -= _DOWNLOADING
        _require(expected <= report.keys(), f"a success without {expected - report.keys()}")
        _require(not _FAILURE & report.keys(), "a success with a failure")
        _require(report["build_step"] == "done", "a success that is not done")
        _require(
            ("procfile_findings" in report) == (report["procfile_findings_count"] > 0),
            "findings and their count differ",
        )
        _require(
            ("service_mesh_version_changed" in report) == ("service_mesh_version_previous" in report),
            "change without previous",
        )
    elif status == "failure":
        _require(_FAILURE | {"total_duration"} <= report.keys(), f"a failure without {_FAILURE - report.keys()}")
        last = report["build_step"] in (report["failure_step"], "cache")  # in which no binary was found
        _require(last, "the failure is not in the last step")
    elif status == "interrupted":
        _require(not _FAILURE & report.keys(), "an interruption with a failure")
    else:
        # Only a record contains the build's status and the class of its failure.
        _require(_FAILURE & report.keys() == {"failure_detail", "failure_reason"}, "a report without a record has keys beside the reason")
        _require(str(report["failure_reason"]).startswith("record::"), f"no status, but {report['failure_reason']}")
        _require("build_step" not in report, "a step without a status")


def _require(truth: object, complaint: str) -> None:
    if not truth:
        raise Broken(complaint)
