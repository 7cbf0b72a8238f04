"""Networks and file systems of a build's own: namespaces of Linux, arranged by root."""

from __future__ import annotations

import functools
import os
import subprocess

# For World.namespaces.
NETWORK = ("--net",)
MOUNTS = ("--mount",)

# For World.arrangement. A network without other hosts: its other end is in the same namespace, and no process listens there.
LOOPBACK = "ip link set lo up"
DEAD_END = """
ip link set lo up
ip link add mesh0 type veth peer name mesh1
ip address add 192.0.2.1/24 dev mesh0
ip -6 address add 2001:db8::1/64 dev mesh0 nodad
ip link set mesh0 up
ip link set mesh1 up
"""
# Addresses in it whose packets are lost on the way (RFC 5737 and 3849: for documentation).
LOST = """
ip neighbour add 192.0.2.2 lladdr 02:00:00:00:00:02 dev mesh0
ip -6 neighbour add 2001:db8::2 lladdr 02:00:00:00:00:02 dev mesh0
"""


@functools.cache
def available() -> bool:
    """Returns whether this process may make them."""
    arrange = ["unshare", *NETWORK, *MOUNTS, "--", "sh", "-euc", DEAD_END]
    return os.geteuid() == 0 and subprocess.run(arrange, capture_output=True).returncode == 0
