"""Stand-ins for web servers: they listen where the real one would, by the facts in test/servers/rules.json.

`decide` returns the addresses for a command; `install` writes programs of the servers' and the wrappers' names (gunicorn, npx,
bundle, …) into a directory for PATH. Each answers any HTTP request with 200 and the server's name, and exits as the real one
does on wrong usage. test/buildpack/contract/test_servers.py compares them with observations of the real servers.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Mapping

Rule = dict[str, Any]
RULES: dict[str, Rule] = json.loads((Path(__file__).resolve().parents[3] / "servers" / "rules.json").read_text())

_BASE_PORT = 5000  # of foreman and honcho
_RUNNERS = {"poetry": "run", "pipenv": "run", "uv": "run", "bundle": "exec"}
_SCRIPT_RUNNERS = ("npm", "yarn", "pnpm")
_PREFIXES = ("exec", "nohup", "time", "nice", "npx", "bunx")
_SUPERVISORS = ("foreman", "honcho")
_NODE_FILES = (".output/server/index.mjs", "dist/server/entry.mjs", "build/index.js", "build")
_INTERPRETERS = ("python", "python3", "node", "ruby", "java", "php")
# Other forms of these are errors.
_REQUIRED_FORM = {"bind": r"^(?!\d+$)(?!\w+://)", "url": "://", "host-port": r".:\d+$", "port-or-url": r"://|^\d+$"}
_NOT_A_PORT = ("host", "config", "environment", "operand", "other")
_SHELL_SYNTAX = re.compile(r"[;&|<>$`(){}\n]")


class WrongUsage(Exception):
    """The server exits with `code`."""

    def __init__(self, code: int):
        super().__init__(f"wrong usage: exit {code}")
        self.code = code


class Unknown(Exception):
    """The program is not in the table of servers."""


@dataclass(frozen=True)
class Decision:
    server: str
    ports: list[int]
    reachable: bool = True  # by 127.0.0.1


# --- wrappers --------------------------------------------------------------------------------------------------------


def _without_flags(words: list[str]) -> list[str]:
    """Returns the words from the first one that is not a flag."""
    return words[next((i for i, word in enumerate(words) if not word.startswith("-")), len(words)) :]


def _script(words: list[str], cwd: Path) -> list[str] | None:
    """Returns the command that `npm start`, `npm run NAME`, `yarn NAME` and the like run, with the arguments after it."""
    runner, *rest = words
    if rest[:1] in (["run"], ["run-script"]):
        rest = rest[1:]
    rest = _without_flags(rest)
    package = cwd / "package.json"
    scripts = json.loads(package.read_text()).get("scripts", {}) if package.exists() else {}
    if not rest or rest[0] not in scripts:
        return None
    arguments = rest[1:]
    if arguments[:1] == ["--"]:
        arguments = arguments[runner != "pnpm" :]
    elif runner == "npm":
        arguments = [word for word in arguments if not word.startswith("-")]
    line = " ".join([scripts[rest[0]], *map(shlex.quote, arguments)])
    return ["sh", "-c", line] if _SHELL_SYNTAX.search(scripts[rest[0]]) else shlex.split(line)


def unwrap(argv: list[str], environment: dict[str, str], cwd: Path) -> list[str]:
    """Returns the command without `bundle exec`, `npx`, `env A=1` and other wrappers, whose variables are added to
    `environment`."""
    while argv:
        name, rest = Path(argv[0]).name, argv[1:]
        if name == "env" or (name == argv[0] and re.match(r"[A-Za-z_]\w*=", name)):
            words = rest if name == "env" else argv
            while words and (words[0].startswith("-") or "=" in words[0]):
                key, equals, value = words[0].partition("=")
                if equals:
                    environment[key] = value
                words = words[1:]
            argv = words
        elif name in _PREFIXES:
            argv = _without_flags(rest)
        elif name in _RUNNERS and rest[:1] == [_RUNNERS[name]]:
            argv = _without_flags(rest[1:])
        elif name in _SCRIPT_RUNNERS:
            script = _script([name, *rest], cwd)
            if script is None and rest[:1] in (["exec"], ["dlx"]):
                script = [word for word in _without_flags(rest[1:]) if word != "--" or name != "npm"]
            elif script is None and name == "yarn":
                script = _without_flags(rest)
            if not script:
                return argv
            argv = script
        elif name == "bun" and (script := _script(argv, cwd)):
            argv = script
        elif name == "bun" and rest[:1] == ["run"]:
            return [argv[0], *rest[1:]]
        elif re.fullmatch(r"python[\d.]*", name) and "-m" in rest:
            at = rest.index("-m")
            return [f"-m {rest[at + 1]}", *rest[at + 2 :]]
        elif re.fullmatch(r"python[\d.]*|ruby|node", name) and _without_flags(rest):
            script = _without_flags(rest)
            known = next((file for file in _NODE_FILES if f"/{script[0]}".endswith(f"/{file}")), None)
            if name == "node" and not known:
                return [name, *script]
            script = [known or script[0], *script[1:]]
            argv = script
            if name != "ruby":
                return argv
        elif name == "php" and rest[:1] == ["artisan"]:
            return rest
        else:
            return argv
    return argv


# --- arguments -------------------------------------------------------------------------------------------------------


def _matches(flag: Mapping[str, Any], words: list[str]) -> tuple[str, int] | None:
    """Returns the value of a flag at the front of `words`, and the number of its words."""
    name, word = flag["name"], words[0]
    if "separate" in flag["forms"] and word == name and len(words) > 1:
        return words[1], 2
    if "equals" in flag["forms"] and word.startswith(name + "="):
        return word[len(name) + 1 :], 1
    if "attached" in flag["forms"] and word.startswith(name) and len(word) > len(name):
        return word[len(name) :], 1
    return None


def _flags(names: list[str], value: str) -> list[dict[str, Any]]:
    """Flags of the usual forms: --name VALUE, --name=VALUE, -n VALUE, -nVALUE."""
    return [{"name": n, "value": value, "forms": ["separate", "equals" if n.startswith("--") else "attached"]} for n in names]



def _arguments(rule: Rule, words: list[str]) -> Iterator[tuple[str, str]]:
    """Yields (kind, value) of each flag of the rule, and ("operand", word)."""
    config = rule.get("config", {})
    flags = [
        *rule["flags"],
        *_flags(rule.get("hosts", []), "host"),
        *_flags(config.get("flags", []), "config"),
        *_flags(config.get("environment_flags", []), "environment"),
        *_flags(rule.get("value_flags", []), "other"),
    ]
    operands = 0
    while words:
        if words[0] == "--":
            yield from (("operand", word) for word in words[1:])
            operands += len(words) - 1
            break
        for name, code in rule.get("rejects", {}).items():
            if words[0].split("=")[0] == name:
                raise WrongUsage(code)
        found = next(((flag, match) for flag in flags if (match := _matches(flag, words))), None)
        if found:
            flag, (value, taken) = found
            yield flag["value"], value
            words = words[taken:]
            continue
        if "rejects_attached" in rule and any(words[0].startswith(flag["name"]) for flag in flags):
            raise WrongUsage(rule["rejects_attached"])
        if not words[0].startswith("-"):
            operands += 1
            yield "operand", words[0]
            if rule.get("flags_before_app"):
                if any(word.startswith("-") for word in words[1:]) and rule.get("flags_behind_app_exit"):
                    raise WrongUsage(rule["flags_behind_app_exit"])
                return
        words = words[1:]
    if operands > rule.get("max_operands", operands):
        raise WrongUsage(1)


def _ports(kind: str, value: str, rule: Rule) -> list[int]:
    """Returns the ports in a value of a kind."""
    values = value.split(";") if kind == "urls" else [value]
    return [port for each in values if (port := _port(kind, each, rule))]


def _port(kind: str, value: str, rule: Rule) -> int | None:
    """Returns the port of one address, or the server's default if it has only a host."""
    if kind == "endpoint":
        found = re.search(r"port=(\d+)", value)
        return int(found[1]) if found else None
    if not re.search(_REQUIRED_FORM.get(kind, ""), value):
        raise WrongUsage(1)
    value = value.split("://")[-1]
    if value.isdecimal():
        return int(value)
    found = re.search(r":(\d+)/?$", value)
    return int(found[1]) if found else rule["default_port"]


