#!/usr/bin/python3
"""Runs one `compile` in an almost empty root directory, with a release server that has a name of its own.

usage: confined_build.py --names-in hosts|dns [--hostile] [--unknown] [--lost ipv4|ipv6]

Prints one JSON object: the exit code (negative: the signal), the output, the names that the release server was asked
under, whether the mesh was installed, and the exit code of a control program: a static one that looks the same name up with no
precaution taken. Run as root, of a user namespace if need be, and in a network namespace of its own, where port 53 is
free (`unshare --map-root-user --net`).

  --names-in hosts   the server's name stands in /etc/hosts
  --names-in dns     the server's name is known to a name server on 127.0.0.1 alone
  --hostile          the root's nsswitch.conf asks for sources of names that are libraries, and those, like the C library
                     beside them, end the process that loads them; OpenSSL's configuration names one of them as well
  --unknown          ask for a server whose name nobody knows
  --lost ipv4|ipv6   the server's name has one more address, of this family, where whatever is sent gets lost; the server
                     itself is at one of the other family
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import urlsplit

sys.path[:0] = [str(Path(__file__).resolve().parent / path) for path in ("../../..", ".")]

import harness
import namespaces
from tools.release_server import ReleaseServer

NAME = "releases.mesh.test"
UNKNOWN_NAME = "nowhere.mesh.test"
VERSION = "v0.1.2"
HOSTILE_SOURCES = ("mdns4_minimal", "resolve", "myhostname", "files", "dns")
HOSTILE_NSSWITCH = """hosts: mdns4_minimal [NOTFOUND=return] resolve [!UNAVAIL=return] myhostname dns files
services: db files
networks: files mdns4_minimal
"""
LIBRARY_DIRECTORIES = ("lib", "lib64", "usr/lib", "usr/lib64")
# OpenSSL, too, can be configured to load parts of another installation.
HOSTILE_OPENSSL = """openssl_conf = all
[all]
providers = providers
[providers]
default = default
legacy = legacy
[default]
activate = 1
[legacy]
activate = 1
module = /usr/lib/libc.so.6
"""
LOST_ADDRESSES = {"ipv4": "192.0.2.2", "ipv6": "2001:db8::2"}
# The server's address, by the family of the lost address.
HOSTS = {None: "127.0.0.1", "ipv4": "::1", "ipv6": "127.0.0.1"}
# Ends the process as soon as it is loaded.
TRAP_SOURCE = "__attribute__((constructor)) static void spring(void) { __builtin_trap(); }\n"
CONTROL_SOURCE = """
#include <netdb.h>
#include <stddef.h>
int main(int count, char** words) {
  struct addrinfo* found = NULL;
  return count == 2 && getaddrinfo(words[1], NULL, NULL, &found) == 0 ? 0 : 1;
}
"""


class NameServer:
    """Answers DNS queries for one name's IPv4 address, over UDP; every other name does not exist."""

    def __init__(self, name: str) -> None:
        self._question = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            query, client = self._socket.recvfrom(4096)
            self._socket.sendto(self._answer(query), client)

    def _answer(self, query: bytes) -> bytes:
        """Returns the response (RFC 1035 section 4): header, question, and the address if the query is for one."""
        end = query.index(0, 12) + 1
        name, kind = query[12:end], query[end : end + 2]
        known = name.lower() == self._question
        address = known and kind == b"\0\1"
        flags = b"\x81\x80" if known else b"\x81\x83"
        header = query[:2] + flags + b"\0\1" + (b"\0\1" if address else b"\0\0") + b"\0\0\0\0"
        record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton("127.0.0.1") if address else b""
        return header + query[12 : end + 4] + record


def compiler() -> str:
    """Returns the C compiler that the helper is built with."""
    return next(name for name in ("gcc-12", "gcc", "cc") if shutil.which(name))


def compile_c(source: str, target: Path, *options: str) -> None:
    """Builds a small C program or library."""
    command = [compiler(), "-x", "c", "-", "-o", str(target), *options]
    subprocess.run(command, input=source, text=True, check=True, stderr=subprocess.DEVNULL)


