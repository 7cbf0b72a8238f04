"""Builds behind a proxy: through it when it works, and with words of their own when it does not."""

from __future__ import annotations

import base64
import socket
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import harness
from outcome import OutcomeTest

BRIEF = {"CURL_TIMEOUT": "1", "CURL_CONNECT_TIMEOUT": "1"}


class Proxy:
    """A proxy for CONNECT on loopback. `answer` replaces its good one; then it ends the connection instead of tunnelling."""

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
                pass  # The other side was first.
            connection.close()
        self._thread.join()

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
            host, _, port = head.split(" ")[1].rpartition(":")
            server = socket.create_connection((host, int(port)))
            self._connections.append(server)
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            threading.Thread(target=_pour, args=(server, client), daemon=True).start()
            _pour(client, server)
        except OSError:
            pass  # One side went away, which is how every conversation here ends.


def _pour(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class ProxyTest(OutcomeTest):
    def proxy(self, answer: bytes | None = None) -> Proxy:
        proxy = Proxy(answer)
        self.addCleanup(proxy.close)
        return proxy

    def said_and_kept(self, done: harness.Done) -> str:
        """Everything that this build left for people and machines to read."""
        record = "".join(path.read_text() for path in (self.world.cache / "build-data").iterdir())
        return done.output + record + self.world.run("report").stdout

    def test_a_build_goes_through_the_proxy_that_config_vars_name(self) -> None:
        proxy = self.proxy()
        self.world.config(https_proxy=f"http://builder:hunter2@{proxy.address}")
        done = self.compile()
        self.assert_installed(done)
        self.assertTrue(proxy.heads)
        token = base64.b64encode(b"builder:hunter2").decode()
        for head in proxy.heads:
            self.assertRegex(head, r"^CONNECT 127\.0\.0\.1:\d+ HTTP/1\.1\r\n")
            self.assertIn(f"Proxy-Authorization: Basic {token}\r\n", head)
        self.assertNotIn("hunter2", self.said_and_kept(done))
        self.assertFalse(any("proxy-authorization" in request.headers for request in self.server.requests))

    def test_a_build_goes_through_the_proxy_that_the_environment_names(self) -> None:
        for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            with self.subTest(name):
                proxy = self.proxy()
                self.assert_installed(self.compile(**{name: f"http://{proxy.address}"}))
                self.assertTrue(proxy.heads)

    def test_hosts_that_are_excepted_are_asked_directly(self) -> None:
        proxy = self.proxy(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
        self.world.config(https_proxy=f"http://{proxy.address}", no_proxy="example.com,127.0.0.1")
        self.assert_installed(self.compile())
        self.assertEqual(proxy.heads, [])

    def test_a_proxy_that_refuses_is_told_without_its_page_and_without_credentials(self) -> None:
        for status in ("407 Proxy Authentication Required", "403 Forbidden", "502 Bad Gateway"):
            with self.subTest(status):
                page = "<html><h1>Blocked by policy</h1></html>"
                proxy = self.proxy(f"HTTP/1.1 {status}\r\nContent-Length: {len(page)}\r\n\r\n{page}".encode())
                self.world.config(https_proxy=f"http://builder:hunter2@{proxy.address}")
                done = self.assert_fails("network::proxy", "user", **BRIEF)
                self.assertIn(status[:3], done.stderr)
                said = self.said_and_kept(done)
                self.assertNotIn("hunter2", said)
                self.assertNotIn("Blocked by policy", said)

    def test_a_proxy_whose_name_nobody_has_is_told(self) -> None:
        self.world.config(https_proxy="http://builder:hunter2@proxy.invalid:3128")
        done = self.assert_fails("network::proxy", "user", **BRIEF)
        self.assertIn("proxy.invalid", done.stderr)
        self.assertNotIn("hunter2", self.said_and_kept(done))

    def test_a_proxy_that_does_not_listen_is_told_from_a_server_that_does_not(self) -> None:
        (port,) = harness.free_ports(1)
        self.world.config(https_proxy=f"http://builder:hunter2@127.0.0.1:{port}")
        done = self.assert_fails("network::proxy", "user", **BRIEF)
        self.assertIn(str(port), done.stderr)
        self.assertNotIn("hunter2", self.said_and_kept(done))
        self.world.config(https_proxy=f"http://{self.proxy().address}", no_proxy="127.0.0.1")
        self.setting("BASE_URL", f"https://127.0.0.1:{port}")
        self.assert_fails("network::connect", "upstream", **BRIEF)

    def test_an_address_of_a_proxy_that_makes_no_sense_does_no_harm(self) -> None:
        for value in (
            "http://",
            "builder:hunter2@:x",
            "builder:hun ter2@:x",
            "gopher://builder:hunter2@x",
            "http://[::1",
        ):
            with self.subTest(value):
                self.world.config(https_proxy=value)
                done = self.assert_fails("network::proxy", "user", **BRIEF)
                self.assertNotIn("ter2", self.said_and_kept(done))


if __name__ == "__main__":
    unittest.main()
