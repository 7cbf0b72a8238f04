"""bin/build as a process: signals, facts of its trace, secrets, restored layers, and minimal environments."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import tomllib
import unittest
import unittest.mock
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import cloud_phases
import harness
import planted_secrets
import programs
import report_contract
from cloud_phases import FACTS, LAYER
from outcome import words
from planted_secrets import SECRET
from tools import container, faults, signing_keys


class EndedTest(cloud_phases.PhasesTest):
    """A build that is ended while its download stalls."""

    def setUp(self) -> None:
        super().setUp()
        self.assertEqual(self.build().code, 0)
        self.phases.next_container()
        self.publish("v0.1.3")
        self.before = harness.snapshot(self.phases.own_layers)

    def end(self, number: signal.Signals) -> harness.Done:
        self.server.fault("asset", faults.stall(after=1000))
        with self.phases.start("build", "/layers/heroku_mesh", "/platform", "/layers/plan.toml") as process:
            self.server.wait_stalled("asset")
            process.send_signal(number)
            stdout, stderr = process.communicate(timeout=harness.PATIENCE)
        self.server.clear_faults()
        self.server.release_stalled()
        return harness.Done(process.returncode, stdout, stderr)

    def test_catchable_signals_restore_the_previous_layer(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number.name):
                done = self.end(number)
                self.assertEqual(done.code, -number, done.output)
                self.assert_explained(done.stderr, "build::interrupted")
                *steps, root = self.phases.spans()
                self.assertEqual(
                    [step["name"] for step in steps], [f"service-mesh.{name}" for name in ("settings", "cache", "resolve", "download")]
                )
                self.assertEqual(root["name"], "libcnb-build")
                self.assertIs(root["attributes"]["failed"], True)
                self.assertEqual(root["attributes"][f"{FACTS}build_status"], "interrupted")
                self.assertEqual(root["attributes"][f"{FACTS}build_step"], "download")
                self.assertEqual(harness.snapshot(self.phases.own_layers), self.before)
                self.phases.forget_traces()

    def test_killed_build_leaves_completed_steps_and_the_previous_layer(self) -> None:
        self.assertEqual(self.end(signal.SIGKILL).code, -signal.SIGKILL)
        self.assertEqual(
            [span["name"] for span in self.phases.spans()], ["service-mesh.settings", "service-mesh.cache", "service-mesh.resolve"]
        )
        after = harness.snapshot(self.phases.own_layers)
        left = {path for path in after if path not in self.before}
        self.assertTrue(left and all(path.startswith(".") for path in left), left)
        self.assertEqual({path: what for path, what in after.items() if path not in left}, self.before)
        self.assertEqual(self.build().code, 0)
        self.assert_no_staging()
        self.assertIn('version = "v0.1.3"', (self.phases.own_layers / f"{LAYER}.toml").read_text())


class FactsTest(cloud_phases.PhasesTest):
    """The trace has the facts of the report of a classic build of the same app."""

    def compare(self, code: int = 0) -> None:
        self.phases.forget_traces()
        self.assertEqual(self.build().code, code)
        root = self.phases.spans()[-1]
        attributes = root["attributes"]
        self.world.keep_binaries = True
        self.assertEqual(self.compile().code, code)
        report = self.report()
        found = {key.removeprefix(FACTS): value for key, value in attributes.items() if key.startswith(FACTS)}
        self.assertEqual(found.pop("generation"), "fir")
        self.assertEqual(found.pop("trace_id"), root["trace_id"])
        self.assertNotEqual(report.pop("trace_id"), root["trace_id"])
        self.assertRegex(found.pop("started_at"), report_contract.STARTED_AT)
        report.pop("started_at")
        found = {key: value for key, value in found.items() if not key.endswith("_duration") and not key.startswith("error.")}
        expected = {key: value for key, value in report.items() if not key.endswith("_duration") and key != "generation"}
        self.assertEqual(found, expected)
        self.assertIs(attributes["failed"], code != 0)

    def setUp(self) -> None:
        super().setUp()
        self.world.app("node-web")

    def test_facts_of_successful_builds_match_cedar(self) -> None:
        for what in ("the first", "one that has the program"):
            with self.subTest(what):
                self.compare()
                self.phases.next_container()

    def test_facts_of_an_applink_build_match_cedar(self) -> None:
        self.server.publish_applink("v1.2.3", harness.applink_standin().read_bytes(), signing_keys.publisher())
        for target in (self.world, self.phases):
            target.config(HEROKU_SERVICE_MESH_PRODUCT="applink")
        self.compare()

    def test_facts_of_failed_builds_match_cedar(self) -> None:
        for target in (self.world, self.phases):
            target.config(HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION="v9.9.9")
        self.compare(1)

    def test_facts_of_strict_builds_match_cedar(self) -> None:
        for target, app in ((self.world, self.world.build), (self.phases, self.phases.workspace)):
            (app / "Procfile").write_text("web: npm start\n")
            target.config(HEROKU_SERVICE_MESH_STRICT="1")
        self.compare(1)

    def test_detail_has_placeholders_for_lifecycle_directories(self) -> None:
        name = "HEROKU_INTEGRATION_SERVICE_MESH_SHA256"
        (self.phases.env / name).mkdir()
        self.assertEqual(self.build().code, 1)
        facts = self.phases.spans()[-1]["attributes"]
        self.assertEqual(facts[f"{FACTS}failure_detail"], f"{name}: PLATFORM_DIR/env/{name}: Is a directory")


class VendoredFileTest(cloud_phases.PhasesTest):
    """An unusable vendored mesh is reported as a failure of the app, with its path."""

    def test_unusable_vendored_file_is_reported_with_its_path(self) -> None:
        for content, reason, text in (
            (programs.GIT_LFS_POINTER, "vendored::not-a-program", "a Git LFS pointer"),
            (b"", "vendored::not-a-program", "an empty file"),
            (b"#!/bin/sh\n", "vendored::not-a-program", "a script"),
            (programs.for_another_processor(), "vendored::cannot-run", "this build is for"),
        ):
            with self.subTest(text):
                vendored = self.phases.workspace / harness.BINARY_PATH
                vendored.parent.mkdir(parents=True, exist_ok=True)
                vendored.write_bytes(content)
                self.phases.forget_traces()
                done = self.build()
                self.assertEqual(done.code, 1, done.output)
                self.assert_explained(done.stderr, reason)
                self.assertIn(f"{harness.BINARY_PATH}: ", words(done.stderr))
                self.assertIn(text, words(done.stderr))
                attributes = self.phases.spans()[-1]["attributes"]
                self.assertEqual(attributes[f"{FACTS}failure_classification"], "user")
                self.assertEqual(list(self.phases.own_layers.iterdir()), [])


    def test_committed_git_lfs_pointer_is_reported_with_its_path(self) -> None:
        self.phases.app("vendored-pointer")
        done = self.build()
        self.assertEqual(done.code, 1, done.output)
        self.assert_explained(done.stderr, "vendored::not-a-program")
        self.assertIn(f"{harness.BINARY_PATH}: a Git LFS pointer", words(done.stderr))


class WrapTest(cloud_phases.PhasesTest):
    """A web process that HEROKU_SERVICE_MESH_WRAP puts behind the mesh."""

    def test_wrapped_web_process_has_no_mistakes(self) -> None:
        self.phases.app("wrapped-by-setting")
        self.phases.config(HEROKU_SERVICE_MESH_STRICT="1", **harness.fixture_config("wrapped-by-setting"))
        done = self.build()
        self.assertEqual((done.code, done.stderr), (0, ""), done.output)
        self.assertIn("web starts through the mesh: heroku-integration-service-mesh bash -c 'node server.js'\n", done.stdout)
        self.assertNotIn("app-port-unset", done.stdout)
        facts = self.phases.spans()[-1]["attributes"]
        self.assertEqual(facts[f"{FACTS}procfile_web"], "wrapped")
        self.assertEqual(facts[f"{FACTS}procfile_findings_count"], 0)


class PreviousLayerTest(cloud_phases.PhasesTest):
    """The layer of the previous build is used if it is valid, and replaced if not."""

    def setUp(self) -> None:
        super().setUp()
        self.phases.config(HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION=self.TAG)
        self.assertEqual(self.build().code, 0)
        self.phases.next_container()
        self.server.forget_requests()

    def assert_replaced(self, done: harness.Done) -> None:
        self.assertEqual(done.code, 0, done.output)
        self.assertEqual(len(self.server.requests_to("asset")), 1, done.output)
        self.assertEqual(self.program().read_bytes(), harness.mesh_standin().read_bytes())

    @property
    def store(self) -> Path:
        return self.phases.own_layers / "store.toml"

    def test_valid_layer_is_used_without_requests(self) -> None:
        done = self.build()
        self.assertEqual(done.code, 0, done.output)
        self.assertEqual(self.server.requests, [])

    def test_binary_replaced_together_with_its_digest_is_downloaded_again(self) -> None:
        other = programs.failing()
        metadata = self.phases.own_layers / f"{LAYER}.toml"
        before = hashlib.sha256(self.program().read_bytes()).hexdigest()
        text = metadata.read_text()
        self.assertIn(f'"{before}"', text)
        metadata.write_text(text.replace(before, hashlib.sha256(other).hexdigest()))
        self.program().write_bytes(other)
        self.assert_replaced(self.build())

    def test_layer_without_a_digest_in_the_store_is_downloaded_again(self) -> None:
        self.store.unlink()
        self.assert_replaced(self.build())

    def test_invalid_store_is_replaced(self) -> None:
        for kind, content in (("garbage", b"][\0"), ("a large file", b"[" * 300_000), ("no table", b"metadata = 3\n")):
            with self.subTest(kind):
                self.store.write_bytes(content)
                self.assertEqual(self.build().code, 0)
                self.assertEqual(list(tomllib.loads(self.store.read_text())), ["metadata"])
                self.phases.next_container()

    def test_unreadable_store_is_replaced(self) -> None:
        self.store.chmod(0)
        self.assert_replaced(self.build())
        self.assertIn("metadata", tomllib.loads(self.store.read_text()))
        self.phases.next_container()
        self.store.unlink()
        (self.store / "x").mkdir(parents=True)
        self.assertEqual(self.build().code, 0)
        self.assertIn("metadata", tomllib.loads(self.store.read_text()))

    def read_only(self) -> list[Path]:
        layer = self.phases.own_layers / LAYER
        parts = [path for path in (layer, *layer.rglob("*")) if not path.is_symlink()]
        for path in parts:
            path.chmod(0o555 if path.is_dir() else 0o444)
        self.addCleanup(harness.make_writable, self.phases.own_layers)
        for path in (self.phases.own_layers / f"{LAYER}.toml", self.store):
            path.chmod(0o444)
            parts.append(path)
        return parts

    def test_read_only_layer_is_used(self) -> None:
        self.read_only()
        done = self.build()
        self.assertEqual(done.code, 0, done.output)
        self.assertEqual(self.server.requests, [])
        self.assertTrue(os.access(self.program(), os.X_OK))
        self.assert_no_staging()

    def test_read_only_layer_is_replaced(self) -> None:
        self.read_only()
        self.publish("v0.1.3")
        self.phases.config(HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION="v0.1.3")
        self.assert_replaced(self.build())
        self.assert_no_staging()

    def test_layer_of_another_user_is_replaced(self) -> None:
        self.publish("v0.1.3")
        self.phases.config(HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION="v0.1.3")
        container.hand_over(self.phases.own_layers, self.phases.platform)
        for path in self.read_only():
            os.chown(path, container.USER_ID + 1, container.USER_ID + 1)
        with unittest.mock.patch("tools.container.hand_over"):
            self.assert_replaced(self.build())


class SecretsTest(cloud_phases.PhasesTest):
    """Secrets are planted in all config vars that may have one. No output of a build contains them."""

    def setUp(self) -> None:
        super().setUp()
        self.server.publish_applink("v1.2.3", harness.applink_standin().read_bytes(), signing_keys.publisher())
        self.phases.config(CURL_TIMEOUT="2", **planted_secrets.config_vars(self.server))
        (self.phases.workspace / "Procfile").write_text("web: npm start\n")
        self.phases.config(HEROKU_SERVICE_MESH_WRAP="web")

    def quiet_build(self) -> harness.Done:
        """Builds. Asserts that neither the log, the trace nor the layers contain a secret."""
        done = self.build(HEROKU_INTEGRATION_TOKEN=SECRET, DATABASE_URL=f"postgres://u:{SECRET}@db/x")
        found = {"log": done.output}
        for top in (self.phases.layers, self.phases.tmp):
            for directory, _, names in os.walk(top):
                for path in (Path(directory, name) for name in names):
                    found[str(path)] = os.readlink(path) if path.is_symlink() else path.read_bytes().decode("latin-1")
        self.assertTrue(any("libcnb-telemetry" in where for where in found))
        for secret in (SECRET, self.server.secret):
            self.assertEqual([where for where, text in found.items() if secret in text], [])
        return done

    def test_successful_builds_print_no_secrets(self) -> None:
        for product in ("integration", "applink"):
            self.phases.config(HEROKU_SERVICE_MESH_PRODUCT=product)
            for _ in ("downloaded", "from the layer"):
                done = self.quiet_build()
                self.assertEqual(done.code, 0, done.output)
                for name in (f"{LAYER}.sbom.cdx.json", f"{LAYER}.sbom.spdx.json"):
                    json.loads((self.phases.own_layers / name).read_text())
                self.phases.next_container()

    def test_failed_builds_print_no_secrets(self) -> None:
        for product, route, fault in (
            ("integration", "latest", faults.unavailable()),
            ("integration", "asset", faults.html()),
            ("integration", "download", faults.downgrade()),
            ("applink", "object", faults.html()),
            ("applink", "key", faults.s3_forbidden()),
        ):
            with self.subTest(product=product, route=route):
                self.phases.config(HEROKU_SERVICE_MESH_PRODUCT=product)
                self.server.clear_faults()
                self.server.fault(route, fault)
                self.assertEqual(self.quiet_build().code, 1)

    def test_refused_settings_print_no_secrets(self) -> None:
        for name, value, reason in (
            ("HEROKU_SERVICE_MESH_WRAP", f"https://u:{SECRET}@x/", "config::invalid-wrap"),
            ("HEROKU_INTEGRATION_SERVICE_MESH_BASE_URL", f"http://u:{SECRET}@mirror.example/", "config::invalid-url"),
        ):
            with self.subTest(name):
                self.phases.config(**{name: value})
                done = self.quiet_build()
                self.assertEqual(done.code, 1)
                self.assertIn(f"({reason})", done.stderr)
                (self.phases.env / name).unlink()


class BareSurroundingsTest(cloud_phases.PhasesTest):
    """Builds have no home directory, and can write only to the layers."""

    def test_build_needs_neither_home_nor_trace_directory(self) -> None:
        self.server.publish_applink("v1.2.3", harness.applink_standin().read_bytes(), signing_keys.publisher())
        self.phases.tmp_mode = 0o555
        for product, name in (("integration", harness.BINARY_NAME), ("applink", harness.APPLINK_NAME)):
            with self.subTest(product):
                self.phases.config(HEROKU_SERVICE_MESH_PRODUCT=product)
                done = self.build(HOME=None)
                self.assertEqual(done.code, 0, done.output)
                self.assertTrue(os.access(self.phases.own_layers / LAYER / "bin" / name, os.X_OK))
                self.assertNotIn("trial", done.output)
                self.assertEqual(self.phases.traces(), [])

    def test_build_needs_only_variables_of_the_lifecycle(self) -> None:
        done = self.build(HOME=None, CNB_LAYERS_DIR=None, CNB_PLATFORM_DIR=None, CNB_STACK_ID=None, CNB_BUILDPACK_DIR=None)
        self.assertEqual(done.code, 0, done.output)


if __name__ == "__main__":
    unittest.main()
