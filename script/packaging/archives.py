"""Makes tar files that are the same on every machine: sorted, owned by root, with one time for all entries."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from pathlib import Path


def sha256(content: bytes) -> str:
    """Returns the SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def tar(tree: Path, time: int, top: str = "", directories: tuple[str, ...] = ()) -> bytes:
    """Archives the directories and everything below `tree`, with `top` before each name. Executable files get mode 0755, others 0644."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in directories:
            archive.addfile(_directory(name, time))
        for path in sorted(tree.rglob("*")):
            member = archive.gettarinfo(path, str(path.relative_to(tree)))
            member.name = top + member.name
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            member.mtime = time
            member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            archive.addfile(member, io.BytesIO(path.read_bytes()) if member.isfile() else None)
    return plain.getvalue()


def tar_of_files(files: dict[str, bytes], time: int) -> bytes:
    """Archives the files and their directories."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted({parent for name in files for parent in _parents(name.rpartition("/")[0])}):
            archive.addfile(_directory(name, time))
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.mode = len(content), time, 0o644
            archive.addfile(member, io.BytesIO(content))
    return plain.getvalue()


def gzipped(content: bytes) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", compresslevel=9, mtime=0) as stream:
        stream.write(content)
    return packed.getvalue()


def _parents(directory: str) -> list[str]:
    """Returns "a" and "a/b" for "a/b", and nothing for ""."""
    parts = directory.split("/") if directory else []
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _directory(name: str, time: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.mtime, member.mode = tarfile.DIRTYPE, time, 0o755
    return member
