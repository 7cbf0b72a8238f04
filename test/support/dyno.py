"""Starts a process of a built app the way a dyno does."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

# What a dyno's shell does before it becomes the process.
_BOOT = 'cd "$HOME"; for f in .profile.d/*.sh; do if [ -r "$f" ]; then . "$f"; fi; done; exec bash -c "$1"'

_GRACE_SECONDS = 10


class Dyno:
    """A running process; `stop` (or leaving the `with` block) ends it and what it started.

    `slug` is the built app (HOME, as /app on the platform), `command` a line of its Procfile. Output goes to `log`.
    """

    def __init__(
        self,
        slug: Path,
        command: str,
        *,
        port: int,
        log: Path,
        config: dict[str, str] | None = None,
    ):
        self.port = port
        environment = {
            "DYNO": "web.1",
            "HOME": str(slug.resolve()),
            "LANG": "en_US.UTF-8",
            "PATH": _search_path(),
            "PORT": str(port),
            **(config or {}),
        }
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                ["/bin/bash", "--norc", "-c", _BOOT, "dyno", command], cwd="/", env=environment,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

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

    def __enter__(self) -> Dyno:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _search_path() -> str:
    """A dyno's, and where this machine keeps Node.js: on the platform another buildpack would have put it into the slug."""
    directories = ["/usr/local/bin", "/usr/bin", "/bin"]
    node = shutil.which("node")
    if node and str(Path(node).parent) not in directories:
        directories.append(str(Path(node).parent))
    return ":".join(directories)
