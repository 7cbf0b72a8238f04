"""Reads and writes [[metadata.programs]] in buildpack.toml: the programs that libexec/fetch-helper.sh fetches for a git checkout."""

from __future__ import annotations

import re
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]

_ENTRIES = re.compile(r"(?:^\[\[metadata\.programs\]\]\n(?:^\w+ = .*\n)+\n?)+", re.MULTILINE)
_ENTRY = re.compile(r'name = "(.*)"\narch = "(.*)"\nurl = "(.*)"\nsha256 = "(.*)"\n')


def version() -> str:
    """Returns the buildpack's version."""
    return re.search(r'^version = "(.+)"$', (CHECKOUT / "buildpack.toml").read_text(), re.MULTILINE)[1]


def asset(name: str, arch: str) -> str:
    """Returns the file name of a program in a release."""
    return f"{name}-{version()}-linux-{arch}"


def fill(manifest: str, base: str, digests: dict[tuple[str, str], str]) -> str:
    """Returns the manifest with these programs, by (name, architecture), pinned below a base address. Other pins do not change."""
    pinned = {(name, arch): (url, sha256) for name, arch, url, sha256 in _ENTRY.findall(manifest)}
    pinned |= {(name, arch): (f"{base}/{asset(name, arch)}", digest) for (name, arch), digest in digests.items()}
    entries = [
        f'[[metadata.programs]]\nname = "{name}"\narch = "{arch}"\nurl = "{url}"\nsha256 = "{sha256}"\n'
        for (name, arch), (url, sha256) in pinned.items()
    ]
    changed, count = _ENTRIES.subn(lambda _: "\n".join(entries) + "\n", manifest)
    if count != 1:
        raise ValueError(f"buildpack.toml has {count} groups of [[metadata.programs]] instead of one")
    return changed
