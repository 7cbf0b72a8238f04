#!/usr/bin/python3
"""A stand-in for GitHub's release downloads, on loopback, for tests, benchmarks and the demo.

Real HTTP and TLS: a certificate authority is made at start. Three listeners, hence three origins: "web" (github.com, and
the API below /api), "assets" (the host that downloads are redirected to) and "plain" (the same without TLS, where no client
should connect). Each route can have faults.

From Python:

    with ReleaseServer() as server:
        server.publish("v0.1.2", mesh_asset(binary))
        server.fault("asset", faults.reset(after=1000), times=2)
        ... run a client with server.base_url, server.api_url, SSL_CERT_FILE=server.ca_file ...
        assert [r.path for r in server.requests_to("api")] == []

From a shell: `release_server.py --asset v0.1.2=FILE --ready-file ready.json`; see --help.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import re
import secrets
import shutil
import signal
import ssl
import sys
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Callable
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools import certificates, faults, signing_keys
from tools.bucket import DEFAULT_BUCKET, PUBLIC_KEY, Bucket, elsewhere, error, route_of
from tools.buildpack_tree import architecture
from tools.http_listener import Listener, Request, Response, ranged
from tools.release_model import APPLINK_NAME, DEFAULT_REPOSITORY, Asset, Release, Repository, release_json
from tools.signing_keys import SigningKey

# The routes that can have faults. "page" is everything else that a browser would open; the last three are of buckets.
ROUTES = ("latest", "download", "asset", "api", "page", "object", "signature", "key")


class ReleaseServer:
    """Starts serving when constructed; `close` (or leaving the `with` block) ends it. Thread-safe."""

    def __init__(self, *, https: bool = True, host: str = "127.0.0.1", names: tuple[str, ...] = ()):
        self.https = https
        self.host = host
        self.requests: list[Request] = []
        self.secret = secrets.token_hex(16)  # part of every redirected download's address: must not be in logs
        self.buckets = {DEFAULT_BUCKET: Bucket()}
        self._repositories: dict[str, Repository] = {}
        self._renamed: dict[str, str] = {}
        self._faults: dict[str, list[tuple[faults.Fault, list[int | None]]]] = {route: [] for route in ROUTES}
        self._certificates = {"web": "good", "assets": "good"}
        self._stalled = {route: threading.Event() for route in ROUTES}
        self._lock = threading.Lock()
        self._next_id = 1000
        self._directory = Path(tempfile.mkdtemp(prefix="release-server-"))
        self._directory.chmod(0o755)
        self._authority = certificates.CertificateAuthority(self._directory, certificates.DEFAULT_NAMES + names)
        self._listeners = {name: self._listen(name) for name in ("web", "assets", "plain")}

    # --- where it is ---

    @property
    def base_url(self) -> str:
        return self._origin("web")

    @property
    def api_url(self) -> str:
        return self.base_url + "/api"

    @property
    def bucket_url(self) -> str:
        """Returns the address that replaces the default bucket's."""
        return self.base_url + "/bucket"

    @property
    def bucket(self) -> Bucket:
        return self.buckets[DEFAULT_BUCKET]

    @property
    def asset_url(self) -> str:
        """Returns the origin of the host that downloads are redirected to."""
        return self._origin("assets")

    @property
    def plain_url(self) -> str:
        """Returns the address of the same server without TLS."""
        return self._origin("plain")

    @property
    def ca_file(self) -> Path:
        """Returns the certificate authority that a client must trust, for SSL_CERT_FILE."""
        return self._authority.ca_file

    # --- what it has ---

    def publish(self, tag: str, *assets: Asset, repository: str = DEFAULT_REPOSITORY, **release: object) -> Release:
        """Adds a release; the newest that is neither draft nor pre-release becomes the latest. See `Release` for fields."""
        made = Release(tag, list(assets), **release)
        with self._lock:
            shelf = self._repository(repository)
            for thing in (made, *assets):
                self._next_id += 1
                thing.id = self._next_id
            shelf.releases.append(made)
        return made

    def publish_applink(
        self, version: str, binary: bytes, key: SigningKey, *, bucket: str = DEFAULT_BUCKET, latest: bool = True,
        arch: str = architecture(),
    ) -> None:  # fmt: skip
        """Puts a signed program into a bucket, under its version and, by default, as the latest."""
        objects = self.buckets[bucket].objects
        for name in (version, "latest") if latest else (version,):
            put = f"{APPLINK_NAME}-{name}-{arch}"
            objects[put] = binary
            objects[put + ".asc"] = key.sign(binary)
        objects[PUBLIC_KEY] = key.public_key

    def add_repository(self, name: str) -> None:
        """Adds a repository without releases."""
        with self._lock:
            self._repository(name)

    def rename(self, old: str, new: str) -> None:
        """Renames a repository. The old name redirects with 301 from now on."""
        with self._lock:
            shelf = self._repositories.pop(old.lower())
            shelf.name = new
            self._repositories[new.lower()] = shelf
            self._renamed[old.lower()] = new

    # --- how it misbehaves ---

    def fault(self, route: str, fault: faults.Fault, times: int | None = None) -> None:
        """Makes the next `times` responses of a route faulty, or all of them. Faults of a route are used in order."""
        if route not in ROUTES:
            raise ValueError(f"no route {route!r}; known: {', '.join(ROUTES)}")
        with self._lock:
            self._faults[route].append((fault, [times]))

    def clear_faults(self) -> None:
        with self._lock:
            for queue in self._faults.values():
                queue.clear()

    def present_certificate(self, kind: str, listener: str = "web") -> None:
        """Sets the certificate of new connections: see `certificates.KINDS`."""
        if kind != "refused":
            self._authority.server_context(kind)
        self._certificates[listener] = kind

    def wait_stalled(self, route: str, timeout: float = 20) -> None:
        """Waits until a client waits for a stalled response of this route."""
        if not self._stalled[route].wait(timeout):
            raise TimeoutError(f"no client stalled in route {route!r} within {timeout} s; {self._story()}")

    def release_stalled(self) -> None:
        """Releases stalled responses."""
        for event in self._stalled.values():
            event.clear()
        for listener in self._listeners.values():
            listener.release()

    # --- what it saw ---

    def requests_to(self, route: str) -> list[Request]:
        with self._lock:
            return [request for request in self.requests if request.route == route]

    def forget_requests(self) -> None:
        with self._lock:
            self.requests.clear()

    # --- the end ---

    def close(self) -> None:
        for listener in self._listeners.values():
            listener.close()
        shutil.rmtree(self._directory, ignore_errors=True)

    def __enter__(self) -> ReleaseServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- inside ---

    def _listen(self, name: str) -> Listener:
        def tls_context() -> ssl.SSLContext | None:
            if not self.https or name == "plain":
                return None
            kind = self._certificates[name]
            if kind == "refused":
                raise ConnectionRefusedError("the certificate's kind is refused")
            return self._authority.server_context(kind)

        if self.https and name != "plain":
            self._authority.server_context("good")
        return Listener(name, self.host, self._answer, tls_context, lambda r: self._stalled[r.route].set())

    def _origin(self, listener: str) -> str:
        scheme = "https" if self.https and listener != "plain" else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self._listeners[listener].port}"

    def _repository(self, name: str) -> Repository:
        if name.lower() not in self._repositories:
            self._next_id += 1
            self._repositories[name.lower()] = Repository(name, self._next_id)
        return self._repositories[name.lower()]

    def _answer(self, request: Request) -> Response:
        """Returns the good response or the next faulty one, and logs the request."""
        with self._lock:
            self.requests.append(request)
            request.route, respond = self._find_route(request)
            response = respond()
            fault = self._next_fault(request.route)
            if fault:
                response = fault(faults.Exchange(request, response, self.plain_url))
            request.status = response.status
        return response

    def _next_fault(self, route: str) -> faults.Fault | None:
        for fault, left in self._faults[route]:
            if left[0] is None:
                return fault
            if left[0] > 0:
                left[0] -= 1
                return fault
        return None

    def _find_route(self, request: Request) -> tuple[str, Callable[[], Response]]:
        parts = request.segments
        if request.method not in ("GET", "HEAD"):
            return "page", lambda: Response(405, {"Allow": "GET, HEAD"})
        if parts[0] == "release-assets":
            return "asset", lambda: self._serve_asset(request)
        if parts[0] == "api":
            return "api", lambda: self._serve_api(request, parts[1:])
        bucket, object_key = self._find_object(request)
        if bucket:
            return route_of(object_key), lambda: self._serve_object(bucket, request, object_key)
        route = "page"
        if parts[2:] == ["releases", "latest"]:
            route = "latest"
        elif len(parts) == 6 and parts[2] == "releases" and "download" in parts[3:5]:
            route = "download"
        return route, lambda: self._serve_web(request, parts)

    def _find_object(self, request: Request) -> tuple[str, str]:
        """Returns the bucket and the key of an address, by S3's host names or below /bucket, or "" for another address."""
        host = request.headers.get("host", "").partition(":")[0]
        parts = request.segments
        if parts[0] == "bucket":
            return DEFAULT_BUCKET, "/".join(parts[1:])
        named = re.fullmatch(r"(?:([a-z0-9-]+)\.)?s3\.dualstack\.([a-z0-9-]+)\.amazonaws\.com", host)
        if not named:
            return "", ""
        name = named[1] or parts[0]
        bucket = self.buckets.get(name)
        if bucket and bucket.region != named[2]:
            return name, ""
        return name, "/".join(parts if named[1] else parts[1:])

    def _serve_object(self, name: str, request: Request, key: str) -> Response:
        bucket = self.buckets.get(name)
        if not bucket:
            return error(404, "NoSuchBucket", BucketName=name)
        return bucket.answer(request, key) if key else elsewhere(bucket)

    def _serve_web(self, request: Request, parts: list[str]) -> Response:
        name = "/".join(parts[:2])
        if name.lower() in self._renamed:
            rest = request.target[len(name) + 1 :]
            return _redirect(f"{self.base_url}/{self._renamed[name.lower()]}{rest}", 301)
        shelf = self._repositories.get(name.lower())
        if not shelf:
            return _NOT_FOUND
        here = f"{self.base_url}/{shelf.name}/releases"
        what = parts[2:]
        if what == ["releases"]:
            return _page(f"Releases of {shelf.name}")
        if what == ["releases", "latest"]:
            return _redirect(f"{here}/tag/{quote(shelf.latest.tag, safe='')}" if shelf.latest else here)
        if len(what) == 3 and what[:2] == ["releases", "tag"] and shelf.release(what[2]):
            return _page(f"Release {what[2]} of {shelf.name}")
        if len(what) == 4 and what[1:3] == ["latest", "download"] and shelf.latest:
            return _redirect(f"{here}/download/{quote(shelf.latest.tag, safe='')}/{quote(what[3])}")
        if len(what) == 4 and what[1] == "download":
            release = shelf.release(what[2])
            asset = release and release.asset(what[3])
            if asset:
                return self._redirect_to_asset(asset)
        return _NOT_FOUND

    def _redirect_to_asset(self, asset: Asset) -> Response:
        return _redirect(f"{self.asset_url}/release-assets/{asset.id}?sig={self.secret}&name={quote(asset.name)}")

    def _serve_asset(self, request: Request) -> Response:
        known = (a for shelf in self._repositories.values() for r in shelf.releases for a in r.assets)
        asset = next((a for a in known if str(a.id) == request.segments[-1]), None)
        if not asset or request.query.get("sig") != self.secret:
            return faults.s3_forbidden()(None)
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f"attachment; filename={asset.name}",
            "Accept-Ranges": "bytes",
            "ETag": asset.etag,
            "Last-Modified": "Tue, 18 Mar 2025 16:18:03 GMT",
        }
        if request.headers.get("if-none-match") in (asset.etag, "*"):
            return Response(304, headers)
        return ranged(request, Response(200, headers, asset.data), asset.etag)

    def _serve_api(self, request: Request, parts: list[str]) -> Response:
        if "user-agent" not in request.headers:
            return Response(403, {"Content-Type": "text/html"}, b"Requests without a User-Agent header are not served.\r\n")
        if parts[:1] == ["repositories"] and len(parts) > 1:
            shelf = next((s for s in self._repositories.values() if str(s.id) == parts[1]), None)
            what = parts[2:]
        else:
            name = "/".join(parts[1:3]).lower()
            if name in self._renamed:
                return self._api_moved(self._renamed[name], parts[3:])
            shelf = self._repositories.get(name) if parts[:1] == ["repos"] else None
            what = parts[3:]
        if shelf and what == ["releases"]:
            return self._list_releases(request, shelf)
        release = shelf and _find_release(shelf, what)
        if release:
            return _json(200, release_json(shelf, release, self.base_url, self.api_url))
        if shelf and what[:2] == ["releases", "assets"] and "octet-stream" in request.headers.get("accept", ""):
            asset = next((a for r in shelf.releases for a in r.assets if str(a.id) == what[-1]), None)
            if asset:
                return self._redirect_to_asset(asset)
        return _json(404, _api_error("Not Found", "404"))

    def _list_releases(self, request: Request, shelf: Repository) -> Response:
        """Returns a page of the releases, the newest first, with the address of the next page."""
        size, page = (int(request.query.get(name, default)) for name, default in (("per_page", 30), ("page", 1)))
        newest = list(reversed([release for release in shelf.releases if not release.draft]))
        shown = newest[(page - 1) * size : page * size]
        answer = _json(200, [release_json(shelf, release, self.base_url, self.api_url) for release in shown])
        if page * size >= len(newest):
            return answer
        following = f"{self.api_url}/repositories/{shelf.id}/releases?per_page={size}&page={page + 1}"
        return answer.but(headers={"Link": f'<{following}>; rel="next", <{following}>; rel="last"'})

    def _api_moved(self, new_name: str, what: list[str]) -> Response:
        shelf = self._repositories[new_name.lower()]
        location = "/".join([self.api_url, "repositories", str(shelf.id), *(quote(part, safe="") for part in what)])
        answer = _json(301, {**_api_error("Moved Permanently", "301"), "url": location})
        return answer.but(headers={"Location": location})

    def _story(self) -> str:
        with self._lock:
            seen = ", ".join(f"{r.method} {r.listener}{r.path} -> {r.status}" for r in self.requests)
        return f"requests so far: {seen or 'none'}"


