"""bin/doctor reports the mistakes of an app as text and as JSON; a strict build fails for them."""

from __future__ import annotations

import json
import shutil
import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
from outcome import OutcomeTest, words

# Each fixture's findings, with their places.
FOUND = {
    "doctor-applink": ["missing-dashdash-on-applink Procfile:1"],
    "doctor-assignment-on-cd": ["assignment-on-another-command Procfile:1"],
    "doctor-attached-port": ["app-port-mismatch Procfile:1"],
    "doctor-double-key": ["double-key Procfile:1"],
    "doctor-export-without-and": ["export-without-and Procfile:1"],
    "doctor-flags": ["mesh-flag-on-integration Procfile:1", "dashdash-on-integration Procfile:1"],
    "doctor-grammar": ["space-before-colon Procfile:1", "name-case Procfile:1"],
    "doctor-gunicorn-takes-port": ["same-port Procfile:1"],
    "doctor-gunicorn-unwrapped": ["mesh-not-used Procfile:1"],
    "doctor-inspector-port": [],
    "doctor-long-dash": ["long-dash Procfile:1"],
    "doctor-mesh-port-is-another": ["mesh-port Procfile:1"],
    "doctor-miscased-procfile": ["procfile-misnamed procfile"],
    "doctor-misspelled-mesh": ["mesh-misspelled Procfile:1"],
    "doctor-one-branch-without-mesh": ["cannot-tell Procfile:1", "branch-without-mesh Procfile:1"],
    "doctor-other-process": ["mesh-on-non-web Procfile:2"],
    "doctor-pipe-behind-mesh": [],
    "doctor-port-mismatch": ["app-port-mismatch Procfile:1"],
    "doctor-port-set-before-mesh": ["mesh-port Procfile:1"],
    "doctor-ports-of-clients": [],
    "doctor-product": [],  # it is AppLink's own name, and nobody said that another product is installed
    "doctor-puma-reads-port": ["same-port Procfile:1"],
    "doctor-quoted-command": ["quoted-command Procfile:1"],
    "doctor-quoted-outside-web": ["mesh-on-non-web Procfile:2"],
    "doctor-role-switch": ["mesh-not-used Procfile:1"],
    "doctor-same-port": ["same-port Procfile:1"],
    "doctor-script": ["same-port start.sh:4"],
    "doctor-script-for-both": [],
    "doctor-shell-operator": ["shell-op-after-mesh Procfile:1"],
    "doctor-spaces-around-equals": ["malformed-assignment Procfile:1"],
    "doctor-spring-yaml": ["same-port Procfile:1"],
    "doctor-two-scripts-deep": [],
    "doctor-utf16-procfile": ["procfile-encoding Procfile:1"],
    "doctor-uvicorn-own-default": ["app-port-mismatch Procfile:1"],
    "doctor-yaml": ["yaml-unknown-key heroku-integration-service-mesh.yaml:3"],
    "doctor-yaml-host-with-port": ["yaml-host-with-port heroku-applink-service-mesh.yaml:2"],
    "no-procfile": ["procfile-missing Procfile"],
    "no-web": ["web-missing Procfile"],
    "node-web": [],
    "python-web": [],
    "unwrapped-web": ["mesh-not-used Procfile:1"],
    "vendored-pointer": [],
    "version-with-comment": [],
    "wrapped-by-setting": ["mesh-not-used Procfile:1"],  # config vars of Cloud Native builds have no effect on it
}

