"""Settings come only from the config vars that this buildpack owns."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
from outcome import OutcomeTest, words
from tools.release_model import DEFAULT_REPOSITORY

OWN_NAME = "HEROKU_INTEGRATION_SERVICE_MESH_"


class ForeignConfigVarsTest(OutcomeTest):
    """Other config vars of any name are ignored."""

    NAMES = (
        "BASHOPTS", "BASH_ENV", "BINARY_FILE", "BUILD_DIR", "CACHE_DIR", "CDPATH", "ENV", "ENV_DIR", "EUID", "HOME", "IFS",
        "LD_LIBRARY_PATH", "LD_PRELOAD", "OPENSSL_CONF", "PATH", "PPID", "SHELLOPTS", "STACK", "TMPDIR", "UID", "VENDOR_DIR",
        "phase", "helper",
    )  # fmt: skip

    def test_config_vars_named_like_shell_variables_are_ignored(self) -> None:
        self.assert_installed(self.compile())
        expected = harness.snapshot(self.world.build)
        facts = self.report()
        for value in ("dist", "/nonexistent", "../../elsewhere", "a b\n*"):
            with self.subTest(value=value):
                self.world.config(**dict.fromkeys(self.NAMES, value))
                self.assert_installed(self.compile())
                self.assertEqual(harness.snapshot(self.world.build), expected)
                self.assertEqual(self.report()["stack"], facts["stack"])

    def test_config_vars_with_invalid_shell_names_are_ignored(self) -> None:
        self.world.config(**{"my-var": "1", "a b": "2", "1st": "3", "*": "4", "-n": "5", "$(exit 1)": "6", "päss": "7"})
        done = self.compile()
        self.assert_installed(done)
        self.assertNotIn("my-var", done.output)

    def test_huge_and_binary_config_vars_are_ignored(self) -> None:
        self.world.config(DATABASE_CERTIFICATE=bytes(range(256)) * 2000)
        self.assert_installed(self.compile())

    def test_certificate_settings_of_config_vars_are_ignored(self) -> None:
        self.world.config(SSL_CERT_FILE="/nonexistent", SSL_CERT_DIR="/nonexistent", CURL_TIMEOUT="0.000001")
        self.assert_installed(self.compile())

    def test_values_of_foreign_config_vars_are_not_printed(self) -> None:
        self.world.config(DATABASE_URL="postgres://user:hunter2@db/x", SECRET="hunter2")
        done = self.compile()
        written = done.output + self.world.run("report").output
        record = "".join(p.read_text() for p in (self.world.cache / "build-data").iterdir())
        self.assertNotIn("hunter2", written + record)


class OwnConfigVarsTest(OutcomeTest):
    def test_empty_value_is_treated_as_unset(self) -> None:
        for name in ("RELEASE_VERSION", "REPO_OWNER", "REPO_PROJECT", "SHA256"):
            self.setting(name, " \n")
        self.assert_installed(self.compile())

    def test_config_vars_override_the_environment(self) -> None:
        self.publish("v0.1.1")
        report = self.assert_installed(self.compile(**{OWN_NAME + "RELEASE_VERSION": "v0.1.1"}), "v0.1.1")
        self.assertEqual(report["service_mesh_version_requested"], "v0.1.1")
        self.setting("RELEASE_VERSION", "v0.1.2")
        self.assert_installed(self.compile(**{OWN_NAME + "RELEASE_VERSION": "v0.1.1"}), "v0.1.2")

    def test_unusable_values_are_reported_with_the_config_var(self) -> None:
        for what, value in (("too long", b"v" * 9000), ("a NUL byte", b"v0.1\0.2")):
            with self.subTest(what):
                self.setting("RELEASE_VERSION", value)
                done = self.assert_fails("config::unreadable", "user")
                self.assertIn(OWN_NAME + "RELEASE_VERSION", done.stderr)

    def test_directory_as_config_var_is_reported(self) -> None:
        (self.world.env / (OWN_NAME + "SHA256")).mkdir()
        self.assertIn(OWN_NAME + "SHA256", self.assert_fails("config::unreadable", "user").stderr)

    def test_build_without_env_dir_uses_the_environment(self) -> None:
        base = {OWN_NAME + "BASE_URL": self.server.base_url}
        for arguments in ((), ("",), (self.world.root / "none",)):
            with self.subTest(arguments):
                done = self.world.run("compile", self.world.build, self.world.cache, *arguments, **base)
                self.assert_installed(done)


class VersionTest(OutcomeTest):
    def setUp(self) -> None:
        super().setUp()
        self.publish("v0.1.3")

    def test_version_spellings_are_accepted(self) -> None:
        for text in ("0.1.2", "v0.1.2", " v0.1.2\n", "v0.1.2\r\n", '"v0.1.2"', "'0.1.2'", '\t"0.1.2" \n'):
            with self.subTest(text):
                self.setting("RELEASE_VERSION", text)
                report = self.assert_installed(self.compile(), "v0.1.2")
                self.assertIs(report["service_mesh_version_pinned"], True)
                self.assertEqual(report["service_mesh_version_requested"], text.strip().strip("\"'"))

    def test_latest_spellings_are_accepted(self) -> None:
        for text in ("latest", "LATEST", " latest\n", '"latest"'):
            with self.subTest(text):
                self.setting("RELEASE_VERSION", text)
                report = self.assert_installed(self.compile(), "v0.1.3")
                self.assertIs(report["service_mesh_version_pinned"], False)
                self.assertEqual(report["service_mesh_version_requested"], "latest")

    def test_tag_without_v_is_found_with_both_spellings(self) -> None:
        self.publish("0.0.9")
        for text in ("0.0.9", "v0.0.9"):
            with self.subTest(text):
                self.setting("RELEASE_VERSION", text)
                done = self.compile()
                self.assertEqual(done.code, 0, done.output)
                self.assertEqual(self.report()["service_mesh_version"], "0.0.9")

    def test_tag_of_another_form_is_used_unchanged(self) -> None:
        self.publish("nightly-2025_03+x.1")
        self.setting("RELEASE_VERSION", "nightly-2025_03+x.1")
        self.assert_installed(self.compile(), "nightly-2025_03+x.1")

    def test_latest_release_is_neither_prerelease_nor_draft(self) -> None:
        self.publish("v0.2.0", prerelease=True)
        self.publish("v0.3.0", draft=True)
        self.assert_installed(self.compile(), "v0.1.3")

    def test_malformed_versions_are_refused_without_requests(self) -> None:
        for text in ("v0.1.2?x", "../latest", "v0.1.2/..", "a b", "v0.1.2#x", "-v", ".", "v" * 101, "v0.1.2;id", "ü"):
            with self.subTest(text):
                self.setting("RELEASE_VERSION", text)
                self.assert_fails("config::invalid-version", "user")
                self.assertEqual(self.report()["service_mesh_version_requested"], text)
        self.assertEqual(self.server.requests, [])

    def test_malformed_version_is_reported_as_short_printable_text_without_secrets(self) -> None:
        for text, reported in (("v1\n\x1b[31m2", "v1  [31m2"), ("v" * 8000, "v" * 120), ("https://u:hunter2@x/v1", "https://x/v1")):
            with self.subTest(reported):
                self.setting("RELEASE_VERSION", text)
                self.assert_fails("config::invalid-version", "user")
                self.assertEqual(self.report()["service_mesh_version_requested"], reported)

    def test_version_is_reported_when_another_setting_is_malformed(self) -> None:
        self.setting("RELEASE_VERSION", '"v0.1.2"')
        self.setting("SHA256", "abc")
        self.assert_fails("config::invalid-sha256", "user")
        self.assertEqual(self.report()["service_mesh_version_requested"], "v0.1.2")

    def test_invalid_value_is_shown_in_full(self) -> None:
        for name, value, reason in (
            ("RELEASE_VERSION", "v0.1.2 # pinned", "config::invalid-version"),
            ("RELEASE_VERSION", "v0.1.2?x", "config::invalid-version"),
            ("REPO_OWNER", "acme/mesh#main", "config::invalid-repository"),
        ):
            with self.subTest(value):
                self.setting(name, value)
                self.assertIn(f'{OWN_NAME}{name}="{value}"', words(self.assert_fails(reason, "user").stderr))
                (self.world.env / f"{OWN_NAME}{name}").unlink()

    def test_version_with_a_comment_is_shown_in_full(self) -> None:
        self.world.app("version-with-comment")
        config = harness.fixture_config("version-with-comment")
        self.world.config(**config)
        text = words(self.assert_fails("config::invalid-version", "user").stderr)
        (version,) = config.values()
        self.assertIn(f'{OWN_NAME}RELEASE_VERSION="{version}"', text)
        self.assertEqual(self.report()["service_mesh_version_requested"], version)
        self.assertEqual(self.server.requests, [])

    def test_value_that_may_contain_a_secret_is_shown_in_part(self) -> None:
        for name, value, shown in (
            ("RELEASE_VERSION", "https://u:hunter2@host/v0.1.2", "https://host/v0.1.2"),
            ("REPO_OWNER", "u:hunter2@github.com/acme", "github.com/acme"),
            ("REPO_PROJECT", "mesh?token=hunter2", "mesh"),
        ):
            with self.subTest(value):
                self.setting(name, value)
                text = words(self.compile().stderr)
                self.assertIn(f'"{shown}" (the rest is not shown, because it may be a secret)', text)
                self.assertNotIn("hunter2", text)
                (self.world.env / f"{OWN_NAME}{name}").unlink()

    def test_missing_version_is_reported_with_its_repository(self) -> None:
        self.setting("RELEASE_VERSION", "v1.0.0")
        done = self.assert_fails("resolve::not-found", "user")
        self.assertIn("v1.0.0 of heroku/heroku-integration-service-mesh", done.stderr)
        self.assertEqual(self.report()["service_mesh_version_requested"], "v1.0.0")
        self.assertNotIn("service_mesh_version", self.report())


class RepositoryTest(OutcomeTest):
    def test_fork_is_used_for_latest_and_pinned_versions(self) -> None:
        self.server.publish("v7.0.0", harness.mesh_release_asset(), repository="acme/my.mesh_fork")
        self.setting("REPO_OWNER", "acme")
        self.setting("REPO_PROJECT", "my.mesh_fork")
        self.assert_installed(self.compile(), "v7.0.0")
        self.setting("RELEASE_VERSION", "7.0.0")
        self.assert_installed(self.compile(), "v7.0.0")
        asked = {request.path.split("/")[1] for request in self.server.requests if request.listener == "web"}
        self.assertEqual(asked, {"acme"})

    def test_version_missing_in_a_fork_is_not_taken_from_the_original(self) -> None:
        self.server.publish("v7.0.0", harness.mesh_release_asset(), repository="acme/heroku-integration-service-mesh")
        self.setting("REPO_OWNER", "acme")
        self.setting("RELEASE_VERSION", self.TAG)
        self.assertIn("acme/heroku-integration-service-mesh", self.assert_fails("resolve::not-found", "user").stderr)

    def test_renamed_repository_is_followed(self) -> None:
        self.server.rename(DEFAULT_REPOSITORY, "heroku/new-name")
        self.assert_installed(self.compile())
        self.setting("RELEASE_VERSION", self.TAG)
        self.assert_installed(self.compile())

    def test_repository_without_releases_is_reported(self) -> None:
        self.server.add_repository("acme/empty")
        self.setting("REPO_OWNER", "acme")
        self.setting("REPO_PROJECT", "empty")
        self.assertIn("acme/empty has no release", self.assert_fails("resolve::not-found", "user").stderr.replace("\n", ""))

    def test_malformed_repository_names_are_refused_without_requests(self) -> None:
        for name, values in {
            "REPO_OWNER": ("-acme", "acme-", "a" * 40, "a/b", "a.b", "..", "a?b", "a b"),
            "REPO_PROJECT": ("..", ".", "a/b", "a" * 101, "a?b", "a b", "a%2fb"),
        }.items():
            for value in values:
                with self.subTest(name=name, value=value):
                    self.setting(name, value)
                    self.assertIn(name, self.assert_fails("config::invalid-repository", "user").stderr)
            self.setting(name, "")
        self.assertEqual(self.server.requests, [])


class AddressTest(OutcomeTest):
    def test_only_safe_addresses_are_accepted(self) -> None:
        for value in (
            "http://github.com", "http://127.0.0.1.example.com", "http://localhost.example.com", "http://10.0.0.1",
            "ftp://localhost",
            "gopher://localhost", "github.com", "https://", "/tmp", "file://elsewhere/tmp", "https://localhost/?q",
            "https://localhost/#f",
            "https://local host", "javascript:alert(1)", "http://localhost@example.com",
        ):  # fmt: skip
            for name in ("BASE_URL", "API_URL"):
                with self.subTest(name=name, value=value):
                    self.world.use(self.server)
                    self.setting(name, value)
                    self.assertIn(OWN_NAME + name, self.assert_fails("config::invalid-url", "user").stderr)
        self.assertEqual(self.server.requests, [])

    def test_credentials_in_a_malformed_url_are_never_printed(self) -> None:
        for value in (
            "reader:hunter2@localhost",
            "https//reader:hunter2@localhost",
            "https://reader:hun ter2@localhost",
            "x:hunter2@",
        ):
            with self.subTest(value):
                self.setting("BASE_URL", value)
                self.assertNotIn("ter2", self.assert_fails("config::invalid-url", "user").stderr + str(self.report()))

    def test_trailing_slash_of_a_url_is_ignored(self) -> None:
        self.setting("BASE_URL", self.server.base_url + "/")
        self.assert_installed(self.compile())
        self.assertNotIn("//", "".join(request.path for request in self.server.requests))

    def test_mirror_is_used_exclusively(self) -> None:
        """Without an API of its own, a mirror without the release fails the build: GitHub is not asked."""
        (self.world.env / (OWN_NAME + "API_URL")).unlink()
        self.setting("RELEASE_VERSION", "v9.9.9")
        done = self.assert_fails("resolve::not-found", "user")
        self.assertNotIn("github.com", done.output)

    def test_credentials_in_a_url_are_used_and_never_printed(self) -> None:
        self.setting("BASE_URL", self.server.base_url.replace("://", "://reader:hunter2@"))
        self.setting("RELEASE_VERSION", "v9.9.9")
        done = self.assert_fails("resolve::not-found", "user")
        self.setting("RELEASE_VERSION", self.TAG)
        good = self.compile()
        self.assert_installed(good)
        record = "".join(p.read_text() for p in (self.world.cache / "build-data").iterdir())
        written = done.output + good.output + record + self.world.run("report").stdout
        self.assertNotIn("hunter2", written)
        self.assertNotIn(self.server.secret, written)
        self.assertTrue(all("authorization" in r.headers for r in self.server.requests_to("download")))
        self.assertFalse(any("authorization" in r.headers for r in self.server.requests_to("asset")))


class TokenTest(OutcomeTest):
    def test_malformed_token_is_refused_and_not_printed(self) -> None:
        for value in ("hunter 2", "hunter\t2", "hunter\u00fc2"):
            with self.subTest(value):
                self.setting("GITHUB_TOKEN", value)
                done = self.assert_fails("config::invalid-token", "user")
                self.assertNotIn("hunter", done.output + str(self.report()))


class UnreadableDirectoryTest(OutcomeTest):
    @unittest.skipUnless(harness.unprivileged_user(), "root alone can take a directory away from the build's user")
    def test_unreadable_pin_fails_the_build(self) -> None:
        self.setting("SHA256", "0" * 64)
        self.world.env.chmod(0o300)
        self.addCleanup(self.world.env.chmod, 0o755)
        self.assert_fails("config::unreadable", "user")


if __name__ == "__main__":
    unittest.main()
