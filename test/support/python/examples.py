"""Regenerates the examples of output in docs from builds of a fixture; run by script/update-docs.

An example is a fenced block after a line `<!-- example: NAME -->`. Those of Cloud Native builds need root, for the real
lifecycle; without root they are not changed.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from pathlib import Path

import cloud_build
import harness
from tools import heroku_build, lifecycle, signing_keys
from tools.release_server import ReleaseServer

DOCUMENTS = ("docs/cloud-native.md", "docs/monitoring.md", "docs/report.md", "docs/verification.md")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def build(server: ReleaseServer, **config: str) -> heroku_build.Result:
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        return harness.platform_build(harness.FIXTURES / "node-web", Path(directory) / "work", server, config=config)


def own_lines(result: heroku_build.Result) -> str:
    """Returns the log from the buildpack's first line on, without the platform's last lines."""
    lines = COLOURS.sub("", result.output).splitlines()
    first = next(i for i, line in enumerate(lines) if line.endswith("app detected")) + 1
    last = next((i for i, line in enumerate(lines) if i > first and re.search("Discovering|Push rejected", line)), len(lines))
    return "\n".join(line.rstrip() for line in lines[first:last]).strip("\n")


# Avoids warnings about unset config vars in the log.
CLOUD_CONFIG = {
    "APP_PORT": "3000",
    "HEROKU_APPLINK_API_URL": "http://127.0.0.1:9",
    "HEROKU_APPLINK_TOKEN": "token",
    "HEROKU_SERVICE_MESH_WRAP": "web",
}


def cloud_examples() -> dict[str, str]:
    """Returns the output of a build by the real lifecycle that wraps a process with AppLink's mesh, and of that process without
    config vars."""
    platform = lifecycle.Platform()
    try:
        with ReleaseServer() as server:
            server.publish_applink("v1.2.3", harness.applink_standin().read_bytes(), signing_keys.publisher())
            cloud_build.use(platform, server)
            platform.config(**CLOUD_CONFIG)
            buildpack = platform.add_buildpack(harness.buildpack())
            platform.app(harness.FIXTURES / "unwrapped-web")
            build = platform.build()
            if build.code != 0:
                raise RuntimeError(build.output)
            layers = platform.layers_of(buildpack)
            with platform.launch(build.image, "web", PORT="5006") as process:
                process.wait()
            return {
                "cloud-log": COLOURS.sub("", build.phases["builder"].output).rstrip("\n"),
                "cloud-layer": (layers / f"{cloud_build.LAYER}.toml").read_text().rstrip("\n"),
                "cloud-launch": (layers / "launch.toml").read_text().rstrip("\n"),
                "cloud-check": process.output.rstrip("\n"),
            }
    finally:
        platform.close()


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
    texts = examples() | (cloud_examples() if os.geteuid() == 0 else {})
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
