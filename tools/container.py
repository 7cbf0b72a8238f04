"""A root directory of its own for a process, with this machine's programs, as in a container image.

Needs root, and no container engine: the directories are mounted in a mount namespace of the process's own, which then gives up
all privileges.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

# No user or file of this machine has this number: like the user of a container image elsewhere.
USER_ID = 52_341

# The directories of this machine that programs need.
_SYSTEM = ("bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "usr")

# $1: the new root; then pairs of a directory and its place in the root, up to "--"; then the command.
_ENTER = """
root=$1; shift
while [ "$1" != -- ]; do mount --rbind "$1" "$root$2"; shift 2; done
shift
exec chroot --userspec="$USER_ID:$USER_ID" --groups= "$root" "$@"
"""


@dataclass
class Container:
    """`root` is an empty directory to mount into; `mounts` has directories of this machine and their paths in it."""

    root: Path
    mounts: dict[str, Path]
    environment: dict[str, str] = field(default_factory=dict)
    working_directory: str = "/"

    def __post_init__(self) -> None:
        self.root.chmod(0o755)
        hosts = [Path("/", name) for name in _SYSTEM]
        for link in filter(Path.is_symlink, hosts):
            (self.root / link.name).symlink_to(os.readlink(link))
        self._system = {str(host): host for host in hosts if host.is_dir() and not host.is_symlink()}
        for place in (*self._system, *self.mounts):
            (self.root / place.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def start(self, *command: str, **options: object) -> subprocess.Popen:
        """Starts a command in the container, as its user, in a process group of its own. Options are Popen's."""
        pairs = [str(part) for place, host in {**self._system, **self.mounts}.items() for part in (host, place)]
        variables = [f"{name}={value}" for name, value in self.environment.items()]
        return subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-euc", _ENTER, "container", str(self.root), *pairs, "--",
             "env", "-i", "-C", self.working_directory, *variables, *command],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "USER_ID": str(USER_ID)},
            stdin=subprocess.DEVNULL, start_new_session=True, **options,
        )  # fmt: skip


def hand_over(*tops: Path) -> None:
    """Gives everything in and below these to the container's user. Modes stay."""
    for top in tops:
        for directory, names, files in os.walk(top):
            for name in [".", *names, *files]:
                os.chown(os.path.join(directory, name), USER_ID, USER_ID, follow_symlinks=False)
