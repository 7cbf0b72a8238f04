"""The AppLink product: signed programs from a bucket."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import unittest
from dataclasses import replace
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
import programs
from marking_program import marking_program
from outcome import OutcomeTest, words
from tools import faults, signing_keys
from tools.bucket import Bucket, error
from tools.buildpack_tree import architecture
from tools.release_model import APPLINK_NAME, BINARY_NAME
from tunnel_proxy import MappingProxy

LATEST = f"{APPLINK_NAME}-latest-{architecture()}"
VERSION = "v1.2.3"  # the version that the stand-in prints
NAMES = ("*.s3.dualstack.us-east-1.amazonaws.com", "*.s3.dualstack.eu-west-1.amazonaws.com",
         "s3.dualstack.us-east-1.amazonaws.com")  # fmt: skip


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class AppLinkTest(OutcomeTest):
    def setUp(self) -> None:
        super().setUp()
        self.program = harness.applink_standin().read_bytes()
        self.server.publish_applink(VERSION, self.program, signing_keys.publisher())
        self.world.config(HEROKU_SERVICE_MESH_PRODUCT="applink")

    def setting(self, name: str, value: str | bytes) -> None:
        self.world.config(**{f"HEROKU_APPLINK_SERVICE_MESH_{name}": value})

    def assert_applink(self, done: harness.Done, version: str = VERSION) -> dict[str, object]:
        self.assertEqual(done.code, 0, done.output)
        binary = self.world.build / harness.APPLINK_PATH
        self.assertEqual(binary.read_bytes(), self.program)
        self.assertTrue(os.access(binary, os.X_OK))
        report = self.report()
        values = {key: report.get(key) for key in ("build_status", "service_mesh_product", "service_mesh_version")}
        self.assertEqual(
            values, {"build_status": "success", "service_mesh_product": "applink", "service_mesh_version": version}
        )
        self.assert_no_leftovers()
        return report


class InstallTest(AppLinkTest):
    def test_latest_release_is_installed(self) -> None:
        done = self.compile()
        report = self.assert_applink(done)
        self.assertIn('-----> Installing version "latest" of Heroku AppLink Service Mesh...\n', done.stdout)
        values = [report[f"service_mesh_{key}"] for key in ("source", "verified_by", "version_requested", "version_pinned")]
        self.assertEqual(values, ["mirror", "signature", "latest", False])

    def test_pinned_version_is_installed_with_and_without_v(self) -> None:
        for spelling in ("v1.2.3", "1.2.3"):
            self.setting("RELEASE_VERSION", spelling)
            self.assertIs(self.assert_applink(self.compile())["service_mesh_version_pinned"], True)

    def test_links_exist_for_all_names_in_procfiles(self) -> None:
        self.setting("RELEASE_VERSION", VERSION)
        self.assert_applink(self.compile())
        directory = (self.world.build / harness.APPLINK_PATH).parent
        links = {path.name: os.readlink(path) for path in directory.iterdir() if path.is_symlink()}
        arch = architecture()
        names = [BINARY_NAME, *(f"{name}-{of}-{arch}" for name in (APPLINK_NAME, BINARY_NAME) for of in ("latest", VERSION))]
        self.assertEqual(links, {name: APPLINK_NAME for name in names})

    def test_app_file_with_the_name_of_a_link_is_kept(self) -> None:
        theirs = (self.world.build / harness.APPLINK_PATH).with_name(LATEST)
        theirs.parent.mkdir(parents=True)
        theirs.write_text("theirs")
        done = self.compile()
        self.assert_applink(done)
        self.assertEqual(theirs.read_text(), "theirs")
        self.assertIn(f"There is a file vendor/heroku-applink/bin/{LATEST} already. It was left as it is.", words(done.stderr))

    def test_file_url_is_used_as_a_bucket(self) -> None:
        directory = self.world.root / "releases"
        directory.mkdir()
        for key, data in self.server.bucket.objects.items():
            (directory / key).write_bytes(data)
        self.setting("BASE_URL", directory.as_uri())
        self.assertEqual(self.assert_applink(self.compile())["service_mesh_source"], "file")
        self.assertEqual(self.server.requests, [])

    def test_log_has_the_product_and_the_reason_for_it(self) -> None:
        (self.world.env / "HEROKU_SERVICE_MESH_PRODUCT").unlink()
        (self.world.build / "Procfile").write_text(f"web: APP_PORT=3000 {APPLINK_NAME} -- npm start\n")
        done = self.compile()
        self.assert_applink(done)
        self.assertIn(f"-----> Heroku AppLink Service Mesh: the Procfile calls {APPLINK_NAME}\n", done.stdout)
        (self.world.build / "Procfile").unlink()
        shutil.rmtree(self.world.build / "vendor")
        (self.world.env / "HEROKU_APPLINK_API_URL").write_text("https://x")
        self.assertIn("Heroku AppLink Service Mesh: the config vars of its add-on are set\n", self.compile().stdout)

    def test_unknown_product_is_refused(self) -> None:
        self.world.config(HEROKU_SERVICE_MESH_PRODUCT="mulesoft")
        self.assert_fails("config::invalid-product", "user")

    def test_mirror_and_bucket_together_are_refused(self) -> None:
        self.setting("S3_BUCKET", "other-bucket")
        self.assert_fails("config::conflicting", "user")

    def test_malformed_settings_are_refused(self) -> None:
        for name, value, reason in (("S3_BUCKET", "Not_A_Bucket", "config::invalid-bucket"),
                                    ("S3_REGION", "../x", "config::invalid-bucket"),
                                    ("PUBLIC_KEY_FINGERPRINT", "DEADBEEF", "config::invalid-fingerprint")):  # fmt: skip
            with self.subTest(name):
                self.setting(name, value)
                self.assert_fails(reason, "user")
                (self.world.env / f"HEROKU_APPLINK_SERVICE_MESH_{name}").unlink()


class TrustTest(AppLinkTest):
    def test_key_is_trusted_on_first_use(self) -> None:
        self.world.keep_binaries = True
        fingerprint = signing_keys.publisher().fingerprint
        first = self.compile()
        self.assert_applink(first)
        self.assertIn(f"by key {fingerprint} (trusted on first use)", first.stdout)
        self.assertIn("trusted on first use", first.stdout)
        self.program += b"\0"
        self.server.publish_applink(VERSION, self.program, signing_keys.publisher())
        second = self.compile()
        self.assert_applink(second)
        self.assertIn(f"by key {fingerprint} (same as in earlier builds)", second.stdout)

    def test_changed_key_fails_the_build(self) -> None:
        self.world.keep_binaries = True
        self.assert_applink(self.compile())
        shutil.rmtree(self.world.build)
        self.world.build.mkdir()
        self.server.publish_applink(VERSION, self.program + b"\0", signing_keys.other())
        done = self.assert_fails("verify::key-changed", "upstream")
        self.assertIn(signing_keys.publisher().fingerprint, words(done.stderr))

    def test_only_the_pinned_key_is_trusted(self) -> None:
        self.setting("PUBLIC_KEY_FINGERPRINT", signing_keys.other().fingerprint)
        self.assert_fails("verify::key-unknown", "upstream")
        spaced = signing_keys.publisher().fingerprint.lower()
        spaced = " ".join(spaced[i : i + 4] for i in range(0, 40, 4))
        self.setting("PUBLIC_KEY_FINGERPRINT", f"{signing_keys.other().fingerprint}, {spaced}")
        done = self.compile()
        self.assert_applink(done)
        self.assertIn("(pinned)", done.stdout)

    def test_expired_key_is_trusted_only_if_pinned(self) -> None:
        self.server.publish_applink(VERSION, self.program, signing_keys.expired())
        self.assert_fails("verify::key-expired", "upstream")
        self.setting("PUBLIC_KEY_FINGERPRINT", signing_keys.expired().fingerprint)
        done = self.compile()
        self.assert_applink(done)
        self.assertIn(", expired)", done.stdout)

    def test_expired_signature_is_refused(self) -> None:
        long_ago = signing_keys.long_ago()
        self.server.publish_applink(VERSION, self.program, long_ago)
        self.server.bucket.objects[LATEST + ".asc"] = long_ago.sign(self.program, expires="1d")
        self.assert_fails("verify::signature-expired", "upstream")

    def test_revoked_key_is_refused(self) -> None:
        stolen = signing_keys.SigningKey("stolen")
        self.server.publish_applink(VERSION, self.program, stolen)
        stolen.revoke()
        self.server.bucket.objects["public-key.asc"] = stolen.public_key
        self.setting("PUBLIC_KEY_FINGERPRINT", stolen.fingerprint)
        self.assert_fails("verify::key-revoked", "upstream")

    def test_failing_gpgv_is_reported(self) -> None:
        tools = self.world.root / "tools"
        tools.mkdir()
        (tools / "gpgv").write_text("#!/bin/sh\necho 'gpgv: out of order' >&2\nexit 2\n")
        (tools / "gpgv").chmod(0o755)
        self.assertIn("gpgv: out of order", self.assert_fails("verify::tool-failed", "platform", PATH=str(tools)).stderr)

    def test_second_signature_by_an_unknown_key_is_ignored(self) -> None:
        keys = (signing_keys.other(), signing_keys.publisher())
        self.server.bucket.objects[LATEST + ".asc"] = signing_keys.signed_by_both(self.program, *keys)
        self.assert_applink(self.compile())

    def test_binary_with_a_bad_signature_is_retried_once_and_refused(self) -> None:
        self.server.bucket.objects[LATEST] = self.program + b"x"
        done = self.assert_fails("verify::signature-bad", "upstream")
        self.assertIn("downloading the release again", done.stdout)
        self.assertEqual([len(self.server.requests_to(route)) for route in ("object", "signature")], [2, 2])

    def test_release_replaced_during_the_download_is_fetched_again(self) -> None:
        new = self.program + b"\0"
        self.server.bucket.after[LATEST] = lambda: self.server.publish_applink(VERSION, new, signing_keys.publisher())
        done = self.compile()
        self.program = new
        self.assert_applink(done)

    def test_missing_signature_fails_the_build(self) -> None:
        del self.server.bucket.objects[LATEST + ".asc"]
        self.assert_fails("verify::signature-missing", "upstream")

    def test_html_page_as_signature_or_key_is_reported(self) -> None:
        for route, what in (("signature", "not an OpenPGP signature"), ("key", "not an OpenPGP key")):
            with self.subTest(route):
                self.server.fault(route, faults.html())
                done = self.assert_fails("verify::signature-malformed", "upstream")
                self.assertIn(what, words(done.stderr))
                self.server.clear_faults()

    def test_html_page_as_signature_or_key_is_retried(self) -> None:
        for route in ("signature", "key"):
            with self.subTest(route):
                self.server.fault(route, faults.html(), times=1)
                self.assert_applink(self.compile())
                self.server.clear_faults()

    def test_endless_signature_or_key_is_malformed(self) -> None:
        endless = faults.body(b"-----BEGIN PGP SIGNATURE-----\n\n" + b"A" * (6 << 20))
        for route in ("signature", "key"):
            with self.subTest(route):
                # The build must not wait for the rest, which never comes.
                self.server.fault(route, lambda exchange: faults.stall(after=5 << 20)(replace(exchange, response=endless(exchange))))
                self.assert_fails("verify::signature-malformed", "upstream", CURL_TIMEOUT="5")
                self.server.clear_faults()

    def test_missing_gpgv_fails_the_build(self) -> None:
        tools = self.world.root / "tools"
        tools.mkdir()
        for name in ("uname",):
            (tools / name).symlink_to(shutil.which(name))
        self.assert_fails("platform::missing-tool", "platform", PATH=str(tools))

    def test_pinned_digest_needs_neither_gpgv_nor_signature(self) -> None:
        del self.server.bucket.objects[LATEST + ".asc"]
        self.setting("SHA256", hashlib.sha256(self.program).hexdigest())
        report = self.assert_applink(self.compile(PATH="/nowhere"))
        self.assertEqual(report["service_mesh_verified_by"], "sha256-pin")

    def test_digest_mismatch_is_refused(self) -> None:
        self.setting("SHA256", "0" * 64)
        self.assert_fails("verify::digest-mismatch", "upstream")


class EarlyCheckTest(AppLinkTest):
    """The signature is checked during the download."""

    def setUp(self) -> None:
        super().setUp()
        self.tools = self.world.root / "tools"
        self.tools.mkdir()
        gpgv = self.tools / "gpgv"
        gpgv.write_text(f'#!/bin/sh\ntee "{self.tools}/seen.$$" | {shutil.which("gpgv")} "$@"\n')
        gpgv.chmod(0o755)
        self.tools.chmod(0o777)

    def compile_watched(self) -> list[str]:
        """Builds. Returns the digests of the content that each gpgv checked, in no order."""
        self.assert_applink(self.compile(PATH=f"{self.tools}:/usr/bin:/bin"))
        return [digest(path.read_bytes()[-len(self.program) :]) for path in self.tools.glob("seen.*")]

    def offer_larger(self) -> None:
        self.program += os.urandom(1 << 20)
        self.server.publish_applink(VERSION, self.program, signing_keys.publisher())

    def test_installed_binary_is_the_verified_one(self) -> None:
        self.offer_larger()
        self.assertEqual(self.compile_watched(), [digest(self.program)])

    def test_installed_binary_is_the_verified_one_after_a_resumed_download(self) -> None:
        self.offer_larger()
        for fault in (faults.reset(after=len(self.program) // 2), faults.truncated(after=1000)):
            self.server.fault("object", fault, times=1)
        self.assertEqual(self.compile_watched(), [digest(self.program)])
        self.assertEqual([request.status for request in self.server.requests_to("object")], [200, 206, 206])
        self.assertEqual(len(self.server.requests_to("signature")), 1)

    def test_installed_binary_is_the_verified_one_after_a_replaced_download(self) -> None:
        self.offer_larger()
        self.server.bucket.after[LATEST] = self.offer_larger
        self.server.fault("object", faults.truncated(after=len(self.program) // 2), times=1)
        seen = self.compile_watched()
        self.assertIn(digest(self.program), seen)
        self.assertEqual([request.status for request in self.server.requests_to("object")], [200, 200])

    def test_installed_binary_is_the_verified_one_after_a_restarted_download(self) -> None:
        self.offer_larger()
        for fault in (faults.html(), faults.reset(after=0), faults.slow(bytes_per_second=2 << 20)):
            self.server.fault("object", fault, times=1)
        self.assertIn(digest(self.program), self.compile_watched())
        self.assertEqual([request.status for request in self.server.requests_to("object")], [200, 200, 200])

    def test_signature_request_is_retried(self) -> None:
        self.server.fault("signature", faults.unavailable(), times=2)
        self.server.fault("key", faults.reset(), times=1)
        self.assertEqual(self.compile_watched(), [digest(self.program)])

    def test_pinned_digest_does_not_wait_for_the_signature(self) -> None:
        self.server.fault("signature", faults.stall())
        self.setting("SHA256", hashlib.sha256(self.program).hexdigest())
        self.assertEqual(self.compile_watched(), [])
        self.assertEqual(self.server.requests_to("signature"), [])

    def test_revalidated_binary_makes_one_conditional_request(self) -> None:
        self.world.keep_binaries = True
        self.compile_watched()
        shutil.rmtree(self.world.build)
        self.world.build.mkdir()
        self.server.forget_requests()
        self.compile_watched()
        self.assertEqual([request.status for request in self.server.requests], [304])

    def test_smoke_test_runs_only_verified_binaries(self) -> None:
        mark = self.tools / "mark"
        program = marking_program(mark)
        self.server.publish_applink(VERSION, program, signing_keys.publisher())
        self.assertEqual(self.compile().code, 0)
        self.assertTrue(mark.exists())
        mark.unlink()
        shutil.rmtree(self.world.build)
        self.world.build.mkdir()
        self.server.bucket.objects[LATEST] = program + b"x"
        self.assert_fails("verify::signature-bad", "upstream")
        self.assertFalse(mark.exists())


class InventoryTest(AppLinkTest):
    """The buildpack's inventory of releases and keys."""

    def know(self, *artifacts: dict[str, str], keys: tuple[signing_keys.SigningKey, ...] = ()) -> None:
        directory = self.world.own_buildpack() / "inventory"
        (directory / "keys").mkdir()
        known = []
        for key in keys:
            (directory / "keys" / key.fingerprint).write_bytes(key.public_key)
            known.append({"fingerprint": key.fingerprint, "public_key": f"keys/{key.fingerprint}"})
        products = {"integration": {"artifacts": [], "signing_keys": []},
                    "applink": {"artifacts": list(artifacts), "signing_keys": known}}  # fmt: skip
        (directory / "service-mesh.json").write_text(json.dumps({"format": 1, "products": products}))

    def artifact(self, version: str = VERSION, content: bytes | None = None) -> dict[str, str]:
        digest = hashlib.sha256(self.program if content is None else content).hexdigest()
        return {"version": version, "arch": architecture(), "sha256": digest}

    def test_known_release_needs_no_signature(self) -> None:
        self.know(self.artifact())
        self.server.bucket.objects = {key: data for key, data in self.server.bucket.objects.items() if "asc" not in key}
        for version in ("latest", VERSION):
            self.setting("RELEASE_VERSION", version)
            self.assertEqual(self.assert_applink(self.compile())["service_mesh_verified_by"], "inventory")

    def test_known_release_does_not_wait_for_the_signature(self) -> None:
        self.know(self.artifact())
        self.server.fault("signature", faults.stall())
        self.assertEqual(self.assert_applink(self.compile())["service_mesh_verified_by"], "inventory")

    def test_release_that_differs_from_the_inventory_is_refused(self) -> None:
        self.know(self.artifact(content=b"other"))
        self.setting("RELEASE_VERSION", VERSION)
        self.assert_fails("verify::digest-mismatch", "upstream")

    def test_only_the_key_in_the_inventory_is_trusted(self) -> None:
        self.know(keys=(signing_keys.publisher(),))
        self.assertIn("(pinned)", self.compile().stdout)
        self.assertEqual(self.server.requests_to("key"), [])
        shutil.rmtree(self.world.build / "vendor")
        shutil.rmtree(self.world.build / ".profile.d")
        self.server.publish_applink(VERSION, self.program, signing_keys.other())
        self.assert_fails("verify::key-unknown", "upstream")

    def test_corrupt_inventory_fails_every_build(self) -> None:
        inventory = self.world.own_buildpack() / "inventory" / "service-mesh.json"
        inventory.write_text('{"format": 1, "products": {"applink": []}}')
        self.assert_fails("platform::inventory", "buildpack")
        inventory.unlink()
        self.assert_fails("platform::inventory", "buildpack")


