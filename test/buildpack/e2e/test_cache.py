"""Cached binaries of earlier builds: reused, revalidated, used as a fallback, and always verified."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
from outcome import OutcomeTest, words
from tools import faults, signing_keys
from tools.release_model import ASSET_NAME, Asset, Entry, make_archive


class CachedTest(OutcomeTest):
    def setUp(self) -> None:
        super().setUp()
        self.world.keep_binaries = True
        self.world.environment["CURL_TIMEOUT"] = "2"  # short limits for failing servers

    @property
    def store(self) -> Path:
        return self.world.cache / "heroku-integration-service-mesh"

    @property
    def objects(self) -> list[Path]:
        return sorted((self.store / "objects").iterdir())

    def fresh_app(self) -> None:
        """Replaces the app by a fresh copy, as for the next build."""
        shutil.rmtree(self.world.build)
        self.world.build.mkdir()
        self.server.forget_requests()

    def first_build(self) -> None:
        self.assertEqual(self.assert_installed(self.compile())["cache_status"], "miss")
        self.fresh_app()

    def assert_reused(self, status: str, binary: Path | None = None) -> harness.Done:
        """Asserts that the build used its cached binary."""
        done = self.compile()
        self.assertEqual(done.code, 0, done.output)
        self.assertEqual((self.world.build / harness.BINARY_PATH).read_bytes(), (binary or harness.mesh_standin()).read_bytes())
        self.assertEqual((self.world.build / harness.BINARY_PATH).stat().st_mode & 0o777, 0o755)
        self.assertIn("-----> Reusing cached Heroku Integration Service Mesh binary\n", done.stdout)
        report = self.report()
        self.assertEqual((report["build_status"], report["cache_status"]), ("success", status))
        self.assertEqual(report["service_mesh_version"], self.TAG)
        self.assertNotIn("download_attempts", report)
        self.assert_no_leftovers()
        return done

    def routes(self) -> list[str]:
        return [request.route for request in self.server.requests]


class PinnedTest(CachedTest):
    def setUp(self) -> None:
        super().setUp()
        self.setting("RELEASE_VERSION", "v0.1.2")

    def test_pinned_version_is_served_from_cache_without_requests(self) -> None:
        self.first_build()
        self.assert_reused("hit")
        self.assertEqual(self.server.requests, [])

    def test_version_spellings_share_a_cache_entry(self) -> None:
        self.first_build()
        self.setting("RELEASE_VERSION", " 0.1.2 ")
        self.assert_reused("hit")

    def test_other_version_is_downloaded(self) -> None:
        self.first_build()
        self.publish("v0.1.3")
        self.setting("RELEASE_VERSION", "v0.1.3")
        self.assertEqual(self.assert_installed(self.compile(), "v0.1.3")["cache_status"], "miss")

    def test_other_repository_is_downloaded(self) -> None:
        self.first_build()
        self.server.publish("v0.1.2", harness.mesh_release_asset(), repository="acme/mesh")
        self.setting("REPO_OWNER", "acme")
        self.setting("REPO_PROJECT", "mesh")
        self.assertEqual(self.assert_installed(self.compile())["cache_status"], "miss")

    def test_cached_binary_with_another_digest_than_the_pin_is_not_used(self) -> None:
        self.first_build()
        self.setting("SHA256", "0" * 64)
        self.assert_fails("verify::digest-mismatch", "upstream")

    def test_cached_binary_is_verified_by_a_matching_pin(self) -> None:
        self.first_build()
        self.setting("SHA256", self.asset.sha256)
        self.assert_reused("hit")
        self.assertEqual(self.report()["service_mesh_verified_by"], "sha256-pin")

    def test_corrupt_cached_binary_is_replaced(self) -> None:
        for damage in (lambda path: path.write_bytes(path.read_bytes()[:-1]), lambda path: path.write_bytes(b"")):
            self.fresh_app()
            self.compile()
            self.fresh_app()
            damage(self.objects[0])
            done = self.compile()
            self.assertEqual(self.assert_installed(done)["cache_status"], "corrupt")
            self.assertIn("The cached binary is corrupt", done.stdout)
            self.fresh_app()
            self.assert_reused("hit")

    def test_missing_cached_binary_is_downloaded(self) -> None:
        self.first_build()
        self.objects[0].unlink()
        self.assertEqual(self.assert_installed(self.compile())["cache_status"], "miss")

    def test_corrupt_index_is_ignored(self) -> None:
        self.first_build()
        index = self.store / "index.json"
        good = json.loads(index.read_text())
        for text in ("", "{", "[]", "null", '{"format":2,"binaries":{}}', json.dumps({**good, "format": 99}),
                     json.dumps({"format": 1, "binaries": [1, {}, {**good["binaries"][0], "sha256": "../../x"}]})):  # fmt: skip
            with self.subTest(text):
                index.write_text(text)
                self.fresh_app()
                self.assertEqual(self.assert_installed(self.compile())["cache_status"], "miss")

    def test_malformed_cache_directory_is_replaced(self) -> None:
        def file_for_objects() -> None:
            shutil.rmtree(self.store / "objects")
            (self.store / "objects").write_text("")

        def directory_for_index() -> None:
            (self.store / "index.json").unlink()
            (self.store / "index.json/more").mkdir(parents=True)

        def neither_index_nor_program() -> None:
            (self.store / "index.json").write_text("{")
            self.objects[0].write_bytes(b"x")

        for damage in (file_for_objects, directory_for_index, neither_index_nor_program):
            with self.subTest(damage.__name__):
                self.fresh_app()
                self.compile()
                self.fresh_app()
                damage()
                self.assertEqual(self.assert_installed(self.compile())["cache_status"], "miss")
                self.fresh_app()
                self.assert_reused("hit")

    def test_change_of_the_installed_binary_does_not_affect_the_cache(self) -> None:
        self.first_build()
        self.assert_reused("hit")
        (self.world.build / harness.BINARY_PATH).write_bytes(b"\x7fELF something else")
        self.fresh_app()
        self.assertIn(self.assert_installed_somehow()["cache_status"], ("hit", "corrupt"))

    def assert_installed_somehow(self) -> dict[str, object]:
        done = self.compile()
        self.assertEqual(done.code, 0, done.output)
        self.assertEqual((self.world.build / harness.BINARY_PATH).read_bytes(), harness.mesh_standin().read_bytes())
        return self.report()

    def test_read_only_cache_does_not_fail_the_build(self) -> None:
        self.world.cache.chmod(0o555)
        done = self.compile()
        self.assertEqual(done.code, 0, done.output)


class LatestTest(CachedTest):
    def test_latest_version_is_resolved_once_and_served_from_cache(self) -> None:
        self.first_build()
        self.assert_reused("revalidated")
        self.assertEqual(self.routes(), ["latest"])

    def test_newer_version_is_downloaded(self) -> None:
        self.first_build()
        self.publish("v0.1.3")
        self.assertEqual(self.assert_installed(self.compile(), "v0.1.3")["cache_status"], "miss")

    def test_cache_keeps_at_most_two_binaries(self) -> None:
        for patch in range(2, 6):
            binary = harness.mesh_standin().read_bytes() + bytes([patch])
            self.server.publish(f"v0.1.{patch}", Asset(ASSET_NAME, make_archive([Entry("heroku-integration-service-mesh", binary)])))
            self.setting("RELEASE_VERSION", f"v0.1.{patch}")
            self.assertEqual(self.compile().code, 0)
        self.assertEqual(len(self.objects), 2)
        self.fresh_app()
        self.setting("RELEASE_VERSION", "v0.1.4")
        self.assertEqual(self.compile().code, 0)
        self.assertEqual(self.report()["cache_status"], "hit")

    def test_cached_fallback_is_used_when_the_source_is_unreachable(self) -> None:
        self.first_build()
        unreachable = (("latest", faults.unavailable()), ("latest", faults.html()), ("latest", faults.rate_limit()),
                       ("latest", faults.empty()), ("latest", faults.redirect_loop()))  # fmt: skip
        for route, fault in unreachable:
            with self.subTest(route=route, fault=fault):
                self.server.clear_faults()
                self.server.fault(route, fault)
                self.fresh_app()
                done = self.assert_reused("stale")
                self.assertIn("Using the cached fallback instead: v0.1.2.", words(done.stderr))

    def test_cached_fallback_is_used_when_a_newer_download_fails(self) -> None:
        self.first_build()
        self.publish("v0.1.3")
        for fault in (faults.unavailable(), faults.truncated(), faults.html(), faults.s3_forbidden()):
            with self.subTest(fault=fault):
                self.server.clear_faults()
                self.server.fault("asset", fault)
                self.fresh_app()
                done = self.compile()
                self.assertEqual(done.code, 0, done.output)
                report = self.report()
                self.assertEqual((report["cache_status"], report["service_mesh_version"]), ("stale", "v0.1.2"))

    def test_strict_build_does_not_use_the_cached_fallback(self) -> None:
        self.first_build()
        self.world.config(HEROKU_SERVICE_MESH_STRICT="1")
        self.server.fault("latest", faults.unavailable())
        self.assert_fails("resolve::server-error", "upstream")

    def test_invalid_download_does_not_use_the_cached_fallback(self) -> None:
        self.first_build()
        self.publish("v0.1.3", Asset(ASSET_NAME, make_archive([Entry("heroku-integration-service-mesh", b"#!/bin/sh\n")])))
        self.assert_fails("binary::wrong-format", "upstream")

    def test_corrupt_cached_binary_does_not_hide_the_failure_of_the_source(self) -> None:
        self.first_build()
        self.objects[0].write_bytes(b"x")
        self.server.fault("latest", faults.unavailable())
        done = self.compile()
        self.assertEqual(done.code, 1)
        self.assertEqual(self.report()["failure_reason"], "resolve::server-error")
        self.assertEqual(self.report()["failure_step"], "resolve")


class AppLinkTest(CachedTest):
    def setUp(self) -> None:
        super().setUp()
        self.world.config(HEROKU_SERVICE_MESH_PRODUCT="applink")
        self.program = harness.applink_standin().read_bytes()
        self.server.publish_applink("v1.2.3", self.program, signing_keys.publisher())

    def build(self) -> dict[str, object]:
        done = self.compile()
        self.assertEqual(done.code, 0, done.output)
        self.assertEqual((self.world.build / harness.APPLINK_PATH).read_bytes(), self.program)
        report = self.report()
        self.fresh_app()
        return report

    def test_latest_version_is_revalidated_with_one_conditional_request(self) -> None:
        self.build()
        done = self.compile()
        self.assertEqual([(request.route, request.status) for request in self.server.requests], [("object", 304)])
        self.assertIn("-----> Reusing cached Heroku AppLink Service Mesh binary\n", done.stdout)
        report = self.report()
        values = (report["cache_status"], report["service_mesh_version"], report["service_mesh_verified_by"])
        self.assertEqual(values, ("revalidated", "v1.2.3", "signature"))

    def test_new_latest_version_is_downloaded_and_verified(self) -> None:
        self.build()
        self.program += b"\0"
        self.server.publish_applink("v1.2.3", self.program, signing_keys.publisher())
        self.assertEqual(self.build()["cache_status"], "miss")

    def test_corrupt_cached_latest_version_is_downloaded(self) -> None:
        self.build()
        self.objects[0].write_bytes(b"x")
        self.assertEqual(self.build()["cache_status"], "corrupt")
        self.assertEqual(self.build()["cache_status"], "revalidated")

    def test_pinned_version_is_served_from_cache_without_requests(self) -> None:
        self.world.config(HEROKU_APPLINK_SERVICE_MESH_RELEASE_VERSION="v1.2.3")
        self.build()
        self.assertEqual(self.build()["cache_status"], "hit")

    def test_cached_binary_signed_by_an_untrusted_key_is_not_used(self) -> None:
        self.world.config(HEROKU_APPLINK_SERVICE_MESH_RELEASE_VERSION="v1.2.3")
        self.build()
        self.world.config(HEROKU_APPLINK_SERVICE_MESH_PUBLIC_KEY_FINGERPRINT=signing_keys.other().fingerprint)
        done = self.compile()
        self.assertEqual((done.code, self.report()["failure_reason"]), (1, "verify::key-unknown"))

    def test_cached_binary_verified_only_by_a_pin_is_not_used_without_it(self) -> None:
        self.world.config(HEROKU_APPLINK_SERVICE_MESH_RELEASE_VERSION="v1.2.3")
        self.world.config(HEROKU_APPLINK_SERVICE_MESH_SHA256=hashlib.sha256(self.program).hexdigest())
        self.build()
        (self.world.env / "HEROKU_APPLINK_SERVICE_MESH_SHA256").unlink()
        report = self.build()
        self.assertEqual((report["cache_status"], report["service_mesh_verified_by"]), ("miss", "signature"))

    def test_cached_fallback_is_used_when_the_bucket_is_unreachable(self) -> None:
        self.build()
        self.server.fault("object", faults.unavailable())
        self.assertEqual(self.build()["cache_status"], "stale")

    def test_bad_signature_does_not_use_the_cached_fallback(self) -> None:
        self.build()
        for key in [key for key in self.server.bucket.objects if "latest" in key and not key.endswith(".asc")]:
            self.server.bucket.objects[key] += b"x"
        done = self.compile()
        self.assertEqual((done.code, self.report()["failure_reason"]), (1, "verify::signature-bad"))


if __name__ == "__main__":
    unittest.main()