def _is_ipv6_only(value: str) -> bool:
    return value.split("://")[-1].startswith(("::1", "[::1]"))


# --- sources ---------------------------------------------------------------------------------------------------------


def _port_in_config(text: str, environment: Mapping[str, str]) -> int | None:
    """Returns the port of a line such as `port ENV.fetch("PORT") { 3000 }`, `bind = "0.0.0.0:3000"` or
    `server.port=${PORT:8080}`."""
    if arguments := re.match(r"#\\.*(?:-p|--port)[ =]?(\d+)", text):  # rackup's options in config.ru
        return int(arguments[1])
    for line in text.splitlines():
        line = re.sub(r"^\s*(#|//).*", "", line)
        if not re.search(r"\b(port|bind|listen|PORT(?==))\b|{\$PORT|^:\d", line):
            continue
        if re.search(r"\bPORT\b", line) and environment.get("PORT"):
            return int(environment["PORT"])
        if numbers := re.findall(r"(?<![\d.])\d{2,5}(?![\d.])", line):
            return int(numbers[-1])
    return None


def _section(text: str, name: str | None) -> str:
    """Returns the text of `name: {...}`, or all of the text if there is no name."""
    if name is None:
        return text
    found = re.search(rf"\b{name}\s*:\s*{{[^}}]*", text)
    return found[0] if found else ""


