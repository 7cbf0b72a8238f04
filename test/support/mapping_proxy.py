"""A proxy for CONNECT on loopback that leads to one server whatever host of a domain is asked for, and nowhere else."""

from __future__ import annotations

import select
import socket
import threading
from urllib.parse import urlsplit


class MappingProxy:
    """`asked`: "host:port" of every request. What lies outside the domain is refused with 403."""

    def __init__(self, domain: str, server_url: str):
        self._domain = domain
        target = urlsplit(server_url)
        self._target = (target.hostname, target.port)
        self.asked: list[str] = []
        self._connections: list[socket.socket] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for connection in [self._socket, *self._connections]:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # The other side was first.
            connection.close()

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
            name = client.recv(65536).decode().split(" ")[1]
            self.asked.append(name)
            if not name.partition(":")[0].endswith("." + self._domain):
                client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                return
            server = socket.create_connection(self._target)
            self._connections.append(server)
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _exchange(client, server)
        except OSError:
            pass  # One side is gone; the test sees it in the other.


def _exchange(one: socket.socket, other: socket.socket) -> None:
    while True:
        for readable in select.select([one, other], [], [])[0]:
            data = readable.recv(65536)
            if not data:
                return
            (other if readable is one else one).sendall(data)
