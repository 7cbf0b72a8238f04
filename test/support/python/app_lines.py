"""Command lines of web apps, made from what is known about servers (test/servers/rules.json), and a dyno that runs them.

A line is either working or broken by construction: the app's port, set or its own default, is the one that the mesh forwards to,
or another one.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator

import harness
import namespaces
from servers import standin

MESH = {"integration": "heroku-integration-service-mesh", "applink": "heroku-applink-service-mesh"}
PORT = 5100  # of the dyno
APP_PORT = 3000
SECONDS = 60.0  # only a line that fails waits so long


@dataclass(frozen=True)
class Line:
    """A Procfile command with the files of its app."""

    command: str
    product: str
    files: dict[str, str] = field(default_factory=dict, hash=False)
    about: str = ""  # server and form

    @property
    def all_files(self) -> dict[str, str]:
        """Returns its files, and the manifest that names its framework."""
        files = dict(self.files)
        for directory in ("", "web/"):
            if "spring boot" in self.about:
                files.setdefault(f"{directory}pom.xml", "<parent><artifactId>spring-boot-starter-parent</artifactId></parent>")
            for server, package in _PACKAGES.items():
                if server in self.about:
                    path = f"{directory}package.json"
                    files[path] = json.dumps({**json.loads(files.get(path, "{}")), "dependencies": {package: "*"}})
        return files

    def __str__(self) -> str:
        return f"{self.product}: web: {self.command}  ({self.about})"


@dataclass(frozen=True)
class App:
    """A command of an app that listens on one port: words with {port_words} for the arguments that set the port."""

    server: str
    command: str
    port_words: tuple[str, ...]  # arguments that set its port, with {port}; all have the same effect
    reads_port: bool
    default: int | None


# The dependency by which an app of a server is known.
_PACKAGES = {"sveltekit": "@sveltejs/adapter-node", "astro": "@astrojs/node"}

# Words before and after a server's flags: the app, and usual wrappers.
_OPERANDS = {
    "gunicorn": "app:app", "uvicorn": "main:app", "daphne": "mysite.asgi:application", "hypercorn": "main:app",
    "waitress": "wsgi:app", "flask": "", "streamlit": "app.py", "django runserver": "", "sanic": "server.app",
    "granian": "main:app", "fastapi": "main.py", "http.server": "", "puma": "", "unicorn": "", "thin": "", "rackup": "",
    "rails server": "", "passenger": "", "next start": "", "serve": "-s build", "http-server": "dist", "fastify": "app.js",
    "vite preview": "", "vite": "", "webpack serve": "", "json-server": "db.json", "deno serve": "main.ts", "spring boot": "", "nitro": "",
    "webapp-runner": "", "sveltekit": "", "astro": "", "react-router-serve": "./build/server/index.js", "plackup": "app.psgi",
    "falcon serve": "", "caddy file-server": "", "phoenix": "",
}  # fmt: skip
_PYTHON = ("", "poetry run ", "pipenv run ", "uv run ")
_RUBY = ("", "bundle exec ")
_NODE = ("", "npx ", "yarn ", "nice ")
_WRAPPERS = {
    **{name: _PYTHON for name in ("gunicorn", "uvicorn", "daphne", "hypercorn", "waitress", "flask", "streamlit", "sanic", "granian", "fastapi")},
    **{name: _RUBY for name in ("puma", "unicorn", "thin", "rackup", "rails server", "passenger", "falcon serve")},
    **{name: _NODE for name in ("next start", "serve", "http-server", "fastify", "vite preview", "vite", "webpack serve", "json-server", "react-router-serve")},
}  # fmt: skip
_START = {
    "waitress": "waitress-serve", "django runserver": "python manage.py runserver", "http.server": "python -m http.server",
    "nitro": "node .output/server/index.mjs", "sveltekit": "node build", "astro": "node ./dist/server/entry.mjs", "spring boot": "java {port_words} -jar target/app.jar",
    "webapp-runner": "java -jar target/webapp-runner.jar {port_words} target/app.war",
}  # fmt: skip


# Servers that exit with an error if their last flag has no value.
_STRICT_PARSERS = (
    "gunicorn", "uvicorn", "daphne", "hypercorn", "waitress", "flask", "streamlit", "sanic", "granian", "fastapi", "puma", "unicorn", "thin",
    "rackup", "rails server", "passenger", "next start", "serve", "vite preview", "vite", "webpack serve", "webapp-runner",
)  # fmt: skip


def _port_words(rule: dict) -> Iterator[str]:
    for flag in rule["flags"]:
        value = "http://0.0.0.0:{port}" if "falcon" in rule["programs"] else {"port": "{port}", "address": "0.0.0.0:{port}", "url": "tcp://0.0.0.0:{port}", "port-or-url": "tcp://0.0.0.0:{port}", "bind": "0.0.0.0:{port}", "host-port": "0.0.0.0:{port}"}.get(flag["value"])  # fmt: skip
        if value is None:
            continue
        for form in flag["forms"]:
            yield flag["name"] + {"separate": " ", "equals": "=", "attached": ""}[form] + value
    if rule.get("operand"):
        yield "0.0.0.0:{port}" if rule["operand"] == "address" else "{port}"


def apps() -> list[App]:
    found = []
    for name, rule in standin.RULES.items():
        if name not in _OPERANDS:
            continue
        start = _START.get(name) or " ".join([rule["programs"][0], *rule.get("subcommand", [])[:1]])
        if "{port_words}" not in start:
            start += " {port_words} " + _OPERANDS[name]
        port_words = tuple(_port_words(rule))
        if name == "spring boot":
            port_words = ("-Dserver.port={port}",)
        # Without and with one of the wrappers.
        wrappers = _WRAPPERS.get(name, ("",))
        for wrapper in {wrappers[0]: 1, wrappers[len(found) % len(wrappers)]: 1}:
            found.append(App(name, wrapper + start.strip(), port_words, rule["reads_port"], rule["default_port"]))
    return found


def command(app: App, port_words: str, port: str) -> str:
    return " ".join(app.command.replace("{port_words}", port_words.replace("{port}", port)).split())


def _mesh(product: str, app_command: str, dashes: bool | None = None) -> str:
    has_flag = any(word.strip("\"'").startswith("-") for word in app_command.split())
    if dashes is None:
        dashes = product == "applink" and has_flag
    return f"{MESH[product]}{' --' if dashes else ''} {app_command}"


def behind(product: str, app_command: str, app_port: int | str = APP_PORT) -> str:
    return f"APP_PORT={app_port} {_mesh(product, app_command)}"


def working() -> list[Line]:
    """Lines that work: the app listens where the mesh forwards to."""
    lines = []
    for number, app in enumerate(apps()):
        product = ("integration", "applink")[number % 2]
        # The mesh's port, the app's port, and how both are written.
        for port_words, (form, port) in zip(app.port_words, itertools.cycle((("plain", "3000"), ("export", "$APP_PORT"), ("quoted", "3000"), ("cd", "3000")))):
            written = command(app, port_words, port)
            if form == "quoted":
                written = written.replace(port_words.replace("{port}", port), _quoted(port_words, port))
            line = {"export": f"export APP_PORT=3000 && {_mesh(product, written)}", "cd": f"cd web && {behind(product, written)}"}.get(form, behind(product, written))
            lines.append(Line(line, product, {"web/x": ""} if form == "cd" else {}, f"{app.server} port_words {port_words} {form}"))
        untold = command(app, "", "")
        if app.server in ("php -S", "falcon serve"):  # the second talks HTTPS by default
            continue
        if app.reads_port:
            lines.append(Line(behind(product, f"env PORT=3000 {untold}"), product, {}, f"{app.server} by PORT"))
            lines.append(Line(behind(product, "npm start"), product, _package(f"PORT=$APP_PORT {untold}"), f"{app.server} by PORT in npm start"))
        elif app.default:
            lines.append(Line(behind(product, untold, app.default), product, {}, f"{app.server} on its default"))
            lines.append(Line(behind(product, "npm run web", app.default), product, _package(f"{untold}", "web"), f"{app.server} on its default in npm run"))
    return [*lines, *_real_world(), *_by_files(works=True)]


def _quoted(port_words: str, port: str) -> str:
    filled = port_words.replace("{port}", port)
    flag, space, value = filled.partition(" ")
    return f'{flag} "{value}"' if space else f'"{filled}"'


def _package(start: str, name: str = "start") -> dict[str, str]:
    return {"package.json": json.dumps({"scripts": {"first": "echo", name: start}})}


def _real_world() -> list[Line]:
    """Working lines in forms of real apps."""
    both = [
        "APP_PORT=3000 {mesh} gunicorn -b 0.0.0.0:3000 -w 4 --log-file - app:app",
        "APP_PORT=3000 {mesh} gunicorn --bind 127.0.0.1:3000 --workers 2 --timeout 120 mysite.wsgi:application",
        "APP_PORT=3000 {mesh} gunicorn -k uvicorn.workers.UvicornWorker main:app --bind=0.0.0.0:3000",
        "APP_PORT=3000 {mesh} env GUNICORN_CMD_ARGS=--bind=0.0.0.0:3000 gunicorn app:app",
        "APP_PORT=8000 {mesh} uvicorn main:app --host 0.0.0.0 --workers 2",
        "APP_PORT=3000 {mesh} uvicorn main:app --host 0.0.0.0 --port ${APP_PORT:-3000}",
        "APP_PORT=3000 UVICORN_PORT=3000 {mesh} uvicorn main:app",
        "APP_PORT=3000 FLASK_RUN_PORT=3000 {mesh} flask --app shop run --host=0.0.0.0",
        "APP_PORT=3000 {mesh} python -m gunicorn -b :3000 app:app",
        "APP_PORT=3000 {mesh} python -m uvicorn main:app --port 3000",
        "APP_PORT=3000 {mesh} nohup uvicorn main:app --port 3000",
        "APP_PORT=3000 exec {mesh} uvicorn main:app --port 3000",
        "APP_PORT=3000 exec {mesh} bundle exec puma -p 3000 -t 5:5 -e production",
        "env APP_PORT=3000 {mesh} bundle exec puma -b tcp://0.0.0.0:3000",
        "APP_PORT=3000 NODE_ENV=production {mesh} next start -p 3000",
        "APP_PORT=3000 {mesh} env PORT=3000 NODE_ENV=production next start",
        "APP_PORT=3000 {mesh} next start -p 3000 2>&1",
        "APP_PORT=3000 {mesh} serve -s build -l 3000 | tee app.log",
        "APP_PORT=3000 {mesh} next start -p 3000 2>&1 | tee app.log",
        "APP_PORT=3000 {mesh} next start -p 3000; echo ended",
        "APP_PORT=3000 {mesh} next start -p 3000 || echo failed",
        "APP_PORT=3000 {mesh} next start -p 3000 || exit 1",
        "APP_PORT=3000 {mesh} next start -p 3000 & wait",
        "trap 'kill 0' TERM; APP_PORT=3000 {mesh} next start -p 3000 & wait $!",
        "echo starting && APP_PORT=3000 {mesh} uvicorn main:app --port 3000",
        "echo 'listening on port 8080' && APP_PORT=3000 {mesh} uvicorn main:app --port 3000",
        "sleep 0; APP_PORT=3000 {mesh} uvicorn main:app --port 3000",
        "test -d static || mkdir static; APP_PORT=3000 {mesh} uvicorn main:app --port 3000",
        "export APP_PORT=3000; {mesh} uvicorn main:app --port $APP_PORT",
        "export APP_PORT=3000 WEB=1 && exec {mesh} uvicorn main:app --port $APP_PORT",
        "set -e; export APP_PORT=3000; cd web && {mesh} uvicorn main:app --port $APP_PORT",
        "cd web && export APP_PORT=3000 && {mesh} gunicorn -b :$APP_PORT app:app",
        "(cd web && APP_PORT=3000 {mesh} uvicorn main:app --port 3000)",
        "if [ -d web ]; then APP_PORT=3000 {mesh} uvicorn main:app --port 3000; else echo none; fi",
        "if [ -n \"$DYNO\" ]; then APP_PORT=3000 {mesh} next start -p 3000; else next dev; fi",
        "if [ -n \"$APP_PORT\" ]; then export X=1; else export APP_PORT=3000; fi; {mesh} uvicorn main:app --port $APP_PORT",
        "bash -c 'APP_PORT=3000 {mesh} uvicorn main:app --port 3000'",
        "APP_PORT=3000 {mesh} bash -c 'exec uvicorn main:app --port $APP_PORT'",
        "APP_PORT=3000 {mesh} sh -c 'cd web && uvicorn main:app --port $APP_PORT'",
        "APP_PORT=3000 {mesh} ./start.sh",
        "APP_PORT=3000 {mesh} bash start.sh",
        "APP_PORT=3000 {mesh} ./clients.sh",
        "APP_PORT=3000 {mesh} ./both.sh",
        "./mesh.sh",
        "bash mesh.sh",
        "npm start",
        "npm run web",
        "APP_PORT=3000 {mesh} npm run next",
        "APP_PORT=3000 {mesh} yarn next",
        "APP_PORT=3000 {mesh} npm run env-port",
        "APP_PORT=3000 {mesh} node server.js",
        "APP_PORT=3000 {mesh} node --inspect=0.0.0.0:9229 server.js",
        "APP_PORT=3000 {mesh} node --max-old-space-size=460 server.js",
        "APP_PORT=${APP_PORT:-3000} {mesh} node server.js",
        "PORT=${PORT:-8080} APP_PORT=3000 {mesh} node server.js",
        "APP_PORT=3000 {mesh} java -Dserver.port=3000 -Xmx300m -jar target/app.jar",
        "APP_PORT=3000 {mesh} java $JAVA_OPTS -Dserver.port=3000 -jar target/app.jar --spring.profiles.active=web",
        "APP_PORT=8080 {mesh} java -Dspring.datasource.url=jdbc:db://host:5432/x -jar target/app.jar",
        "APP_PORT=3000 {mesh} env SERVER_PORT=3000 java -jar target/app.jar",
        "MESH={bare}; APP_PORT=3000 $MESH node server.js",
        "{bare} node server.js",
    ]  # fmt: skip
    lines = []
    for text in both:
        for product, name in MESH.items():
            filled = text.replace("{mesh}", f"{name} --" if product == "applink" and "{mesh} ./" not in text else name)
            lines.append(Line(filled.replace("{bare}", name), product, _app_files(product), text))
    lines.append(Line("APP_PORT=3000 heroku-applink-service-mesh --port $PORT -- uvicorn app.main:app --port 3000", "applink", {}))
    lines.append(Line("APP_PORT=3000 heroku-applink-service-mesh -p ${PORT:-8080} -- uvicorn app.main:app --port 3000", "applink", {}))
    lines.append(Line("APP_PORT=3000 heroku-applink-service-mesh --port=$PORT -- bundle exec puma -p 3000", "applink", {}))
    return lines


_PROGRAM = """#!/usr/bin/python3
import http.server, os, sys
port = int(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("ROCKET_PORT") or os.environ["PORT"])
http.server.HTTPServer(("", port), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def _by_files(works: bool) -> list[Line]:
    """Lines whose port a file of the app or a variable decides: with {port} for the port of the app, with $PORT if that is broken."""
    sources = [
        # (about, command, variables, files), each with a port that works and one that does not
        ("spring boot by YAML", "java -jar target/app.jar", "", {"src/main/resources/application.yml": "server:\n  port: {number}\n"}),
        ("spring boot by YAML and PORT", "{env}java -jar target/app.jar", "", {"src/main/resources/application.yml": "server:\n  port: ${PORT:8080}\n"}),
        ("spring boot by properties", "java -jar target/app.jar", "", {"src/main/resources/application.properties": "server.port={number}\n"}),
        ("gunicorn by a variable", "{env}gunicorn app:app", "", {"gunicorn.conf.py": "import os\nport = os.environ.get('PORT', '8000')\nbind = f'0.0.0.0:{port}'\n"}),
        ("gunicorn by a number", "gunicorn app:app", "", {"gunicorn.conf.py": "bind = '0.0.0.0:{number}'\n"}),
        ("caddy run", "{env}caddy run --config Caddyfile", "", {"Caddyfile": ":{$PORT} {\n  file_server\n}\n"}),
        ("caddy run by a number", "caddy run", "", {"Caddyfile": ":{number}\nfile_server\n"}),
        ("sinatra", "{env}bundle exec ruby app.rb", "", {"app.rb": "require 'sinatra'\n\nget('/') { 'app' }\n"}),
        ("a release of phoenix", "{env}_build/prod/rel/shop/bin/server", "", {
            "_build/prod/rel/shop/bin/server": "#!/bin/sh\nexec mix phx.server\n",
            "config/runtime.exs": "port = String.to_integer(System.get_env(\"PORT\") || \"4000\")\n"}),
        ("a variable of Rocket", "./shop", "ROCKET_PORT={port} ", {"shop": _PROGRAM}),
        ("a variable behind env", "env ROCKET_PORT={port} ./shop", "", {"shop": _PROGRAM}),
        ("PORT behind env", "env PORT={port} ./shop", "", {"shop": _PROGRAM}),
        ("an argument", "./shop {port}", "", {"shop": _PROGRAM}),
        ("a variable of dotnet", "dotnet shop.dll", "ASPNETCORE_URLS=http://*:{port} ", {}),
    ]  # fmt: skip
    lines = []
    for (about, command, variables, files), (product, mesh) in itertools.product(sources, MESH.items()):
        port, number, env = ("3000", "3000", "env PORT=3000 ") if works else ("$PORT", "8123", "")
        command, variables = (text.replace("{port}", port).replace("{env}", env) for text in (command, variables))
        dashes = " --" if product == "applink" and any(word.startswith("-") for word in command.split()) else ""
        filled = {path: text.replace("{number}", number) for path, text in files.items()}
        lines.append(Line(f"APP_PORT=3000 {variables}{mesh}{dashes} {command}", product, filled, about))
        if not works:
            lines.append(Line(f"{variables}{command}", product, filled, f"{about} without a mesh"))
    return lines


def _app_files(product: str) -> dict[str, str]:
    mesh = MESH[product] + (" --" if product == "applink" else "")
    return {
        "web/x": "",
        "server.js": "const http = require('http');\nserver.listen(3000);\n",
        "start.sh": "#!/bin/bash\nset -e\nif [ -d migrations ]; then echo; fi\nexec gunicorn -b :$APP_PORT app:app\n",
        "clients.sh": "#!/bin/bash\nuntil true -p 5432; do sleep 1; done\nsleep 1 --port 6379 2>/dev/null &\nexec gunicorn -b :$APP_PORT app:app\n",
        "both.sh": "#!/bin/bash\nif [ -n \"$APP_PORT\" ]; then\n  exec uvicorn app:app --port $APP_PORT\nelse\n  exec uvicorn app:app --port $PORT\nfi\n",
        "mesh.sh": f"#!/bin/sh\nexport APP_PORT=3000\n# the app\nexec {mesh} uvicorn main:app --port $APP_PORT\n",
        "package.json": json.dumps({"scripts": {
            "start": "npm run mesh", "mesh": f"APP_PORT=3000 {mesh} next start -p 3000",
            "web": "npm run mesh", "next": "next start -p 3000", "env-port": "env PORT=$APP_PORT next start",
        }}),
    }  # fmt: skip


def broken() -> list[Line]:
    """Simple commands whose app is unreachable: it takes the mesh's port, or listens on another one."""
    lines = []
    for number, app in enumerate(apps()):
        product = ("applink", "integration")[number % 2]
        for k, port_words in enumerate(app.port_words):
            port = ("$PORT", "${PORT}", "8123", "${PORT:-8000}")[(number + k) % 4]
            written = command(app, port_words, port)
            if (number + k) % 3 == 0:
                written = written.replace(port_words.replace("{port}", port), _quoted(port_words, port))
            lines.append(Line(behind(product, written), product, {}, f"{app.server} port_words {port_words} {port}"))
        untold = command(app, "", "")
        if app.reads_port or (app.default and app.default != APP_PORT):
            lines.append(Line(behind(product, untold), product, {}, f"{app.server} untold"))
            lines.append(Line(behind(product, "npm start"), product, _package(untold), f"{app.server} untold in npm start"))
            lines.append(Line(f"cd web && {behind(product, untold)}", product, {"web/x": ""}, f"{app.server} untold in a directory"))
    return [*lines, *_by_files(works=False)]


def wrongly_called() -> list[Line]:
    """Simple commands whose mesh is missing or called wrongly; the app would be right, or only needs its port."""
    lines = []
    for number, app in enumerate(apps()):
        other = {"integration": "applink", "applink": "integration"}
        product = ("integration", "applink")[number % 2]
        mesh = MESH[product]
        port_words = app.port_words[number % len(app.port_words)] if app.port_words else ""
        right = command(app, port_words, "3000") if port_words else f"env PORT=3000 {command(app, '', '')}"
        public = command(app, port_words, "$PORT")
        has_flag = any(word.startswith("-") for word in right.split())
        port_flag = port_words.partition(" ")[0]
        valueless = f"{command(app, '', '')} {port_flag}" if " " in port_words and app.server in _STRICT_PARSERS else public
        dashes = " --" if product == "applink" and has_flag else ""
        forms = [
            public, f"exec {public}", f"env MODE=web {public}", f"MODE=web {public}", f"cd web && {public}", command(app, "", ""),
            f"APP_PORT=4100 {command(app, port_words, '4100')}" if port_words else public,
            f"APP_PORT=3000 {mesh} -- {right}" if product == "integration" else f"APP_PORT=3000 {mesh} {right if has_flag else public}",
            f"APP_PORT=3000 {mesh} --port 8080 -- {right}", f"APP_PORT=3000 {mesh} --port=8080 -- {right}",
            f"APP_PORT=3000 {mesh}{dashes} \"{right}\"" if '"' not in right else public,
            f"PORT=8080 APP_PORT=3000 {mesh}{dashes} {right}", f"APP_PORT=3000 PORT=3000 exec {mesh}{dashes} {right}",
            f"{mesh}{dashes} APP_PORT=3000 {right}", f"APP_PORT=3000 {mesh}{dashes} exec {right}",
            f"APP_PORT=3000 {mesh} {mesh}{dashes} {right}", f"export APP_PORT=3000 {mesh}{dashes} {right}",
            f"APP_PORT = 3000 {mesh}{dashes} {right}", f"APP_PORT= 3000 {mesh}{dashes} {right}", f"APP_PORT:3000 {mesh}{dashes} {right}",
            f"APP_PORT=3000 {mesh} \u2014 {right}", f"APP_PORT=3000\u00a0{mesh}{dashes} {right}",
            f"APP_PORT=3000 {mesh.replace('-service', '')}{dashes} {right}", f"APP_PORT=3000 {mesh.replace('-', '_')}{dashes} {right}",
            f"APP_PORT=3000 {mesh.title()}:{dashes} {right}", f"APP_PORT=3000 ./bin/{mesh}{dashes} {right}",
            f"APP_PORT=3000 {MESH[other[product]]}{dashes} {right}", f"APP_PORT=3000 {mesh}-latest-arm64{dashes} {right}",
            f"APP_PORT=4100 cd web && {mesh}{dashes} {command(app, port_words, '4100') if port_words else right}",
            f"APP_PORT=$PORT {mesh}{dashes} {right}", f"APP_PORT=3000; {mesh}{dashes} {right}",
            f"APP_PORT=4100 {mesh}{dashes} {command(app, port_words, '$APP_PORT')}" if port_words else public,
            f"APP_PORT=3000 /usr/local/bin/{mesh}{dashes} {right}", f"APP_PORT=3000 npx {mesh}{dashes} {right}",
            f"APP_PORT=3000 yarn dlx {mesh}{dashes} {right}", f"APP_PORT=3000 {mesh.replace('-', ' ')}{dashes} {right}",
            f"APP_PORT=3000 heroku {product}:service-mesh{dashes} {right}", f"APP_PORT=3000 {mesh}-buildpack{dashes} {right}",
            f"set APP_PORT=4100 && {mesh}{dashes} {command(app, port_words, '%APP_PORT%')}" if port_words else public,
            f"APP_PORT=3000 {mesh}{dashes} {command(app, port_words, '%PORT%')}" if port_words else public,
            f"APP_PORT=3000 {mesh} --port -- {right}", f"APP_PORT=3000 {_mesh(product, valueless)}",
            f"APP_PORT=3000 {_mesh(product, valueless)}", valueless,
        ]  # fmt: skip
        # Each app is combined with some of them, and each of them with some apps.
        picked = {(number * 7 + k * 5) % len(forms) for k in range(7)}
        for index in sorted(picked):
            lines.append(Line(forms[index], product, {"web/x": ""}, f"{app.server}, form {index}"))
    for product, variable in itertools.product(MESH, ("PORT", "APP_PORT")):
        source = f"const PORT = process.env.{variable} || 8080;\nserver.listen(PORT);\n"
        lines.append(Line("node server.js", product, {"server.js": source}, f"a source that reads {variable}"))
    for product, mesh in MESH.items():
        lines.append(Line("node server.js", product, {"server.js": "app.listen(4000);\n"}, "a source that names its port"))
        dashes = " --" if product == "applink" else ""
        lines.append(Line(f"export APP_PORT=3000 && {mesh}{dashes} uvicorn main:app --port '$APP_PORT'", product, {}, "a quoted variable"))
        lines.append(Line(f"APP_PORT=3000 {mesh}{dashes} daphne -e tcp:port=$PORT main:app", product, {}, "daphne by an endpoint"))
        lines += [Line(f"APP_PORT=3000 {mesh}{dashes} {text}", product, {}, "two ports") for text in (
            "gunicorn -b 0.0.0.0:$PORT -b 0.0.0.0:3000 app:app", "daphne -e tcp:port=$PORT -p 3000 main:app", "exec -a shop gunicorn app:app",
        )]  # fmt: skip
    return lines


def called_in_files() -> list[Line]:
    """Lines that start a script of the app, in which the mesh is called wrongly."""
    lines = []
    for number, app in enumerate(apps()):
        product = ("integration", "applink")[number // 2 % 2]
        mesh = MESH[product]
        port_words = app.port_words[number % len(app.port_words)] if app.port_words else ""
        right = command(app, port_words, "3000") if port_words else f"env PORT=3000 {command(app, '', '')}"
        forms = [
            f"{mesh} --port 8080 -- {right}", f"{mesh} \"{right}\"" if '"' not in right else f"{mesh} exec {right}",
            f"{mesh.replace('-service', '')} {right}", f"{mesh} APP_PORT=3000 {right}",
            f"APP_PORT=3000 {mesh} {command(app, port_words, '$PORT')}", f"APP_PORT=3000 {mesh} {command(app, '', '')}",
        ]  # fmt: skip
        form = forms[number % len(forms)]
        script = f"#!/bin/sh\nset -e\nexport APP_PORT=3000\n{form}\n"
        files = {"start.sh": script} if number % 2 else _package(form if "APP_PORT" in form else f"APP_PORT=3000 {form}")
        lines.append(Line("./start.sh" if number % 2 else "npm start", product, files, f"{app.server} in a file, form {number % len(forms)}"))
    return lines


def with_suggestion(line: Line, place: str, instead: str) -> Line | None:
    """Returns the app with the line that the doctor suggests, or None if the suggestion is for no command."""
    file, _, number = place.partition(":")
    if file == "Procfile":
        return Line(instead.removeprefix("web: "), line.product, line.all_files, f"for {line}") if instead.startswith("web: ") else None
    if file == "package.json":
        package = json.loads(line.files[file])
        package["scripts"] |= json.loads(f"{{{instead}}}")
        return Line(line.command, line.product, {**line.all_files, file: json.dumps(package)}, f"for {line}, with {instead}")
    if file not in line.files or not number:
        return None
    lines = line.files[file].split("\n")
    lines[int(number) - 1] = instead
    return Line(line.command, line.product, {**line.all_files, file: "\n".join(lines)}, f"for {line}, with {instead}")


class Dyno:
    """A directory with an app, and PATH with the stand-ins of servers and of both meshes: their names as a build installs them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.programs = root / "programs"
        standin.install(self.programs)
        binaries = {"integration": harness.mesh_standin(), "applink": harness.applink_standin()}
        self.meshes = {}
        for product, binary in binaries.items():
            self.meshes[product] = root / product
            self.meshes[product].mkdir()
            for name in MESH.values():  # the other product's name is a link to the installed one
                (self.meshes[product] / name).symlink_to(binary)

    def environment(self, product: str) -> dict[str, str]:
        tokens = {f"HEROKU_{p.upper()}_{name}": "x" for p in MESH for name in ("TOKEN", "API_URL")}
        path = f"{self.programs}:{self.meshes[product]}:/usr/local/bin:/usr/bin:/bin"
        return {"PATH": path, "PORT": str(PORT), "DYNO": "web.1", "LANG": "C.UTF-8", **tokens}

    def answers(self, line: Line) -> str:
        """Returns the response to a request through the mesh, or an empty string if the process ends or does not respond in
        time."""
        with tempfile.TemporaryDirectory(dir=self.root) as directory:
            app = Path(directory)
            write_app(app, line)
            own = ("unshare", "--pid", "--fork", "--kill-child", "--") if namespaces.available() else ()
            alive, held = os.pipe()
            process = subprocess.Popen(
                [*own, "bash", "--norc", "-c", line.command], cwd=app, env={**self.environment(line.product), "HOME": directory},
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, pass_fds=(held,),
            )  # fmt: skip
            os.close(held)
            try:
                deadline = time.monotonic() + SECONDS
                while time.monotonic() < deadline and process.poll() is None:
                    if answer := _get():
                        return answer
                    time.sleep(0.02)
                return ""
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                if own:
                    os.read(alive, 1)  # until the last process has ended, and its sockets are closed
                os.close(alive)


def write_app(app: Path, line: Line) -> None:
    for path, content in {"Procfile": f"web: {line.command}\n", **line.all_files}.items():
        (app / path).parent.mkdir(parents=True, exist_ok=True)
        (app / path).write_text(content)
        (app / path).chmod(0o755)


def _get() -> str:
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}/", headers={"X-Client-Context": "test"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()
    except (OSError, urllib.error.HTTPError):
        return ""


def run_all(lines: list[Line], workers: int = 4) -> list[str]:
    """Returns the response for each line, in their order. Each worker has a network of its own, where no other test uses a
    port."""
    if not namespaces.available():
        with tempfile.TemporaryDirectory() as root:
            dyno = Dyno(Path(root))
            return [dyno.answers(line) for line in lines]
    processes = []
    for worker in range(workers):
        share = [[line.command, line.product, line.files] for line in lines[worker::workers]]
        process = subprocess.Popen(
            ["unshare", "--net", "--", "sh", "-c", f'{namespaces.LOOPBACK} && exec "$0" -B "$1"', sys.executable, __file__],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdin
        process.stdin.write(json.dumps(share))
        process.stdin.close()
        processes.append(process)
    answers = [""] * len(lines)
    for worker, process in enumerate(processes):
        with process:
            assert process.stdout
            answers[worker::workers] = json.loads(process.stdout.read())
    return answers


def _main() -> None:
    with tempfile.TemporaryDirectory() as root:
        dyno = Dyno(Path(root))
        print(json.dumps([dyno.answers(Line(*each)) for each in json.load(sys.stdin)]))


if __name__ == "__main__":
    _main()
