"""Secrets are planted in all config vars that may have one. No output of a build contains them."""

from __future__ import annotations

import os
import shutil
import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
import planted_secrets
from outcome import OutcomeTest
from planted_secrets import SECRET
from tools import faults, signing_keys


class SecretsTest(OutcomeTest):
    def setUp(self) -> None:
        super().setUp()
        self.world.keep_binaries = True
        self.world.environment["CURL_TIMEOUT"] = "2"
        self.server.publish_applink("v1.2.3", harness.applink_standin().read_bytes(), signing_keys.publisher())
        self.world.config(**planted_secrets.config_vars(self.server))
        (self.world.build / "Procfile").write_text("web: npm start\n")

    def build(self) -> harness.Done:
        """Compiles. Asserts that neither the log, the report, the cache nor the app contains a secret."""
        done = self.compile()
        written = {"log": done.output, "report": self.world.run("report").stdout}
        for top in (self.world.build, self.world.cache):
            for directory, _, names in os.walk(top):
                for path in (Path(directory, name) for name in names):
                    written[str(path)] = os.readlink(path) if path.is_symlink() else path.read_bytes().decode("latin-1")
        for secret in (SECRET, self.server.secret):
            self.assertEqual([where for where, text in written.items() if secret in text], [])
        return done

    def fresh_app(self) -> None:
        shutil.rmtree(self.world.build / "vendor", ignore_errors=True)
        shutil.rmtree(self.world.build / ".profile.d", ignore_errors=True)

    def test_successful_builds_print_no_secrets(self) -> None:
        for product in ("integration", "applink"):
            self.world.config(HEROKU_SERVICE_MESH_PRODUCT=product)
            for _ in ("downloaded", "from the cache"):
                self.fresh_app()
                self.assertEqual(self.build().code, 0)

    def test_failed_builds_print_no_secrets(self) -> None:
        faulty = {
            "integration": (("latest", faults.unavailable()), ("latest", faults.downgrade()), ("download", faults.no_location()),
                            ("asset", faults.html()), ("asset", faults.truncated()), ("download", faults.downgrade()),
                            ("asset", faults.s3_forbidden())),
            "applink": (("object", faults.unavailable()), ("object", faults.html()), ("signature", faults.html()),
                        ("key", faults.s3_forbidden()), ("object", faults.downgrade()), ("signature", faults.empty())),
        }  # fmt: skip
        for product, kinds in faulty.items():
            self.world.config(HEROKU_SERVICE_MESH_PRODUCT=product)
            for route, fault in kinds:
                with self.subTest(product=product, route=route):
                    shutil.rmtree(self.world.cache)
                    self.world.cache.mkdir()
                    self.server.clear_faults()
                    self.server.fault(route, fault)
                    self.assertEqual(self.build().code, 1)

    def test_refused_token_is_not_printed(self) -> None:
        self.world.config(HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION="v9.9.9")
        self.server.fault("api", faults.status(401, b'{"message":"Bad credentials"}'))
        self.assertEqual(self.build().code, 1)
        self.assertEqual(self.report()["failure_reason"], "resolve::auth")

    def test_token_is_sent_only_to_the_api(self) -> None:
        self.world.config(HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION="v9.9.9")
        self.build()
        self.assertTrue(self.server.requests_to("api"))
        for request in self.server.requests:
            token = f"Bearer ghp_{SECRET}"
            self.assertEqual(request.headers.get("authorization") == token, request.route == "api", request)

    def test_refused_settings_print_no_secrets(self) -> None:
        for name, value in (("BASE_URL", f"http://u:{SECRET}@mirror.example/"), ("SHA256", f"https://u:{SECRET}@x/"),
                            ("GITHUB_TOKEN", f"{SECRET}\n{SECRET}"), ("API_URL", f"https://x/?{SECRET}")):  # fmt: skip
            with self.subTest(name):
                former = (self.world.env / f"HEROKU_INTEGRATION_SERVICE_MESH_{name}")
                content = former.read_bytes() if former.exists() else b""
                self.setting(name, value)
                self.assertEqual(self.build().code, 1)
                self.setting(name, content)

    def test_proxy_prints_no_secrets(self) -> None:
        port = harness.free_ports(1)[0]
        self.world.config(no_proxy="", https_proxy=f"http://u:{SECRET}@127.0.0.1:{port}")
        self.assertEqual(self.build().code, 1)
        self.assertEqual(self.report()["failure_reason"], "network::proxy")


if __name__ == "__main__":
    unittest.main()
