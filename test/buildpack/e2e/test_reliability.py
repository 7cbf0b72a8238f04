"""The results of builds for every fault, with both products, as in the table of docs/reliability.md.

With MESH_UPDATE_GOLDEN=1 in the environment (script/update-docs) the table is written. With MESH_ROWS in the environment
only the rows that match are measured, and compared or written (test/support/python/table_rows.py).
"""

from __future__ import annotations

import concurrent.futures
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import unittest
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
import namespaces
import programs
import table_rows
from tools import faults, signing_keys
from tools.bucket import elsewhere, error
from tools.buildpack_tree import architecture
from tools.http_listener import Response
from tools.release_model import APPLINK_NAME, ASSET_NAME, BINARY_NAME, Asset, Entry, make_archive, make_gzip, make_tar
from tools.release_server import ReleaseServer
from tunnel_proxy import Proxy

TABLE = harness.CHECKOUT / "docs" / "reliability.md"
PRODUCTS = ("integration", "applink")
TABLE_MARK = "<!-- table -->\n"
HEADING = """| | fault | Integration: outcome | attempts | reason | app | AppLink: outcome | attempts | reason | app |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""


class Cell:
    """One build, with a world and a release server of its own, for one fault."""

    def __init__(self, product: str):
        self.product = product
        self.world = harness.World()
        self.world.keep_binaries = True
        self.server = ReleaseServer()
        self.world.use(self.server)
        self.world.config(HEROKU_SERVICE_MESH_PRODUCT=product)
        (self.world.build / "Procfile").write_text("web: npm start\n")
        self.environment: dict[str, str] = {}
        self.signal: int | None = None
        self.releases = 0
        self.cleanups: list[Callable[[], object]] = []
        self.is_integration = product == "integration"
        self.binary = (harness.mesh_standin() if self.is_integration else harness.applink_standin()).read_bytes()
        self.offer(self.binary)

    def close(self) -> None:
        for cleanup in reversed(self.cleanups):
            cleanup()
        self.server.close()
        self.world.close()

    def offer(self, binary: bytes, key: signing_keys.SigningKey | None = None) -> None:
        """Makes this program the latest release."""
        if self.is_integration:
            self.offer_archive(make_archive([Entry(BINARY_NAME, binary)]))
        else:
            self.server.publish_applink("v1.2.3", binary, key or signing_keys.publisher())

    def offer_archive(self, archive: bytes) -> None:
        self.releases += 1
        self.server.publish(f"v1.0.{self.releases}", Asset(ASSET_NAME, archive))

    def fault(self, fault: faults.Fault, route: str | None = None, times: int | None = None) -> None:
        self.server.fault(route or ("asset" if self.is_integration else "object"), fault, times)

    def setting(self, name: str, value: str) -> None:
        self.world.config(**{f"HEROKU_{self.product.upper()}_SERVICE_MESH_{name}": value})

    def config(self, **values: str) -> None:
        self.world.config(**values)

    def mount(self, directory: Path, options: str) -> None:
        """Mounts a file system of its own at a directory, until the end."""
        command = ["mount", "-t", "tmpfs", "-o", f"{options},mode=0755", "tmpfs", directory]
        subprocess.run(command, check=True, capture_output=True)
        # Lazy, because a process that another thread starts can share this one's open files for a moment.
        self.cleanups.append(lambda: subprocess.run(["umount", "--lazy", directory], check=True))

    def isolate(self, arrangement: str) -> None:
        """Builds in a network without other hosts."""
        self.world.namespaces = namespaces.NETWORK
        self.world.arrangement = arrangement

    @property
    def directory(self) -> Path:
        return self.world.build / f"vendor/heroku-{self.product}/bin"

    def built_before(self) -> None:
        """Runs a successful build first, and keeps only its cache."""
        done = self.world.run("compile")
        assert done.code == 0, done.output
        shutil.rmtree(self.world.build / "vendor")
        shutil.rmtree(self.world.build / ".profile.d")

    def run(self) -> list[str]:
        """Builds. Returns the row's cells: outcome, attempts, reason, state of the app."""
        before = harness.snapshot(self.world.build)
        if self.signal is None:
            done = self.world.run("compile", **self.environment)
            log, code = done.stdout, done.code
        else:
            with self.world.start("compile", **self.environment) as build:
                self.server.wait_stalled("asset" if self.is_integration else "object")
                build.send_signal(self.signal)
                log, _ = build.communicate(timeout=harness.PATIENCE)
                code = build.returncode
        report = self.world.report()
        outcome = str(report.get("build_status", "success" if code == 0 else "failure"))
        if code == 0 and "cache_status" in report:
            outcome += f" ({report['cache_status']})"
        reason = str(report.get("failure_reason", "-"))
        return [outcome, str(log.count("Retrying in") + 1), reason, self.on_disk(before)]

    def on_disk(self, before: dict[str, str]) -> str:
        after = harness.snapshot(self.world.build)
        if after == before:
            return "as before"
        left = [path for path in after if ".heroku-integration-service-mesh." in path]
        if left:
            return "staging left behind"
        name = BINARY_NAME if self.is_integration else APPLINK_NAME
        whole = (self.directory / name).is_file() and (self.world.build / f".profile.d/{name}.sh").is_file()
        return "installed" if whole else "a part"


