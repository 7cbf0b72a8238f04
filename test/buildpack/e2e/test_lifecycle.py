"""This buildpack in builds by the real Cloud Native lifecycle: every fixture and every state of a restored layer, as in the
tables of docs/lifecycle.md; and the processes of the images, started by the real launcher.

With MESH_UPDATE_GOLDEN=1 in the environment (script/update-docs) the tables are written. With MESH_ROWS in the environment
only the rows that match are measured, and compared or written (test/support/python/table_rows.py).
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import unittest
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import cloud_build
import harness
import table_rows
from cloud_build import LAYER
from tools import faults, lifecycle, signing_keys
from tools.buildpack_tree import architecture
from tools.oci_image import Image
from tools.release_model import APPLINK_NAME, ASSET_NAME, BINARY_NAME, Asset, Entry, make_archive
from tools.release_server import ReleaseServer

TABLES = harness.CHECKOUT / "docs" / "lifecycle.md"
PRODUCTS = ("integration", "applink")
# Fixtures of the doctor whose Procfile decides what HEROKU_SERVICE_MESH_WRAP does. Findings of the others change no image.
OF_DOCTOR = {
    f"doctor-{name}"
    for name in ("double-key", "grammar", "gunicorn-unwrapped", "miscased-procfile", "misspelled-mesh",
                 "one-branch-without-mesh", "role-switch", "script", "two-scripts-deep", "utf16-procfile")
}  # fmt: skip
FIXTURES = sorted(
    path.name
    for path in harness.FIXTURES.iterdir()
    if path.is_dir() and (path.name in OF_DOCTOR or not path.name.startswith("doctor-"))
)
OTHER_ARCHITECTURE = {"amd64": "arm64", "arm64": "amd64"}[architecture()]
# The machine in an ELF header.
MACHINES = {"amd64": b"\x3e\x00", "arm64": b"\xb7\x00"}


class Cell:
    """A platform and a release server of its own, which has both products, each for both architectures."""

    def __init__(self, product: str = "integration") -> None:
        self.product = product
        self.is_integration = product == "integration"
        self.platform = lifecycle.Platform()
        self.server = ReleaseServer()
        cloud_build.use(self.platform, self.server)
        self.buildpack = self.platform.add_buildpack(harness.buildpack())
        self.programs: dict[tuple[str, str, str], bytes] = {}  # by product, version and architecture
        self.names: set[str] | None = None  # in the layer of the previous build, if the next must have the same
        self.release("1.0.0")

    def close(self) -> None:
        self.server.close()
        self.platform.close()

    def release(self, version: str, key: signing_keys.SigningKey | None = None) -> None:
        """Publishes binaries of this version, which differ from those of other versions, as the latest. Integration's is only for
        this machine's architecture, and its asset has the usual name, which has no architecture."""
        self.make_programs(version, key or signing_keys.publisher())
        self.server.publish(f"v{version}", self.archive(ASSET_NAME, version, architecture()))

    def release_for_each_architecture(self, version: str) -> None:
        """Publishes the same, with an asset of Integration's for each architecture, which is in its name."""
        self.make_programs(version, signing_keys.publisher())
        names = {arch: ASSET_NAME.replace(".tar", f"-linux-{arch}.tar") for arch in (architecture(), OTHER_ARCHITECTURE)}
        self.server.publish(f"v{version}", *(self.archive(name, version, arch) for arch, name in names.items()))

    def make_programs(self, version: str, key: signing_keys.SigningKey) -> None:
        for arch in (architecture(), OTHER_ARCHITECTURE):
            for product, path in (("integration", harness.mesh_standin()), ("applink", harness.applink_standin())):
                binary = path.read_bytes()
                self.programs[product, version, arch] = binary[:18] + MACHINES[arch] + binary[20:] + version.encode()
            self.server.publish_applink(f"v{version}", self.programs["applink", version, arch], key, arch=arch)

    def archive(self, name: str, version: str, arch: str) -> Asset:
        return Asset(name, make_archive([Entry(BINARY_NAME, self.programs["integration", version, arch])]))

    def app(self, procfile: str = "web: npm start\n") -> None:
        self.platform.config(HEROKU_SERVICE_MESH_PRODUCT=self.product)
        (self.platform.source / "Procfile").write_text(procfile)

    def pin(self, version: str) -> None:
        self.platform.config(**{f"HEROKU_{self.product.upper()}_SERVICE_MESH_RELEASE_VERSION": version})

    def source_down(self) -> None:
        for route in ("latest", "download", "api", "asset", "object", "signature", "key"):
            self.server.fault(route, faults.unavailable(retry_after=0))

    def build_before(self) -> None:
        """Runs a successful build first."""
        build = self.platform.build()
        assert build.code == 0, build.output
        self.names = names_in_layer(self, build.image)

    def build(self, **options: object) -> lifecycle.Build:
        """Runs the measured build, of which requests are counted."""
        self.server.forget_requests()
        return self.platform.build(**options)

    # --- what comes back from the build before, for a test to spoil ---

    @property
    def layer(self) -> Path:
        return self.platform.layers_of(self.buildpack) / LAYER

    @property
    def layer_toml(self) -> Path:
        return self.platform.layers_of(self.buildpack) / f"{LAYER}.toml"

    @property
    def store_toml(self) -> Path:
        return self.platform.layers_of(self.buildpack) / "store.toml"

    @property
    def program(self) -> Path:
        return self.layer / "bin" / (BINARY_NAME if self.is_integration else APPLINK_NAME)


