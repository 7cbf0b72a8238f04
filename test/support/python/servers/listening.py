"""Starts a command in a network of its own and observes where it listens.

`observe` runs this module again in fresh namespaces: nothing else listens there, and everything that the command started ends
with it.
"""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_ISOLATED = ("unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--")
_POLL_SECONDS = 0.1
_LISTEN = "0A"
_TAIL = 400


def observe(argv: list[str], cwd: Path, environment: dict[str, str], seconds: float) -> dict[str, Any]:
    """Returns where `argv` listens, or how it ended. Needs root.

    listens    addresses such as "127.0.0.1:3000", in the order of their ports
    reachable  port to connect to by 127.0.0.1 → whether that works, for each port
    exit       the exit code, if it ended without listening; `output` is then the end of what it printed
    """
    order = {"argv": argv, "cwd": str(cwd), "env": environment, "seconds": seconds}
    done = subprocess.run([*_ISOLATED, sys.executable, "-B", __file__], input=json.dumps(order), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{argv}: {done.stderr}")
    return json.loads(done.stdout)


def _loopback_up() -> None:
    request, up = 0x8914, 0x1  # SIOCSIFFLAGS, IFF_UP
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, request, struct.pack("16sh14x", b"lo", up))


def _address(hexadecimal: str) -> str:
    """Parses an address as /proc prints it: 32-bit words in the byte order of the machine."""
    raw = b"".join(bytes.fromhex(hexadecimal[i : i + 8])[::-1] for i in range(0, len(hexadecimal), 8))
    return socket.inet_ntop(socket.AF_INET if len(raw) == 4 else socket.AF_INET6, raw)


def listening() -> list[tuple[str, int]]:
    """Returns the listening TCP sockets of this network, by port, without those whose port the kernel chose."""
    first, last = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTEN:
                address, port = fields[1].split(":")
                found.add((_address(address), int(port, 16)))
    found = {each for each in found if not first <= each[1] <= last}
    return sorted(found, key=lambda each: (each[1], each[0]))


def _answers(host: str, port: int) -> bool:
    """Returns whether the address sends any HTTP response."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/")
        connection.getresponse()
        return True
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _accepts(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=2).close()
        return True
    except OSError:
        return False


def _main() -> None:
    order = json.load(sys.stdin)
    _loopback_up()
    log = tempfile.TemporaryFile()
    process = subprocess.Popen(
        order["argv"], cwd=order["cwd"], env=order["env"], stdin=subprocess.DEVNULL, stdout=log, stderr=log
    )
    deadline = time.monotonic() + order["seconds"]
    while time.monotonic() < deadline:
        code = process.poll()
        sockets = listening()
        if sockets and any(_answers("::1" if host == "::1" else "127.0.0.1", port) for host, port in sockets):
            sockets = listening()
            print(json.dumps({
                "listens": [f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in sockets],
                "reachable": all(_accepts("127.0.0.1", port) for _, port in sockets),
            }))  # fmt: skip
            return
        if code is not None:
            break
        time.sleep(_POLL_SECONDS)
    log.seek(0)
    text = re.sub(r"\x1b\[[0-9;]*m", "", log.read().decode(errors="replace")).strip()[-_TAIL:]
    print(json.dumps({"exit": process.poll(), "listens": [], "output": text}))


if __name__ == "__main__":
    _main()
