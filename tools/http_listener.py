"""A small threaded HTTP/1.1 server with faults on the wire, set for each response.

The standard library's server hides the socket, where half of the faults happen: resets, stalls, truncated bodies. Responses are
values (`Response`) with a `Delivery`.
"""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
import time
from dataclasses import dataclass, field, replace
from typing import Callable
from urllib.parse import parse_qs, unquote, urlsplit

_HEAD_LIMIT = 65536
_IDLE_SECONDS = 60
_SLICES_PER_SECOND = 20


@dataclass(frozen=True)
class Delivery:
    """How the bytes of a response are sent. By default, all at once.

    before_head       `ending` happens instead of the status line
    body_bytes        send this many bytes of the body, then `ending` happens
    ending            "stall" (until released, then the rest), "close" (an orderly end, too early),
                      "cut" (the same without TLS's closing message), "reset" (TCP reset)
    bytes_per_second  speed of the body
    chunked           no Content-Length: chunked transfer coding
    """

    before_head: bool = False
    body_bytes: int | None = None
    ending: str = ""
    bytes_per_second: float | None = None
    chunked: bool = False


WHOLE = Delivery()


@dataclass(frozen=True)
class Response:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delivery: Delivery = WHOLE

    def but(self, **changes: object) -> Response:
        """Returns a copy with some fields changed. Headers are added to the existing ones."""
        if "headers" in changes:
            changes["headers"] = {**self.headers, **changes["headers"]}
        return replace(self, **changes)


@dataclass
class Request:
    """A request of a client. Header names are lower case; the server fills in `route` and `status`."""

    listener: str
    method: str
    target: str
    headers: dict[str, str]
    route: str = ""
    status: int = 0

    @property
    def path(self) -> str:
        """Returns the percent-encoded path, without the query."""
        return urlsplit(self.target).path

    @property
    def segments(self) -> list[str]:
        """Returns the parts of the path, decoded after splitting, so that an encoded slash stays inside its part."""
        return [unquote(part) for part in self.path.split("/")[1:]]

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}


def ranged(request: Request, whole: Response, etag: str) -> Response:
    """Returns the requested part, if it is a single range and If-Range matches."""
    wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
    if not wanted or request.headers.get("if-range", etag) != etag:
        return whole
    size = len(whole.body)
    first = int(wanted[1])
    last = min(int(wanted[2] or size - 1), size - 1)
    if first > last:
        return whole.but(status=416, headers={"Content-Range": f"bytes */{size}"}, body=b"")
    return whole.but(
        status=206, headers={"Content-Range": f"bytes {first}-{last}/{size}"}, body=whole.body[first : last + 1]
    )