# --- what a build came to --------------------------------------------------------------------------------------------


def outcome(build: lifecycle.Build) -> str:
    if build.code == 0:
        return "success, stale" if " !     Using the cached fallback" in build.output else "success"
    if build.code == lifecycle.NOT_DETECTED:
        return "not for this app"
    reason = re.search(r"\(([a-z-]+::[a-z-]+)\)", build.output)
    return f"{reason[1] if reason else '?'} ({build.code})"


def layer_of(build: lifecycle.Build, buildpack: lifecycle.Buildpack) -> str:
    """Returns what happened to the layer in the image: reused, added or none."""
    if build.image is None:
        return "-"
    logged = re.search(rf"^(Reus|Add)ing layer '{buildpack.id}:{LAYER}'", build.output, re.MULTILINE)
    return {"Reus": "reused", "Add": "added"}[logged[1]] if logged else "none"


def program_of(cell: Cell, image: Image | None) -> str:
    """Returns which of the released binaries is in the image, compared by its bytes. The layer's metadata must agree."""
    layer = image.layers_of(cell.buildpack.id).get(LAYER) if image else None
    if layer is None:
        return "-"
    recorded = layer["data"]
    name = BINARY_NAME if recorded["product"] == "integration" else APPLINK_NAME
    path = f"/layers/{cell.buildpack.id.replace('/', '_')}/{LAYER}/bin/{name}"
    product, version, arch = next(released for released, binary in cell.programs.items() if binary == image.files[path])
    assert (recorded["product"], recorded["arch"]) == (product, arch), f"{recorded}, but it is {product} for {arch}"
    assert recorded["sha256"] == hashlib.sha256(image.files[path]).hexdigest()
    # The version of AppLink's latest is the one that its binary prints.
    assert product == "applink" or recorded["version"] == f"v{version}", f"{recorded}, but it is {version}"
    assert image.modes[path] == 0o755, f"{path} has the mode {image.modes[path]:o}"
    return f"{version} {arch}"


def names_in_layer(cell: Cell, image: Image) -> set[str]:
    """Returns the paths in the layer without versions, which the links to the binary may have."""
    directory = f"/layers/{cell.buildpack.id.replace('/', '_')}/{LAYER}/"
    names = [path for path in (*image.files, *image.links) if path.startswith(directory)]
    return {re.sub(r"[0-9]+\.[0-9]+\.[0-9]+", "VERSION", path) for path in names}


# --- every fixture ---------------------------------------------------------------------------------------------------


def words(process: dict | None) -> str:
    if process is None:
        return "-"
    command = [*process["command"], *(process.get("args") or [])]
    return "`" + " ".join(f"'{word}'" if " " in word else word for word in command).replace("|", "\\|") + "`"


