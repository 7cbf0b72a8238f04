"""Proxies for CONNECT on loopback: one that connects or sends a fixed response, and one that connects to another server."""

from __future__ import annotations

import socket
import threading
from urllib.parse import urlsplit


class Proxy:
    """A proxy for CONNECT on loopback. With `answer`, it sends this response and ends the connection instead of tunnelling."""

    def __init__(self, answer: bytes | None = None):
        self.answer = answer
        self.heads: list[str] = []
        self._connections: list[socket.socket] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        for connection in [self._socket, *self._connections]:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # The other side closed first.
            connection.close()
        self._thread.join()

    def _target(self, asked: str) -> tuple[str, int] | None:
        """Returns the address to connect to for "host:port", or None to refuse."""
        host, _, port = asked.rpartition(":")
        return host, int(port)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            self._connections.append(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            head = client.recv(65536).decode()
            self.heads.append(head)
            if self.answer is not None:
                client.sendall(self.answer)
                client.shutdown(socket.SHUT_WR)
                return
            target = self._target(head.split(" ")[1])
            if target is None:
                client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                client.shutdown(socket.SHUT_WR)
                return
            server = socket.create_connection(target)
            self._connections.append(server)
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            threading.Thread(target=_pour, args=(server, client), daemon=True).start()
            _pour(client, server)
        except OSError:
            pass  # One side closed the connection, as at the end of every tunnel.


class MappingProxy(Proxy):
    """Connects to one server for all hosts of a domain, and refuses other hosts."""

    def __init__(self, domain: str, server_url: str):
        self._domain = domain
        self._server = urlsplit(server_url)
        super().__init__()

    @property
    def asked(self) -> set[str]:
        """Returns "host:port" of every request."""
        return {head.split(" ")[1] for head in self.heads}

    def _target(self, asked: str) -> tuple[str, int] | None:
        inside = asked.partition(":")[0].endswith("." + self._domain)
        return (self._server.hostname or "", self._server.port or 443) if inside else None


def _pour(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
