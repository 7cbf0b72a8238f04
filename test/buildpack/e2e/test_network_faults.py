"""Faults of the network and the release server fail the build with its own message, and leave no files."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
from outcome import OutcomeTest, words
from tools import faults
from tools.certificates import KINDS
from tools.release_model import ASSET_NAME

# Short limits for one attempt and for all of them, so that no test waits long.
BRIEF = {"CURL_TIMEOUT": "0.7", "CURL_CONNECT_TIMEOUT": "0.7"}


class FaultTest(OutcomeTest):
    def assert_fault(
        self, route: str, fault: faults.Fault, reason: str, classification: str = "upstream", limits: dict[str, str] = BRIEF
    ) -> harness.Done:
        self.server.clear_faults()
        self.server.forget_requests()
        self.server.fault(route, fault)
        done = self.assert_fails(reason, classification, **limits)
        self.assertEqual(self.report()["failure_step"], "resolve" if route == "latest" else "download")
        self.assertNotIn(self.server.secret, done.output + str(self.report()))
        return done

    def mail_server(self) -> int:
        """Returns the port of a mail server, which sends plain text first."""
        listener = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=_greet, args=(listener,), daemon=True)
        thread.start()
        self.addCleanup(listener.close)
        self.addCleanup(thread.join)
        self.addCleanup(listener.shutdown, socket.SHUT_RDWR)
        return listener.getsockname()[1]


class ConnectionTest(FaultTest):
    def test_refused_connection_is_reported(self) -> None:
        (port,) = harness.free_ports(1)
        self.setting("BASE_URL", f"https://127.0.0.1:{port}")
        done = self.assert_fails("network::connect", "upstream", **BRIEF)
        self.assertIn(f"127.0.0.1:{port}", done.stderr)

    def test_unknown_host_name_is_reported(self) -> None:
        self.setting("BASE_URL", "https://mesh.invalid")
        done = self.compile(**BRIEF)
        self.assertIn("mesh.invalid", done.stderr)
        # The latter on a machine that has no network at all: see test_isolation.
        self.assertIn(self.report()["failure_reason"], ("network::dns", "network::offline"))

    def test_connection_reset_is_reported(self) -> None:
        for route in ("latest", "download", "asset"):
            for name, fault in (("reset", faults.reset()), ("empty", faults.empty())):
                with self.subTest(route=route, fault=name):
                    self.assert_fault(route, fault, "network::reset")

    def test_reset_download_is_reported(self) -> None:
        self.assert_fault("asset", faults.reset(after=1000), "network::reset")

    def test_truncated_download_is_reported(self) -> None:
        for name, fault in (("truncated", faults.truncated()), ("cut", faults.cut())):
            with self.subTest(name):
                self.server.clear_faults()
                self.server.fault("asset", fault)
                self.assertEqual(self.compile(**BRIEF).code, 1)
                self.assertIn(self.report()["failure_reason"], ("download::truncated", "network::reset"))
        self.assert_fault("asset", faults.truncated(), "download::truncated")

    def test_response_timeout_is_reported(self) -> None:
        for route in ("latest", "download", "asset"):
            with self.subTest(route):
                self.assert_fault(route, faults.stall(), "network::timeout")

    def test_download_timeout_is_reported(self) -> None:
        self.assert_fault("asset", faults.stall(after=1000), "network::timeout")

    def test_slow_download_is_reported_as_a_timeout(self) -> None:
        self.assert_fault("asset", faults.slow(bytes_per_second=1000), "network::timeout")

    def test_server_of_another_protocol_is_reported(self) -> None:
        self.setting("BASE_URL", f"http://127.0.0.1:{self.mail_server()}")
        self.assert_fails("network::protocol", "upstream", **BRIEF)


class TlsTest(FaultTest):
    def test_invalid_certificates_are_reported(self) -> None:
        for listener in ("web", "assets"):
            for kind in ("untrusted", "expired", "wrong-name"):
                with self.subTest(listener=listener, kind=kind):
                    self.server.present_certificate(kind, listener)
                    self.server.forget_requests()
                    self.assert_fails("network::certificate", "user", **BRIEF)
                    self.assertEqual([r for r in self.server.requests if r.listener == listener], [])
            self.server.present_certificate("good", listener)
        self.assertEqual(set(KINDS), {"good", "untrusted", "expired", "wrong-name", "refused"})

    def test_aborted_tls_handshake_is_reported(self) -> None:
        self.server.present_certificate("refused")
        self.assert_fails("network::tls", "upstream", **BRIEF)

    def test_server_without_tls_is_reported(self) -> None:
        self.setting("BASE_URL", f"https://127.0.0.1:{self.mail_server()}")
        self.assert_fails("network::tls", "upstream", **BRIEF)

    def test_unreadable_ca_file_gets_a_warning(self) -> None:
        self.world.environment["SSL_CERT_FILE"] = "/nonexistent/ca.pem"
        done = self.compile(**BRIEF)
        self.assertEqual(done.code, 1)
        self.assertEqual(self.report()["failure_reason"], "network::certificate")
        self.assertRegex(words(done.stderr), "SSL_CERT_FILE.*/nonexistent/ca.pem.* of this machine are used instead")

    def test_ssl_cert_dir_with_hashed_names_is_trusted(self) -> None:
        directory = self.world.root / "certificates"
        directory.mkdir()
        name = _subject_hash(self.server.ca_file)
        (directory / f"{name}.0").write_bytes(self.server.ca_file.read_bytes())
        del self.world.environment["SSL_CERT_FILE"]
        self.assert_installed(self.compile(SSL_CERT_DIR=str(directory)))


class StatusTest(FaultTest):
    def test_server_errors_while_resolving_are_reported(self) -> None:
        for code in (500, 503, 507):
            with self.subTest(code):
                done = self.assert_fault("latest", faults.status(code), "resolve::server-error")
                self.assertIn(f"answered {code}", words(done.stderr))

    def test_server_errors_while_downloading_are_reported(self) -> None:
        for route in ("download", "asset"):
            for code in (500, 503):
                with self.subTest(route=route, code=code):
                    self.assert_fault(route, faults.status(code), "download::server-error")

    def test_retry_after_beyond_the_time_limit_ends_the_build(self) -> None:
        self.assert_fault("asset", faults.unavailable(retry_after=3600), "download::server-error")
        self.assertEqual(len(self.server.requests_to("asset")), 1)

    def test_retry_after_date_beyond_the_time_limit_ends_the_build(self) -> None:
        sent, later = "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 09:49:37 GMT"
        self.assert_fault("asset", faults.status(503, retry_after=later, Date=sent), "download::server-error")
        self.assertEqual(len(self.server.requests_to("asset")), 1)

    def test_missing_latest_release_is_reported(self) -> None:
        self.assert_fault("latest", faults.status(404), "resolve::not-found", "user")

    def test_status_counts_when_the_error_page_is_truncated(self) -> None:
        def cut_off(code: int) -> faults.Fault:
            return lambda exchange: faults.truncated(after=10)(
                faults.Exchange(exchange.request, faults.status(code, faults.UNICORN_PAGE)(exchange), exchange.plain_url)
            )

        self.assert_fault("latest", cut_off(404), "resolve::not-found", "user")
        self.assert_fault("asset", faults.status(304), "download::server-error")
        self.assert_fault("asset", cut_off(403), "download::refused")
        self.assertEqual(len(self.server.requests_to("asset")), 1)

    def test_missing_listed_asset_is_reported(self) -> None:
        self.server.fault("download", faults.status(404))
        self.assert_fails("download::not-found", "upstream", **BRIEF)
        self.assertEqual(len(self.server.requests_to("api")), 1)

    def test_forbidden_requests_are_reported(self) -> None:
        for code in (401, 403, 451):
            with self.subTest(code):
                self.assert_fault("latest", faults.status(code), "resolve::refused", "user")
        self.assert_fault("asset", faults.s3_forbidden(), "download::refused")

    def test_too_many_requests(self) -> None:
        self.assert_fault("latest", faults.too_many_requests(), "resolve::rate-limited")
        done = self.assert_fault("latest", faults.rate_limit(), "resolve::rate-limited")
        self.assertRegex(words(done.stderr), r"resets at \d\d:\d\d UTC")
        self.assert_fault("asset", faults.too_many_requests(), "download::refused")

    def test_unexpected_status_codes_are_reported(self) -> None:
        for code in (200, 204, 400, 418):
            with self.subTest(code):
                self.assert_fault("latest", faults.status(code), "resolve::bad-response")


class HeadTest(OutcomeTest):
    """Response heads that a server library would not write: they are sent unchanged."""

    def assert_protocol(self, head: bytes, detail: str, attempts: int = 2) -> None:
        answered = []
        listener = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=_answer_each, args=(listener, head, answered), daemon=True)
        thread.start()
        try:
            self.setting("BASE_URL", f"http://127.0.0.1:{listener.getsockname()[1]}")
            self.setting("RELEASE_VERSION", self.TAG)
            done = self.assert_fails("network::protocol", "upstream", CURL_TIMEOUT="10")
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join()
        self.assertIn(detail, words(done.stderr))
        self.assertEqual(len(answered), attempts)

    def test_protocol_upgrade_is_reported(self) -> None:
        head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: upgrade\r\n\r\n"
        self.assert_protocol(head, "switched to another protocol")

    def test_conflicting_content_lengths_are_reported(self) -> None:
        self.assert_protocol(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "two different Content-Length headers")

    def test_oversized_headers_are_reported(self) -> None:
        line = b"HTTP/1.1 200 OK\r\nX: " + b"a" * (1 << 20)
        self.assert_protocol(line, "response headers are too large")
        self.assert_protocol(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 20000, "response headers")

    def test_unrequested_transfer_encoding_is_reported(self) -> None:
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        self.assert_protocol(head, "unsupported content encoding")


class BodyTest(FaultTest):
    def assert_names(self, what: str, fault: faults.Fault) -> None:
        done = self.assert_fault("asset", fault, "download::not-an-archive")
        self.assertIn(f"The server sent {what}.", done.stderr)

    def test_other_content_with_status_200_is_described(self) -> None:
        for what, data in {
            "an HTML page": faults.UNICORN_PAGE,
            "an XML document": b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>",
            "a JSON document": b'{"message": "Not Found"}',
            "an uncompressed executable": b"\x7fELF" + bytes(100),
            "a ZIP archive": b"PK\x03\x04" + bytes(100),
            "an unknown format": b"\x00\x01\x02",
            "an empty file": b"",
        }.items():
            with self.subTest(what):
                self.assert_names(what, faults.body(data))

    def test_other_content_is_retried_once(self) -> None:
        for data in (b"", b"\x1f", b"<html>"):
            with self.subTest(data):
                # The second request needs time that BRIEF may not leave on a busy machine.
                self.assert_fault("asset", faults.body(data), "download::not-an-archive", limits={"CURL_TIMEOUT": "20"})
                self.assertEqual(len(self.server.requests_to("asset")), 2)

    def test_html_page_instead_of_the_latest_redirect_is_reported(self) -> None:
        self.assert_fault("latest", faults.html(), "resolve::bad-response")

    def test_oversized_archive_is_reported(self) -> None:
        self.server.fault("asset", faults.oversize())
        self.assert_fails("download::too-large", "upstream")
        self.assertLess(self.report()["download_bytes"], 1 << 20)

    def test_oversized_archive_without_content_length_is_reported(self) -> None:
        big = b"\x1f\x8b\x08" + bytes(65 << 20)

        def endless(exchange: faults.Exchange) -> object:
            return faults.chunked()(faults.Exchange(exchange.request, faults.body(big)(exchange), exchange.plain_url))

        self.server.fault("asset", endless)
        self.assert_fails("download::too-large", "upstream")


class RedirectTest(FaultTest):
    def test_redirect_loop_is_reported(self) -> None:
        for route in ("latest", "download", "asset"):
            with self.subTest(route):
                self.assert_fault(route, faults.redirect_loop(), "network::redirect")

    def test_redirect_without_location_is_reported(self) -> None:
        for route in ("latest", "download", "asset"):
            with self.subTest(route):
                self.assert_fault(route, faults.no_location(), "network::redirect")

    def test_redirects_away_from_tls_are_not_followed(self) -> None:
        for route in ("latest", "download", "asset"):
            with self.subTest(route):
                self.assert_fault(route, faults.downgrade(), "network::redirect")
                self.assertNotIn("plain", {r.listener for r in self.server.requests})

    def test_redirects_to_file_urls_are_not_followed(self) -> None:
        for location in ("file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x", "javascript:alert(1)"):
            with self.subTest(location):
                self.assert_fault("asset", faults.redirect(location), "network::redirect")

    def test_malformed_tag_of_the_latest_release_is_reported(self) -> None:
        for tag in ("..%2f..%2fx", "a%20b", "%2e%2e"):
            with self.subTest(tag):
                location = f"{self.server.base_url}/heroku/heroku-integration-service-mesh/releases/tag/{tag}"
                self.server.clear_faults()
                self.server.fault("latest", faults.redirect(location))
                self.assert_fails("resolve::bad-response", "upstream", **BRIEF)


class FileTest(OutcomeTest):
    def test_file_url_without_the_release_is_reported(self) -> None:
        self.setting("BASE_URL", f"file://{self.world.root}/none")
        (self.world.env / "HEROKU_INTEGRATION_SERVICE_MESH_API_URL").unlink()
        text = words(self.assert_fails("resolve::not-found", "user").stderr)
        self.assertIn(f"{self.world.root}/none does not exist", text)
        self.assertNotIn("404", text)
        self.setting("RELEASE_VERSION", "v0.1.2")
        self.assert_fails("resolve::not-found", "user")

    def test_file_url_with_a_directory_as_latest_link_is_reported(self) -> None:
        latest = self.world.root / "mirror/heroku/heroku-integration-service-mesh/releases/latest"
        latest.mkdir(parents=True)
        self.setting("BASE_URL", f"file://{self.world.root}/mirror")
        (self.world.env / "HEROKU_INTEGRATION_SERVICE_MESH_API_URL").unlink()
        self.assertIn(f"{latest} is not a file", words(self.assert_fails("resolve::not-found", "user").stderr))
        latest.rmdir()
        latest.write_text("v0.1.2\n")
        self.assertIn("latest is a file", words(self.assert_fails("resolve::bad-response", "upstream").stderr))

    def test_file_url_with_an_unreadable_release_is_reported(self) -> None:
        release = self.world.root / "mirror/heroku/heroku-integration-service-mesh/releases/download/v0.1.2"
        release.mkdir(parents=True)
        (release / ASSET_NAME).write_bytes(self.asset.data)
        (release / ASSET_NAME).chmod(0)
        if harness.unprivileged_user() is None:
            self.skipTest("needs root, to make a file that the build's user may not read")
        self.setting("BASE_URL", f"file://{self.world.root}/mirror")
        self.setting("RELEASE_VERSION", "v0.1.2")
        self.assert_fails("download::refused", "upstream")


def _greet(listener: socket.socket) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.sendall(b"220 mail.example ESMTP ready\r\n")
            connection.recv(65536)


def _answer_each(listener: socket.socket, answer: bytes, answered: list[bytes]) -> None:
    """Responds to the first request of each connection, and then waits for its end."""
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection, contextlib.suppress(OSError):  # a client may disconnect early
            answered.append(connection.recv(65536))
            connection.sendall(answer)
            while connection.recv(65536):
                pass


def _subject_hash(certificate: Path) -> str:
    command = ["openssl", "x509", "-subject_hash", "-noout", "-in", str(certificate)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    unittest.main()