def _config_port(rule: Rule, arguments: list[tuple[str, str]], environment: Mapping[str, str], cwd: Path) -> int | None:
    config = rule.get("config", {})
    named = [value for kind, value in arguments if kind == "config"]
    modes = [value for kind, value in arguments if kind == "environment"]
    if "-" in named:
        return None
    mode = next(iter(modes), environment.get("RACK_ENV") or environment.get("RAILS_ENV") or "development")
    files = named or [name.format(environment=mode) for name in config.get("files", [])]
    for name in files:
        path = cwd / name
        if path.exists():
            return _port_in_config(_section(path.read_text(), config.get("section")), environment)
    return None


def _served(name: str, rule: Rule, words: list[str], environment: Mapping[str, str], cwd: Path) -> Decision:
    arguments = list(_arguments(rule, words))
    reachable = not any(kind in ("host", "address", "bind", "url") and _is_ipv6_only(value) for kind, value in arguments)

    def from_flags(given: list[tuple[str, str]]) -> list[int]:
        named = [pair for pair in given if pair[0] not in _NOT_A_PORT]
        ports = [port for kind, value in named for port in _ports(kind, value, rule)]
        return ports if rule.get("repeat") == "all" else ports[-1:]

    found: list[int] = []
    for source in rule["order"]:
        if found and source != "config":
            break
        ports: list[int] = []
        if source == "flag":
            ports = from_flags(arguments)
        elif source == "operand":
            pattern = r"\d+" if rule["operand"] == "port" else r"(.*:)?\d+"
            named = [v for kind, v in arguments if kind == "operand" and re.fullmatch(pattern, v)][:1]
            if named and named[0].startswith(":"):
                raise WrongUsage(1)
            ports = [int(each.split(":")[-1]) for each in named]
        elif source == "config":
            port = _config_port(rule, arguments, environment, cwd)
            ports = [port] if port else []
        elif source == "default":
            ports = [rule["default_port"]] if rule["default_port"] else []
        elif environment.get(source):
            kind, value = rule.get("variables", {}).get(source, "port"), environment[source]
            if kind == "arguments":
                ports = from_flags(list(_arguments(rule, shlex.split(value))))
            else:
                ports = _ports(kind, value, rule)
        found += ports
        if ports and not (source == "flag" and rule.get("config_adds")):
            break
    if not found:
        raise WrongUsage(1)
    return Decision(name, sorted(set(found)), reachable)


def _own_source(script: Path, environment: Mapping[str, str]) -> Decision:
    """An app that reads PORT or APP_PORT itself, or lists a port in its source."""
    text = script.read_text() if script.exists() else ""
    found = re.search(r"process\.env\.((?:APP_)?PORT)(?:\s*(?:\|\||\?\?)\s*(\d+))?", text)
    if found and environment.get(found[1]):
        return Decision("node", [int(environment[found[1]])])
    if found and found[2]:
        return Decision("node", [int(found[2])])
    if listens := re.search(r"listen\((\d+)", text):
        return Decision("node", [int(listens[1])])
    raise Unknown(str(script))


def _supervised(words: list[str], environment: dict[str, str], cwd: Path) -> list[tuple[list[str], dict[str, str]]]:
    """Returns the commands that `foreman start` or `honcho start` runs, each with its PORT."""
    port, file, wanted, command = "", "Procfile", "", ""
    words = list(words)
    while words:
        word = words.pop(0)
        if word in ("-p", "--port", "-f", "--procfile") and words:
            value = words.pop(0)
            port, file = (value, file) if "p" in word[:3] and "procfile" not in word else (port, value)
        elif word.startswith("--port="):
            port = word.partition("=")[2]
        elif not word.startswith("-"):
            if not command:
                command = word
                if command == "run":
                    return [(words, environment)]
            else:
                wanted = word
    variables = dict(environment)
    env_file = cwd / ".env"
    if env_file.exists():
        variables.update(re.findall(r"^(\w+)=(.*)$", env_file.read_text(), re.MULTILINE))
    base = int(port or variables.get("PORT") or _BASE_PORT)
    processes = re.findall(r"^(\w+):\s*(.*)$", (cwd / file).read_text(), re.MULTILINE)
    return [
        (shlex.split(line), {**variables, "PORT": str(base + 100 * at)})
        for at, (name, line) in enumerate(processes)
        if wanted in ("", name)
    ]


