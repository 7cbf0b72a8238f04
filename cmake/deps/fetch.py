#!/usr/bin/python3
"""Fetch, verify and unpack the sources that deps.lock names.

usage: fetch.py LOCK DOWNLOADS OUT

Each dependency ends up in OUT/<name>; OUT/provenance.json says what it was made from. DOWNLOADS
keeps what was fetched, by digest, for the next time. The first of these that can be had is taken:

1. the distribution's source package of the locked upstream version, its newest packaging revision
   first: it carries the security patches made since;
2. that version's untouched .orig tarball, whose digest the distribution signs, for the days when
   the index is ahead of the files;
3. for a library of headers alone, the package that installs them, of the same revisions;
4. a newer upstream version of the same series, by 1, 2 or 3;
5. upstream's own tarball with the digest from the lock file.
"""

from __future__ import annotations

import configparser
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator

from apt_index import AptIndex, SourceFile, compare_versions, upstream_version

DOWNLOAD_ATTEMPTS = 4
TARBALL_MARK = ".orig.tar."


@dataclass(frozen=True)
class Dependency:
    """One section of the lock file."""

    name: str
    source: str
    version: str
    series: str
    url: str
    sha256: str
    headers: str = ""


@dataclass(frozen=True)
class Fetched:
    """The source that a dependency was unpacked from."""

    version: str
    route: str
    revision: str
    files: list[SourceFile]


class Downloads:
    """A directory of verified files, each below its own digest; safe for concurrent builds."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def get(self, file: SourceFile, fetch: Callable[[SourceFile, Path], bool]) -> Path | None:
        """Returns the path of `file`, which is fetched unless it exists, or None if it is not available."""
        kept = self._root / file.sha256 / file.name
        if kept.exists() and digest(kept) == file.sha256:
            return kept
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as scratch:
            arrived = Path(scratch) / file.name
            if not fetch(file, arrived) or digest(arrived) != file.sha256:
                return None
            os.replace(arrived, kept)
        return kept


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    state = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            state.update(block)
    return state.hexdigest()


def read_lock(path: Path) -> list[Dependency]:
    """The dependencies in the order of the lock file."""
    lock = configparser.ConfigParser(interpolation=None)
    lock.read_string(path.read_text())
    return [Dependency(name=name, **dict(lock[name])) for name in lock.sections()]


def fetch_url(file: SourceFile, target: Path) -> bool:
    """Downloads from upstream. Retries with growing pauses."""
    for attempt in range(DOWNLOAD_ATTEMPTS):
        if attempt:
            time.sleep(2**attempt)
        try:
            request = urllib.request.Request(file.uri, headers={"User-Agent": "mesh-buildpack"})
            with urllib.request.urlopen(request, timeout=60) as answer, target.open("wb") as out:
                shutil.copyfileobj(answer, out)
            return True
        except (urllib.error.URLError, OSError) as problem:
            print(f"   {file.uri}: {problem}", file=sys.stderr)
    return False


def unpack_tarball(tarball: Path, target: Path) -> None:
    """Unpacks a tarball that contains one top directory, as `target`."""
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        shutil.unpack_archive(tarball, scratch)
        (top,) = Path(scratch).iterdir()
        top.rename(target)


def unpack_source_package(files: list[Path], target: Path) -> None:
    """Unpack a source package with its patches. Its digests were checked against the index."""
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        for file in files:
            (Path(scratch) / file.name).symlink_to(file)
        (description,) = Path(scratch).glob("*.dsc")
        subprocess.run(
            ["dpkg-source", "--no-check", "--no-copy", "-x", str(description), str(target)],
            check=True,
            capture_output=True,
        )


def unpack_binary_package(file: Path, target: Path) -> None:
    """Unpack what a package installs below `target`."""
    subprocess.run(["dpkg-deb", "-x", str(file), str(target)], check=True, capture_output=True)


def from_package(
    dependency: Dependency, revision: str, index: AptIndex, downloads: Downloads, target: Path
) -> Fetched | None:
    """Unpacks one revision of the source package with its patches, if all of it is available."""
    files = index.files(dependency.source, revision)
    paths = [downloads.get(file, index.download) for file in files]
    if not files or None in paths:
        return None
    unpack_source_package([path for path in paths if path], target)
    return Fetched(upstream_version(revision), "source package", revision, files)


def from_tarball(
    dependency: Dependency, revision: str, index: AptIndex, downloads: Downloads, target: Path
) -> Fetched | None:
    """Unpacks only the .orig tarball of one revision, if it is available."""
    files = [f for f in index.files(dependency.source, revision) if TARBALL_MARK in f.name]
    path = downloads.get(files[0], index.download) if len(files) == 1 else None
    if path is None:
        return None
    unpack_tarball(path, target)
    return Fetched(upstream_version(revision), "orig tarball", revision, files)


def from_headers(
    dependency: Dependency, revision: str, index: AptIndex, downloads: Downloads, target: Path
) -> Fetched | None:
    """Unpacks the headers that one revision's binary package installs, as `include`, if it is available."""
    files = index.binary(dependency.headers, revision) if dependency.headers else []
    path = downloads.get(files[0], index.download) if len(files) == 1 else None
    if path is None:
        return None
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        unpack_binary_package(path, Path(scratch))
        target.mkdir()
        (Path(scratch) / "usr" / "include").rename(target / "include")
    return Fetched(upstream_version(revision), "binary package", revision, files)


