"""The release server responds in GitHub's forms, with real TLS, and with each of its faults."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import unittest
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

CHECKOUT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(CHECKOUT))

from tools import faults
from tools.release_model import ASSET_NAME, BINARY_NAME, Asset, Entry, make_archive, mesh_asset
from tools.release_server import ReleaseServer

REPOSITORY = "/heroku/heroku-integration-service-mesh"
BINARY = bytes(range(256)) * 400


class Answer:
    """A response read to its end."""

    def __init__(self, response: http.client.HTTPResponse):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()
        self.location = self.headers["Location"]


class ReleaseServerTest(unittest.TestCase):
    https = True

    def setUp(self) -> None:
        self.server = ReleaseServer(https=self.https)
        self.addCleanup(self.server.close)
        self.asset = mesh_asset(BINARY)
        self.server.publish("v0.1.2", self.asset)

    def connect(self, url: str) -> http.client.HTTPConnection:
        parts = urlsplit(url)
        if parts.scheme == "http":
            connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
        else:
            trust = ssl.create_default_context(cafile=self.server.ca_file)
            connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=20, context=trust)
        self.addCleanup(connection.close)
        return connection

    def get(self, url: str, method: str = "GET", **headers: str) -> Answer:
        connection = self.connect(url)
        parts = urlsplit(url)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, parts.path + ("?" + parts.query if parts.query else ""), headers=named)
        return Answer(connection.getresponse())

    def web(self, path: str, **headers: str) -> Answer:
        return self.get(self.server.base_url + path, **headers)

    def api(self, path: str) -> Answer:
        return self.get(self.server.api_url + "/repos" + path, User_Agent="a test")

    def asset_location(self) -> str:
        return self.web(f"{REPOSITORY}/releases/download/v0.1.2/{ASSET_NAME}").location


class ShapesTest(ReleaseServerTest):
    def test_latest_redirects_to_the_tag(self) -> None:
        answer = self.web(f"{REPOSITORY}/releases/latest")
        self.assertEqual(answer.status, 302)
        self.assertEqual(answer.location, f"{self.server.base_url}{REPOSITORY}/releases/tag/v0.1.2")
        self.assertEqual(self.get(answer.location).status, 200)

    def test_latest_is_the_newest_that_is_neither_draft_nor_prerelease(self) -> None:
        self.server.publish("v0.2.0")
        self.server.publish("v0.3.0-rc1", prerelease=True)
        self.server.publish("v0.4.0", draft=True)
        self.assertTrue(self.web(f"{REPOSITORY}/releases/latest").location.endswith("/tag/v0.2.0"))

    def test_latest_without_releases_redirects_to_the_list(self) -> None:
        self.server.add_repository("acme/mesh")
        answer = self.web("/acme/mesh/releases/latest")
        self.assertEqual((answer.status, answer.location), (302, f"{self.server.base_url}/acme/mesh/releases"))

    def test_unknown_repository_is_an_html_page_with_status_404(self) -> None:
        answer = self.web("/nobody/nothing/releases/latest")
        self.assertEqual(answer.status, 404)
        self.assertIn("text/html", answer.headers["Content-Type"])

    def test_download_redirects_to_another_origin(self) -> None:
        location = self.asset_location()
        self.assertTrue(location.startswith(f"{self.server.asset_url}/release-assets/"), location)
        self.assertNotEqual(self.server.asset_url, self.server.base_url)
        self.assertIn(self.server.secret, location)
        answer = self.get(location)
        self.assertEqual((answer.status, answer.body), (200, self.asset.data))
        self.assertEqual(int(answer.headers["Content-Length"]), len(self.asset.data))

    def test_asset_host_requires_the_signature(self) -> None:
        answer = self.get(self.asset_location().replace(self.server.secret, "guess"))
        self.assertEqual(answer.status, 403)
        self.assertIn(b"<Code>AccessDenied</Code>", answer.body)

    def test_latest_download_redirects_to_the_download_of_the_tag(self) -> None:
        answer = self.web(f"{REPOSITORY}/releases/latest/download/{ASSET_NAME}")
        self.assertEqual(answer.location, f"{self.server.base_url}{REPOSITORY}/releases/download/v0.1.2/{ASSET_NAME}")

    def test_missing_downloads_have_status_404(self) -> None:
        self.server.publish("v0.2.0", Asset("half.tar.gz", b"half", state="open"))
        self.server.publish("v0.3.0", mesh_asset(b"x"), draft=True)
        for path in (f"v9.9.9/{ASSET_NAME}", "v0.1.2/other.tar.gz", "v0.2.0/half.tar.gz", f"v0.3.0/{ASSET_NAME}"):
            with self.subTest(path):
                self.assertEqual(self.web(f"{REPOSITORY}/releases/download/{path}").status, 404)

    def test_tag_with_a_slash_is_percent_encoded(self) -> None:
        self.server.publish("mesh/v1", mesh_asset(BINARY))
        answer = self.web(f"{REPOSITORY}/releases/latest")
        self.assertTrue(answer.location.endswith("/tag/mesh%2Fv1"))
        self.assertEqual(self.web(f"{REPOSITORY}/releases/download/mesh%2Fv1/{ASSET_NAME}").status, 302)
        self.assertEqual(self.api(f"{REPOSITORY}/releases/tags/mesh%2Fv1").status, 200)

    def test_renamed_repository_redirects_permanently(self) -> None:
        self.server.rename("heroku/heroku-integration-service-mesh", "acme/mesh")
        answer = self.web(f"{REPOSITORY}/releases/latest")
        self.assertEqual((answer.status, answer.location), (301, f"{self.server.base_url}/acme/mesh/releases/latest"))
        self.assertEqual(self.get(answer.location).location, f"{self.server.base_url}/acme/mesh/releases/tag/v0.1.2")
        moved = self.api(f"{REPOSITORY}/releases/tags/v0.1.2")
        self.assertEqual(moved.status, 301)
        self.assertEqual(json.loads(self.get(moved.location, User_Agent="a test").body)["tag_name"], "v0.1.2")

    def test_only_get_and_head_are_allowed(self) -> None:
        self.assertEqual(self.get(self.server.base_url + REPOSITORY, method="POST").status, 405)

    def test_head_has_the_headers_and_no_body(self) -> None:
        answer = self.get(self.asset_location(), method="HEAD")
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(int(answer.headers["Content-Length"]), len(self.asset.data))

    def test_one_connection_serves_many_requests(self) -> None:
        connection = self.connect(self.server.base_url)
        for _ in range(3):
            connection.request("GET", f"{REPOSITORY}/releases/latest")
            self.assertEqual(Answer(connection.getresponse()).status, 302)
            self.assertIsNotNone(connection.sock)


class ConditionalTest(ReleaseServerTest):
    def test_known_etag_has_status_304(self) -> None:
        location = self.asset_location()
        etag = self.get(location).headers["ETag"]
        again = self.get(location, If_None_Match=etag)
        self.assertEqual((again.status, again.body), (304, b""))

    def test_range_returns_the_requested_part(self) -> None:
        answer = self.get(self.asset_location(), Range="bytes=100-")
        size = len(self.asset.data)
        self.assertEqual((answer.status, answer.body), (206, self.asset.data[100:]))
        self.assertEqual(answer.headers["Content-Range"], f"bytes 100-{size - 1}/{size}")
        self.assertEqual(self.get(self.asset_location(), Range="bytes=5-9").body, self.asset.data[5:10])

    def test_if_range_mismatch_returns_the_whole_file(self) -> None:
        answer = self.get(self.asset_location(), Range="bytes=100-", If_Range='"other"')
        self.assertEqual((answer.status, answer.body), (200, self.asset.data))
        same = self.get(self.asset_location(), Range="bytes=100-", If_Range=self.asset.etag)
        self.assertEqual(same.status, 206)

    def test_range_beyond_the_end_has_status_416(self) -> None:
        self.assertEqual(self.get(self.asset_location(), Range="bytes=99999999-").status, 416)


class ApiTest(ReleaseServerTest):
    def test_latest_and_tag_describe_the_release(self) -> None:
        for path in ("latest", "tags/v0.1.2"):
            release = json.loads(self.api(f"{REPOSITORY}/releases/{path}").body)
            (asset,) = release["assets"]
            self.assertEqual(release["tag_name"], "v0.1.2")
            self.assertEqual((asset["name"], asset["state"]), (ASSET_NAME, "uploaded"))
            self.assertEqual(asset["size"], len(self.asset.data))
            self.assertIsNone(asset["digest"])
            self.assertEqual(self.get(asset["browser_download_url"]).status, 302)

    def test_release_notes_are_hostile_to_shells(self) -> None:
        notes = json.loads(self.api(f"{REPOSITORY}/releases/latest").body)["body"]
        self.assertIn("\r\n* ", notes)

    def test_digest_is_listed_if_known(self) -> None:
        self.server.publish("v0.2.0", mesh_asset(BINARY).with_digest())
        release = json.loads(self.api(f"{REPOSITORY}/releases/latest").body)
        self.assertEqual(release["assets"][0]["digest"], f"sha256:{self.asset.sha256}")

    def test_asset_is_downloaded_by_id(self) -> None:
        url = json.loads(self.api(f"{REPOSITORY}/releases/latest").body)["assets"][0]["url"]
        answer = self.get(url, User_Agent="a test", Accept="application/octet-stream")
        self.assertEqual(self.get(answer.location).body, self.asset.data)

    def test_missing_release_is_404_in_json(self) -> None:
        self.server.publish("v1.0.0", draft=True)
        self.server.publish("v1.0.0-rc1", prerelease=True, repository="acme/mesh")
        for path in ("/nobody/nothing/releases/latest", f"{REPOSITORY}/releases/tags/v1.0.0", "/acme/mesh/releases/latest"):
            with self.subTest(path):
                answer = self.api(path)
                self.assertEqual((answer.status, json.loads(answer.body)["message"]), (404, "Not Found"))

    def test_request_without_user_agent_is_refused(self) -> None:
        self.assertEqual(self.get(f"{self.server.api_url}/repos{REPOSITORY}/releases/latest").status, 403)


class CertificateTest(ReleaseServerTest):
    def refusal(self, kind: str) -> str:
        self.server.present_certificate(kind)
        with self.assertRaises((ssl.SSLError, ConnectionError)) as caught:
            self.web(f"{REPOSITORY}/releases/latest")
        return str(caught.exception)

    def test_faulty_certificates_are_rejected_by_clients(self) -> None:
        self.assertIn("has expired", self.refusal("expired"))
        self.assertIn("unable to get local issuer", self.refusal("untrusted"))
        self.assertIn("mismatch", self.refusal("wrong-name"))
        self.refusal("refused")
        self.assertEqual(self.server.requests, [])
        self.server.present_certificate("good")
        self.assertEqual(self.web(f"{REPOSITORY}/releases/latest").status, 302)

    def test_asset_host_has_its_own_certificate(self) -> None:
        self.server.present_certificate("expired", listener="assets")
        location = self.asset_location()
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.get(location)

    def test_host_names_can_be_added(self) -> None:
        with ReleaseServer(names=("mesh.example",)) as server:
            trust = ssl.create_default_context(cafile=server.ca_file)
            with socket.create_connection(("127.0.0.1", urlsplit(server.base_url).port), timeout=20) as plain:
                trust.wrap_socket(plain, server_hostname="mesh.example").close()


class FaultTest(ReleaseServerTest):
    def test_faults_are_consumed_in_order_on_their_route(self) -> None:
        self.server.fault("asset", faults.status(500), times=1)
        self.server.fault("asset", faults.fine(), times=1)
        self.server.fault("asset", faults.unavailable(retry_after=7), times=1)
        location = self.asset_location()
        answers = [self.get(location) for _ in range(4)]
        self.assertEqual([answer.status for answer in answers], [500, 200, 503, 200])
        self.assertEqual(answers[2].headers["Retry-After"], "7")
        self.assertEqual([request.status for request in self.server.requests_to("asset")], [500, 200, 503, 200])

    def test_fault_without_times_stays_until_cleared(self) -> None:
        self.server.fault("latest", faults.html())
        for _ in range(3):
            answer = self.web(f"{REPOSITORY}/releases/latest")
            self.assertEqual((answer.status, answer.body[:9]), (200, b"<!DOCTYPE"))
        self.server.clear_faults()
        self.assertEqual(self.web(f"{REPOSITORY}/releases/latest").status, 302)

    def test_unknown_routes_and_kinds_are_refused(self) -> None:
        with self.assertRaises(ValueError):
            self.server.fault("assets", faults.fine())
        with self.assertRaises(ValueError):
            faults.parse("asset=tired")

    def test_empty_reply_and_reset(self) -> None:
        location = self.asset_location()
        self.server.fault("asset", faults.empty(), times=1)
        with self.assertRaises(http.client.RemoteDisconnected) as caught:
            self.get(location)
        self.assertNotIsInstance(caught.exception.__cause__, ConnectionResetError)
        self.server.fault("asset", faults.reset(), times=1)
        with self.assertRaises(ConnectionResetError):
            self.get(location)

    def test_truncated_bodies(self) -> None:
        # Requests by curl, which distinguishes these faults: Python's client hides a reset after the first bytes.
        ended_early, connection_reset = 18, 56
        curl = ["curl", "--silent", "--cacert", str(self.server.ca_file), self.asset_location()]
        for fault, code in (
            (faults.truncated(after=100), ended_early),
            (faults.cut(after=100), ended_early),
            (faults.reset(after=100), connection_reset),
        ):
            self.server.fault("asset", fault, times=1)
            done = subprocess.run(curl, capture_output=True)
            self.assertEqual((done.returncode, done.stdout), (code, self.asset.data[:100]))

    def test_stalled_response_waits_until_released(self) -> None:
        location = self.asset_location()
        for after in (None, 100):
            self.server.fault("asset", faults.stall(after), times=1)
            answers: list[Answer] = []
            client = threading.Thread(target=lambda: answers.append(self.get(location)))
            client.start()
            self.server.wait_stalled("asset")
            self.assertEqual(answers, [])
            self.server.release_stalled()
            client.join(20)
            self.assertEqual(answers[0].body, self.asset.data)

    def test_missing_stall_is_reported_with_the_requests(self) -> None:
        self.asset_location()
        with self.assertRaisesRegex(TimeoutError, "releases/download.* -> 302"):
            self.server.wait_stalled("asset", timeout=0.01)

    def test_closing_ends_stalled_clients(self) -> None:
        self.server.fault("latest", faults.stall())
        failures: list[Exception] = []

        def ask() -> None:
            try:
                self.web(f"{REPOSITORY}/releases/latest")
            except OSError as error:
                failures.append(error)

        client = threading.Thread(target=ask)
        client.start()
        self.server.wait_stalled("latest")
        self.server.close()
        client.join(20)
        self.assertEqual(len(failures), 1)

    def test_slow_body_is_complete(self) -> None:
        location = self.asset_location()
        speed = len(self.asset.data) * 4
        self.server.fault("asset", faults.slow(speed))
        started = time.monotonic()
        self.assertEqual(self.get(location).body, self.asset.data)
        # Only a lower bound: a busy machine makes it later.
        self.assertGreater(time.monotonic() - started, 0.15)

    def test_wrong_bodies(self) -> None:
        location = self.asset_location()
        self.server.fault("asset", faults.wrong_bytes(), times=1)
        self.server.fault("asset", faults.oversize(1 << 20), times=1)
        self.server.fault("asset", faults.short_archive(1000), times=1)
        wrong, large, short = (self.get(location).body for _ in range(3))
        self.assertEqual(len(wrong), len(self.asset.data))
        self.assertNotEqual(wrong, self.asset.data)
        self.assertEqual(len(large), 1 << 20)
        with self.assertRaises(tarfile.ReadError):
            tarfile.open(fileobj=BytesIO(short)).extractfile(BINARY_NAME).read()

    def test_chunked_has_no_length(self) -> None:
        location = self.asset_location()
        self.server.fault("asset", faults.chunked())
        answer = self.get(location)
        self.assertIsNone(answer.headers["Content-Length"])
        self.assertEqual(answer.body, self.asset.data)

    def test_rate_limits_match_github(self) -> None:
        for fault in (faults.rate_limit(reset_in=90), faults.too_many_requests(60), faults.secondary_limit(61)):
            self.server.fault("api", fault, times=1)
        primary, burst, secondary = (self.api(f"{REPOSITORY}/releases/latest") for _ in range(3))
        self.assertEqual((primary.status, primary.headers["x-ratelimit-remaining"]), (403, "0"))
        self.assertGreater(int(primary.headers["x-ratelimit-reset"]), time.time())
        self.assertIn("rate limit", json.loads(primary.body)["message"])
        self.assertEqual((burst.status, burst.headers["retry-after"]), (429, "60"))
        self.assertEqual((secondary.status, secondary.headers["retry-after"]), (403, "61"))

    def test_redirects_without_a_target(self) -> None:
        location = self.asset_location()
        for fault in (faults.redirect_loop(), faults.downgrade(), faults.no_location()):
            self.server.fault("asset", fault, times=1)
        loop, down, nowhere = (self.get(location) for _ in range(3))
        self.assertEqual(location, self.server.asset_url + loop.location)
        self.assertTrue(down.location.startswith("http://127.0.0.1:"), down.location)
        self.assertEqual((nowhere.status, nowhere.location), (302, None))
        self.assertEqual(self.get(down.location).body, self.asset.data)
        self.assertEqual(self.server.requests[-1].listener, "plain")


class LogTest(ReleaseServerTest):
    def test_log_has_route_listener_and_headers(self) -> None:
        self.get(self.asset_location(), X_Test="yes")
        self.api(f"{REPOSITORY}/releases/latest")
        logged = [(r.listener, r.route, r.method, r.status) for r in self.server.requests]
        self.assertEqual(
            logged, [("web", "download", "GET", 302), ("assets", "asset", "GET", 200), ("web", "api", "GET", 200)]
        )
        self.assertEqual(self.server.requests_to("asset")[0].headers["x-test"], "yes")


class PlainTest(ReleaseServerTest):
    https = False

    def test_plain_http_server_has_the_same_routes(self) -> None:
        self.assertTrue(self.server.base_url.startswith("http://127.0.0.1:"))
        self.assertEqual(self.get(self.asset_location()).body, self.asset.data)


class ArchiveTest(unittest.TestCase):
    def test_archives_are_reproducible_and_may_be_hostile(self) -> None:
        entries = [Entry("../../etc/passwd", b"x"), Entry("link", type=tarfile.SYMTYPE, link="/etc"), Entry("a" * 150, b"y")]
        archive = make_archive(entries)
        self.assertEqual(archive, make_archive(entries))
        members = tarfile.open(fileobj=BytesIO(archive)).getmembers()
        self.assertEqual([m.name for m in members], ["../../etc/passwd", "link", "a" * 150])
        self.assertTrue(members[1].issym())


class CommandLineTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        for tag in ("v0.9.0", "v0.10.0"):
            (self.directory / "root" / tag).mkdir(parents=True)
            (self.directory / "root" / tag / ASSET_NAME).write_bytes(tag.encode())

    def start(self, *options: object) -> tuple[subprocess.Popen[str], dict[str, str]]:
        command = [sys.executable, str(CHECKOUT / "tools" / "release_server.py"), *map(str, options)]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        return server, json.loads(server.stdout.readline() or "{}")

    def curl(self, ready: dict[str, str], path: str) -> str:
        options = ["--silent", "--show-error", "--location", "--cacert", ready["ca_file"], "--write-out", " %{http_code}"]
        done = subprocess.run(["curl", *options, ready["base_url"] + REPOSITORY + path], capture_output=True, text=True)
        return done.stdout

    def test_serves_a_directory_in_version_order_until_terminated(self) -> None:
        server, ready = self.start("--root", self.directory / "root")
        self.assertEqual(ready["pid"], server.pid)
        self.assertEqual(self.curl(ready, f"/releases/latest/download/{ASSET_NAME}"), "v0.10.0 200")
        self.assertEqual(self.curl(ready, f"/releases/download/v0.9.0/{ASSET_NAME}"), "v0.9.0 200")
        server.send_signal(signal.SIGTERM)
        self.assertEqual(server.wait(20), 0)
        self.assertFalse(Path(ready["ca_file"]).exists())

    def test_faults_and_the_log_from_the_command_line(self) -> None:
        log = self.directory / "log"
        fault = ["--fault", "asset=status:503*1"]
        server, ready = self.start("--root", self.directory / "root", *fault, "--log", log)
        self.assertTrue(self.curl(ready, f"/releases/latest/download/{ASSET_NAME}").endswith(" 503"))
        self.assertEqual(self.curl(ready, f"/releases/latest/download/{ASSET_NAME}"), "v0.10.0 200")
        server.terminate()
        server.wait(20)
        statuses = [json.loads(line)["status"] for line in log.read_text().splitlines()]
        self.assertEqual(statuses, [302, 302, 503, 302, 302, 200])

    def test_ready_file_is_written_atomically_by_a_plain_http_server(self) -> None:
        ready_file = self.directory / "ready.json"
        asset = f"v1.0.0={self.directory}/root/v0.9.0/{ASSET_NAME}"
        command = [sys.executable, str(CHECKOUT / "tools" / "release_server.py"), "--http", "--asset", asset]
        server = subprocess.Popen([*command, "--ready-file", str(ready_file)])
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        deadline = time.monotonic() + 20
        while not ready_file.exists() and time.monotonic() < deadline:
            os.sched_yield()
        ready = json.loads(ready_file.read_text())
        self.assertTrue(ready["base_url"].startswith("http://"))
        self.assertEqual(self.curl(ready, f"/releases/latest/download/{ASSET_NAME}"), "v0.9.0 200")

    def test_ends_with_its_parent(self) -> None:
        script = (
            "import subprocess, sys, os\n"
            f"server = subprocess.Popen([sys.executable, {str(CHECKOUT / 'tools' / 'release_server.py')!r}],"
            " stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)\n"
            "print(server.stdout.readline().decode(), flush=True)\nos.kill(os.getpid(), 9)\n"
        )
        parent = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        pid = json.loads(parent.stdout)["pid"]
        self.addCleanup(lambda: _is_running(pid) and os.kill(pid, signal.SIGKILL))
        deadline = time.monotonic() + 20
        while _is_running(pid) and time.monotonic() < deadline:
            os.sched_yield()
        self.assertFalse(_is_running(pid))


def _is_running(pid: int) -> bool:
    try:
        return "(zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


if __name__ == "__main__":
    unittest.main()