def _find_release(shelf: Repository, what: list[str]) -> Release | None:
    if what == ["releases", "latest"]:
        return shelf.latest
    if len(what) == 3 and what[:2] == ["releases", "tags"]:
        return shelf.release(what[2])
    return None


def _redirect(location: str, code: int = 302) -> Response:
    return Response(code, {"Location": location, "Content-Type": "text/html; charset=utf-8"})


def _page(title: str, code: int = 200) -> Response:
    html = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
    return Response(code, {"Content-Type": "text/html; charset=utf-8"}, html.encode())


_NOT_FOUND = _page("Page not found", 404)


def _json(code: int, value: object) -> Response:
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "x-ratelimit-limit": "60",
        "x-ratelimit-remaining": "59",
    }
    return Response(code, headers, json.dumps(value).encode())


def _api_error(message: str, code: str) -> dict[str, object]:
    return {"message": message, "documentation_url": "https://docs.github.com/rest/releases/releases", "status": code}


# --- command line ----------------------------------------------------------------------------------------------------


def main(arguments: list[str]) -> int:
    options = _parse(arguments)
    _end_with_parent()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with ReleaseServer(https=not options.http, host=options.host, names=tuple(options.name)) as server:
        _fill(server, options)
        _announce(server, options.ready_file)
        stop.wait()
        if options.log:
            lines = [json.dumps(asdict(request)) + "\n" for request in server.requests]
            options.log.write_text("".join(lines))
    return 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Serves releases on loopback as GitHub does, until SIGTERM.")
    add = parser.add_argument
    add("--repository", default=DEFAULT_REPOSITORY, metavar="OWNER/PROJECT")
    add("--root", type=Path, metavar="DIR", help="serve DIR/<tag>/<files>, tags in version order")
    add("--asset", action="append", default=[], metavar="TAG=FILE", help="add FILE to release TAG (repeatable)")
    add("--applink", action="append", default=[], metavar="VERSION=FILE", help="a signed program in the bucket (repeatable)")
    add("--digests", action="store_true", help="list the assets' digests in the API")
    add("--fault", action="append", default=[], metavar="ROUTE=KIND[:N][*TIMES]", help=f"routes: {', '.join(ROUTES)}; "
        f"kinds: {', '.join(faults.KINDS)}")  # fmt: skip
    add("--certificate", default="good", choices=certificates.KINDS)
    add("--http", action="store_true", help="no TLS")
    add("--host", default="127.0.0.1")
    add("--name", action="append", default=[], help="another name for the certificate (repeatable)")
    add("--ready-file", type=Path, metavar="FILE", help="where to write the addresses; default: a line on stdout")
    add("--log", type=Path, metavar="FILE", help="write the requests there at the end, a JSON line each")
    return parser.parse_args(arguments)


