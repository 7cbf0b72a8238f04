"""Rules for buildpack.toml, so that the lifecycle, pack and the classic buildpack registry read the same content.

The registry reads it with the Ruby gem `toml`, which supports a part of TOML 0.4. The lifecycle and pack support more, but disagree
about some keys. A line in any but a few plain forms is a violation, even if it is valid TOML.
"""

from __future__ import annotations

import re
from typing import Iterator

import tomli

BARE = r"[A-Za-z0-9_-]+"
STRING = r'"(?:[^"\\\x00-\x1f\x7f]|\\[0tnr"\\])*"'
STRINGS = rf"\[(?:{STRING}(?:, {STRING})*)?\]"
VALUE = rf"(?:{STRING}|{STRINGS}|true|false|0|-?[1-9][0-9]*)"
COMMENT = r"(?:\s*#.*)?"

TABLE = re.compile(rf"\[(\[?){BARE}(?:\.{BARE})*(\]?)\]")
PAIR = re.compile(rf"{BARE} = {VALUE}{COMMENT}")
ARRAY_START = re.compile(rf"{BARE} = \[{COMMENT}")
ARRAY_LINE = re.compile(rf"\s+{STRING},?{COMMENT}")
ARRAY_END = re.compile(rf"\]{COMMENT}")

TARGETS = [{"os": "linux", "arch": "amd64"}, {"os": "linux", "arch": "arm64"}]
SBOM_FORMATS = ["application/vnd.cyclonedx+json", "application/spdx+json"]
KNOWN_TABLES = {"api", "buildpack", "targets", "metadata", "publish"}
BUILDPACK_KEYS = {"id", "name", "version", "homepage", "description", "keywords", "clear-env", "sbom-formats", "licenses"}
PROGRAM_KEYS = {"name", "arch", "url", "sha256"}

# Published paths that a build needs.
NEEDED = ("bin/", "libexec/", "inventory/", "buildpack.toml", "package.toml", "project.toml", "LICENSE")


def objections(text: str) -> list[str]:
    """Returns the violations of the rules in a buildpack.toml."""
    found = list(_form(text))
    try:
        content = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        return [*found, f"not TOML: {error}"]
    return [*found, *_content(content)]


def _form(text: str) -> Iterator[str]:
    """Yields the lines that some parsers cannot read."""
    if "\r" in text:
        yield "carriage return: [[...]] lines that end in one are not understood"
    if not text.endswith("\n"):
        yield "the last line does not end"
    in_array = False
    for number, line in enumerate(text.replace("\r", "").split("\n"), start=1):
        if not line or line.startswith("#"):
            continue
        if in_array:
            in_array = not ARRAY_END.fullmatch(line)
            if in_array and not ARRAY_LINE.fullmatch(line) and not line.lstrip().startswith("#"):
                yield f"line {number} is not a plain string of an array: {line}"
        elif ARRAY_START.fullmatch(line):
            in_array = True
        elif (table := TABLE.fullmatch(line)) and bool(table[1]) == bool(table[2]):
            continue
        elif not PAIR.fullmatch(line):
            yield f"line {number} is neither a plain table nor a plain pair: {line}"


def _content(content: dict) -> Iterator[str]:
    if content.get("api") != "0.10":
        yield f"api is {content.get('api')!r}: 0.10 is the lowest that has what is used, and Heroku's builders know it"
    for key in sorted(set(content) - KNOWN_TABLES):
        yield f"unknown table {key}"
    if content.get("targets") != TARGETS:
        yield f"targets are {content.get('targets')}: pack takes no targets for linux/amd64 alone"
    yield from _buildpack(content.get("buildpack", {}))
    yield from _programs(content.get("metadata", {}).get("programs", []))
    yield from _ignored(content.get("publish", {}).get("Ignore", {}).get("files", []))


def _buildpack(buildpack: dict) -> Iterator[str]:
    for key in sorted(set(buildpack) - BUILDPACK_KEYS):
        yield f"unknown key buildpack.{key}: exec-env, for one, has two forms, and each breaks somewhere"
    for key in ("id", "name", "homepage", "description"):
        if not buildpack.get(key):
            yield f"no buildpack.{key}"
    if not re.fullmatch(r"[a-z0-9./-]+", buildpack.get("id", "")):
        yield f"buildpack.id {buildpack.get('id')!r} is invalid"
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", buildpack.get("version", "")):
        yield f"buildpack.version {buildpack.get('version')!r} is not of the form 1.2.3"
    if not buildpack.get("homepage", "https://").startswith("https://"):
        yield "buildpack.homepage is not https"
    if buildpack.get("clear-env") is not True:
        yield "buildpack.clear-env is not true: config vars would reach the program's environment"
    if buildpack.get("sbom-formats") != SBOM_FORMATS:
        yield "buildpack.sbom-formats: a file in a format that is not declared fails the build"


def _programs(programs: list[dict]) -> Iterator[str]:
    for program in programs:
        if set(program) != PROGRAM_KEYS:
            yield f"metadata.programs: {sorted(program)} are not the keys {sorted(PROGRAM_KEYS)}"
            return
    names = {program["name"] for program in programs}
    pairs = sorted((program["name"], program["arch"]) for program in programs)
    if "mesh-buildpack" not in names or pairs != sorted((name, target["arch"]) for name in names for target in TARGETS):
        yield f"metadata.programs: {pairs} are not each program once for each target"
    if len({bool(program["url"]) for program in programs}) > 1:
        yield "metadata.programs: some are released and some are not"
    for program in programs:
        if not program["url"] and not program["sha256"]:
            continue
        if not re.fullmatch(r"[0-9a-f]{64}", program["sha256"]):
            yield f"metadata.programs: {program['sha256']!r} is not a SHA-256"
        if not re.fullmatch(r"https://[^\s?#@]+/" + re.escape(program["name"]) + r"-[0-9.]+-linux-" + program["arch"], program["url"]):
            yield f"metadata.programs: {program['url']!r} is not the address of {program['name']} for {program['arch']}"


def _ignored(paths: list[str]) -> Iterator[str]:
    if not paths:
        yield "publish.Ignore.files is empty: sources and tests would be published"
    for path in paths:
        if re.search(r"[*?\[\]!]", path) or path.startswith(("/", "./")):
            yield f"publish.Ignore.files: {path!r} is not the plain name of a file or directory"
        for needed in NEEDED:
            if needed == path or needed.startswith(path if path.endswith("/") else path + "/"):
                yield f"publish.Ignore.files: {path!r} is needed"