def set_traps(root: Path) -> None:
    """Adds libraries that end their process at the paths where a C library looks for name services and for itself."""
    trap = root / "trap.so"
    compile_c(TRAP_SOURCE, trap, "-shared", "-nostdlib", "-fPIC")
    multiarch = subprocess.run([compiler(), "-print-multiarch"], capture_output=True, text=True, check=True).stdout.strip()
    names = ["libc.so.6", *(f"libnss_{source}.so.2" for source in HOSTILE_SOURCES)]
    for directory in LIBRARY_DIRECTORIES:
        for place in (root / directory, root / directory / multiarch):
            place.mkdir(parents=True, exist_ok=True)
            for name in names:
                shutil.copyfile(trap, place / name)
    (root / "etc" / "nsswitch.conf").write_text(HOSTILE_NSSWITCH)
    (root / "etc" / "ssl" / "openssl.cnf").write_text(HOSTILE_OPENSSL)


def make_root(arguments: argparse.Namespace, server: ReleaseServer) -> Path:
    """Makes the root directory: the helper, the three directories of a build, and the files for name resolution and TLS."""
    root = Path(tempfile.mkdtemp(prefix="confined-"))
    for name in ("build", "cache", "env", "etc/ssl/certs"):
        (root / name).mkdir(parents=True)
    shutil.copy(harness.helper(), root / "mesh-buildpack")
    shutil.copytree(harness.buildpack() / "inventory", root / "inventory")
    compile_c(CONTROL_SOURCE, root / "control", "-static")
    shutil.copyfile(server.ca_file, root / "etc/ssl/certs/ca-certificates.crt")
    (root / "etc/hosts").write_text(hosts(arguments))
    (root / "etc/host.conf").write_text("multi on\n")  # otherwise only a name's first line counts
    (root / "etc/resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:2 attempts:1\n")
    if arguments.hostile:
        set_traps(root)
    settings = {
        "RELEASE_VERSION": VERSION,
        "BASE_URL": f"https://{UNKNOWN_NAME if arguments.unknown else NAME}:{urlsplit(server.base_url).port}",
    }
    for name, value in settings.items():
        (root / "env" / f"HEROKU_INTEGRATION_SERVICE_MESH_{name}").write_text(value)
    return root


def hosts(arguments: argparse.Namespace) -> str:
    """Returns the hosts file. A system prefers the first address."""
    name = NAME if arguments.names_in == "hosts" else ""
    here = f"{HOSTS[arguments.lost]} {name}\n127.0.0.1 localhost\n"
    return f"{LOST_ADDRESSES[arguments.lost]} {name}\n{here}" if arguments.lost else here


def is_lost(address: str) -> bool:
    """Returns whether packets to the address are lost, without a refusal."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as attempt:
        attempt.settimeout(0.5)
        try:
            attempt.connect((address, 443))
        except TimeoutError:
            return True
        except OSError:
            return False
        return False


def run_confined(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Runs a program of the root directory, which sees only that directory and has no environment."""
    chroot = shutil.which("chroot", path="/usr/sbin:/usr/bin:/sbin:/bin")
    return subprocess.run(
        [str(chroot), str(root), *command],
        env={},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=harness.PATIENCE,
    )


def main() -> None:
    """Builds once, and prints the result."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--names-in", choices=("hosts", "dns"), required=True)
    parser.add_argument("--hostile", action="store_true")
    parser.add_argument("--unknown", action="store_true")
    parser.add_argument("--lost", choices=tuple(LOST_ADDRESSES))
    arguments = parser.parse_args()
    if arguments.lost:
        subprocess.run(["sh", "-euc", namespaces.DEAD_END + namespaces.LOST], check=True)
        if not is_lost(LOST_ADDRESSES[arguments.lost]):
            raise RuntimeError("packets to the address are not lost")
    if arguments.names_in == "dns" or arguments.unknown:
        NameServer(NAME)
    with ReleaseServer(host=HOSTS[arguments.lost], names=(NAME,)) as server:
        server.publish(VERSION, harness.mesh_release_asset())
        root = make_root(arguments, server)
        control = run_confined(root, "/control", NAME)
        done = run_confined(root, "/mesh-buildpack", "compile", "/build", "/cache", "/env")
        print(
            json.dumps(
                {
                    "code": done.returncode,
                    "output": done.stdout,
                    "control": control.returncode,
                    "asked_under": sorted({r.headers.get("host", "").rsplit(":", 1)[0] for r in server.requests}),
                    "installed": (root / "build" / harness.BINARY_PATH).is_file(),
                }
            )
        )
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
