"""Demonstrates the buildpack on one machine: a release server, a build as on Heroku, and a dyno that answers through the mesh.

Run by script/demo, which builds what this needs.
"""

from __future__ import annotations

import signal
import sys
import tempfile
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools import built_programs, heroku_build, signing_keys
from tools.dyno import Dyno
from tools.release_model import APPLINK_NAME
from tools.release_server import ReleaseServer
from tools.running import eventually, free_ports

TAG = "v0.1.2"
APPLINK_VERSION = "v1.2.3"
PATIENCE_SECONDS = 60.0


class DemoFailed(Exception):
    """The demo failed; the text has the reason."""


def main(arguments: list[str]) -> int:
    # The `with` blocks below end the processes of the demo.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    app = Path(arguments[0])
    try:
        with tempfile.TemporaryDirectory(prefix="mesh-demo-") as directory, ReleaseServer() as server:
            _demonstrate(app, Path(directory), server)
    except DemoFailed as error:
        print(f"\nThe demo failed: {error}", file=sys.stderr)
        return 1
    return 0


# The received signals. Python drops exceptions of a handler while a destructor runs, so waiting checks this list as well.
_came: list[int] = []


def _end(number: int, _: object) -> None:
    _came.append(number)
    sys.exit(128 + number)


def _demonstrate(app: Path, directory: Path, server: ReleaseServer) -> None:
    asset = built_programs.mesh_release_asset()
    server.publish(TAG, asset)
    applink = built_programs.applink_standin().read_bytes()
    server.publish_applink(APPLINK_VERSION, applink, signing_keys.publisher())
    _section("Release server")
    print(f"{server.base_url} has release {TAG} with {asset.name} ({len(asset.data):,} bytes)")
    print(f"{server.bucket_url} has version {APPLINK_VERSION} of {APPLINK_NAME} ({len(applink):,} bytes)")
    print("The demo sets config vars that name its own release server.")

    _section(f"Build log of {app.name}")
    result = _build(app, directory / "work", server)
    _section("Build report (what bin/report prints)")
    print(result.report_output.decode(errors="replace"), end="")
    if result.failed:
        raise DemoFailed("the build did not succeed")
    if result.report_error:
        raise DemoFailed(f"the report is not valid: {result.report_error}")
    if "web" not in result.processes:
        raise DemoFailed("the app has no web process. Add a Procfile with a web line (see README.md).")

    _section("Web dyno")
    _run_web(result, directory / "dyno.log")


def _build(app: Path, work: Path, server: ReleaseServer) -> heroku_build.Result:
    directory = work.parent
    directory.chmod(0o755)

    def log(text: str) -> None:
        print(text, end="", flush=True)

    config = {"HEROKU_APPLINK_SERVICE_MESH_BASE_URL": server.bucket_url}
    return built_programs.platform_build(app, work, server, log=log, config=config)


def _run_web(result: heroku_build.Result, log: Path) -> None:
    port, app_port = free_ports(2)
    config = {
        "APP_PORT": str(app_port),
        "HEROKU_APPLINK_TOKEN": "demo",
        "HEROKU_APPLINK_API_URL": "http://127.0.0.1:9",
        "HEROKU_INTEGRATION_TOKEN": "demo",
        "HEROKU_INTEGRATION_API_URL": "http://127.0.0.1:9",
    }
    with Dyno(result.build_dir, result.processes["web"], port=port, log=log, config=config) as dyno:
        # Printed once the process can be ended, so that a reader of this line may interrupt the demo.
        print(f"$ {result.processes['web']}")
        print(f"PORT={port} APP_PORT={app_port}   (assignments in the command take precedence)", flush=True)
        _wait_until_up(dyno, log)
        _show(dyno, "/healthcheck", "without credentials: a health check must reach the app")
        if _show(dyno, "/hello", "without credentials: the mesh must refuse it") != HTTPStatus.UNAUTHORIZED:
            raise DemoFailed(
                "Requests reach the app without credentials: the web process does not start through the mesh. "
                "Read the end of the build log."
            )
        status = _show(dyno, "/hello", "with credentials: the app must answer", {"X-Client-Context": "demo"})
        if status != HTTPStatus.OK:
            raise DemoFailed(f"the app did not answer through the mesh; its output:\n{log.read_text()}")


def _wait_until_up(dyno: Dyno, log: Path) -> None:
    def up_or_over() -> bool:
        if _came:
            sys.exit(128 + _came[0])
        over = dyno.process.poll() is not None
        return over or _get(dyno, "/", {"X-Client-Context": "demo"})[0] not in (None, 502)

    try:
        eventually(up_or_over, "the app answers", PATIENCE_SECONDS)
    except AssertionError as error:
        raise DemoFailed(f"{error}; output of the web process:\n{log.read_text()}") from None
    if dyno.process.poll() is not None:
        raise DemoFailed(f"the web process ended; its output:\n{log.read_text()}")


def _show(dyno: Dyno, path: str, remark: str, headers: dict[str, str] | None = None) -> int | None:
    status, body = _get(dyno, path, headers or {})
    print(f"\nGET {path}   ({remark})\n{status} {body.rstrip()}", flush=True)
    return status


def _get(dyno: Dyno, path: str, headers: dict[str, str]) -> tuple[int | None, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(dyno.url + path, headers=headers), timeout=20) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except OSError as error:
        return None, str(error)


def _section(title: str) -> None:
    print(f"\n=== {title} {'=' * max(0, 74 - len(title))}\n", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
