"""Faults of a release server.

A fault is a function from the response of a good server to a faulty one. Tests call the makers
below by name; the command line names them as `kind` or `kind:argument` (see `KINDS`).
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from typing import Callable

from tools.http_listener import Delivery, Request, Response
from tools.release_model import truncated_archive


@dataclass(frozen=True)
class Exchange:
    """A request, the good response to it, and the server's address without TLS."""

    request: Request
    response: Response
    plain_url: str


Fault = Callable[[Exchange], Response]


def fine() -> Fault:
    """No fault: a good response between faulty ones."""
    return lambda exchange: exchange.response


# --- on the wire -----------------------------------------------------------------------------------------------------


def slow(bytes_per_second: float = 1000) -> Fault:
    """The body arrives, slowly."""
    return _deliver(bytes_per_second=bytes_per_second)


def stall(after: int | None = None) -> Fault:
    """Stalls after this many bytes of the body (None: instead of the status line), until the server is released."""
    return _break_off("stall", after)


def empty() -> Fault:
    """Closes the connection without a response."""
    return _break_off("close", None)


def reset(after: int | None = None) -> Fault:
    """Resets the TCP connection after this many bytes of the body (None: instead of the status line)."""
    return _break_off("reset", after)


def truncated(after: int = 100) -> Fault:
    """Closes the connection, with TLS's closing message, before the announced length was sent."""
    return _break_off("close", after)


def cut(after: int = 100) -> Fault:
    """Closes the connection like `truncated`, without TLS's closing message."""
    return _break_off("cut", after)


def chunked() -> Fault:
    """Sends the right body without Content-Length."""
    return _deliver(chunked=True)


# --- the body --------------------------------------------------------------------------------------------------------


def short_archive(keep: int = 1024) -> Fault:
    """Sends an archive that ends early although its length and checksum are right: corrupt before it was uploaded."""
    return lambda exchange: exchange.response.but(body=truncated_archive(exchange.response.body, keep))


