"""A process that a test starts, with a process group of its own, and ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Callable, TypeVar

_GRACE_SECONDS = 10
_Self = TypeVar("_Self", bound="Running")
_T = TypeVar("_T")

# Long enough for a busy machine: only a test that fails waits for it.
PATIENCE = 60.0


class Running:
    """`stop` (or leaving the `with` block) ends the process and what it started. `process` leads its group."""

    process: subprocess.Popen[bytes]

    def stop(self) -> int:
        """Ends the process by SIGTERM, or by SIGKILL if it does not end. Returns its exit code."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is not None:
                break
            os.killpg(self.process.pid, number)
            try:
                self.process.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                continue
        return self.process.wait()

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def eventually(condition: Callable[[], _T], what: str, timeout: float = PATIENCE) -> _T:
    """Waits until `condition` is true, and returns its value; `what` describes it for the error."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(0.005)


def is_running(pid: int) -> bool:
    """Returns whether a process exists and has not ended."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in ("Z", "X")


def free_ports(count: int) -> list[int]:
    """Returns unused ports on loopback. All are bound at the same time, so that they differ."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports
