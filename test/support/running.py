"""A process that a test starts, with a process group of its own, and ends."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TypeVar

_GRACE_SECONDS = 10
_Self = TypeVar("_Self", bound="Running")


class Running:
    """`stop` (or leaving the `with` block) ends the process and what it started. `process` leads its group."""

    process: subprocess.Popen[bytes]

    def stop(self) -> int:
        """The exit code, after SIGTERM, and SIGKILL if that does not help."""
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
