"""Starts a process of a built app the way a dyno does."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tools.running import Running

# The commands of a dyno's shell before it becomes the process.
_BOOT = 'cd "$HOME"; for f in .profile.d/*.sh; do if [ -r "$f" ]; then . "$f"; fi; done; exec bash -c "$1"'

_RUNTIMES = ("node", "python", "ruby", "java")


class Dyno(Running):
    """A running process of the app.

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


def _search_path() -> str:
    """Returns a dyno's PATH, and the directories of this machine's runtimes: on the platform they would be in the slug."""
    directories = ["/usr/local/bin", "/usr/bin", "/bin"]
    for runtime in _RUNTIMES:
        found = shutil.which(runtime)
        if found and str(Path(found).parent) not in directories:
            directories.append(str(Path(found).parent))
    return ":".join(directories)
