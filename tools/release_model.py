"""The data of a release server: repositories, releases, assets, and their JSON in GitHub's API."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zlib
from dataclasses import dataclass, field
from functools import cached_property

ASSET_NAME = "heroku-integration-service-mesh.tar.gz"
BINARY_NAME = "heroku-integration-service-mesh"
APPLINK_NAME = "heroku-applink-service-mesh"
DEFAULT_REPOSITORY = "heroku/heroku-integration-service-mesh"

# Generated release notes have newlines and bullet points, which shell pipelines trip over.
DEFAULT_NOTES = "## What's Changed\r\n* A *starred* change\r\n* Another one, with a \ttab and \"quotes\"\r\n"


@dataclass
class Asset:
    """One file of a release, whose data never changes (publish another one instead).

    `digest` is that of the API; None as for files uploaded before GitHub kept digests.
    """

    name: str
    data: bytes
    digest: str | None = None
    state: str = "uploaded"
    content_type: str = "application/gzip"
    id: int = 0

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def etag(self) -> str:
        return f'"0x{hashlib.md5(self.data, usedforsecurity=False).hexdigest().upper()}"'

    def with_digest(self) -> Asset:
        """Returns the same asset, as uploaded today: the API lists its digest."""
        self.digest = f"sha256:{self.sha256}"
        return self


@dataclass
class Release:
    """A tag with its assets. Drafts are invisible; pre-releases are never the latest."""

    tag: str
    assets: list[Asset] = field(default_factory=list)
    notes: str = DEFAULT_NOTES
    draft: bool = False
    prerelease: bool = False
    immutable: bool = False
    id: int = 0

    def asset(self, name: str) -> Asset | None:
        """Returns the downloadable asset of this name: neither of a draft nor an unfinished upload."""
        if self.draft:
            return None
        return next((a for a in self.assets if a.name == name and a.state == "uploaded"), None)


@dataclass
class Repository:
    """Releases in the order of their publication."""

    name: str
    id: int
    releases: list[Release] = field(default_factory=list)

    @property
    def latest(self) -> Release | None:
        return next((r for r in reversed(self.releases) if not r.draft and not r.prerelease), None)

    def release(self, tag: str) -> Release | None:
        return next((r for r in self.releases if r.tag == tag and not r.draft), None)


def release_json(repository: Repository, release: Release, web: str, api: str) -> dict[str, object]:
    """Returns the API's response for a release: every field that an installer may use, in GitHub's form."""
    here = f"{api}/repos/{repository.name}/releases"
    return {
        "url": f"{here}/{release.id}",
        "assets_url": f"{here}/{release.id}/assets",
        "upload_url": f"{here}/{release.id}/assets{{?name,label}}",
        "html_url": f"{web}/{repository.name}/releases/tag/{release.tag}",
        "id": release.id,
        "author": _account(api),
        "node_id": f"RE_{release.id}",
        "tag_name": release.tag,
        "target_commitish": "main",
        "name": release.tag,
        "draft": release.draft,
        "immutable": release.immutable,
        "prerelease": release.prerelease,
        "created_at": "2025-03-18T16:16:13Z",
        "updated_at": "2025-03-18T16:20:41Z",
        "published_at": "2025-03-18T16:20:41Z",
        "assets": [_asset_json(repository, release, asset, web, api) for asset in release.assets],
        "tarball_url": f"{api}/repos/{repository.name}/tarball/{release.tag}",
        "zipball_url": f"{api}/repos/{repository.name}/zipball/{release.tag}",
        "body": release.notes,
    }


def _asset_json(repository: Repository, release: Release, asset: Asset, web: str, api: str) -> dict[str, object]:
    return {
        "url": f"{api}/repos/{repository.name}/releases/assets/{asset.id}",
        "id": asset.id,
        "node_id": f"RA_{asset.id}",
        "name": asset.name,
        "label": "",
        "uploader": _account(api),
        "content_type": asset.content_type,
        "state": asset.state,
        "size": len(asset.data),
        "digest": asset.digest,
        "download_count": 42,
        "created_at": "2025-03-18T16:18:02Z",
        "updated_at": "2025-03-18T16:18:03Z",
        "browser_download_url": f"{web}/{repository.name}/releases/download/{release.tag}/{asset.name}",
    }


def _account(api: str) -> dict[str, object]:
    return {"login": "release-bot", "id": 1, "type": "Bot", "url": f"{api}/users/release-bot", "site_admin": False}


@dataclass
class Entry:
    """A member of an archive, hostile ones included: any name, type, link target, owner or mode."""

    name: str
    data: bytes = b""
    mode: int = 0o755
    type: bytes = tarfile.REGTYPE
    link: str = ""
    uid: int = 1001
    gid: int = 127


def make_archive(entries: list[Entry], *, level: int = 6, format: int = tarfile.GNU_FORMAT) -> bytes:
    """Returns a tar.gz with exactly these members, in this order. It is reproducible."""
    return make_gzip(make_tar(entries, format=format), level=level)


def make_tar(entries: list[Entry], *, format: int = tarfile.GNU_FORMAT) -> bytes:
    """Returns the archive before compression."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=format) as archive:
        for entry in entries:
            member = tarfile.TarInfo(entry.name)
            member.size = len(entry.data)
            member.mode, member.type, member.linkname = entry.mode, entry.type, entry.link
            member.uid, member.gid, member.uname, member.gname = entry.uid, entry.gid, "runner", "docker"
            archive.addfile(member, io.BytesIO(entry.data))
    return buffer.getvalue()


def make_gzip(data: bytes, *, level: int = 6) -> bytes:
    """Compresses without time and name in the header, so that equal contents have equal digests."""
    return gzip.compress(data, compresslevel=level, mtime=0)


def truncated_archive(archive: bytes, keep: int) -> bytes:
    """Returns a valid gzip stream of a truncated tar file: the length and the checksum are right, the contents are not."""
    return make_gzip(zlib.decompress(archive, wbits=31)[:keep])


def mesh_asset(binary: bytes, *, name: str = ASSET_NAME, entry: str = BINARY_NAME) -> Asset:
    """Returns a release asset as the mesh's own workflow makes it: one executable in a tar.gz, without a digest in the API."""
    return Asset(name, make_archive([Entry(entry, binary)]))
