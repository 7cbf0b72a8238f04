"""The stand-ins of web servers listen on the ports on which script/check-servers observed the real ones.

With MESH_UPDATE_GOLDEN=1 in the environment (script/update-docs) docs/servers.md is written from the facts.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Iterator

import namespaces
from servers import document, listening, standin, trials

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "servers.md"
START_SECONDS = 30
# One of each way to start a server.
STARTED = (
    "gunicorn app:app",
    "python -m uvicorn main:app --port 3000",
    "uvicorn main:app --host ::1 --port 3000",
    "uvicorn main:app -p 3000",
    "python manage.py runserver 3000",
    "bundle exec puma -p 3000",
    "bin/rails server",
    "foreman start",
    "npm start",
    "npx serve -l 3001",
    "yarn serve -l 3001",
    "java -jar target/app-1.jar --server.port=3000",
    "php artisan serve",
    "vendor/bin/heroku-php-apache2 public/",
)


def ports(case: dict[str, Any]) -> list[int]:
    return sorted({int(address.rpartition(":")[2]) for address in case["listens"]})


def follows(rule: dict[str, Any], argv: list[str], port: int) -> bool:
    """Returns whether a command is a suggestion of `listen` of the rule."""
    listen = rule["listen"]
    if "variable" in listen:
        return argv[:2] == ["env", f"{listen['variable']}={port}"]
    arguments = listen["arguments"].format(port=port).split()
    if listen["after"] == "end":
        return argv[-len(arguments) :] == arguments
    front = rule["subcommand"] if listen["after"] == "subcommand" else [*rule["programs"], rule.get("module")]
    return any(Path(word).name in front and argv[at + 1 :][: len(arguments)] == arguments for at, word in enumerate(argv))


class ServersTest(unittest.TestCase):
    def setUp(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="servers-"))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)

    def apps(self) -> Iterator[tuple[str, dict[str, Any], Path]]:
        """Yields each observed or documented case with its server's name and a directory that contains the app."""
        apps = {server.name: server.app for server in trials.SERVERS}
        for name, server in {**document.DOCUMENTED, **document.OBSERVED}.items():
            if name == "go":  # a program of the app, without a stand-in
                continue
            for at, case in enumerate(server["cases"]):
                directory = self.root / name.replace("/", "-") / str(at)
                directory.mkdir(parents=True)
                for path, text in {**apps.get(name, {}), **case.get("files", {})}.items():
                    file = directory / path
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(text)
                yield name, case, directory

    def test_decision_matches_every_case(self) -> None:
        for name, case, directory in self.apps():
            with self.subTest(server=name, argv=" ".join(case["argv"]), env=case["env"], files=list(case.get("files", {}))):
                try:
                    decision = standin.decide(case["argv"], case["env"], directory)
                except standin.WrongUsage as usage:
                    self.assertEqual([], case["listens"])
                    self.assertEqual(case["exit"], usage.code)
                    continue
                self.assertEqual(ports(case), decision.ports)
                self.assertEqual(case["reachable"], decision.reachable)

    def test_wrappers_leave_the_port_alone(self) -> None:
        wrappers = ("exec", "nohup", "env A=1", "poetry run", "pipenv run", "uv run", "bundle exec", "npx --yes", "pnpm exec", "bunx")
        for wrapper in wrappers:
            with self.subTest(wrapper):
                command = [*wrapper.split(), "gunicorn", "-b", "0.0.0.0:3000", "app:app"]
                self.assertEqual([3000], standin.decide(command, {"PORT": "5000"}, self.root).ports)

    @unittest.skipUnless(namespaces.available(), "needs root")
    def test_started_programs_listen_where_observed(self) -> None:
        programs = self.root / "bin"
        standin.install(programs)
        environment = {"PATH": f"{programs}:{os.defpath}"}
        commands = {" ".join(case["argv"]): (case, directory) for _, case, directory in reversed(list(self.apps())) if case["env"]}

        def started(command: str) -> dict[str, Any]:
            case, directory = commands[command]
            program = directory / case["argv"][0]
            if "/" in case["argv"][0]:
                program.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(programs / program.name, program)
            return listening.observe(case["argv"], directory, {**environment, **case["env"]}, START_SECONDS)

        with ThreadPoolExecutor(max_workers=4) as pool:
            for command, seen in zip(STARTED, pool.map(started, STARTED)):
                expected, _ = commands[command]
                with self.subTest(command):
                    self.assertEqual(ports(expected), ports(seen), seen)
                    self.assertEqual(expected.get("reachable"), seen.get("reachable"))
                    self.assertEqual(expected.get("exit"), seen.get("exit"))

    def test_every_rule_has_cases(self) -> None:
        wrappers = {"foreman", "honcho", "node", "npm scripts", "go"}
        self.assertEqual(set(standin.RULES), {*document.OBSERVED, *document.DOCUMENTED} - wrappers)

    def test_every_suggestion_was_observed(self) -> None:
        facts = {**document.DOCUMENTED, **document.OBSERVED}
        for name, rule in standin.RULES.items():
            if not rule["listen"]:
                continue
            worked = [case["argv"] for case in facts[name]["cases"] if case["env"].get("PORT") and ports(case) in ([3000], [3001])]
            with self.subTest(name, worked=[" ".join(argv) for argv in worked]):
                self.assertTrue(any(follows(rule, argv, port) for argv in worked for port in (3000, 3001)))

    def test_document_is_current(self) -> None:
        if "MESH_UPDATE_GOLDEN" in os.environ:
            DOCUMENT.write_text(document.text())
        self.assertEqual(document.text(), DOCUMENT.read_text())


if __name__ == "__main__":
    unittest.main()
