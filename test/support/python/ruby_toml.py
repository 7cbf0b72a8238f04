"""Reads TOML as the classic buildpack registry does: with the Ruby gem `toml` (Debian's ruby-toml)."""

from __future__ import annotations

import json
import subprocess

# The gem prints what it stumbles over, so the answer is the last line.
_PROGRAM = r"""
require "json"
require "toml"
answers = JSON.parse(STDIN.read).map { |text| TOML.load(text) rescue nil }
puts "", JSON.generate(answers)
"""


def load_all(texts: list[str]) -> list[dict | None]:
    """What the gem makes of each text; None where it does not understand it."""
    done = subprocess.run(
        ["ruby", "-W0", "-e", _PROGRAM], input=json.dumps(texts), capture_output=True, text=True, encoding="utf-8", check=True
    )
    return json.loads(done.stdout.splitlines()[-1])
