"""bin/test-compile on the layout of Heroku CI: the app is /app itself, and the cache is on another mount."""

from __future__ import annotations

import shutil
import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
import namespaces
from outcome import OutcomeTest


@unittest.skipUnless(namespaces.available(), "needs root, to mount /app")
class HerokuCiTest(OutcomeTest):
    def setUp(self) -> None:
        super().setUp()
        self.world.app("node-web")
        self.server.publish("v0.1.2", harness.mesh_release_asset())
        # The build's directory is mounted at /app, in a mount namespace of the test's own.
        self.world.namespaces = namespaces.MOUNTS
        top = self.world.root / "top"
        top.mkdir()
        self.world.arrangement = f"""
            mount -t tmpfs tmpfs '{top}'
            for name in /*; do
              [ "$name" != /app ] || continue
              if [ -L "$name" ]; then cp -P "$name" '{top}/'; continue; fi
              [ -d "$name" ] || continue
              mkdir "{top}$name"
              mount --rbind "$name" "{top}$name"
            done
            mkdir '{top}/app'
            mount -t tmpfs -o mode=0755 tmpfs '{top}/app'
            cp -a '{self.world.build}/.' '{top}/app/'
            cd '{top}'
            set -- chroot '{top}' sh -c '"$@" && find /app -type f -perm -u+x && cat /app/.profile.d/*' sh "$@"
        """

    def ci(self, phase: str) -> harness.Done:
        return self.world.run(phase, "/app", self.world.cache, self.world.env, CI="true")

    def test_mesh_is_installed_into_app(self) -> None:
        done = self.ci("test-compile")
        self.assertEqual(done.code, 0, done.output)
        self.assertIn("Installed vendor/heroku-integration/bin/heroku-integration-service-mesh", done.stdout)
        self.assertIn(f"/app/{harness.BINARY_PATH}\n", done.stdout)
        self.assertIn("$HOME/vendor/heroku-integration/bin", done.stdout)

    def test_next_run_uses_the_cache_on_another_mount(self) -> None:
        self.assertEqual(self.ci("test-compile").code, 0)
        done = self.ci("test-compile")
        self.assertEqual(done.code, 0, done.output)
        self.assertIn("Reusing cached Heroku Integration Service Mesh binary", done.stdout)

    def test_test_compile_has_the_steps_of_compile(self) -> None:
        def steps(done: harness.Done) -> list[str]:
            return [line.split(" (")[0] for line in done.stdout.splitlines()]

        tested = steps(self.ci("test-compile"))
        shutil.rmtree(self.world.cache)
        self.world.cache.mkdir()
        self.assertEqual(steps(self.ci("compile")), tested)


if __name__ == "__main__":
    unittest.main()
