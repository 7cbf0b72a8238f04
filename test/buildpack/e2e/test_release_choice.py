"""The choice of release and asset, and the requests for it."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
from outcome import OutcomeTest, words
from tools import buildpack_tree, faults
from tools.release_model import ASSET_NAME, Asset

HERE = buildpack_tree.architecture()
THERE = {"amd64": "arm64", "arm64": "amd64"}[HERE]


def mesh_named(name: str, **fields: object) -> Asset:
    """Returns the valid asset under another name."""
    return Asset(name, harness.mesh_release_asset().data, **fields)


class HappyPathTest(OutcomeTest):
    def test_latest_release_is_resolved_without_the_api(self) -> None:
        self.assert_installed(self.compile())
        self.assertEqual([r.route for r in self.server.requests], ["latest", "download", "asset"])

    def test_pinned_release_is_fetched_without_resolving_the_latest(self) -> None:
        self.setting("RELEASE_VERSION", "0.1.2")
        self.assert_installed(self.compile())
        self.assertEqual([r.route for r in self.server.requests], ["download", "asset"])

    def test_pinned_release_is_fetched_when_other_routes_fail(self) -> None:
        self.server.fault("latest", faults.status(500))
        self.server.fault("api", faults.rate_limit())
        self.setting("RELEASE_VERSION", "v0.1.2")
        self.assert_installed(self.compile())

    def test_requests_have_a_user_agent(self) -> None:
        self.compile()
        for request in self.server.requests:
            self.assertRegex(request.headers["user-agent"], r"^heroku-integration-service-mesh-buildpack/\d+\.\d+\.\d+$")


class AssetChoiceTest(OutcomeTest):
    """Uses the API, which is requested if the asset's usual name does not exist."""

    def build(self, *assets: Asset, **release: object) -> harness.Done:
        self.server.publish("v0.2.0", *assets, **release)
        return self.compile()

    def test_hostile_release_notes_are_ignored(self) -> None:
        notes = '## Changes\r\n* A *star*\n*\n\ttab "quotes" \\n \\ `id` $(id) \u2028 \u00e9 \U0001f600\x00'
        self.assert_installed(self.build(mesh_named(f"mesh-linux-{HERE}.tar.gz"), notes=notes), "v0.2.0")
        self.assertEqual(len(self.server.requests_to("api")), 1)

    def test_usual_asset_name_is_preferred(self) -> None:
        done = self.build(
            Asset("checksums.txt", b"0" * 64),
            mesh_named(f"mesh-linux-{HERE}.tar.gz"),
            mesh_named(ASSET_NAME),
            Asset("z.sig", b""),
        )
        self.assert_installed(done, "v0.2.0")
        self.assertEqual(self.server.requests_to("api"), [])

    def test_archive_for_this_architecture_is_chosen(self) -> None:
        self.assert_installed(
            self.build(
                Asset(f"mesh-linux-{THERE}.tar.gz", b"not for us"),
                mesh_named(f"mesh-linux-{HERE}.tar.gz"),
                Asset(f"mesh-darwin-{HERE}.tar.gz", b"not for us"),
                Asset(f"mesh-linux-{HERE}.tar.gz.sha256", b"0" * 64),
                Asset("checksums.txt", b"0" * 64),
            ),
            "v0.2.0",
        )

    def assert_no_asset(self, *assets: Asset, reason: str = "resolve::no-asset") -> str:
        self.server.publish("v0.2.0", *assets)
        done = self.assert_fails(reason, "upstream")
        self.assertNotIn("Done!", done.output)
        return words(done.stderr)

    def test_release_without_assets_is_reported(self) -> None:
        self.assertIn("the release has no uploaded file", self.assert_no_asset())

    def test_unfinished_upload_is_ignored(self) -> None:
        self.assertIn("the release has no uploaded file", self.assert_no_asset(mesh_named(ASSET_NAME, state="starter")))

    def test_release_without_a_matching_asset_is_reported_with_its_assets(self) -> None:
        names = [f"mesh-linux-{THERE}.tar.gz", "checksums.txt"]
        self.assertIn(f"the release has {', '.join(names)}", self.assert_no_asset(*map(mesh_named, names)))

    def test_ambiguous_assets_are_refused(self) -> None:
        names = [f"mesh-linux-{HERE}.tar.gz", f"other-linux-{HERE}.tar.gz"]
        message = self.assert_no_asset(*map(mesh_named, names), reason="resolve::ambiguous-asset")
        self.assertIn(f"the release has {', '.join(names)}", message)