# What to write instead, for some of them.
SUGGESTIONS = {
    "doctor-assignment-on-cd": "web: cd api && APP_PORT=4000 heroku-applink-service-mesh -- uvicorn app:app --port 4000",
    "doctor-attached-port": "web: APP_PORT=8080 heroku-applink-service-mesh -- bundle exec puma -p8080",
    "doctor-export-without-and": "web: APP_PORT=3000 heroku-applink-service-mesh npm start",
    "doctor-gunicorn-takes-port": "web: APP_PORT=3000 heroku-integration-service-mesh gunicorn -b 0.0.0.0:3000 app:app",
    "doctor-gunicorn-unwrapped": "web: APP_PORT=3000 heroku-integration-service-mesh gunicorn -b 0.0.0.0:3000 shop.wsgi --log-file -",
    "doctor-long-dash": "web: APP_PORT=3000 heroku-applink-service-mesh -- java -jar target/app.jar",
    "doctor-mesh-port-is-another": "web: APP_PORT=3000 heroku-applink-service-mesh -- env PORT=3000 npm start",
    "doctor-miscased-procfile": "git mv procfile Procfile",
    "doctor-misspelled-mesh": "web: APP_PORT=3000 heroku-applink-service-mesh npm start",
    "doctor-one-branch-without-mesh": "",
    "doctor-port-set-before-mesh": "web: APP_PORT=3000 heroku-integration-service-mesh env PORT=3000 npm start",
    "doctor-puma-reads-port": "web: APP_PORT=3000 heroku-applink-service-mesh -- env PORT=3000 bundle exec puma -C config/puma.rb",
    "doctor-quoted-outside-web": "release: npm run migrate",
    "doctor-role-switch": "",
    "doctor-spaces-around-equals": "web: APP_PORT=3000 heroku-integration-service-mesh npm start",
    "doctor-spring-yaml": "web: APP_PORT=3000 heroku-applink-service-mesh -- env PORT=3000 SERVER_PORT=3000 java -jar target/shop.jar",
    "doctor-utf16-procfile": "",
    "doctor-uvicorn-own-default": "web: APP_PORT=3000 heroku-applink-service-mesh -- uvicorn --port 3000 main:app --host 0.0.0.0",
    "doctor-yaml-host-with-port": "  host: http://127.0.0.1",
}

# How the web process starts, and the product that is called, for some of them.
STARTS = {
    "doctor-export-without-and": ("unwrapped", "applink"),
    "doctor-inspector-port": ("wrapped", "applink"),
    "doctor-miscased-procfile": ("no-procfile", "applink"),
    "doctor-misspelled-mesh": ("unwrapped", "applink"),
    "doctor-one-branch-without-mesh": ("unknown", "applink"),
    "doctor-pipe-behind-mesh": ("wrapped", "applink"),
    "doctor-two-scripts-deep": ("wrapped", "applink"),
    "doctor-utf16-procfile": ("missing", "applink"),
}


class DoctorTest(unittest.TestCase):
    def setUp(self) -> None:
        self.world = harness.World()
        self.addCleanup(self.world.close)
        # Where the one who builds can read them, wherever the checkout lies.
        self.fixtures = self.world.root / "fixtures"
        shutil.copytree(harness.FIXTURES, self.fixtures, symlinks=True)

    def doctor(self, *arguments: object) -> harness.Done:
        return self.world.run("doctor", *arguments)

    def found(self, *arguments: object) -> list[str]:
        done = self.doctor(*arguments, "--format", "json")
        self.assertEqual(done.stderr, "")
        report = json.loads(done.stdout)
        self.assertEqual(done.code, 1 if report["mistakes"] else 0, done.stdout)
        return [f"{finding['id']} {finding['location']}" for finding in report["findings"]]

    def app(self, procfile: str) -> Path:
        (self.world.build / "Procfile").write_text(procfile)
        return self.world.build