def measure_fixture(name: str) -> str:
    cell = Cell()
    try:
        cell.platform.app(harness.FIXTURES / name)
        cell.platform.config(**harness.fixture_config(name))
        before = harness.snapshot(cell.platform.source)
        first = cell.build()
        if first.image is None:
            return f"| `{name}` | {outcome(first)} | - | - | - | - |\n"
        assert harness.snapshot(cell.platform.workspace) == before, f"the build of {name} changed the app"
        again = cell.build()
        requests = len(cell.server.requests)
        same = "the same image" if again.image.digest == first.image.digest else "another image"
        cell.platform.config(HEROKU_SERVICE_MESH_WRAP="web")
        wrapped = cell.build()
        second = f"{same}, layer {layer_of(again, cell.buildpack)}"
        web = [words(build.image.processes.get("web")) if build.image else outcome(build) for build in (again, wrapped)]
        return f"| `{name}` | {outcome(first)} | {second} | {requests} | {web[0]} | {web[1]} |\n"
    finally:
        cell.close()


# --- every state of a layer ------------------------------------------------------------------------------------------

Provocation = Callable[[Cell], lifecycle.Build]


@dataclass(frozen=True)
class Row:
    area: str
    situation: str
    provoke: Provocation
    products: tuple[str, ...] = PRODUCTS

    @property
    def name(self) -> str:
        return f"{self.area}: {self.situation}"


def first(cell: Cell) -> lifecycle.Build:
    return cell.build()


def changed(change: Callable[[Cell], None]) -> Provocation:
    """Changes something between a successful build and the next."""

    def provoke(cell: Cell) -> lifecycle.Build:
        cell.build_before()
        change(cell)
        return cell.build()

    return provoke


def restored(spoil: Callable[[Cell], None], *, before: Callable[[Cell], None] = lambda cell: None) -> Provocation:
    """Changes the restored layer in a build after a successful one."""

    def provoke(cell: Cell) -> lifecycle.Build:
        cell.build_before()
        before(cell)
        return cell.build(after={"restorer": lambda: spoil(cell)})

    return provoke


def metadata(text: str | Callable[[str], str]) -> Provocation:
    """Replaces the restored layer's metadata by this text, or by the result of a function."""

    def spoil(cell: Cell) -> None:
        cell.layer_toml.write_text(text(cell.layer_toml.read_text()) if callable(text) else text)

    return restored(spoil)


def each_value(value: str) -> Provocation:
    return metadata(lambda text: re.sub(r'= ".*"$', lambda _: f"= {value}", text, flags=re.MULTILINE))


def replaced(name: str, value: str) -> Provocation:
    return metadata(lambda text: re.sub(rf"^(\s*{name} = ).*$", lambda found: found[1] + value, text, flags=re.MULTILINE))