def _fill(server: ReleaseServer, options: argparse.Namespace) -> None:
    releases: dict[str, list[Path]] = {}
    if options.root:
        for directory in sorted((d for d in options.root.iterdir() if d.is_dir()), key=_version_order):
            releases[directory.name] = sorted(f for f in directory.iterdir() if f.is_file())
    for text in options.asset:
        tag, _, file = text.partition("=")
        releases.setdefault(tag, []).append(Path(file))
    server.add_repository(options.repository)
    for tag, files in releases.items():
        assets = [Asset(file.name, file.read_bytes()) for file in files]
        if options.digests:
            assets = [asset.with_digest() for asset in assets]
        server.publish(tag, *assets, repository=options.repository)
    for text in options.applink:
        version, _, file = text.partition("=")
        server.publish_applink(version, Path(file).read_bytes(), signing_keys.publisher())
    for text in options.fault:
        route, fault, times = faults.parse(text)
        server.fault(route, fault, times)
    server.present_certificate(options.certificate)


def _version_order(directory: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", directory.name)]


def _announce(server: ReleaseServer, ready_file: Path | None) -> None:
    ready = json.dumps({
        "base_url": server.base_url, "api_url": server.api_url, "asset_url": server.asset_url,
        "bucket_url": server.bucket_url,
        "ca_file": str(server.ca_file), "pid": os.getpid(),
    })  # fmt: skip
    if not ready_file:
        print(ready, flush=True)
        return
    # Written atomically, so that a process that waits for the file never reads a part of it.
    partial = ready_file.with_name(ready_file.name + ".partial")
    partial.write_text(ready + "\n")
    partial.rename(ready_file)


def _end_with_parent() -> None:
    """Asks Linux for SIGTERM when the parent dies, so that an aborted test run leaves no server behind."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
