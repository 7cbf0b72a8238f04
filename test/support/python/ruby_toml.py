"""Reads TOML as the classic buildpack registry does: with the Ruby gem `toml` (Debian's ruby-toml)."""

from __future__ import annotations

import json
import subprocess

# The gem prints its errors, so the result is the last line.
_PROGRAM = r"""
require "json"
require "toml"
answers = JSON.parse(STDIN.read).map { |text| TOML.load(text) rescue nil }
puts "", JSON.generate(answers)
"""


def load_all(texts: list[str]) -> list[dict | None]:
    """Returns the gem's value of each text, or None for a syntax error."""
    done = subprocess.run(
        ["ruby", "-W0", "-e", _PROGRAM], input=json.dumps(texts), capture_output=True, text=True, encoding="utf-8", check=True
    )
    return json.loads(done.stdout.splitlines()[-1])
