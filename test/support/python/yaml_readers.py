"""Reads reports as others would: with YAML parsers of other makers and versions, and line by line as JSON values.

Each reader takes many documents at once and gives for each the list of (key, kind, value); kinds are "string", "integer",
"float", "boolean", or the reader's own name for anything else. (JavaScript has one kind of number: "number".)
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Callable

import ruamel.yaml
import yaml

Told = "list[tuple[str, str, object]]"

_PYTHON_KINDS = {str: "string", int: "integer", float: "float", bool: "boolean"}

_RUBY = r"""
require "json"
require "psych"
kinds = { String => "string", Integer => "integer", Float => "float", TrueClass => "boolean", FalseClass => "boolean" }
documents = ARGV.map do |path|
  read = Psych.safe_load(File.read(path, encoding: "UTF-8"))
  raise "not a mapping" unless read.is_a?(Hash)
  read.map { |key, value| [key, kinds.fetch(value.class, value.class.name), value] }
end
puts JSON.generate(documents)
"""

_NODE = r"""
const fs = require("fs"), yaml = require("/usr/share/nodejs/js-yaml");
const kind = value => typeof value === "object" ? String(value && value.constructor.name) : typeof value;
const documents = process.argv.slice(1).map(path => Object.entries(yaml.load(fs.readFileSync(path, "utf8")))
  .map(([key, value]) => [key, kind(value), value]));
process.stdout.write(JSON.stringify(documents));
"""


def read_all(documents: list[bytes]) -> dict[str, list[Told]]:
    """Returns the values of every reader for the documents, by the reader's name."""
    readers: dict[str, Callable[[list[bytes]], list[Told]]] = {
        "PyYAML": _pyyaml,
        "PyYAML with libyaml": _libyaml,
        "ruamel.yaml, YAML 1.2": _ruamel,
        "Psych": lambda given: _by_program(["ruby", "-W0", "-e", _RUBY, "--"], given),
        "js-yaml, YAML 1.2": lambda given: _by_program(["node", "-e", _NODE, "--"], given),
        "JSON values": _json_lines,
    }
    return {name: read(documents) for name, read in readers.items()}


def _kinds(mapping: dict[str, object]) -> Told:
    return [(key, _PYTHON_KINDS.get(type(value), type(value).__name__), value) for key, value in mapping.items()]


def _pyyaml(documents: list[bytes]) -> list[Told]:
    return [_kinds(yaml.load(document, Loader=yaml.SafeLoader)) for document in documents]


def _libyaml(documents: list[bytes]) -> list[Told]:
    return [_kinds(yaml.load(document, Loader=yaml.CSafeLoader)) for document in documents]


def _ruamel(documents: list[bytes]) -> list[Told]:
    reader = ruamel.yaml.YAML(typ="safe", pure=True)
    reader.version = (1, 2)
    return [_kinds(reader.load(document)) for document in documents]


def _json_lines(documents: list[bytes]) -> list[Told]:
    """Reads one key from each line, without a YAML parser."""
    parsed = []
    for document in documents:
        pairs = (line.split(": ", 1) for line in document.decode().removesuffix("\n").split("\n"))
        parsed.append(_kinds({key: json.loads(value) for key, value in pairs}))
    return parsed


def _by_program(command: list[str], documents: list[bytes]) -> list[Told]:
    with tempfile.TemporaryDirectory(prefix="yaml-readers-") as directory:
        paths = []
        for number, document in enumerate(documents):
            paths.append(Path(directory, str(number)))
            paths[-1].write_bytes(document)
        done = subprocess.run([*command, *map(str, paths)], capture_output=True, text=True, encoding="utf-8")
    if done.returncode != 0:
        raise AssertionError(f"{command[0]} cannot read it: {done.stderr}")
    return [[tuple(entry) for entry in document] for document in json.loads(done.stdout)]
