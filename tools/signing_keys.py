"""OpenPGP keys and signatures for tests, made by the real gpg in a home directory of its own.

Keys are made on first use, once per test process, and never committed.
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

_LONG_AGO = "20200101T000000"


class SigningKey:
    """A key pair, and a publisher's operations with it."""

    def __init__(self, name: str, *, algorithm: str = "ed25519", expires: str = "never", made: str | None = None):
        self.user = f"{name} <{name}@example.com>"
        self._made = made
        generate = ["--passphrase", "", "--quick-generate-key", self.user, algorithm, "sign", expires]
        _gpg(*_at(made), *generate)
        listed = _gpg("--with-colons", "--list-keys", f"={self.user}").decode()
        self.fingerprint = next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr:"))

    @functools.cached_property
    def public_key(self) -> bytes:
        """Returns the public key in ASCII armour, as publishers offer it."""
        return _gpg("--armor", "--export", self.fingerprint)

    def sign(self, content: bytes, expires: str = "0") -> bytes:
        """Returns a detached signature in ASCII armour."""
        sign = ["--default-sig-expire", expires, "--armor", "--detach-sign", "--local-user", self.fingerprint, "--output", "-"]
        return _gpg(*_at(self._made), *sign, content=content)

    def revoke(self) -> None:
        """Revokes the key with the certificate that gpg made for this purpose. It cannot sign any more."""
        prepared = (_home() / "openpgp-revocs.d" / f"{self.fingerprint}.rev").read_text()
        _gpg("--import", content=prepared.replace(":-----BEGIN", "-----BEGIN").encode())
        self.__dict__.pop("public_key", None)


@functools.cache
def publisher() -> SigningKey:
    """Returns the key that releases are signed with."""
    return SigningKey("publisher")


@functools.cache
def other() -> SigningKey:
    """Returns a key of another owner."""
    return SigningKey("other", algorithm="rsa2048")


@functools.cache
def expired() -> SigningKey:
    """Returns an expired key. Its signatures were made before."""
    return SigningKey("expired", expires="2020-02-01", made=_LONG_AGO)


def signed_by_both(content: bytes, *keys: SigningKey) -> bytes:
    """Returns one file with a signature by each of the keys."""
    users = [argument for key in keys for argument in ("--local-user", key.fingerprint)]
    return _gpg("--armor", "--detach-sign", *users, "--output", "-", content=content)


def without_armor(armored: bytes) -> bytes:
    """Returns the same key or signature without ASCII armour."""
    return _gpg("--dearmor", content=armored)


@functools.cache
def long_ago() -> SigningKey:
    """Returns a key whose signatures were made in 2020."""
    return SigningKey("long-ago", made=_LONG_AGO)


@functools.cache
def revoked() -> SigningKey:
    """Returns a revoked key. Its signatures were made before."""
    return SigningKey("revoked")


def _at(time: str | None) -> list[str]:
    return ["--faked-system-time", time] if time else []


@functools.cache
def _home() -> Path:
    # A short path, because the agent's socket is in it, whose path has a limited length.
    home = Path(tempfile.mkdtemp(prefix="gpg-", dir="/tmp"))
    home.chmod(0o700)
    atexit.register(_end, home)
    return home


def _gpg(*arguments: str, content: bytes = b"") -> bytes:
    command = ["gpg", "--homedir", str(_home()), "--batch", "--quiet", "--no-tty", "--pinentry-mode", "loopback", *arguments]
    done = subprocess.run(command, input=content, capture_output=True, timeout=60)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr.decode(errors='replace')}")
    return done.stdout


def _end(home: Path) -> None:
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "gpg-agent"], env={**os.environ}, capture_output=True)
    shutil.rmtree(home, ignore_errors=True)