class ProgramTest(AppLinkTest):
    """Checks of a verified binary."""

    def offer(self, program: bytes) -> None:
        self.program = program
        self.server.publish_applink(VERSION, program, signing_keys.publisher())

    def test_binary_with_a_missing_loader_is_refused(self) -> None:
        self.offer(programs.without_loader())
        self.assertIn("/xxx", self.assert_fails("binary::missing-interpreter", "platform").stderr)

    def test_binary_for_a_newer_glibc_is_refused(self) -> None:
        self.offer(programs.for_a_newer_c_library())
        self.assertIn("The binary needs glibc 2.99; this stack has", words(self.assert_fails("binary::glibc-too-old", "user").stderr))

    def test_failed_smoke_test_warns_or_fails_a_strict_build(self) -> None:
        self.setting("RELEASE_VERSION", VERSION)
        self.offer(programs.failing())
        done = self.compile()
        self.assert_applink(done)
        self.assertIn("The service mesh failed its smoke test: it exited with status 1", words(done.stderr))
        shutil.rmtree(self.world.build)
        self.world.build.mkdir()
        self.world.config(HEROKU_SERVICE_MESH_STRICT="1")
        self.assert_fails("binary::smoke-failed", "upstream")

    def test_vendored_binary_is_used_unchanged(self) -> None:
        theirs = self.world.build / harness.APPLINK_PATH
        theirs.parent.mkdir(parents=True)
        theirs.write_bytes(self.program + b"theirs")
        theirs.chmod(0o644)
        done = self.compile()
        self.assertEqual(done.code, 0, done.output)
        self.assertIn("-----> Using the Heroku AppLink Service Mesh that the app brings\n", done.stdout)
        self.assertEqual(theirs.read_bytes(), self.program + b"theirs")
        self.assertTrue(os.access(theirs, os.X_OK))
        self.assertTrue((theirs.parent / LATEST).is_symlink())
        report = self.report()
        self.assertEqual((report["service_mesh_source"], report["service_mesh_verified_by"]), ("vendored", "none"))
        self.assertEqual(self.server.requests, [])


