"""Makes docs/servers.md from test/servers/."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from servers.standin import RULES

_FACTS = Path(__file__).resolve().parents[3] / "servers"
OBSERVED: dict[str, Any] = json.loads((_FACTS / "observed.json").read_text())
DOCUMENTED: dict[str, Any] = json.loads((_FACTS / "documented.json").read_text())

_INTRODUCTION = """\
# Ports of web servers

Behind the mesh an app listens on `APP_PORT` (3000 by default), never on `PORT`, where the mesh listens. The doctor compares both by this
table. The servers with a version were started by `script/check-servers`; the others follow their documentation.
`test/servers/` contains the facts, every observed command line and the address that resulted. This document is generated from them by
`script/update-docs`.

"Picks its port from" lists the sources from the strongest to the weakest: the first one that names a port wins. "Behind the mesh" is the
shortest addition that makes the server listen on port 3000.

"""


def _code(text: str) -> str:
    return f"`{text}`"


def _source_of_port(rule: dict[str, Any], source: str) -> str:
    if source == "flag":
        return ", ".join(_code(flag["name"]) for flag in rule["flags"])
    if source == "operand":
        return "an argument"
    if source == "config":
        config = rule["config"]
        files = [_code(name.replace("{environment}", "ENVIRONMENT")) for name in config["files"]]
        return ", ".join(files) or f"the file of {_code(config['flags'][0])}"
    if source == "default":
        default = str(rule["default_port"])
        return f"the app's source, else {default}" if rule.get("own_source") else default
    return _code(source)


def _behind_the_mesh(rule: dict[str, Any]) -> str:
    listen = rule["listen"]
    if not listen:
        return "a port in the app's source"
    if "variable" in listen:
        return _code(f"env {listen['variable']}=3000 …")
    return _code(listen["arguments"].format(port=3000))


def _version(name: str) -> str:
    return OBSERVED[name]["version"] if name in OBSERVED else "documented"


def text() -> str:
    """Returns the whole document."""
    rows = ["| server | observed version | picks its port from | behind the mesh | documentation |", "| --- | --- | --- | --- | --- |"]
    for name, rule in RULES.items():
        order = "; ".join(_source_of_port(rule, source) for source in rule["order"])
        rows.append(f"| {name} | {_version(name)} | {order} | {_behind_the_mesh(rule)} | {rule['source']} |")
    wrappers = [name for name in OBSERVED if name not in RULES]
    notes = [f"- `{flag}` of {name} {meaning}, so it sets no port." for name, rule in RULES.items() for flag, meaning in rule.get("no_port", {}).items()]  # fmt: skip
    notes += [f"- {name} adds the port of its configuration file to that of its flags." for name, rule in RULES.items() if rule.get("config_adds")]  # fmt: skip
    notes += [f"- {name} exits with an error on `{flag}`." for name, rule in RULES.items() for flag in rule.get("rejects", {})]
    notes += [f"- {name} ignores flags after the app's name." for name, rule in RULES.items()
              if rule.get("flags_before_app") and not rule.get("flags_behind_app_exit")]  # fmt: skip
    versions = ", ".join(f"{name} {_version(name)}" for name in wrappers)
    also = f"\nAlso started: {versions}. Apps of Node.js and Go pick their port in their own source.\n"
    return _INTRODUCTION + "\n".join(rows) + "\n\n## Exceptions\n\n" + "\n".join(notes) + "\n" + also
