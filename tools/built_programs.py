"""The programs built in this checkout, and builds of apps with them.

Environment: MESH_BUILDPACK_HELPER names the helper (default build/release/mesh-buildpack), MESH_STANDIN the stand-in mesh (default
build/release/heroku-integration-service-mesh), MESH_APPLINK_STANDIN that for AppLink, MESH_CHECK the program that checks before a
process starts (default build/release/mesh-check).
"""

from __future__ import annotations

import functools
import os
from pathlib import Path

from tools import buildpack_tree, heroku_build
from tools.buildpack_tree import CHECKOUT
from tools.release_model import APPLINK_NAME, ASSET_NAME, BINARY_NAME, Asset, Entry, make_archive
from tools.release_server import ReleaseServer


def helper() -> Path:
    """Returns the helper under test."""
    return _built("MESH_BUILDPACK_HELPER", buildpack_tree.DEFAULT_HELPER)


def run_check() -> Path:
    """Returns the program that a Cloud Native image runs before each process."""
    return _built("MESH_CHECK", CHECKOUT / "build" / "release" / "mesh-check")


def mesh_standin() -> Path:
    """Returns the stand-in mesh, an executable file."""
    return _built("MESH_STANDIN", CHECKOUT / "build" / "release" / BINARY_NAME)


def applink_standin() -> Path:
    """Returns the stand-in for AppLink's mesh, an executable file."""
    return _built("MESH_APPLINK_STANDIN", CHECKOUT / "build" / "release" / APPLINK_NAME)


def _built(variable: str, default: Path) -> Path:
    path = Path(os.environ.get(variable) or default).resolve()
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing ({variable} can name another): build it first, with script/build")
    return path


def mesh_release_asset() -> Asset:
    """Returns a valid release asset: the stand-in mesh, packed as the mesh's own releases are. A new value each time."""
    return Asset(ASSET_NAME, _mesh_archive())


@functools.cache
def _mesh_archive() -> bytes:
    return make_archive([Entry(BINARY_NAME, mesh_standin().read_bytes())])


def unprivileged_user() -> str | None:
    """Returns the user to build as: nobody for root (root may write everywhere, which hides mistakes), otherwise None."""
    return "nobody" if os.geteuid() == 0 else None


def platform_build(app: Path, work: Path, server: ReleaseServer, **options: object) -> heroku_build.Result:
    """Returns a build of `app` as the platform runs it, which installs from `server`. Options: see `heroku_build.Build`.

    `work` must be new or handed over to the build's user; its parents must let that user pass.
    """
    config = {
        "HEROKU_INTEGRATION_SERVICE_MESH_BASE_URL": server.base_url,
        "HEROKU_INTEGRATION_SERVICE_MESH_API_URL": server.api_url,
        **options.pop("config", {}),
    }
    environment = {"SSL_CERT_FILE": str(server.ca_file), **options.pop("environment", {})}
    options.setdefault("user", unprivileged_user())
    options.setdefault("helper", helper())
    return heroku_build.Build(app=app, work=work, config=config, environment=environment, **options).run()
