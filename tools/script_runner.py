"""Runs one script of a buildpack as the build system does: clean environment, own process group, a time limit."""

from __future__ import annotations

import os
import pwd
import selectors
import signal
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Callable, Iterator

# Seconds between SIGTERM and SIGKILL for a script to clean up after its time limit.
GRACE_SECONDS = 10.0

Sink = Callable[[bytes], None]


@dataclass
class Script:
    """A script to run, and its environment. `user` (needs root) runs it as another user. `log_file` is opened as file descriptor
    3."""

    path: Path
    arguments: list[str]
    cwd: Path
    environment: dict[str, str]
    log_file: Path
    user: str | None = None
    timeout: float = 900
    grace: float = GRACE_SECONDS


@dataclass
class Ended:
    """How a script ended: its exit code (128 + n after signal n, as in shells)."""

    code: int
    timed_out: bool = False


def run(script: Script, stdout: Sink, stderr: Sink | None, on_start: Callable[[subprocess.Popen], None]) -> Ended:
    """Runs to the end, and passes on output as it comes (`stderr` None: both streams go to `stdout`, in order).

    As on the platform, the script has not ended while a child has its output open. Other remaining processes are killed, also if
    the caller is interrupted.
    """
    # The shell opens file descriptor 3 and is then replaced, so that the process is the script itself.
    command = ["/bin/sh", "-c", 'exec "$@" 3>>"$0"', str(script.log_file), str(script.path), *script.arguments]
    identity = {"user": script.user, "group": _group_of(script.user), "extra_groups": []} if script.user else {}
    process = subprocess.Popen(
        command, cwd=script.cwd, env=script.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if stderr is None else subprocess.PIPE, start_new_session=True, **identity,
    )  # fmt: skip
    timed_out = False
    try:
        on_start(process)
        sinks = {process.stdout: stdout} if stderr is None else {process.stdout: stdout, process.stderr: stderr}
        with _watch(process, sinks) as selector:
            timed_out = not _pump(selector, time.monotonic() + script.timeout)
            if timed_out:
                _signal_group(process, signal.SIGTERM)
                _pump(selector, time.monotonic() + script.grace)
    finally:
        code = _end(process)
    return Ended(128 - code if code < 0 else code, timed_out)


@contextmanager
def _watch(process: subprocess.Popen, sinks: dict[BinaryIO, Sink]) -> Iterator[selectors.DefaultSelector]:
    """Returns a selector on the streams and on the process's end (which has no sink)."""
    process_end = os.pidfd_open(process.pid)
    with selectors.DefaultSelector() as selector:
        selector.register(process_end, selectors.EVENT_READ)
        for stream, sink in sinks.items():
            selector.register(stream, selectors.EVENT_READ, sink)
        try:
            yield selector
        finally:
            os.close(process_end)


def _pump(selector: selectors.DefaultSelector, deadline: float) -> bool:
    """Passes on output until the process and every stream have ended. Returns False if the deadline came first."""
    while selector.get_map():
        ready = selector.select(max(0.0, deadline - time.monotonic()))
        for key, _ in ready:
            data = os.read(key.fd, 65536) if key.data else b""
            if data:
                key.data(data)
            else:
                selector.unregister(key.fileobj)
        if not ready and time.monotonic() >= deadline:
            return False
    return True


def _end(process: subprocess.Popen) -> int:
    """Kills the rest of the process group. Returns the exit status.

    The group is killed before its leader is reaped: until then its number cannot be reused.
    """
    _signal_group(process, signal.SIGKILL)
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()
    return process.wait()


def _signal_group(process: subprocess.Popen, number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass  # The group has already ended.


def _group_of(user: str) -> int:
    return pwd.getpwnam(user).pw_gid