class ApiFaultTest(OutcomeTest):
    """The usual asset name does not exist, and the API fails."""

    def setUp(self) -> None:
        super().setUp()
        self.server.publish("v0.2.0", mesh_named(f"mesh-linux-{HERE}.tar.gz"))

    def assert_api_fault(self, fault: faults.Fault, reason: str, classification: str) -> str:
        self.server.fault("api", fault)
        done = self.assert_fails(reason, classification, CURL_TIMEOUT="1")
        self.assertEqual(self.report()["failure_step"], "resolve")
        return done.stderr

    def test_rate_limit_is_reported_with_its_reset_time(self) -> None:
        self.assertRegex(self.assert_api_fault(faults.rate_limit(), "resolve::rate-limited", "upstream"), r"resets at \d\d:\d\d UTC")

    def test_secondary_rate_limit_is_reported(self) -> None:
        self.assert_api_fault(faults.secondary_limit(), "resolve::rate-limited", "upstream")

    def test_status_429_is_reported(self) -> None:
        self.assert_api_fault(faults.too_many_requests(), "resolve::rate-limited", "upstream")

    def test_retry_after_beyond_the_time_limit_ends_the_build(self) -> None:
        self.assert_api_fault(faults.unavailable(retry_after=3600), "resolve::server-error", "upstream")
        self.assertEqual(len(self.server.requests_to("api")), 1)

    def test_server_errors_are_reported(self) -> None:
        self.assert_api_fault(faults.status(500), "resolve::server-error", "upstream")

    def test_status_403_is_reported(self) -> None:
        self.assert_api_fault(faults.s3_forbidden(), "resolve::refused", "user")

    def test_html_page_instead_of_json_is_reported(self) -> None:
        self.assert_api_fault(faults.html(), "resolve::bad-response", "upstream")

    def test_malformed_json_is_reported(self) -> None:
        for data in (
            b"",
            b"null",
            b"[]",
            b'{"tag_name": 1}',
            b'{"tag_name": "../x"}',
            b"[" * 100_000,
            b'{"tag_name":"v0.2.0","assets":[{',
        ):
            with self.subTest(data=data[:40]):
                self.server.clear_faults()
                self.assert_api_fault(faults.body(data, "application/json"), "resolve::bad-response", "upstream")

    def test_asset_url_without_tls_is_not_followed(self) -> None:
        answer = b'{"tag_name":"v0.2.0","assets":[{"name":"%b","state":"uploaded","browser_download_url":"%b/x"}]}' % (
            ASSET_NAME.encode(),
            self.server.plain_url.encode(),
        )
        self.assert_api_fault(faults.body(answer, "application/json"), "resolve::bad-response", "upstream")
        self.assertNotIn("plain", [r.listener for r in self.server.requests])


class VersionChangeTest(OutcomeTest):
    def test_first_build_has_no_previous_version(self) -> None:
        report = self.assert_installed(self.compile())
        self.assertNotIn("service_mesh_version_previous", report)
        self.assertNotIn("service_mesh_version_changed", report)

    def test_unchanged_version_is_reported(self) -> None:
        self.compile()
        report = self.assert_installed(self.compile())
        self.assertEqual(report["service_mesh_version_previous"], self.TAG)
        self.assertIs(report["service_mesh_version_changed"], False)

    def test_new_latest_version_is_a_change_in_log_and_report(self) -> None:
        self.compile()
        self.publish("v0.1.3")
        done = self.compile()
        report = self.assert_installed(done, "v0.1.3")
        self.assertIn("       The last build had v0.1.2\n", done.stdout)
        self.assertEqual(report["service_mesh_version_previous"], self.TAG)
        self.assertIs(report["service_mesh_version_changed"], True)

    def test_failed_builds_are_not_previous_builds(self) -> None:
        self.compile()
        self.setting("RELEASE_VERSION", "v9.9.9")
        for _ in range(2):
            self.assert_fails("resolve::not-found", "user")
            report = self.report()
            self.assertEqual(report["service_mesh_version_previous"], self.TAG)
            self.assertNotIn("service_mesh_version_changed", report)
        self.setting("RELEASE_VERSION", self.TAG)
        self.assertIs(self.assert_installed(self.compile())["service_mesh_version_changed"], False)


if __name__ == "__main__":
    unittest.main()
