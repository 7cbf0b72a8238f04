"""Reads traces as protobuf does. Run by a Python that has `protobuf` and `opentelemetry-proto`.

usage: python protobuf_reader.py FILE...

Each line is read by protobuf's own JSON reader into OTLP's TracesData, unknown fields refused, with the one change that OTLP/JSON
asks for: ids are hexadecimal there, not base64. The message goes over the wire format to `protoc --decode`, and the output of
protoc is printed. Prints the same as otlp-reader (main.go), for whole files of such lines.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from google.protobuf import descriptor_pb2, json_format, text_format
from opentelemetry.proto.trace.v1 import trace_pb2

TYPE = trace_pb2.TracesData.DESCRIPTOR.full_name
IDS = {"traceId": 32, "spanId": 16, "parentSpanId": 16}


def refuse(text: str) -> object:
    raise ValueError(f"{text} is not a JSON number")


def without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("duplicate key in an object")
    return dict(pairs)


def base64_ids(value: object) -> object:
    """Returns the same with OTLP's hexadecimal ids in base64, as in protobuf's JSON."""
    if isinstance(value, list):
        return [base64_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for key, item in value.items():
        if key in IDS:
            if not isinstance(item, str) or not re.fullmatch(rf"(?:[0-9a-f]{{{IDS[key]}}})?", item):
                raise ValueError(f"{key} {item!r}")
            result[key] = base64.b64encode(bytes.fromhex(item)).decode()
        else:
            result[key] = base64_ids(item)
    return result


def descriptor_set() -> bytes:
    """Returns the descriptors that protoc needs: the file that declares the message, and its imports."""
    files: dict[str, descriptor_pb2.FileDescriptorProto] = {}

    def add(file) -> None:  # noqa: ANN001
        for imported in file.dependencies:
            add(imported)
        files.setdefault(file.name, descriptor_pb2.FileDescriptorProto.FromString(file.serialized_pb))

    add(trace_pb2.DESCRIPTOR)
    return descriptor_pb2.FileDescriptorSet(file=files.values()).SerializeToString()


def through_protoc(message: trace_pb2.TracesData, descriptors: Path) -> trace_pb2.TracesData:
    command = ["protoc", f"--descriptor_set_in={descriptors}", f"--decode={TYPE}"]
    done = subprocess.run(command, input=message.SerializeToString(), capture_output=True, check=False)
    if done.returncode:
        raise ValueError(f"protoc: {done.stderr.decode(errors='replace')}")
    read = text_format.Parse(done.stdout, trace_pb2.TracesData())
    if read != message:
        raise ValueError("protoc reads other values than were written")
    return read


def attributes(of) -> dict[str, object]:  # noqa: ANN001
    return {item.key: getattr(item.value, item.value.WhichOneof("value")) for item in of.attributes}


def spans(traces: trace_pb2.TracesData) -> list[dict[str, object]]:
    return [
        {
            "resource": attributes(of_resource.resource),
            "scope": of_scope.scope.name,
            "trace_id": span.trace_id.hex(),
            "span_id": span.span_id.hex(),
            "parent_id": span.parent_span_id.hex(),
            "flags": span.flags,
            "name": span.name,
            "kind": span.kind,
            "start": span.start_time_unix_nano,
            "end": span.end_time_unix_nano,
            "attributes": attributes(span),
            "events": [
                {"name": event.name, "time": event.time_unix_nano, "attributes": attributes(event)} for event in span.events
            ],
            "status": span.status.code,
            "message": span.status.message,
        }
        for of_resource in traces.resource_spans
        for of_scope in of_resource.scope_spans
        for span in of_scope.spans
    ]


def read(line: bytes, descriptors: Path) -> dict[str, object]:
    try:
        json_object = json.loads(line.decode(), parse_constant=refuse, object_pairs_hook=without_repetition)
        message = json_format.Parse(json.dumps(base64_ids(json_object)), trace_pb2.TracesData())
        return {"spans": spans(through_protoc(message, descriptors))}
    except (ValueError, json_format.ParseError) as error:
        return {"error": str(error)}


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="protobuf-reader-") as directory:
        descriptors = Path(directory, "descriptors")
        descriptors.write_bytes(descriptor_set())
        files = {name: [read(line, descriptors) for line in Path(name).read_bytes().split(b"\n") if line] for name in names}
    json.dump(files, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
