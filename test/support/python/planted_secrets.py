"""Config vars with a secret wherever a build can have one. Tests of both lifecycles look for it in all that a build writes."""

from __future__ import annotations

from urllib.parse import urlsplit

from tools.release_server import ReleaseServer

SECRET = "hunter2"


def config_vars(server: ReleaseServer) -> dict[str, str]:
    """Returns config vars with a secret in each of these addresses and tokens. The products are fetched from `server`."""
    return {
        "HEROKU_INTEGRATION_SERVICE_MESH_BASE_URL": _with_password(server.base_url),
        "HEROKU_INTEGRATION_SERVICE_MESH_API_URL": _with_password(server.api_url),
        "HEROKU_INTEGRATION_SERVICE_MESH_GITHUB_TOKEN": f"ghp_{SECRET}",
        "HEROKU_APPLINK_SERVICE_MESH_BASE_URL": _with_password(server.bucket_url),
        "HEROKU_INTEGRATION_TOKEN": SECRET,
        "HEROKU_APPLINK_TOKEN": SECRET,
        "DATABASE_URL": f"postgres://u:{SECRET}@db/x",
        "no_proxy": "127.0.0.1",
        "https_proxy": f"http://u:{SECRET}@proxy.example:3128",
    }


def _with_password(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"user:{SECRET}@{parts.netloc}").geturl()
