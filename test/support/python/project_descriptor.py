"""Reads an app's project descriptor (project.toml) as pack does, in schema 0.2.

Sources: buildpacks/spec, extensions/project-descriptor.md; the keys of pack 0.40 (pkg/project/v02) and its order of buildpacks
(pkg/client/build.go, processBuildpacks).
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import tomli

from tools import lifecycle

# Each table's keys: a type for a value, a dict for a table, a list of one dict for an array of tables, None for anything.
_GROUP = [{"id": str, "version": str, "uri": str, "script": {"api": str, "inline": str, "shell": str}}]
_SCHEMA = {
    "_": {
        "schema-version": str,
        "id": str,
        "name": str,
        "version": str,
        "authors": list,
        "licenses": [{"type": str, "uri": str}],
        "documentation-url": str,
        "source-url": str,
        "metadata": None,
    },
    "io": {
        "buildpacks": {
            "builder": str,
            "include": list,
            "exclude": list,
            "group": _GROUP,
            "pre": {"group": _GROUP},
            "post": {"group": _GROUP},
            "build": {"env": [{"name": str, "value": str}]},
        }
    },
}


@dataclass(frozen=True)
class Entry:
    """A buildpack of an order: its id or its address, whichever is given."""

    name: str
    is_optional: bool = False


class Descriptor:
    """The content of a descriptor without findings."""

    def __init__(self, text: str) -> None:
        self._buildpacks = tomli.loads(text).get("io", {}).get("buildpacks", {})

    @property
    def builder(self) -> str | None:
        return self._buildpacks.get("builder")

    @property
    def environment(self) -> dict[str, str]:
        """Returns the variables of the platform directory's env."""
        return {entry["name"]: entry["value"] for entry in self._buildpacks.get("build", {}).get("env", [])}

    def order(self, builder: list[Entry]) -> list[Entry]:
        """Returns the buildpacks that run, given the builder's own. A group of the app replaces them, and then `pre` and `post`
        are ignored."""
        if group := self._entries(self._buildpacks):
            return group
        return self._entries(self._buildpacks.get("pre", {})) + builder + self._entries(self._buildpacks.get("post", {}))

    @property
    def entries(self) -> list[Entry]:
        """Returns every buildpack in the descriptor."""
        places = (self._buildpacks, self._buildpacks.get("pre", {}), self._buildpacks.get("post", {}))
        return [entry for place in places for entry in self._entries(place)]

    @staticmethod
    def _entries(table: dict) -> list[Entry]:
        return [Entry(entry.get("uri") or entry["id"]) for entry in table.get("group", [])]


def objections(text: str) -> list[str]:
    """Returns the findings in a descriptor, a sentence each."""
    try:
        project = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        return [f"It is not TOML: {error}."]
    found = []
    if project.get("_", {}).get("schema-version") != "0.2":
        found.append("It is not of schema 0.2.")
    for name in _SCHEMA:
        found += _misfits(project.get(name, {}), _SCHEMA[name], name)
    if found:
        return found
    buildpacks = project.get("io", {}).get("buildpacks", {})
    if {"include", "exclude"} <= set(buildpacks):
        found.append("It has both include and exclude.")
    additions = [table for table in ("pre", "post") if buildpacks.get(table)]
    if buildpacks.get("group") and additions:
        found.append(f"The group makes {' and '.join(additions)} count for nothing.")
    for table in (buildpacks, buildpacks.get("pre", {}), buildpacks.get("post", {})):
        for entry in table.get("group", []):
            found += _objections_to_entry(entry)
    return found


def _objections_to_entry(entry: dict) -> list[str]:
    if entry.keys() == {"id", "script"}:
        return [] if entry["script"].get("api") and entry["script"].get("inline") else ["A script has no api or no text."]
    if ("id" in entry) == ("uri" in entry):
        return ["A buildpack has both id and uri, or neither."]
    return ["A buildpack has both uri and version."] if {"uri", "version"} <= entry.keys() else []


def _misfits(value: object, schema: object, place: str) -> list[str]:
    """Yields the findings about values of another type than the schema's."""
    if schema is None:
        return []
    if isinstance(schema, dict):
        if not isinstance(value, dict):
            return [f"{place} is not a table."]
        known = [name for name in value if name in schema]
        unknown = [f"{place}.{name} is not known." for name in value if name not in schema]
        return unknown + [misfit for name in known for misfit in _misfits(value[name], schema[name], f"{place}.{name}")]
    if isinstance(schema, list):
        if not isinstance(value, list):
            return [f"{place} is not an array of tables."]
        return [misfit for item in value for misfit in _misfits(item, schema[0], place)]
    return [] if isinstance(value, schema) else [f"{place} is not of type {schema.__name__}."]


def said_by_pack(text: str) -> str:
    """Returns the errors of pack in an app's descriptor.

    pack reads the file first, and stops at an invalid image name before it asks for a builder, so that it needs neither a
    container engine nor a network.
    """
    with tempfile.TemporaryDirectory() as directory:
        app = Path(directory, "app")
        app.mkdir()
        (app / "project.toml").write_text(text)
        environment = {"HOME": directory, "PACK_HOME": os.path.join(directory, "pack"), "PATH": "/usr/bin:/bin"}
        done = subprocess.run(
            [lifecycle.pack(), "build", "x", "--path", app, "--no-color", "--builder", "tests/builder"],
            env={**environment, "DOCKER_HOST": f"unix://{directory}/no-engine"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
        )  # fmt: skip
    if "forbidden image name" in done.stdout:
        return "".join(line for line in done.stdout.splitlines(keepends=True) if "forbidden image name" not in line)
    return done.stdout or "nothing, not even that the image has no name"