class BucketFaultTest(AppLinkTest):
    """Uses S3's own host names, through a proxy that connects to the local bucket."""

    def setUp(self) -> None:
        super().setUp()
        self.server.close()
        self.server = harness.ReleaseServer(names=NAMES)
        self.addCleanup(self.server.close)
        self.world.use(self.server)
        self.server.publish_applink(VERSION, self.program, signing_keys.publisher())
        (self.world.env / "HEROKU_APPLINK_SERVICE_MESH_BASE_URL").unlink()
        self.proxy = MappingProxy("amazonaws.com", self.server.base_url)
        self.addCleanup(self.proxy.close)
        self.world.config(https_proxy=f"http://{self.proxy.address}")

    def test_default_bucket_uses_the_dual_stack_endpoint(self) -> None:
        self.assertEqual(self.assert_applink(self.compile())["service_mesh_source"], "s3")
        host = "heroku-applink-service-mesh-binaries.s3.dualstack.us-east-1.amazonaws.com"
        self.assertEqual(self.proxy.asked, {f"{host}:443"})
        self.assertEqual(self.report()["download_host"], host)

    def test_bucket_name_with_dots_uses_path_style_urls(self) -> None:
        self.server.buckets["my.own.bucket"] = Bucket("my.own.bucket")
        self.server.publish_applink(VERSION, self.program, signing_keys.publisher(), bucket="my.own.bucket")
        self.setting("S3_BUCKET", "my.own.bucket")
        self.assert_applink(self.compile())
        self.assertIn("s3.dualstack.us-east-1.amazonaws.com:443", self.proxy.asked)

    def test_custom_bucket_needs_the_same_key(self) -> None:
        self.server.buckets["other"] = Bucket("other")
        self.server.publish_applink(VERSION, self.program, signing_keys.other(), bucket="other")
        self.setting("S3_BUCKET", "other")
        self.assert_fails("verify::key-unknown", "upstream")
        self.setting("PUBLIC_KEY_FINGERPRINT", signing_keys.other().fingerprint)
        self.assert_applink(self.compile())

    def test_bucket_in_another_region_is_followed(self) -> None:
        self.server.bucket.region = "eu-west-1"
        done = self.compile()
        self.assert_applink(done)
        self.assertIn("is in eu-west-1", done.stdout)

    def test_status_403_for_a_version_means_not_found(self) -> None:
        self.setting("RELEASE_VERSION", "v9.9.9")
        self.assert_fails("resolve::not-found", "user")

    def test_status_403_for_the_latest_version_means_access_denied(self) -> None:
        self.server.bucket.objects.clear()
        self.setting("RELEASE_VERSION", "v9.9.9")
        self.assert_fails("resolve::refused", "user")
        (self.world.env / "HEROKU_APPLINK_SERVICE_MESH_RELEASE_VERSION").unlink()
        self.assertIn("403 AccessDenied", words(self.assert_fails("download::refused", "upstream").stderr))

    def test_missing_bucket_is_reported(self) -> None:
        self.setting("S3_BUCKET", "nobodys-bucket")
        self.assertIn("NoSuchBucket", words(self.assert_fails("resolve::not-found", "user").stderr))

    def test_slow_down_is_retried(self) -> None:
        self.server.fault("object", lambda _: error(503, "SlowDown"), times=2)
        self.assertEqual(self.assert_applink(self.compile())["download_attempts"], 3)

    def test_persistent_error_is_reported_with_its_code(self) -> None:
        self.server.fault("object", lambda _: error(500, "InternalError"))
        self.assertIn("500 InternalError", words(self.assert_fails("download::server-error", "upstream").stderr))


if __name__ == "__main__":
    unittest.main()