def wrong_bytes() -> Fault:
    """Sends another body of the same length: one bit in the middle differs."""

    def change(exchange: Exchange) -> Response:
        body = bytearray(exchange.response.body)
        body[len(body) // 2] ^= 1
        return exchange.response.but(body=bytes(body))

    return change


def oversize(size: int = 70 << 20) -> Fault:
    """Sends the body and then zeros, up to `size` bytes."""
    return lambda exchange: exchange.response.but(body=exchange.response.body.ljust(size, b"\0"))


def body(data: bytes, content_type: str = "application/octet-stream") -> Fault:
    """Sends status 200 with these bytes."""
    return lambda exchange: Response(200, {"Content-Type": content_type}, data)


def html() -> Fault:
    """Sends an HTML page with status 200 instead of a file or JSON."""
    return body(UNICORN_PAGE, "text/html; charset=utf-8")


# --- another status --------------------------------------------------------------------------------------------------


def status(code: int = 500, body: bytes = b"", retry_after: str | None = None, **headers: str) -> Fault:
    """Sends any status. Header names are given with underscores for dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if retry_after is not None:
        named["Retry-After"] = str(retry_after)
    default_page = UNICORN_PAGE if code >= 500 else b""
    named.setdefault("Content-Type", "text/html; charset=utf-8")
    return lambda exchange: Response(code, named, body or default_page)


def unavailable(retry_after: int = 1) -> Fault:
    """Sends 503 with the time to wait."""
    return status(503, retry_after=str(retry_after))


def s3_forbidden() -> Fault:
    """Sends 403, as object stores do for a missing key."""
    xml = (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message>'
        b"<RequestId>0123456789ABCDEF</RequestId><HostId>stand-in</HostId></Error>"
    )
    return status(403, xml, Content_Type="application/xml")


def rate_limit(reset_in: int = 1800) -> Fault:
    """Sends 403, as GitHub's API does when an address exceeded its rate limit."""
    return _api_error(
        403,
        "API rate limit exceeded for 203.0.113.7. (Authenticated requests get a higher rate limit.)",
        "https://docs.github.com/rest/overview/resources-in-the-rest-api#rate-limiting",
        lambda: {
            "x-ratelimit-limit": "60",
            "x-ratelimit-remaining": "0",
            "x-ratelimit-used": "60",
            "x-ratelimit-resource": "core",
            "x-ratelimit-reset": str(int(time.time()) + reset_in),
        },
    )


def too_many_requests(retry_after: int = 60) -> Fault:
    """Sends 429 with the time to wait."""
    return _api_error(
        429,
        "API rate limit exceeded for 203.0.113.7.",
        "https://docs.github.com/rest/overview/resources-in-the-rest-api#rate-limiting",
        lambda: {"retry-after": str(retry_after)},
    )


def secondary_limit(retry_after: int = 60) -> Fault:
    """Sends 403, as GitHub's API does against bursts (its secondary rate limit): quota is left, but the client must wait."""
    return _api_error(
        403,
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits",
        lambda: {"retry-after": str(retry_after), "x-ratelimit-remaining": "41"},
    )


# --- redirects -------------------------------------------------------------------------------------------------------


def redirect(location: str, code: int = 302) -> Fault:
    """Redirects the client to any address."""
    return lambda exchange: Response(code, {"Location": location})


def redirect_loop() -> Fault:
    """Redirects the client to the same address."""
    return lambda exchange: Response(302, {"Location": exchange.request.target})


def downgrade() -> Fault:
    """Redirects the client to the same path without TLS. The listener there exists, and logs requests."""
    return lambda exchange: Response(302, {"Location": exchange.plain_url + exchange.request.target})


def no_location() -> Fault:
    """Redirects the client without a location."""
    return lambda exchange: Response(302)


KINDS: dict[str, Callable[..., Fault]] = {
    "fine": fine, "slow": slow, "stall": stall, "empty": empty, "reset": reset, "truncated": truncated, "cut": cut,
    "chunked": chunked, "short-archive": short_archive, "wrong-bytes": wrong_bytes, "oversize": oversize, "html": html,
    "status": status, "unavailable": unavailable, "s3-forbidden": s3_forbidden, "rate-limit": rate_limit,
    "too-many-requests": too_many_requests, "secondary-limit": secondary_limit, "redirect-loop": redirect_loop,
    "downgrade": downgrade, "no-location": no_location,
}  # fmt: skip


def parse(text: str) -> tuple[str, Fault, int | None]:
    """Parses `route=kind[:number][*times]` into (route, fault, times)."""
    route, _, rest = text.partition("=")
    rest, _, times = rest.partition("*")
    kind, _, argument = rest.partition(":")
    if kind not in KINDS:
        raise ValueError(f"no fault of kind {kind!r}; known: {', '.join(KINDS)}")
    fault = KINDS[kind](int(argument)) if argument else KINDS[kind]()
    return route, fault, int(times) if times else None


UNICORN_PAGE = (
    b"<!DOCTYPE html>\n<html>\n  <head><title>Unicorn!</title>"
    b'<meta http-equiv="refresh" content="300"></head>\n'
    b"  <body><h1>No server is available to handle your request.</h1>\n"
    b"  <p>Sorry about that. Please try refreshing the page.</p></body>\n</html>\n"
)


def _deliver(**how: object) -> Fault:
    return lambda exchange: exchange.response.but(delivery=replace(exchange.response.delivery, **how))


def _break_off(ending: str, after: int | None) -> Fault:
    if after is None:
        return lambda exchange: exchange.response.but(delivery=Delivery(before_head=True, ending=ending))
    return lambda exchange: exchange.response.but(delivery=Delivery(body_bytes=after, ending=ending))


def _api_error(code: int, message: str, documentation_url: str, headers: Callable[[], dict[str, str]]) -> Fault:
    text = json.dumps({"message": message, "documentation_url": documentation_url}).encode()
    content_type = {"Content-Type": "application/json; charset=utf-8"}
    return lambda exchange: Response(code, {**content_type, **headers()}, text)
