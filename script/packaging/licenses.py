"""Collects the licences of everything that is linked into the programs, as one text that every package contains.

The texts come from the very source files that the programs were built of: build/<preset>/provenance.json names them by digest, and
the build keeps them. Those of the C and C++ libraries come from the distribution's packages.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECIPE = ROOT / "cmake" / "deps"

FILE = "THIRD_PARTY_LICENSES.txt"


@dataclass(frozen=True)
class Library:
    """A locked dependency: its SPDX expression, the licence file in its source, and the archives that are linked."""

    license: str
    file: str
    archives: tuple[str, ...] = ()
    is_linked: bool = True


# Each section of cmake/deps/deps.lock.
LIBRARIES = {
    "isa-l": Library("BSD-3-Clause", "LICENSE", ("libisal.a",)),
    "zlib": Library("Zlib", "LICENSE", is_linked=False),
    "openssl": Library("Apache-2.0", "LICENSE.txt", ("libssl.a", "libcrypto.a")),
    "curl": Library("curl", "COPYING", ("libcurl.a",)),
    "fmt": Library("MIT", "LICENSE.rst", ("libfmt.a",)),
    "yaml-cpp": Library("MIT", "LICENSE", ("libyaml-cpp.a",)),
    "libarchive": Library("BSD-2-Clause", "COPYING", ("libarchive.a",)),
    "nlohmann-json": Library("MIT", "LICENSE.MIT"),
    "tomlplusplus": Library("MIT", "LICENSE"),
    "googletest": Library("BSD-3-Clause", "LICENSE", is_linked=False),
}

# Where the distribution keeps the licences of its libraries.
SYSTEM_LIBRARIES = {
    "glibc": ("LGPL-2.1-or-later", "libc6-dev", ("/usr/share/doc/libc6-dev/copyright", "/usr/share/common-licenses/LGPL-2.1")),
    "libstdc++ and libgcc": (
        "GPL-3.0-or-later WITH GCC-exception-3.1",
        "libstdc++-12-dev",
        ("/usr/share/doc/gcc-12-base/copyright", "/usr/share/common-licenses/GPL-3"),
    ),
}

INTRODUCTION = """\
The programs of this package are licensed under the MIT license (see LICENSE). They are statically linked with the libraries below.

Relinking with another C library

The GNU C library (glibc) is licensed under the LGPL. To use this software with a modified glibc:

  1. Get the source of this package's version from {homepage}.
  2. On Debian or Ubuntu, replace libc.a and the other files of the package libc6-dev by those of the modified glibc.
     The source of the unmodified one is the distribution's source package glibc, of the version below.
  3. Run script/build. It compiles and links build/release/mesh-buildpack.
  4. Replace libexec/linux-amd64/mesh-buildpack or libexec/linux-arm64/mesh-buildpack by that file.
"""

RULE = "=" * 80


def collect(provenances: dict[str, dict], homepage: str) -> bytes:
    """Returns the text for programs with these provenances, by architecture. Exits with an error if a source file is missing."""
    sections = [*_library_sections(provenances), *_system_sections(sorted(provenances))]
    contents = "\n".join(f"  {title}" for title, _ in sections)
    bodies = "".join(f"\n{RULE}\n{title}\n{RULE}\n\n{text.strip()}\n" for title, text in sections)
    return f"{INTRODUCTION.format(homepage=homepage)}\nLibraries\n\n{contents}\n{bodies}".encode()


def _library_sections(provenances: dict[str, dict]) -> list[tuple[str, str]]:
    """Returns a title and a text for each version of each linked library."""
    found: dict[str, str] = {}
    for _, provenance in sorted(provenances.items()):
        for dependency in provenance["dependencies"]:
            library = LIBRARIES[dependency["name"]]
            if library.is_linked:
                title = f"{dependency['name']} {dependency['version']} ({library.license})"
                found[title] = _license_of(dependency, library)
    return sorted(found.items())


def _system_sections(architectures: list[str]) -> list[tuple[str, str]]:
    sections = []
    for name, (license_expression, package, paths) in SYSTEM_LIBRARIES.items():
        versions = ", ".join(f"{_installed(package, arch)} for {arch}" for arch in architectures)
        if missing := [path for path in paths if not Path(path).is_file()]:
            sys.exit(f"The licence of {name} is missing on this machine: {', '.join(missing)}")
        text = "\n\n".join(_text(Path(path).read_bytes()) for path in paths)
        sections.append((f"{name} ({license_expression}), Debian packages: {versions}", text))
    return sections


def _installed(package: str, arch: str) -> str:
    """Returns the name and version of the installed package that programs for the architecture are linked with."""
    own = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
    name = package if arch == own else f"{package}-{arch}-cross"
    query = ["dpkg-query", "--show", "--showformat", "${Package} ${Version}\n", name]
    return subprocess.run(query, capture_output=True, text=True, check=True).stdout.splitlines()[0]


def _license_of(dependency: dict, library: Library) -> str:
    """Returns the licence in the source files of a dependency."""
    for name, digest in dependency["files"].items():
        if name.endswith(".deb"):
            return _text(_member(_package_content(_download(name, digest)), r"(\./)?usr/share/doc/[^/]+/copyright", name))
        if not name.endswith(".dsc") and ".debian.tar." not in name:
            return _text(_member(_download(name, digest).read_bytes(), rf"(\./)?[^/]+/{re.escape(library.file)}", name))
    sys.exit(f"{dependency['name']}: none of its source files contains a licence")


def _member(archive: bytes, pattern: str, name: str) -> bytes:
    """Returns the content of the first regular file in a tar archive whose name matches."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            if member.isfile() and re.fullmatch(pattern, member.name):
                stream = tar.extractfile(member)
                return stream.read() if stream else b""
    sys.exit(f"{name} contains no licence ({pattern})")


def _package_content(path: Path) -> bytes:
    return subprocess.run(["dpkg-deb", "--fsys-tarfile", path], capture_output=True, check=True).stdout


def _text(content: bytes) -> str:
    return content.decode("utf-8", errors="replace").replace("\r\n", "\n")


def _download(name: str, digest: str) -> Path:
    """Returns the path of a source file that the build downloaded. Downloads it again if it is missing."""
    if path := _kept(name, digest):
        return path
    with tempfile.TemporaryDirectory() as scratch:
        command = ["/usr/bin/python3", "-B", RECIPE / "fetch.py", RECIPE / "deps.lock", _directories()[0], Path(scratch, "src")]
        subprocess.run(command, check=True)
    path = _kept(name, digest)
    if not path:
        sys.exit(f"The source file {name} is missing. Remove build/ and the built dependencies, then run script/build.")
    return path


def _kept(name: str, digest: str) -> Path | None:
    return next((path for path in (directory / digest / name for directory in _directories()) if path.is_file()), None)


def _directories() -> list[Path]:
    """Returns the directories that cmake/dependencies.cmake may keep downloads in, the preferred one first."""
    environment = os.environ
    named = [
        (environment.get("MESH_BUILDPACK_DOWNLOADS"), ""),
        (environment.get("MESH_BUILDPACK_DEPS"), "downloads"),
        (environment.get("XDG_CACHE_HOME"), "mesh-buildpack/deps/downloads"),
        (environment.get("HOME"), ".cache/mesh-buildpack/deps/downloads"),
        (str(ROOT), ".deps/downloads"),
    ]
    return [Path(base, below) for base, below in named if base]
