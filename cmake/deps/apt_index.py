"""The distribution's signed index of packages, read through private apt state directories.

Nothing of the machine's own apt configuration changes and no root is needed: apt is pointed at
copies of the configured sources with `deb` turned into `deb-src`, and keeps its lists apart. The
index of binary packages is only read when one is asked for.
"""

from __future__ import annotations

import functools
import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

APT_HELPER = Path("/usr/lib/apt/apt-helper")
APT_CONFIGURATION = Path("/etc/apt")
TRUSTED_ORIGINS = re.compile(r"^Origin: (Debian|Debian Backports|Ubuntu)$", re.MULTILINE)
REPACKED = re.compile(r"[.+~](dfsg|ds)[.\d]*$")


@dataclass(frozen=True)
class SourceFile:
    """One file of a source package and the digest that the signed index gives it."""

    uri: str
    name: str
    sha256: str


def upstream_version(version: str) -> str:
    """Returns the upstream part of a package version: `1:1.2.13.dfsg-1` is 1.2.13."""
    without_epoch = version.split(":", 1)[-1]
    return REPACKED.sub("", without_epoch.rsplit("-", 1)[0])


def compare_versions(left: str, right: str) -> int:
    """Returns -1, 0 or 1, by the distribution's own rules."""
    for relation, sign in (("lt", -1), ("gt", 1)):
        if subprocess.run(["dpkg", "--compare-versions", left, relation, right]).returncode == 0:
            return sign
    return 0


class AptIndex:
    """Packages as the machine's own, reachable package sources list them: `deb-src` or `deb`."""

    def __init__(self, state: Path, kind: str = "deb-src") -> None:
        self._state = state
        self._binaries: AptIndex | None = None
        self._lists = state / "lists"
        sources = state / "sources.d"
        for directory in (self._lists / "partial", sources):
            directory.mkdir(parents=True, exist_ok=True)
        write_source_entries(sources, kind)
        self._options = [
            option
            for setting in (
                "Dir::Etc::sourcelist=/dev/null",
                f"Dir::Etc::sourceparts={sources}",
                f"Dir::State::Lists={self._lists}",
                "Dir::State::status=/dev/null",
                f"Dir::Cache={state}",
                "Dir::Cache::srcpkgcache=",
                "Dir::Cache::pkgcache=",
                "APT::Sandbox::User=root",
                "Acquire::Languages=none",
                "Acquire::Retries=3",
            )
            for option in ("-o", setting)
        ]

    @staticmethod
    def available() -> bool:
        """Returns whether this machine has the tools and package sources."""
        tools = all(shutil.which(tool) for tool in ("apt-get", "apt-cache", "dpkg", "dpkg-source"))
        return tools and APT_HELPER.exists() and APT_CONFIGURATION.is_dir()

    def update(self) -> bool:
        """Reads the lists. Skips a source that does not respond. Returns False if none responds."""
        self._run("apt-get", "-qq", "update")
        self._drop_foreign_lists()
        return any([*self._lists.glob("*_Sources*"), *self._lists.glob("*_Packages*")])

    def binary(self, package: str, version: str) -> list[SourceFile]:
        """Returns the file of one version of a binary package for this machine, or an empty list if it is not in the
        index."""
        if self._binaries is None:
            self._binaries = AptIndex(self._state / "binaries", "deb")
            self._binaries.update()
        return self._binaries._printed("download", "--print-uris", f"{package}={version}")

    def revisions(self, package: str) -> list[str]:
        """Returns every version of `package` in the index, newest first."""
        shown = self._run("apt-cache", "showsrc", "--only-source", package).stdout
        versions = set(re.findall(r"^Version: (\S+)$", shown, re.MULTILINE))
        return sorted(versions, key=functools.cmp_to_key(compare_versions), reverse=True)

    def files(self, package: str, version: str) -> list[SourceFile]:
        """Returns the files of one version, without upstream's signatures: the index is signed."""
        return self._printed("source", "--print-uris", "--only-source", f"{package}={version}")

    def _printed(self, *arguments: str) -> list[SourceFile]:
        """Returns the files that apt-get would fetch."""
        shown = self._run("apt-get", "-qq", *arguments).stdout
        found = []
        for line in shown.splitlines():
            words = shlex.split(line)
            if len(words) == 4 and words[3].startswith("SHA256:") and not words[1].endswith(".asc"):
                found.append(SourceFile(words[0], words[1], words[3].removeprefix("SHA256:")))
        return found

    def download(self, file: SourceFile, target: Path) -> bool:
        """Fetches one file to `target`. Returns False if it is not available."""
        arguments = ("download-file", file.uri, str(target), f"SHA256:{file.sha256}")
        return self._run(str(APT_HELPER), *arguments).returncode == 0 and target.exists()

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "LC_ALL": "C"}
        return subprocess.run(
            [program, *self._options, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def _drop_foreign_lists(self) -> None:
        """Removes third-party repositories: only the distribution's own sources are built."""
        for release in [*self._lists.glob("*_InRelease"), *self._lists.glob("*_Release")]:
            if TRUSTED_ORIGINS.search(release.read_text(errors="replace")):
                continue
            prefix = release.name.removesuffix("InRelease").removesuffix("Release")
            for listed in self._lists.glob(f"{prefix}*"):
                listed.unlink()


def write_source_entries(target: Path, kind: str) -> None:
    """Copy the machine's apt sources to `target`, each asking for `kind`, which is `deb-src` or `deb`."""
    parts = APT_CONFIGURATION / "sources.list.d"
    for entry in parts.glob("*.sources"):
        text = re.sub(r"(?m)^Types:.*$", f"Types: {kind}", entry.read_text())
        (target / entry.name).write_text(text)
    for entry in [APT_CONFIGURATION / "sources.list", *parts.glob("*.list")]:
        if entry.exists():
            text = re.sub(r"(?m)^deb\s", f"{kind} ", entry.read_text())
            (target / f"{entry.stem}.list").write_text(text)