class Listener:
    """Listens at one address: accepts connections, optionally does TLS, and calls `answer` for each request.

    `tls_context` is called at every connection: None means plain HTTP; an exception refuses the handshake.
    `answer` and `on_stall` are called on connection threads.
    """

    def __init__(
        self,
        name: str,
        host: str,
        answer: Callable[[Request], Response],
        tls_context: Callable[[], ssl.SSLContext | None],
        on_stall: Callable[[Request], None],
    ):
        self.name = name
        self._answer = answer
        self._tls_context = tls_context
        self._on_stall = on_stall
        self._released = threading.Event()
        self._closing = threading.Event()
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._socket = socket.create_server((host, 0), family=_family(host), backlog=128)
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, name=f"listener {name}", daemon=True)
        self._thread.start()

    def release(self) -> None:
        """Releases every stalled response: the rest of it is sent."""
        with self._lock:
            released, self._released = self._released, threading.Event()
        released.set()

    def close(self) -> None:
        """Stops accepting and ends every connection."""
        self._closing.set()
        self.release()
        _shutdown(self._socket)
        self._socket.close()
        self._thread.join(5)
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            _shutdown(connection)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            connection.settimeout(_IDLE_SECONDS)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            context = self._tls_context()
            if context:
                connection = context.wrap_socket(connection, server_side=True)
            with self._lock:
                self._connections.add(connection)
            self._converse(connection)
        except (OSError, ConnectionError):
            pass  # The client disconnected or refused the certificate, which many tests expect.
        finally:
            with self._lock:
                self._connections.discard(connection)
            connection.close()

    def _converse(self, connection: socket.socket) -> None:
        buffered = b""
        while not self._closing.is_set():
            request, buffered = self._read_request(connection, buffered)
            if request is None:
                return
            response = self._answer(request)
            if not self._deliver(connection, request, response):
                return
            if request.headers.get("connection", "").lower() == "close":
                return _say_goodbye(connection)

    def _read_request(self, connection: socket.socket, data: bytes) -> tuple[Request | None, bytes]:
        while b"\r\n\r\n" not in data:
            more = connection.recv(_HEAD_LIMIT)
            if not more or len(data) > _HEAD_LIMIT:
                return None, b""
            data += more
        head, rest = data.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        pairs = (line.partition(":")[::2] for line in lines)
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        return Request(self.name, method, target, headers), rest

    def _deliver(self, connection: socket.socket, request: Request, response: Response) -> bool:
        """Sends a response. Returns False if the connection is over."""
        delivery = response.delivery
        body = b"" if request.method == "HEAD" or response.status in (204, 304) else response.body
        if delivery.before_head and not self._end(connection, request, delivery.ending):
            return False
        connection.sendall(_head(response))
        sent = len(body) if delivery.body_bytes is None else min(delivery.body_bytes, len(body))
        self._send_body(connection, memoryview(body)[:sent], delivery)
        if delivery.body_bytes is not None:
            if not self._end(connection, request, delivery.ending):
                return False
            self._send_body(connection, memoryview(body)[sent:], delivery)
        if delivery.chunked and request.method != "HEAD":
            connection.sendall(b"0\r\n\r\n")
        return True

    def _send_body(self, connection: socket.socket, body: memoryview, delivery: Delivery) -> None:
        if delivery.chunked:
            for start in range(0, len(body), 16384):
                part = body[start : start + 16384]
                connection.sendall(b"%x\r\n%b\r\n" % (len(part), part))
        elif delivery.bytes_per_second:
            self._send_slowly(connection, body, delivery.bytes_per_second)
        elif body:
            connection.sendall(body)

    def _send_slowly(self, connection: socket.socket, body: memoryview, bytes_per_second: float) -> None:
        step = max(1, round(bytes_per_second / _SLICES_PER_SECOND))
        started = time.monotonic()
        for start in range(0, len(body), step):
            due = started + start / bytes_per_second
            if self._closing.wait(max(0.0, due - time.monotonic())):
                return
            connection.sendall(body[start : start + step])

    def _end(self, connection: socket.socket, request: Request, ending: str) -> bool:
        """Applies the fault where a delivery breaks off. Returns True if it goes on afterwards."""
        if ending == "stall":
            released = self._released
            self._on_stall(request)
            released.wait()
            return not self._closing.is_set()
        if ending == "close":
            _say_goodbye(connection)
        elif ending == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _head(response: Response) -> bytes:
    lines = [f"HTTP/1.1 {response.status} {_REASONS.get(response.status, 'Answer')}", "Server: release-server"]
    headers = dict(response.headers)
    if response.delivery.chunked:
        headers["Transfer-Encoding"] = "chunked"
    elif response.status not in (204, 304):
        headers.setdefault("Content-Length", str(len(response.body)))
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _say_goodbye(connection: socket.socket) -> None:
    """Ends the connection with TLS's closing message, then TCP's."""
    try:
        if isinstance(connection, ssl.SSLSocket):
            connection.settimeout(1)
            connection = connection.unwrap()
        connection.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def _shutdown(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


_REASONS = {
    200: "OK", 204: "No Content", 206: "Partial Content", 301: "Moved Permanently", 302: "Found", 303: "See Other",
    304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized",
    403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 410: "Gone", 416: "Range Not Satisfiable",
    429: "Too Many Requests", 451: "Unavailable For Legal Reasons", 500: "Internal Server Error", 502: "Bad Gateway",
    503: "Service Unavailable", 504: "Gateway Timeout",
}  # fmt: skip