class FindingsTest(DoctorTest):
    def test_every_fixture_has_the_findings_it_is_named_after_and_no_other(self) -> None:
        for fixture, expected in FOUND.items():
            with self.subTest(fixture):
                self.assertEqual(self.found(self.fixtures / fixture), expected)

    def test_fixtures_have_their_line_to_write_instead(self) -> None:
        for fixture, instead in SUGGESTIONS.items():
            with self.subTest(fixture):
                report = json.loads(self.doctor(self.fixtures / fixture, "--format", "json").stdout)
                self.assertEqual(report["findings"][-1].get("suggestion", ""), instead)

    def test_fixtures_start_as_the_doctor_reports(self) -> None:
        for fixture, (web, product) in STARTS.items():
            with self.subTest(fixture):
                report = json.loads(self.doctor(self.fixtures / fixture, "--format", "json").stdout)
                self.assertEqual((report["web"], report["product"]), (web, product))

    def test_a_procfile_that_is_too_large_is_not_missing(self) -> None:
        app = self.app("web: APP_PORT=3000 heroku-applink-service-mesh npm start\n" + "# comment\n" * 40000)
        self.assertEqual(self.found(app), ["procfile-unreadable Procfile"])

    def test_every_fixture_of_the_doctor_is_tried(self) -> None:
        there = {path.name for path in self.fixtures.iterdir() if path.name.startswith("doctor-")}
        self.assertEqual(there, {name for name in FOUND if name.startswith("doctor-")})

    def test_option_chooses_the_product(self) -> None:
        app = self.fixtures / "doctor-product"
        self.assertEqual(self.found(app, "--product", "integration"), ["wrong-product-name Procfile:1"])
        self.assertEqual(self.found(app, "--product=applink"), [])

    def test_config_var_chooses_the_product_without_the_option(self) -> None:
        app = self.fixtures / "doctor-product"
        self.world.config(HEROKU_SERVICE_MESH_PRODUCT="integration")
        self.assertIn("wrong-product-name Procfile:1", self.found(app, "--env", self.world.env))
        self.assertNotIn("wrong-product-name Procfile:1", self.found(app, "--env", self.world.env, "--product", "applink"))
        self.world.config(HEROKU_SERVICE_MESH_PRODUCT="istio")
        self.assertEqual(self.doctor(app, "--env", self.world.env).code, 2)

    def test_config_vars_are_checked_and_never_printed(self) -> None:
        app = self.app("web: heroku-integration-service-mesh uvicorn app:app --port 8080\n")
        self.assertEqual(self.found(app), [])
        self.world.config(APP_PORT="4711", HEROKU_INTEGRATION_TOKEN="hunter2")
        self.assertEqual(self.found(app, "--env", self.world.env), ["app-port-mismatch Procfile:1"])
        said = self.doctor(app, "--env", self.world.env).output
        self.assertNotIn("4711", said)
        self.assertNotIn("hunter2", said)

    def test_app_is_unchanged(self) -> None:
        self.world.app("doctor-script")
        before = harness.snapshot(self.world.root)
        self.doctor(self.world.build, "--env", self.world.env)
        self.assertEqual(harness.snapshot(self.world.root), before)


class OutputTest(DoctorTest):
    def test_text_shows_location_message_and_suggestion(self) -> None:
        done = self.doctor(self.fixtures / "doctor-script")
        self.assertEqual((done.code, done.stderr), (1, ""))
        self.assertEqual(
            done.stdout,
            "Product: integration; web process: wrapped\n"
            "\n"
            "same-port (error), start.sh:4\n"
            "The mesh itself listens on $PORT, so uvicorn, whose arguments name $PORT, ends with\n"
            "\"address already in use\". Let the app listen on APP_PORT.\n"
            "Write instead:\n"
            "  APP_PORT=3000 exec heroku-integration-service-mesh uvicorn app:app --port 3000\n",
        )  # fmt: skip

    def test_text_reports_no_mistakes(self) -> None:
        done = self.doctor(self.fixtures / "node-web", "--format", "text")
        self.assertEqual((done.code, done.stderr), (0, ""))
        self.assertEqual(done.stdout, "Product: integration; web process: wrapped\nNo problems found.\n")

    def test_programs_read_one_line_of_json(self) -> None:
        done = self.doctor("--format=json", self.fixtures / "unwrapped-web")
        self.assertEqual(done.stdout.count("\n"), 1)
        report = json.loads(done.stdout)
        self.assertEqual((report["product"], report["web"], report["mistakes"]), ("integration", "unwrapped", 1))
        self.assertEqual(set(report["findings"][0]), {"id", "severity", "location", "message", "suggestion"})

    def test_notes_are_no_mistakes(self) -> None:
        done = self.doctor(self.fixtures / "node-web", "--env", self.world.env)
        self.assertEqual(done.code, 0, done.output)
        self.assertIn("addon-vars-missing (note), ", done.stdout)


