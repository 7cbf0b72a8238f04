"""The fixtures have the conditions they are named after, and web apps really start behind the mesh."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
import programs
from tools import heroku_build
from tools.dyno import Dyno


class FixturesTest(unittest.TestCase):
    def test_conditions(self) -> None:
        def at(path: str) -> Path:
            return harness.FIXTURES / path

        self.assertTrue(at("directory-in-the-way").joinpath(harness.BINARY_PATH).is_dir())
        self.assertTrue(at("profile-directory-in-the-way").joinpath(harness.PROFILE_PATH).is_dir())
        self.assertTrue(at("vendor-is-a-file/vendor").is_file())
        self.assertFalse(at("no-procfile/Procfile").exists())
        self.assertNotIn("web", heroku_build.procfile(at("no-web")))
        self.assertNotIn("service-mesh", heroku_build.procfile(at("unwrapped-web"))["web"])
        self.assertEqual(at("vendored-pointer").joinpath(harness.BINARY_PATH).read_bytes(), programs.GIT_LFS_POINTER)
        self.assertIn(" #", harness.fixture_config("version-with-comment")["HEROKU_INTEGRATION_SERVICE_MESH_RELEASE_VERSION"])
        self.assertEqual(harness.fixture_config("wrapped-by-setting"), {"HEROKU_SERVICE_MESH_WRAP": "web"})
        self.assertNotIn("service-mesh", heroku_build.procfile(at("wrapped-by-setting"))["web"])
        self.assertFalse(at("committed-profile").joinpath(harness.PROFILE_PATH).read_bytes().endswith(b"\n"))

    def test_every_fixture_is_in_the_table(self) -> None:
        table = (harness.FIXTURES / "README.md").read_text()
        documented = re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE)
        self.assertEqual(documented, sorted(path.name for path in harness.FIXTURES.iterdir() if path.is_dir()))


class WebFixturesTest(unittest.TestCase):
    """Starts each web app in a slug made by hand, without the buildpack."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)

    def slug(self, fixture: str) -> Path:
        slug = self.root / "slug"
        shutil.copytree(harness.FIXTURES / fixture, slug)
        binary, profile = slug / harness.BINARY_PATH, slug / harness.PROFILE_PATH
        for path in (binary, profile):
            path.parent.mkdir(parents=True)
        shutil.copy(harness.mesh_standin(), binary)
        profile.write_text('export PATH="$HOME/vendor/heroku-integration/bin:$PATH"\n')
        return slug

    def get(self, url: str) -> str | None:
        request = urllib.request.Request(url, headers={"X-Client-Context": "test"})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            if error.code == 502:
                return None
            raise
        except OSError:
            return None

    def answer_of(self, fixture: str) -> str:
        slug = self.slug(fixture)
        port, app_port = harness.free_ports(2)
        config = {
            "APP_PORT": str(app_port),
            "HEROKU_INTEGRATION_TOKEN": "token",
            "HEROKU_INTEGRATION_API_URL": "http://127.0.0.1:9",
        }
        web = heroku_build.procfile(slug)["web"]
        with Dyno(slug, web, port=port, log=self.root / "log", config=config) as dyno:
            return harness.eventually(lambda: self.get(f"{dyno.url}/a?b=c"), f"{fixture} answers through the mesh")

    def test_node_web_answers_through_the_mesh(self) -> None:
        self.assertEqual(self.answer_of("node-web"), "Hello from Node.js behind the mesh: GET /a?b=c\n")

    def test_python_web_answers_through_the_mesh(self) -> None:
        self.assertEqual(self.answer_of("python-web"), "Hello from Python behind the mesh: GET /a?b=c\n")


if __name__ == "__main__":
    unittest.main()
