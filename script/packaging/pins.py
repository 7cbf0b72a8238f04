"""The programs that buildpack.toml pins for a checkout that carries none: [[metadata.programs]], as libexec/fetch-helper.sh reads them."""

from __future__ import annotations

import re
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]

_ENTRIES = re.compile(r"(?:^\[\[metadata\.programs\]\]\n(?:^\w+ = .*\n)+\n?)+", re.MULTILINE)
_ENTRY = re.compile(r'name = "(.*)"\narch = "(.*)"\nurl = "(.*)"\nsha256 = "(.*)"\n')


def version() -> str:
    """The buildpack's version."""
    return re.search(r'^version = "(.+)"$', (CHECKOUT / "buildpack.toml").read_text(), re.MULTILINE)[1]


def asset(name: str, arch: str) -> str:
    """What a program is called among the assets of a release."""
    return f"{name}-{version()}-linux-{arch}"


def fill(manifest: str, base: str, digests: dict[tuple[str, str], str]) -> str:
    """The manifest with these programs, by (name, architecture), pinned below a base address; others stay as they are."""
    pinned = {(name, arch): (url, sha256) for name, arch, url, sha256 in _ENTRY.findall(manifest)}
    pinned |= {(name, arch): (f"{base}/{asset(name, arch)}", digest) for (name, arch), digest in digests.items()}
    entries = [
        f'[[metadata.programs]]\nname = "{name}"\narch = "{arch}"\nurl = "{url}"\nsha256 = "{sha256}"\n'
        for (name, arch), (url, sha256) in pinned.items()
    ]
    changed, count = _ENTRIES.subn(lambda _: "\n".join(entries) + "\n", manifest)
    if count != 1:
        raise ValueError(f"buildpack.toml has {count} runs of [[metadata.programs]] in the place of one")
    return changed