def damage(cell: Cell) -> None:
    content = bytearray(cell.program.read_bytes())
    content[len(content) // 2] ^= 1
    cell.program.write_bytes(content)


def truncate(cell: Cell) -> None:
    cell.program.write_bytes(b"")


def not_executable(cell: Cell) -> None:
    cell.program.chmod(0o644)


def link_instead(cell: Cell) -> None:
    cell.program.unlink()
    cell.program.symlink_to("/usr/bin/true")


def directory_instead(cell: Cell) -> None:
    cell.program.unlink()
    cell.program.mkdir()


def link_outwards(cell: Cell) -> None:
    shutil.rmtree(cell.layer)
    cell.layer.symlink_to("/tmp")


def more_files(cell: Cell) -> None:
    (cell.layer / "bin" / "ls").write_text("#!/bin/sh\necho not ls\n")
    (cell.layer / "bin" / "ls").chmod(0o755)
    (cell.layer / "exec.d").mkdir(exist_ok=True)
    (cell.layer / "exec.d" / "other").write_text("#!/bin/sh\nexit 1\n")
    (cell.layer / "exec.d" / "other").chmod(0o755)


def upstream_layer(cell: Cell) -> None:
    """Writes the layer's metadata as the AppLink buildpack does, with only an entity tag."""
    cell.layer_toml.write_text('[metadata]\netag = "\\"d41d8cd98f00b204e9800998ecf8427e\\""\n')


def other_architecture(cell: Cell) -> None:
    cell.platform.run_image(OTHER_ARCHITECTURE)
    cell.names = None


def other_architecture_that_is_released(cell: Cell) -> lifecycle.Build:
    cell.release_for_each_architecture("1.0.1")
    return changed(other_architecture)(cell)


def another_key(cell: Cell) -> None:
    cell.release("1.0.1", signing_keys.other())


def replace_with_digest(cell: Cell) -> None:
    digest, other = (hashlib.sha256(content).hexdigest() for content in (cell.program.read_bytes(), b"another"))
    cell.layer_toml.write_text(cell.layer_toml.read_text().replace(digest, other))
    cell.program.write_bytes(b"another")


def garbage_in_store(cell: Cell) -> None:
    cell.store_toml.write_text("][\0")


def numbers_in_store(cell: Cell) -> None:
    cell.store_toml.write_text(re.sub('= ".*"', "= 3.0", cell.store_toml.read_text()))


def other_product(cell: Cell) -> None:
    other = PRODUCTS[cell.is_integration]
    cell.platform.config(HEROKU_SERVICE_MESH_PRODUCT=other)
    cell.names = None


APPLINK = ("applink",)

ROWS = [
    Row("build", "first build", first),
    Row("build", "repeated", changed(lambda cell: None)),
    Row("build", "repeated with a pinned version", changed(lambda cell: cell.pin("v1.0.0"))),
    Row("build", "launch cache lost", changed(lambda cell: cell.platform.forget_cache())),
    Row("build", "image lost", changed(lambda cell: cell.platform.forget_image())),
    Row("change", "newer release", changed(lambda cell: cell.release("1.0.1"))),
    Row("change", "other pinned version", changed(lambda cell: (cell.release("1.0.1"), cell.pin("v1.0.1")))),
    Row("change", "unknown pinned version", changed(lambda cell: cell.pin("v9.9.9"))),
    Row("change", "other architecture, released", other_architecture_that_is_released),
    Row("change", "other architecture, Integration's asset has the usual name", changed(other_architecture)),
    Row("change", "other product", changed(other_product)),
    Row("trust", "other signing key", changed(another_key), APPLINK),
    Row("trust", "other signing key, launch cache lost",
        changed(lambda cell: (another_key(cell), cell.platform.forget_cache())), APPLINK),
    Row("trust", "other signing key, image lost",
        changed(lambda cell: (another_key(cell), cell.platform.forget_image())), APPLINK),
    Row("trust", "other signing key, store with invalid TOML", restored(garbage_in_store, before=another_key),
        APPLINK),
    Row("trust", "other signing key, store with numbers",
        restored(numbers_in_store, before=another_key), APPLINK),
    Row("source down", "valid layer", changed(Cell.source_down)),
    Row("source down", "no layer", lambda cell: (cell.source_down(), cell.build())[1]),
    Row("source down", "other architecture",
        changed(lambda cell: (cell.source_down(), other_architecture(cell)))),
    Row("source down", "corrupt binary", restored(damage, before=Cell.source_down)),
    Row("source down", "metadata with invalid TOML",
        restored(lambda cell: cell.layer_toml.write_text("][\0"), before=Cell.source_down)),
    Row("metadata", "additional number", metadata(lambda text: text + "more = 3.0\n")),
    Row("metadata", "numbers instead of strings", each_value("3.0")),
    Row("metadata", "integers instead of strings", each_value("3")),
    Row("metadata", "arrays instead of strings", each_value('["x", ["y"]]')),
    Row("metadata", "tables instead of strings", each_value('{ x = "y" }')),
    Row("metadata", "times instead of strings", each_value("1979-05-27T07:32:00Z")),
    Row("metadata", "empty strings", each_value('""')),
    Row("metadata", "control characters", each_value(r'"\u0000\u001b[31m\n"')),
    Row("metadata", "strings of a megabyte", each_value('"' + "x" * 1_000_000 + '"')),
    Row("metadata", "nested a thousand deep", metadata("[metadata]\nx = " + "[" * 1000 + "]" * 1000 + "\n")),
    Row("metadata", "other product", replaced("product", '"another"')),
    Row("metadata", "other digest", replaced("sha256", f'"{"0" * 64}"')),
    Row("metadata", "later schema", replaced("schema", '"999"')),
    Row("metadata", "other version of this buildpack", replaced("buildpack_version", '"0.0.1"')),
    Row("metadata", "invalid TOML", metadata("][\0")),
    Row("metadata", "invalid UTF-8",
        restored(lambda cell: cell.layer_toml.write_bytes(b'[metadata]\nversion = "\xff\xfe"\n'))),
    Row("metadata", "empty", metadata("")),
    Row("metadata", "not a table", metadata("metadata = 1\n")),
    Row("metadata", "written by the AppLink buildpack", restored(upstream_layer)),
    Row("metadata", "missing, layer exists", restored(lambda cell: cell.layer_toml.unlink())),
    Row("layer", "missing, metadata exist", restored(lambda cell: shutil.rmtree(cell.layer))),
    Row("layer", "missing, metadata too",
        restored(lambda cell: (shutil.rmtree(cell.layer), cell.layer_toml.unlink()))),
    Row("layer", "corrupt binary", restored(damage)),
    Row("layer", "binary and its digest replaced", restored(replace_with_digest)),
    Row("layer", "empty binary", restored(truncate)),
    Row("layer", "missing binary", restored(lambda cell: cell.program.unlink())),
    Row("layer", "binary without execute permission", restored(not_executable)),
    Row("layer", "link instead of the binary", restored(link_instead)),
    Row("layer", "directory instead of the binary", restored(directory_instead)),
    Row("layer", "link out of the layers", restored(link_outwards)),
    Row("layer", "files of others", restored(more_files)),
]  # fmt: skip


def measure(row: Row, product: str) -> list[str]:
    if product not in row.products:
        return [""] * 4
    cell = Cell(product)
    try:
        cell.app()
        build = row.provoke(cell)
        assert "internal-error" not in build.output, build.output
        if cell.names and build.image:
            names = names_in_layer(cell, build.image)
            assert names == cell.names, f"more: {names - cell.names}, less: {cell.names - names}"
        requests = str(len(cell.server.requests))
        return [outcome(build), program_of(cell, build.image), layer_of(build, cell.buildpack), requests]
    finally:
        cell.close()


@unittest.skipIf(os.geteuid() != 0, "needs root, to mount what a build's container has")
class TablesTest(unittest.TestCase):
    maxDiff = None

    def setUp(self) -> None:
        table_rows.chosen([*(f"fixture: {name}" for name in FIXTURES), *(row.name for row in ROWS)], str)
        # Shared values are made before threads start.
        harness.buildpack(), signing_keys.publisher(), signing_keys.other()

    def compare(self, name: str, heading: str, lines: list[str], columns: int) -> None:
        """Compares these lines, which their first columns identify, with the table of this name."""
        begin, end = f"<!-- table: {name} -->\n", f"<!-- end: {name} -->\n"
        before, _, rest = TABLES.read_text().partition(begin)
        table, _, after = rest.partition(end)
        measured = table_rows.merged(table, lines, columns) if table_rows.is_filtered() else f"\n{heading}{''.join(lines)}\n"
        expected = f"{before}{begin}{measured}{end}{after}"
        if "MESH_UPDATE_GOLDEN" in os.environ:
            TABLES.write_text(expected)
        self.assertEqual(TABLES.read_text(), expected)

    def test_table_of_apps_is_current(self) -> None:
        names = [name for name in FIXTURES if table_rows.is_chosen(f"fixture: {name}")]
        with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
            lines = list(pool.map(measure_fixture, names))
        heading = (
            "| fixture | first build | second build | requests | web | web with `HEROKU_SERVICE_MESH_WRAP=web` |\n"
            "| --- | --- | --- | --- | --- | --- |\n"
        )
        self.compare("apps", heading, lines, columns=1)

    def test_table_of_layers_is_current(self) -> None:
        rows = [row for row in ROWS if table_rows.is_chosen(row.name)]
        with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
            measured = {(row, product): pool.submit(measure, row, product) for row in rows for product in PRODUCTS}
        lines = []
        for row in rows:
            cells = [cell for product in PRODUCTS for cell in measured[(row, product)].result()]
            lines.append(f"| {row.area} | {row.situation} | {' | '.join(cells)} |\n")
        columns = "outcome | program | layer | requests"
        heading = f"| | situation | Integration: {columns} | AppLink: {columns} |\n|{' --- |' * 10}\n"
        self.compare("layers", heading, lines, columns=2)


# --- starting what was built -----------------------------------------------------------------------------------------

PROCFILE_BUILDPACK = """
cat >"$CNB_LAYERS_DIR/launch.toml" <<'END'
[[processes]]
type = "worker"
command = ["bash", "-c"]
args = ["sleep 100"]

[[processes]]
type = "web"
%s
END
"""


class LaunchTest(cloud_build.CloudBuildTest):
    fixture = "python-web"

    def setUp(self) -> None:
        super().setUp()
        (self.platform.source / "Procfile").write_text("web: python3 app.py\n")

    def after_procfile_buildpack(self, web: str) -> lifecycle.Build:
        """Builds with another buildpack before this one, which declares the processes."""
        self.platform.config(HEROKU_SERVICE_MESH_WRAP="web")
        self.throw_away(id="tests/procfile", build=PROCFILE_BUILDPACK % web)
        self.ours()
        return self.build()

    def start(self, image: Image, *command: str) -> tuple[lifecycle.Launched, str]:
        """Starts a process of the image with a dyno's config vars. Returns it and its address."""
        port, app_port = harness.free_ports(2)
        config = {"PORT": str(port), "APP_PORT": str(app_port)}
        addon = {"HEROKU_INTEGRATION_TOKEN": "token", "HEROKU_INTEGRATION_API_URL": "http://127.0.0.1:9"}
        process = self.platform.launch(image, *(command or ("web",)), **config, **addon)
        self.addCleanup(process.stop)
        return process, f"http://127.0.0.1:{port}/a?b=c"

    def get(self, url: str, **headers: str) -> tuple[int, str] | None:
        request = urllib.request.Request(url, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return None if error.code == 502 else (error.code, error.read().decode())
        except OSError:
            return None

    def assert_answers_through_the_mesh(self, image: Image, *command: str) -> None:
        process, url = self.start(image, *command)

        def answer() -> tuple[int, str] | None:
            self.assertIsNone(process.process.poll(), process.output)
            return self.get(url, **{"X-Client-Context": "test"})

        answered = harness.eventually(answer, "the app answers")
        self.assertEqual(answered, (200, "Hello from Python behind the mesh: GET /a?b=c\n"))
        self.assertEqual(self.get(url)[0], 401)
        process.stop()

    def test_procfile_process_answers_through_the_mesh(self) -> None:
        self.platform.config(HEROKU_SERVICE_MESH_WRAP="web")
        self.ours()
        self.assert_answers_through_the_mesh(self.build().image)

    def test_procfile_that_calls_the_mesh_answers_through_it(self) -> None:
        (self.platform.source / "Procfile").write_text(f"web: {BINARY_NAME} python3 app.py\n")
        web = f'command = ["bash", "-c"]\nargs = ["{BINARY_NAME} python3 app.py"]'
        self.throw_away(id="tests/procfile", build=PROCFILE_BUILDPACK % web)
        self.ours()
        self.assert_answers_through_the_mesh(self.build().image)

    def test_process_of_another_buildpack_answers_through_the_mesh(self) -> None:
        build = self.after_procfile_buildpack('command = ["bash", "-c"]\nargs = ["python3 app.py"]\ndefault = true')
        self.assertEqual(build.image.config["config"]["Entrypoint"], ["/cnb/process/web"])
        self.assertEqual(build.image.processes["web"]["args"], ["python3 app.py"])
        self.assertEqual(build.image.processes["worker"]["command"], ["bash", "-c"])
        self.assert_answers_through_the_mesh(build.image)

    def test_working_directory_is_kept(self) -> None:
        (self.platform.source / "inside").mkdir()
        (self.platform.source / "app.py").rename(self.platform.source / "inside" / "app.py")
        build = self.after_procfile_buildpack('command = ["python3", "app.py"]\nworking-dir = "/workspace/inside"')
        self.assertEqual(build.image.processes["web"]["working-dir"], "/workspace/inside")
        self.assert_answers_through_the_mesh(build.image)

    def test_user_arguments_replace_only_app_arguments(self) -> None:
        build = self.after_procfile_buildpack('command = ["bash", "-c"]\nargs = ["exit 7"]\ndefault = true')
        self.assert_answers_through_the_mesh(build.image, "web", "exec python3 app.py")

    # Quotes, backslashes and characters beyond ASCII, as TOML writes them and as they are meant.
    WORDS = (
        (r'"a \"b\" \\ c"', 'a "b" \\ c'),
        ("'a \"b\" \\n'", 'a "b" \\n'),
        (r'"\u00e9 \t"', "\u00e9 \t"),
        ('"""\none\ntwo"""', "one\ntwo"),
    )

    def test_arguments_are_passed_unchanged(self) -> None:
        for written, meant in self.WORDS:
            with self.subTest(meant):
                self.platform.remove_buildpacks()
                build = self.after_procfile_buildpack(f'command = ["echo"]\nargs = [{written}]')
                self.assertEqual(build.image.processes["web"]["args"], [meant])

    def test_signal_to_all_processes_ends_the_app(self) -> None:
        self.platform.config(HEROKU_SERVICE_MESH_WRAP="web")
        self.ours()
        process, url = self.start(self.build().image)
        harness.eventually(lambda: self.get(url, **{"X-Client-Context": "test"}), "the app answers")
        app_port = int(re.search(r"app listens on (\d+)\n", process.output)[1])
        os.killpg(process.process.pid, signal.SIGTERM)
        process.wait()
        harness.eventually(lambda: self.get(f"http://127.0.0.1:{app_port}/") is None, "the app is gone")


class SbomTest(cloud_build.CloudBuildTest):
    """The SBOMs in the image, checked by the libraries of their standards."""

    # A mistake replaces the first text by the second. SPDX's library ignores unknown keys.
    MISTAKES = {
        "sbom.cdx.json": ((b'"name"', b'"nom"'), (b"SHA", b"sha"), (b'"', b""), (b"{", b'{"unheardOf": 1, ')),
        "sbom.spdx.json": ((b'"name"', b'"nom"'), (b"CC0-1.0", b"MIT"), (b'"', b"")),
    }

    def problems(self, files: dict[str, bytes]) -> str:
        directory = self.new_directory()
        for name, content in files.items():
            (directory / name).write_bytes(content)
        check = harness.CHECKOUT / "tools" / "check_sbom.py"
        command = [lifecycle.sbom_python(), "-B", check, *map(directory.joinpath, files)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        return done.stdout + done.stderr if done.returncode else ""

    def sboms(self, image: Image) -> dict[str, bytes]:
        directory = f"/layers/sbom/launch/{self.buildpack.id.replace('/', '_')}/{LAYER}/"
        # SPDX's library rejects a URL whose host is a number.
        host, name = self.server.base_url.removeprefix("https://").encode(), b"releases.example.com"
        found = {path: content for path, content in image.files.items() if path.startswith(directory)}
        return {path.removeprefix(directory): content.replace(host, name) for path, content in found.items()}

    def test_sboms_are_valid(self) -> None:
        self.ours()
        self.server.publish_applink("v1.2.3", harness.applink_standin().read_bytes(), signing_keys.publisher())
        for product in PRODUCTS:
            with self.subTest(product):
                self.platform.config(HEROKU_SERVICE_MESH_PRODUCT=product)
                sboms = self.sboms(self.build().image)
                self.assertEqual(sorted(sboms), sorted(self.MISTAKES))
                self.assertEqual(self.problems(sboms), "")

    def test_invalid_sboms_are_found(self) -> None:
        self.ours()
        for name, content in self.sboms(self.build().image).items():
            for right, wrong in self.MISTAKES[name]:
                with self.subTest(f"{name}: {right}"):
                    mistake = content.replace(right, wrong, 1)
                    self.assertNotEqual(mistake, content)
                    self.assertNotEqual(self.problems({name: mistake}), "")


if __name__ == "__main__":
    unittest.main()
