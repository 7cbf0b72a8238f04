"""Reads trace files as others would: as OpenTelemetry's collector does, and as protobuf and protoc do.

script/setup makes both readers. For every line of a file, each returns its spans or an error.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROTOBUF_READER = Path(__file__).resolve().parent / "otlp" / "protobuf_reader.py"


@dataclass(frozen=True)
class Line:
    """The result of a reader for a line: spans, or an error."""

    spans: tuple[dict[str, Any], ...]
    error: str


def tools() -> Path:
    """Returns the directory of the readers, as in script/environment.sh."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path(os.environ.get("HOME") or Path.cwd() / ".deps", ".cache")
    return Path(cache, "mesh-buildpack", "tools")


def read_all(paths: list[Path]) -> dict[str, dict[Path, list[Line]]]:
    """Returns the results of each reader for the files, by the reader's name."""
    return {
        "the collector": _told([tools() / "otlp-reader"], paths),
        "protoc": _told([tools() / "otlp-python" / "bin" / "python", "-B", PROTOBUF_READER], paths),
    }


def spans(path: Path) -> list[dict[str, Any]]:
    """Returns the spans of a file in their order. Fails unless all readers agree."""
    results = {reader: files[path] for reader, files in read_all([path]).items()}
    for reader, lines in results.items():
        for line in lines:
            if line.error:
                raise AssertionError(f"{path.name}: {reader}: {line.error}")
    if results["the collector"] != results["protoc"]:
        raise AssertionError(f"{path.name}: the readers disagree:\n{results}")
    return [span for line in results["protoc"] for span in line.spans]


def _told(command: list[Path], paths: list[Path]) -> dict[Path, list[Line]]:
    if not Path(command[0]).exists():
        raise AssertionError(f"{command[0]} is missing: run script/setup")
    done = subprocess.run([*map(str, command), *map(str, paths)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{command[0]} ended with {done.returncode}: {done.stderr}")
    files = json.loads(done.stdout)
    return {
        path: [Line(tuple(line.get("spans", ())), line.get("error", "")) for line in files[str(path)]] for path in paths
    }