def from_upstream(dependency: Dependency, downloads: Downloads, target: Path) -> Fetched | None:
    """Unpacks upstream's own tarball, if it is available."""
    file = SourceFile(dependency.url, dependency.url.rsplit("/", 1)[-1], dependency.sha256)
    path = downloads.get(file, fetch_url)
    if path is None:
        return None
    unpack_tarball(path, target)
    return Fetched(dependency.version, dependency.url, "", [file])


def welcome_revisions(dependency: Dependency, index: AptIndex) -> Iterator[list[str]]:
    """Returns the groups of revisions to try, best first: the locked upstream version, then newer ones."""
    revisions = index.revisions(dependency.source)
    yield [r for r in revisions if upstream_version(r) == dependency.version]
    for revision in revisions:
        upstream = upstream_version(revision)
        if upstream.startswith(dependency.series) and compare_versions(upstream, dependency.version) > 0:
            yield [revision]


def obtain(
    dependency: Dependency, index: AptIndex | None, downloads: Downloads, target: Path
) -> Fetched:
    """Unpacks a dependency into `target` by the first route that works."""
    for revisions in welcome_revisions(dependency, index) if index else ():
        for route in (from_package, from_tarball, from_headers):
            for revision in revisions:
                if fetched := route(dependency, revision, index, downloads, target):
                    return fetched
    if fetched := from_upstream(dependency, downloads, target):
        return fetched
    raise SystemExit(
        f"{dependency.name} {dependency.version} cannot be had: neither from this machine's package"
        f" sources nor from {dependency.url}"
    )


def provenance_entry(dependency: Dependency, fetched: Fetched) -> dict[str, object]:
    """Returns the record of one dependency, which identifies its files."""
    return {
        "name": dependency.name,
        "version": fetched.version,
        "from": fetched.route,
        "source": dependency.source if fetched.revision else "",
        "revision": fetched.revision,
        "files": {file.name: file.sha256 for file in fetched.files},
    }


def open_index(state: Path) -> AptIndex | None:
    """Returns the distribution's index, or None if the machine has no index or no source responds."""
    if not AptIndex.available():
        return None
    index = AptIndex(state)
    return index if index.update() else None


def main() -> None:
    """Fetch everything and write the provenance."""
    lock, downloads, out = (Path(argument).resolve() for argument in sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    index = open_index(out / ".apt")
    entries = []
    for dependency in read_lock(lock):
        fetched = obtain(dependency, index, Downloads(downloads), out / dependency.name)
        print(f"   {dependency.name} {fetched.version}: {fetched.route} {fetched.revision}", flush=True)
        entries.append(provenance_entry(dependency, fetched))
    (out / "provenance.json").write_text(json.dumps(entries, indent=2) + "\n")


if __name__ == "__main__":
    main()
