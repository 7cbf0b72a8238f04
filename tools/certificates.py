"""A certificate authority for tests, made at start and removed with its directory.

Clients under test trust only `ca_file`, so TLS is really verified and no key is committed. Besides the good certificate there are
three that a client must refuse.
"""

from __future__ import annotations

import ipaddress
import ssl
import subprocess
from pathlib import Path

DEFAULT_NAMES = ("localhost", "127.0.0.1", "::1")

# The certificates of a listener. "refused" presents no certificate: the connection is closed in the middle of the handshake.
KINDS = ("good", "expired", "untrusted", "wrong-name", "refused")


class CertificateAuthority:
    """Issues server certificates below `directory`, with the openssl command line (EC keys: a few milliseconds each)."""

    def __init__(self, directory: Path, names: tuple[str, ...] = DEFAULT_NAMES):
        self._directory = Path(directory)
        self._names = names
        self._contexts: dict[str, ssl.SSLContext] = {}
        self.ca_file = self._make_root("ca")

    def server_context(self, kind: str) -> ssl.SSLContext:
        """Returns the TLS settings of a server whose certificate is of this kind. Made on first use."""
        if kind not in self._contexts:
            self._contexts[kind] = self._make_context(kind)
        return self._contexts[kind]

    def _make_context(self, kind: str) -> ssl.SSLContext:
        if kind == "good":
            certificate, key = self._issue("good", self._names)
        elif kind == "expired":
            certificate, key = self._issue("expired", self._names, days=-1)
        elif kind == "wrong-name":
            certificate, key = self._issue("wrong-name", ("elsewhere.example",))
        elif kind == "untrusted":
            self._make_root("other")
            certificate, key = self._issue("untrusted", self._names, issuer="other")
        else:
            raise ValueError(f"no certificate of kind {kind!r}; known: {', '.join(KINDS)}")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        context.load_cert_chain(certificate, key)
        return context

    def _make_root(self, name: str) -> Path:
        certificate = self._directory / f"{name}.pem"
        _openssl(
            "req", "-x509", *_NEW_KEY, "-keyout", self._directory / f"{name}.key", "-out", certificate,
            "-days", "2", "-subj", f"/CN=Test authority {name}",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
        )  # fmt: skip
        return certificate

    def _issue(self, name: str, names: tuple[str, ...], issuer: str = "ca", days: int = 2) -> tuple[Path, Path]:
        base = self._directory / name
        certificate, key, request, extensions = (base.with_suffix(s) for s in (".pem", ".key", ".csr", ".ext"))
        extensions.write_text(
            f"subjectAltName={','.join(map(_alternative_name, names))}\n"
            "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n"
        )
        _openssl("req", *_NEW_KEY, "-keyout", key, "-out", request, "-subj", f"/CN={names[0]}")
        _openssl(
            "x509", "-req", "-in", request, "-out", certificate, "-days", str(days), "-extfile", extensions,
            "-CA", self._directory / f"{issuer}.pem", "-CAkey", self._directory / f"{issuer}.key", "-CAcreateserial",
        )  # fmt: skip
        return certificate, key


_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def _alternative_name(name: str) -> str:
    try:
        return f"IP:{ipaddress.ip_address(name)}"
    except ValueError:
        return f"DNS:{name}"


def _openssl(*arguments: object) -> None:
    done = subprocess.run(["openssl", *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {arguments[0]} failed:\n{done.stderr}")
