"""A bucket of S3, as a client with read permission sees it."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass, field
from typing import Callable

from tools.http_listener import Request, Response, ranged

DEFAULT_BUCKET = "heroku-applink-service-mesh-binaries"
DEFAULT_REGION = "us-east-1"
PUBLIC_KEY = "public-key.asc"


@dataclass
class Bucket:
    """Objects by their keys. `lists`: whether anybody may list them; without it, a missing key gets 403.

    `after` holds, by key, a function to call after the next response with that object, for example to replace a release between
    two requests.
    """

    name: str = DEFAULT_BUCKET
    region: str = DEFAULT_REGION
    lists: bool = False
    objects: dict[str, bytes] = field(default_factory=dict)
    after: dict[str, Callable[[], None]] = field(default_factory=dict)

    def answer(self, request: Request, key: str) -> Response:
        if key not in self.objects:
            return error(404, "NoSuchKey") if self.lists else error(403, "AccessDenied")
        data = self.objects[key]
        etag = entity_tag(data)
        headers = {
            "Content-Type": "binary/octet-stream",
            "Accept-Ranges": "bytes",
            "ETag": etag,
            "Last-Modified": "Thu, 26 Jun 2025 16:18:03 GMT",
            "x-amz-request-id": "TX0000000000",
        }
        self.after.pop(key, lambda: None)()
        if request.headers.get("if-none-match") == etag:
            return Response(304, headers)
        return ranged(request, Response(200, headers, data), etag)


@functools.lru_cache(maxsize=64)
def entity_tag(data: bytes) -> str:
    """Returns the ETag. Computed once for each content, as S3 does when an object is stored: not while a client waits."""
    return f'"{hashlib.md5(data).hexdigest()}"'


def route_of(key: str) -> str:
    if key == PUBLIC_KEY:
        return "key"
    return "signature" if key.endswith(".asc") else "object"


def error(status: int, code: str, *, headers: dict[str, str] | None = None, **members: str) -> Response:
    """Returns S3's XML for an error."""
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in {"Code": code, "Message": code, **members}.items())
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inside}<RequestId>TX0</RequestId><HostId>h=</HostId></Error>'
    return Response(status, {"Content-Type": "application/xml", **(headers or {})}, body.encode())


def elsewhere(bucket: Bucket) -> Response:
    """Returns the response of a region other than the bucket's: a redirect without a location."""
    endpoint = f"{bucket.name}.s3.dualstack.{bucket.region}.amazonaws.com"
    headers = {"x-amz-bucket-region": bucket.region}
    return error(301, "PermanentRedirect", headers=headers, Endpoint=endpoint, Bucket=bucket.name)