class ArgumentsTest(DoctorTest):
    def test_invalid_argument_is_reported_with_the_allowed_values(self) -> None:
        app = self.fixtures / "node-web"
        for arguments, problem in (
            ((app, "more"), 'The argument "more" is unexpected. Name one app directory.'),
            ((app, "--format", "xml"), 'The value "xml" of --format is invalid. Use text or json.'),
            ((app, "--format="), 'The value "" of --format is invalid. Use text or json.'),
            ((app, "--product", "mesh"), 'The value "mesh" of --product is invalid. Use integration or applink.'),
            ((app, "--env"), "--env has no value. Use a directory that contains a file for each config var."),
            ((app, "--what", "x"), 'The option "--what" is unknown. Use --env, --product, --format or --help.'),
            ((app, "-v"), 'The option "-v" is unknown. Use --env, --product, --format or --help.'),
            (("--format", "json"), "The app directory is missing. Name it as APP_DIR."),
            (("",), "The app directory is missing. Name it as APP_DIR."),
            ((app, "--env", "/nonexistent"), '"/nonexistent" is not a readable directory. Name a directory.'),
            (("/etc/passwd",), '"/etc/passwd" is not a readable directory. Name a directory.'),
        ):
            with self.subTest(arguments):
                done = self.doctor(*arguments)
                self.assertEqual((done.code, done.stdout), (2, ""))
                self.assertIn(f" !     {problem}", done.stderr.splitlines()[0])
                self.assertIn("Usage: mesh-buildpack doctor APP_DIR", done.stderr)

    def test_help_is_printed_on_standard_output(self) -> None:
        for arguments in (("--help",), ("-h",), (self.fixtures / "unwrapped-web", "--help")):
            with self.subTest(arguments):
                done = self.doctor(*arguments)
                self.assertEqual((done.code, done.stderr), (0, ""))
                for text in ("Usage: mesh-buildpack doctor APP_DIR", "--env", "integration or applink", "text or json"):
                    self.assertIn(text, done.stdout)


class StrictBuildTest(OutcomeTest):
    def test_a_build_warns_of_mistakes_and_goes_on(self) -> None:
        self.world.app("doctor-flags")
        done = self.compile()
        report = self.assert_installed(done)
        self.assertEqual(report["procfile_findings"], "dashdash-on-integration,mesh-flag-on-integration")
        self.assertEqual(report["procfile_findings_count"], 2)
        said = words(done.stderr)
        self.assertIn("mesh-flag-on-integration (error), Procfile:1", said)
        self.assertIn("Write instead: web: APP_PORT=3000 heroku-integration-service-mesh node server.js", said)

    def test_the_installed_product_decides(self) -> None:
        self.world.app("doctor-product")
        self.world.config(HEROKU_SERVICE_MESH_PRODUCT="integration")
        self.assertEqual(self.assert_installed(self.compile())["procfile_findings"], "wrong-product-name")

    def test_a_strict_build_fails_for_mistakes_after_telling_them(self) -> None:
        self.world.app("doctor-same-port")
        self.world.config(HEROKU_SERVICE_MESH_STRICT="1")
        done = self.compile()
        self.assertEqual(done.code, 1, done.output)
        said = words(done.stderr)
        self.assertLess(said.index("same-port (error), Procfile:1"), said.index("(procfile::strict)"))
        report = self.report()
        stated = {key: report[key] for key in ("build_status", "failure_reason", "failure_classification", "failure_step")}
        self.assertEqual(
            stated,
            {
                "build_status": "failure",
                "failure_reason": "procfile::strict",
                "failure_classification": "user",
                "failure_step": "procfile",
            },
        )
        self.assertEqual((report["failure_detail"], report["procfile_findings"]), ("same-port", "same-port"))

    def test_strict_build_succeeds_when_the_web_process_is_unknown(self) -> None:
        self.world.build.mkdir(exist_ok=True)
        (self.world.build / "Procfile").write_text("web: make serve\n")
        self.world.config(HEROKU_SERVICE_MESH_STRICT="1")
        done = self.compile()
        self.assertEqual(self.assert_installed(done)["procfile_web"], "unknown")
        self.assertIn("       cannot-tell (note), Procfile:1\n", done.stdout)

    def test_strict_build_ignores_notes(self) -> None:
        self.world.app("node-web")
        self.world.config(HEROKU_SERVICE_MESH_STRICT="1")
        done = self.compile()
        self.assert_installed(done)
        self.assertIn("       addon-vars-missing (note), ", done.stdout)


if __name__ == "__main__":
    unittest.main()
