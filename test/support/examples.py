"""Writes the examples of output in README and docs anew, from builds of a fixture; run by script/update-docs.

An example is a fenced block behind a line `<!-- example: NAME -->`.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path

import harness
import heroku_build
from release_server import ReleaseServer

DOCUMENTS = ("README.md", "docs/report.md", "docs/monitoring.md")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def build(server: ReleaseServer, **config: str) -> heroku_build.Result:
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        return harness.platform_build(harness.FIXTURES / "node-web", Path(directory) / "work", server, config=config)


def own_lines(result: heroku_build.Result) -> str:
    """The log from the buildpack's first line on, without the platform's last ones."""
    lines = COLOURS.sub("", result.output).splitlines()
    first = next(i for i, line in enumerate(lines) if line.endswith("app detected")) + 1
    last = next((i for i, line in enumerate(lines) if i > first and re.search("Discovering|Push rejected", line)), len(lines))
    return "\n".join(line.rstrip() for line in lines[first:last]).strip("\n")


def examples() -> dict[str, str]:
    with ReleaseServer() as server:
        server.publish("v0.1.2", harness.mesh_release_asset())
        good = build(server)
        bad = build(server, HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION="v1.0.0")
    return {
        "log": own_lines(good),
        "failure": own_lines(bad),
        "report": good.report_output.decode().rstrip("\n"),
        "event": json.dumps(good.event, sort_keys=True),
    }


def main() -> int:
    texts = examples()
    for name in DOCUMENTS:
        path = harness.CHECKOUT / name
        document = path.read_text()
        for example, text in texts.items():
            block = re.compile(rf"(<!-- example: {example} -->\n```\w*\n).*?(?:\n)?(```)", re.DOTALL)
            document = block.sub(lambda match: f"{match[1]}{text}\n{match[2]}", document)
        path.write_text(document)
    return 0


if __name__ == "__main__":
    sys.exit(main())