Provocation = Callable[[Cell], None]
BRIEF = {"CURL_TIMEOUT": "2", "CURL_CONNECT_TIMEOUT": "2"}


@dataclass(frozen=True)
class Row:
    area: str
    fault: str
    provoke: Provocation
    products: tuple[str, ...] = PRODUCTS

    @property
    def name(self) -> str:
        return f"{self.area}: {self.fault}"


def served(fault: faults.Fault, times: int | None = None) -> Provocation:
    return lambda cell: cell.fault(fault, times=times)


def briefly(fault: faults.Fault) -> Provocation:
    def provoke(cell: Cell) -> None:
        cell.fault(fault)
        cell.environment = BRIEF

    return provoke


def isolated(arrangement: str, url: str) -> Provocation:
    def provoke(cell: Cell) -> None:
        cell.setting("BASE_URL", url)
        cell.isolate(arrangement)

    return provoke


def trickle(cell: Cell) -> None:
    cell.fault(faults.slow(bytes_per_second=100))
    cell.environment = {"CURL_TIMEOUT": "25"}


def proxy_that_answers(status: str) -> Provocation:
    def provoke(cell: Cell) -> None:
        proxy = Proxy(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
        cell.cleanups.append(proxy.close)
        cell.config(https_proxy=f"http://builder:hunter2@{proxy.address}")

    return provoke


def moved(code: int) -> Provocation:
    """Redirects once, to the path of the file."""
    return served(lambda exchange: Response(code, {"Location": exchange.request.target}), times=1)


def s3(status: int, code: str, times: int | None = None) -> Provocation:
    return served(lambda _: error(status, code), times)


def unusual_release(fault: faults.Fault) -> Provocation:
    """Publishes a release whose assets only the API lists, and adds a fault to the API."""

    def provoke(cell: Cell) -> None:
        name = f"mesh-linux-{architecture()}.tar.gz"
        cell.server.publish("v2.0.0", Asset(name, make_archive([Entry(BINARY_NAME, cell.binary)])))
        cell.fault(fault, route="api")

    return provoke


def certificate(kind: str) -> Provocation:
    return lambda cell: cell.server.present_certificate(kind)


def archived(*entries: Entry) -> Provocation:
    return lambda cell: cell.offer_archive(make_archive([*entries, Entry(BINARY_NAME, cell.binary)]))


def stopped(number: int) -> Provocation:
    def provoke(cell: Cell) -> None:
        cell.fault(faults.stall())
        cell.signal = number

    return provoke


def base_url(url: Callable[[], str]) -> Provocation:
    return lambda cell: cell.setting("BASE_URL", url())


def object_named(suffix: str) -> str:
    return f"{APPLINK_NAME}-latest-{architecture()}{suffix}"


def other_key(cell: Cell) -> None:
    cell.built_before()
    cell.offer(cell.binary + b"\0", signing_keys.other())


def pinned_to_another_key(cell: Cell) -> None:
    cell.setting("PUBLIC_KEY_FINGERPRINT", signing_keys.other().fingerprint)


def expired_signature(cell: Cell) -> None:
    cell.offer(cell.binary, signing_keys.long_ago())
    cell.server.bucket.objects[object_named(".asc")] = signing_keys.long_ago().sign(cell.binary, expires="1d")


def revoked_key(cell: Cell) -> None:
    key, signature = REVOKED
    objects = cell.server.bucket.objects
    objects[object_named(".asc")] = signature
    objects["public-key.asc"] = key.public_key
    cell.setting("PUBLIC_KEY_FINGERPRINT", key.fingerprint)


def signed_by_two(cell: Cell) -> None:
    keys = (signing_keys.other(), signing_keys.publisher())
    cell.server.bucket.objects[object_named(".asc")] = signing_keys.signed_by_both(cell.binary, *keys)


def without_armor(*names: str) -> Provocation:
    def provoke(cell: Cell) -> None:
        for name in names:
            objects = cell.server.bucket.objects
            objects[name] = signing_keys.without_armor(objects[name])

    return provoke


def broken_gpgv(cell: Cell) -> None:
    tools = cell.world.root / "tools"
    tools.mkdir()
    (tools / "gpgv").write_text("#!/bin/sh\nexit 2\n")
    (tools / "gpgv").chmod(0o755)
    cell.environment = {"PATH": str(tools)}


def offered(program: Callable[[], bytes], **config: str) -> Provocation:
    def provoke(cell: Cell) -> None:
        cell.setting("RELEASE_VERSION", "v1.2.3" if not cell.is_integration else "latest")
        cell.offer(program())
        cell.config(**config)

    return provoke


def vendored(program: Callable[[], bytes], **settings: str) -> Provocation:
    """Puts a file into the app at the path of the mesh binary."""

    def provoke(cell: Cell) -> None:
        cell.directory.mkdir(parents=True)
        (cell.directory / (BINARY_NAME if cell.is_integration else APPLINK_NAME)).write_bytes(program())
        for name, value in settings.items():
            cell.setting(name, value)

    return provoke


def without_gpgv(cell: Cell) -> None:
    cell.environment = {"PATH": "/nowhere"}


def replaced_meanwhile(cell: Cell) -> None:
    cell.server.bucket.after[object_named("")] = lambda: cell.offer(cell.binary + b"\0")


def release_digest(cell: Cell) -> None:
    name = f"mesh-linux-{architecture()}.tar.gz"
    cell.server.publish("v2.0.0", Asset(name, make_archive([Entry(BINARY_NAME, cell.binary)])).with_digest())
    cell.fault(faults.wrong_bytes())


def in_the_way(cell: Cell) -> None:
    (cell.world.build / "vendor").write_text("a file")


def link_outwards(cell: Cell) -> None:
    (cell.world.build / "vendor").symlink_to("/tmp")


def read_only(cell: Cell) -> None:
    cell.world.build.chmod(0o555)


def read_only_cache(cell: Cell) -> None:
    cell.world.cache.chmod(0o555)


def limited(limit: str) -> Provocation:
    """Builds under a limit of the shell (ulimit). The leak check of a sanitized program needs a thread of its own."""

    def provoke(cell: Cell) -> None:
        cell.world.environment["ASAN_OPTIONS"] = "detect_leaks=0"
        cell.world.wrapper = ("/bin/sh", "-c", f'ulimit {limit}; exec "$@"', "sh")

    return provoke


def full_disk(cell: Cell) -> None:
    cell.mount(cell.world.build, "size=600k")


def full_cache(cell: Cell) -> None:
    cell.mount(cell.world.cache, "size=4k")


def without_inodes(cell: Cell) -> None:
    cell.mount(cell.world.build, "size=100m,nr_inodes=3")


def read_only_directory(cell: Cell) -> None:
    (cell.world.build / ".profile.d").mkdir()
    (cell.world.build / ".profile.d").chmod(0o555)


def unreadable_settings(cell: Cell) -> None:
    cell.setting("RELEASE_VERSION", "v1.0.1")
    (cell.world.env / f"HEROKU_{cell.product.upper()}_SERVICE_MESH_RELEASE_VERSION").chmod(0)


def source_down(cell: Cell) -> None:
    cell.built_before()
    cell.fault(faults.unavailable(retry_after=0), route="latest" if cell.is_integration else "object")


def source_down_and_strict(cell: Cell) -> None:
    source_down(cell)
    cell.config(HEROKU_SERVICE_MESH_STRICT="1")


def offline_later(cell: Cell) -> None:
    cell.built_before()
    cell.isolate("")


def damaged_cache(cell: Cell) -> None:
    cell.built_before()
    next((cell.world.cache / BINARY_NAME / "objects").iterdir()).write_bytes(b"damaged")


def damaged_cache_and_source_down(cell: Cell) -> None:
    source_down(cell)
    next((cell.world.cache / BINARY_NAME / "objects").iterdir()).write_bytes(b"damaged")


INTEGRATION = ("integration",)
APPLINK = ("applink",)
NOWHERE = "https://mesh.invalid"

ROWS = [
    Row("network", "no network", isolated("", "https://127.0.0.1")),
    Row("network", "no network, host name", isolated(namespaces.LOOPBACK, NOWHERE)),
    Row("network", "no route to the server", isolated(namespaces.DEAD_END, "https://198.51.100.7")),
    Row("network", "unknown host name", isolated(namespaces.DEAD_END, NOWHERE)),
    Row("network", "connection refused", base_url(lambda: f"https://127.0.0.1:{harness.free_ports(1)[0]}")),
    Row("network", "connection reset, twice", served(faults.reset(), times=2)),
    Row("network", "connection reset, always", served(faults.reset())),
    Row("network", "connection closed without a response", served(faults.empty())),
    Row("network", "no response (2 s allowed)", briefly(faults.stall())),
    Row("network", "stalled body (2 s allowed)", briefly(faults.stall(after=1000))),
    Row("network", "100 bytes per second (25 s allowed)", trickle),
    Row("network", "truncated body", served(faults.truncated())),
    Row("network", "connection closed mid-body", served(faults.cut())),
    Row("network", "TLS handshake refused", certificate("refused")),
    Row("network", "expired certificate", certificate("expired")),
    Row("network", "untrusted certificate", certificate("untrusted")),
    Row("network", "certificate for another name", certificate("wrong-name")),
    Row("network", "proxy refuses connections",
        lambda cell: cell.world.config(https_proxy=f"127.0.0.1:{harness.free_ports(1)[0]}")),
    Row("network", "proxy requires authentication (407)", proxy_that_answers("407 Proxy Authentication Required")),
    Row("network", "proxy refuses the request (403)", proxy_that_answers("403 Forbidden")),
    Row("HTTP", "500", served(faults.status(500))),
    Row("HTTP", "503, twice", served(faults.unavailable(retry_after=0), times=2)),
    Row("HTTP", "429, Retry-After beyond the time limit", served(faults.too_many_requests(retry_after=600))),
    Row("HTTP", "401", served(faults.status(401))),
    Row("HTTP", "404", served(faults.status(404))),
    Row("HTTP", "403", served(faults.s3_forbidden())),
    Row("HTTP", "451", served(faults.status(451))),
    Row("HTTP", "NoSuchBucket (S3)", s3(404, "NoSuchBucket"), APPLINK),
    Row("HTTP", "SlowDown, twice (S3)", s3(503, "SlowDown", times=2), APPLINK),
    Row("HTTP", "InternalError (S3)", s3(500, "InternalError"), APPLINK),
    Row("HTTP", "PermanentRedirect (S3)", lambda cell: cell.fault(lambda _: elsewhere(cell.server.bucket)), APPLINK),
    Row("HTTP", "rate limit exceeded (GitHub)", unusual_release(faults.rate_limit()), INTEGRATION),
    Row("HTTP", "secondary rate limit (GitHub)", unusual_release(faults.secondary_limit()), INTEGRATION),
    Row("HTTP", "200 with an HTML page", served(faults.html())),
    Row("HTTP", "200 with XML", served(faults.body(b'<?xml version="1.0"?><Error/>'))),
    Row("HTTP", "200 with an empty body", served(faults.body(b""))),
    Row("HTTP", "301, once", moved(301)),
    Row("HTTP", "307, once", moved(307)),
    Row("HTTP", "redirect loop", served(faults.redirect_loop())),
    Row("HTTP", "redirect from https to http", served(faults.downgrade())),
    Row("HTTP", "302 without Location", served(faults.no_location())),
    Row("HTTP", "301 without Location", served(faults.status(301))),
    Row("trust", "digest differs from the pinned one", lambda cell: cell.setting("SHA256", "0" * 64)),
    Row("trust", "digest differs from that of the release", release_digest, INTEGRATION),
    Row("trust", "one bit changed", served(faults.wrong_bytes())),
    Row("trust", "release replaced between two requests", replaced_meanwhile, APPLINK),
    Row("trust", "missing signature", lambda cell: cell.server.bucket.objects.pop(object_named(".asc")), APPLINK),
    Row("trust", "HTML page instead of the signature", lambda cell: cell.fault(faults.html(), "signature"), APPLINK),
    Row("trust", "HTML page instead of the key", lambda cell: cell.fault(faults.html(), "key"), APPLINK),
    Row("trust", "key changed since the last build", other_key, APPLINK),
    Row("trust", "key differs from the pinned one", pinned_to_another_key, APPLINK),
    Row("trust", "expired key", lambda cell: cell.offer(cell.binary, signing_keys.expired()), APPLINK),
    Row("trust", "revoked key", revoked_key, APPLINK),
    Row("trust", "expired signature", expired_signature, APPLINK),
    Row("trust", "second signature by an unknown key", signed_by_two, APPLINK),
    Row("trust", "key without ASCII armour", without_armor("public-key.asc"), APPLINK),
    Row("trust", "signature without ASCII armour", without_armor(object_named(".asc")), APPLINK),
    Row("trust", "missing gpgv", without_gpgv, APPLINK),
    Row("trust", "failing gpgv", broken_gpgv, APPLINK),
    Row("archive", "path with ..", archived(Entry("../x", b"x")), INTEGRATION),
    Row("archive", "absolute path", archived(Entry("/tmp/x", b"x")), INTEGRATION),
    Row("archive", "symbolic link", archived(Entry("x", type=tarfile.SYMTYPE, link="/etc/passwd")), INTEGRATION),
    Row("archive", "hard link", archived(Entry("x", type=tarfile.LNKTYPE, link="/etc/passwd")), INTEGRATION),
    Row("archive", "device", archived(Entry("x", type=tarfile.CHRTYPE)), INTEGRATION),
    Row("archive", "duplicate binary", archived(Entry("a/" + BINARY_NAME, b"x")), INTEGRATION),
    Row("archive", "too many entries", archived(*(Entry(f"x{i}", b"") for i in range(70))), INTEGRATION),
    Row("archive", "excessive compression ratio", archived(Entry("x", bytes(50_000_000))), INTEGRATION),
    Row("archive", "truncated before its upload", served(faults.short_archive()), INTEGRATION),
    Row("archive", "trailing data",
        lambda cell: cell.offer_archive(make_archive([Entry(BINARY_NAME, cell.binary)]) + b"more"), INTEGRATION),
    Row("archive", "gzip file without a tar file", lambda cell: cell.offer_archive(make_gzip(b"text" * 1000)), INTEGRATION),
    Row("archive", "missing binary", lambda cell: cell.offer_archive(make_gzip(make_tar([Entry("x", b"x")]))), INTEGRATION),
    Row("archive", "too large", served(faults.oversize()), INTEGRATION),
    Row("binary", "for another architecture", lambda cell: cell.offer(programs.for_another_processor())),
    Row("binary", "script", lambda cell: cell.offer(b"#!/bin/sh\nexit 0\n")),
    Row("binary", "missing loader", offered(programs.without_loader)),
    Row("binary", "needs a newer glibc", offered(programs.for_a_newer_c_library)),
    Row("binary", "fails its smoke test", offered(programs.failing)),
    Row("binary", "fails its smoke test, strict build", offered(programs.failing, HEROKU_SERVICE_MESH_STRICT="1")),
    Row("vendored", "Git LFS pointer", vendored(lambda: programs.GIT_LFS_POINTER)),
    Row("vendored", "empty file", vendored(lambda: b"")),
    Row("vendored", "script", vendored(lambda: b"#!/bin/sh\nexit 0\n")),
    Row("vendored", "for another architecture", vendored(programs.for_another_processor)),
    Row("vendored", "digest differs from the pinned one", vendored(programs.failing, SHA256="0" * 64)),
    Row("disk", "full", full_disk),
    Row("disk", "no free inodes", without_inodes),
    Row("disk", "full cache", full_cache),
    Row("disk", "read-only app", read_only),
    Row("disk", "read-only directory of the app", read_only_directory),
    Row("disk", "unreadable config var", unreadable_settings),
    Row("disk", "read-only cache", read_only_cache),
    Row("disk", "file in place of a directory", in_the_way),
    Row("disk", "link out of the app", link_outwards),
    Row("limit", "file size limit of 100 kB", limited("-f 200")),
    Row("limit", "process limit reached", limited("-p 1")),
    Row("signal", "SIGTERM", stopped(signal.SIGTERM)),
    Row("signal", "SIGINT", stopped(signal.SIGINT)),
    Row("signal", "SIGHUP", stopped(signal.SIGHUP)),
    Row("signal", "SIGKILL", stopped(signal.SIGKILL)),
    Row("cache", "source down, cached binary", source_down),
    Row("cache", "source down, cached binary, strict build", source_down_and_strict),
    Row("cache", "no network, cached binary", offline_later),
    Row("cache", "corrupt cached binary", damaged_cache),
    Row("cache", "corrupt cached binary, source down", damaged_cache_and_source_down),
]  # fmt: skip


# A key that is revoked after its signature was made, and the signature.
REVOKED: list[object] = []


def make_revoked_key() -> None:
    key = signing_keys.revoked()
    signature = key.sign(harness.applink_standin().read_bytes())
    key.revoke()
    REVOKED[:] = [key, signature]


def measure(row: Row, product: str) -> list[str]:
    if product not in row.products:
        return ["", "", "", ""]
    cell = Cell(product)
    try:
        row.provoke(cell)
        return cell.run()
    finally:
        cell.close()


class ReliabilityTest(unittest.TestCase):
    maxDiff = None

    def test_table_is_current(self) -> None:
        if not namespaces.available():
            self.skipTest("needs root, to fill disks and to make networks")
        # Shared values are made before threads start.
        harness.buildpack(), signing_keys.publisher(), signing_keys.other(), signing_keys.expired()
        signing_keys.long_ago(), make_revoked_key()
        rows = table_rows.chosen(ROWS, lambda row: row.name)
        # Most of them wait for the next attempt most of the time.
        with concurrent.futures.ThreadPoolExecutor(max_workers=12) as pool:
            measured = {(row, product): pool.submit(measure, row, product) for row in rows for product in PRODUCTS}
        lines = []
        for row in rows:
            cells = [cell for product in PRODUCTS for cell in measured[(row, product)].result()]
            lines.append(f"| {row.area} | {row.fault} | {' | '.join(cells)} |\n")
        self.assertNotIn("internal-error", "".join(lines))
        self.assertNotIn("a part", "".join(lines))
        before, _, table = TABLE.read_text().partition(TABLE_MARK)
        expected = table_rows.merged(table, lines, 2) if table_rows.is_filtered() else "\n" + HEADING + "".join(lines)
        if "MESH_UPDATE_GOLDEN" in os.environ:
            TABLE.write_text(before + TABLE_MARK + expected)
        self.assertEqual(TABLE.read_text(), before + TABLE_MARK + expected)


if __name__ == "__main__":
    unittest.main()
