"""Builds behind a proxy: they use it, and report its failures with reasons of their own."""

from __future__ import annotations

import base64
import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
from outcome import OutcomeTest
from tunnel_proxy import Proxy

BRIEF = {"CURL_TIMEOUT": "1", "CURL_CONNECT_TIMEOUT": "1"}


class ProxyTest(OutcomeTest):
    def proxy(self, answer: bytes | None = None) -> Proxy:
        proxy = Proxy(answer)
        self.addCleanup(proxy.close)
        return proxy

    def everything_written(self, done: harness.Done) -> str:
        """Returns the log, the record and the report of this build."""
        record = "".join(path.read_text() for path in (self.world.cache / "build-data").iterdir())
        return done.output + record + self.world.run("report").stdout

    def test_proxy_of_config_vars_is_used(self) -> None:
        proxy = self.proxy()
        self.world.config(https_proxy=f"http://builder:hunter2@{proxy.address}")
        done = self.compile()
        self.assert_installed(done)
        self.assertTrue(proxy.heads)
        token = base64.b64encode(b"builder:hunter2").decode()
        for head in proxy.heads:
            self.assertRegex(head, r"^CONNECT 127\.0\.0\.1:\d+ HTTP/1\.1\r\n")
            self.assertIn(f"Proxy-Authorization: Basic {token}\r\n", head)
        self.assertNotIn("hunter2", self.everything_written(done))
        self.assertEqual(done.stdout.count(f"       Connecting through the proxy {proxy.address}\n"), 1, done.stdout)
        self.assertFalse(any("proxy-authorization" in request.headers for request in self.server.requests))

    def test_proxy_of_the_environment_is_used(self) -> None:
        for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            with self.subTest(name):
                proxy = self.proxy()
                self.assert_installed(self.compile(**{name: f"http://{proxy.address}"}))
                self.assertTrue(proxy.heads)

    def test_no_proxy_hosts_are_requested_directly(self) -> None:
        proxy = self.proxy(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
        self.world.config(https_proxy=f"http://{proxy.address}", no_proxy="example.com,127.0.0.1")
        done = self.compile()
        self.assert_installed(done)
        self.assertEqual(proxy.heads, [])
        self.assertNotIn("proxy", done.output)

    def test_proxy_refusal_is_reported_without_page_and_credentials(self) -> None:
        for status in ("407 Proxy Authentication Required", "403 Forbidden", "502 Bad Gateway"):
            with self.subTest(status):
                page = "<html><h1>Blocked by policy</h1></html>"
                proxy = self.proxy(f"HTTP/1.1 {status}\r\nContent-Length: {len(page)}\r\n\r\n{page}".encode())
                self.world.config(https_proxy=f"http://builder:hunter2@{proxy.address}")
                done = self.assert_fails("network::proxy", "user", **BRIEF)
                self.assertIn(status[:3], done.stderr)
                written = self.everything_written(done)
                self.assertNotIn("hunter2", written)
                self.assertNotIn("Blocked by policy", written)

    def test_unknown_proxy_name_is_reported(self) -> None:
        self.world.config(https_proxy="http://builder:hunter2@proxy.invalid:3128")
        done = self.assert_fails("network::proxy", "user", **BRIEF)
        self.assertIn("proxy.invalid", done.stderr)
        self.assertNotIn("hunter2", self.everything_written(done))

    def test_refused_proxy_connection_is_reported_as_proxy(self) -> None:
        (port,) = harness.free_ports(1)
        self.world.config(https_proxy=f"http://builder:hunter2@127.0.0.1:{port}")
        done = self.assert_fails("network::proxy", "user", **BRIEF)
        self.assertIn(str(port), done.stderr)
        self.assertNotIn("hunter2", self.everything_written(done))
        self.world.config(https_proxy=f"http://{self.proxy().address}", no_proxy="127.0.0.1")
        self.setting("BASE_URL", f"https://127.0.0.1:{port}")
        self.assert_fails("network::connect", "upstream", **BRIEF)

    def test_malformed_proxy_url_is_reported_without_credentials(self) -> None:
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
                self.assertNotIn("ter2", self.everything_written(done))


if __name__ == "__main__":
    unittest.main()
