"""Validates SBOMs with the libraries of their standards; run by the Python that has them.

usage: check_sbom.py FILE...      (script/setup lifecycle installs the libraries, lifecycle.sbom_python() is the Python)

`*.cdx.json` by the JSON schema of the CycloneDX version that the file names, `*.spdx.json` by the rules of its SPDX version.
Prints one line for each problem; the exit status is 1 if there is one.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path


def cyclonedx_problems(text: str) -> list[str]:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    document = json.loads(text)
    version = str(document.get("specVersion"))
    try:
        schema = SchemaVersion.from_version(version)
    except Exception:
        return [f"no CycloneDX version: {version!r}"]
    problem = JsonStrictValidator(schema).validate_str(text)
    return [str(problem).partition("\n")[0]] if problem else []


def spdx_problems(text: str) -> list[str]:
    from spdx_tools.spdx.parser.error import SPDXParsingError
    from spdx_tools.spdx.parser.parse_anything import parse_file
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "document.spdx.json")
        path.write_text(text)
        try:
            document = parse_file(str(path))
        except SPDXParsingError as error:
            return list(error.get_messages())
    return [message.validation_message for message in validate_full_spdx_document(document)]


def main(names: list[str]) -> int:
    status = 0
    for name in names:
        check = cyclonedx_problems if name.endswith(".cdx.json") else spdx_problems
        for problem in check(Path(name).read_text()):
            print(f"{name}: {problem}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