def _java(words: list[str]) -> tuple[str, list[str]]:
    """Returns the rule for a jar, and its arguments. Properties of the JVM count only before -jar."""
    if "-jar" not in words:
        raise Unknown("java")
    at = words.index("-jar")
    jar, after = words[at + 1], words[at + 2 :]
    if "webapp-runner" in jar:
        return "webapp-runner", after
    properties = [word for word in words[:at] if word.startswith("-D")]
    return "spring boot", properties + [word for word in after if not word.startswith("-D")]


def decide(argv: list[str], environment: Mapping[str, str], cwd: Path) -> Decision:
    """Returns the addresses that a command listens on. Fails with WrongUsage, or with Unknown if the program is not in the
    table."""
    variables = dict(environment)
    argv = unwrap(list(argv), variables, cwd)
    if not argv:
        raise Unknown("")
    program, words = Path(argv[0]).name, argv[1:]
    if program in _SUPERVISORS:
        decisions = [decide(command, its, cwd) for command, its in _supervised(words, variables, cwd)]
        return Decision(decisions[0].server, sorted(port for each in decisions for port in each.ports))
    if program == "java":
        name, words = _java(words)
        return _served(name, RULES[name], words, variables, cwd)
    if program == "node":
        return _own_source(cwd / words[0], variables)
    for name, rule in RULES.items():
        if argv[0] not in rule["programs"] and program not in rule["programs"] and argv[0] != f"-m {rule.get('module')}":
            continue
        wanted = rule.get("subcommand")
        if not wanted:
            return _served(name, rule, words, variables, cwd)
        at = next((i for i, word in enumerate(words) if word in wanted), None)
        if at is not None:
            return _served(name, rule, words[:at] + words[at + 1 :], variables, cwd)
    raise Unknown(program)


# --- programs --------------------------------------------------------------------------------------------------------


def names() -> list[str]:
    """Returns the programs that `install` writes."""
    servers = {Path(name).name for rule in RULES.values() for name in rule["programs"] if " " not in name}
    return sorted({*servers, *_RUNNERS, *_SCRIPT_RUNNERS, *_SUPERVISORS, *_INTERPRETERS, "npx", "bunx"})


def install(directory: Path) -> None:
    """Writes a program for each name; PATH names the directory first."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in names():
        program = directory / name
        program.write_text(f'#!/bin/sh\nexec /usr/bin/python3 -B {shlex.quote(__file__)} {name} "$@"\n')
        program.chmod(0o755)


def _answer(listener: socket.socket, body: bytes) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(5)
            try:
                request = b""
                while b"\r\n\r\n" not in request:
                    part = connection.recv(65536)
                    if not part:
                        raise ConnectionError("closed before the end of the request")
                    request += part
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                connection.sendall(head.encode() + body)
            except OSError:
                continue


def _main() -> int:
    argv = sys.argv[1:]
    try:
        decision = decide(argv, os.environ, Path.cwd())
    except WrongUsage as usage:
        print(f"{argv[0]}: {usage}", file=sys.stderr)
        return usage.code
    except Unknown:
        variables = dict(os.environ)
        command = unwrap(argv, variables, Path.cwd())
        if command == argv:
            real = {"python": "/usr/bin/python3", "python3": "/usr/bin/python3"}.get(argv[0])
            if not real:
                print(f"{argv[0]}: not a server that this stands in for", file=sys.stderr)
                return 127
            command = [real, *argv[1:]]
        os.execvpe(command[0], command, variables)
    family, host = (socket.AF_INET, "127.0.0.1") if decision.reachable else (socket.AF_INET6, "::1")
    listeners = [socket.create_server((host, port), family=family) for port in decision.ports]
    threads = [threading.Thread(target=_answer, args=(each, decision.server.encode())) for each in listeners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 0


if __name__ == "__main__":
    sys.exit(_main())
