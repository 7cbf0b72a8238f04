"""Programs that look like a service mesh and cannot run: executables of this machine, with bytes changed."""

from __future__ import annotations

import re
from pathlib import Path

import harness
from tools.buildpack_tree import architecture

# Git LFS commits this file in place of a large one.
GIT_LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 10611111\n"

# The machine field of an ELF header for the other architecture.
_OTHER_MACHINE = {"amd64": b"\xb7\x00", "arm64": b"\x3e\x00"}[architecture()]


def for_another_processor() -> bytes:
    """Returns Integration's stand-in with another machine in its ELF header."""
    program = harness.mesh_standin().read_bytes()
    return program[:18] + _OTHER_MACHINE + program[20:]


def without_loader() -> bytes:
    """Returns a program with a missing loader."""
    shell = _shell()
    loader = re.search(rb"/lib[^\0]*/ld-[^\0]*", shell)[0]
    return shell.replace(loader, b"/" + b"x" * (len(loader) - 1))


def for_a_newer_c_library() -> bytes:
    """Returns a program that needs GLIBC 2.99."""
    shell = _shell()
    newest = max(re.findall(rb"GLIBC_2\.(\d+)\0", shell), key=int)
    return shell.replace(b"GLIBC_2.%b\0" % newest, b"GLIBC_2.%b\0" % (b"9" * len(newest)))


def failing() -> bytes:
    """Returns a program that exits with 1, with any arguments."""
    return Path("/bin/false").read_bytes()


def _shell() -> bytes:
    """Returns a dynamic program."""
    return Path("/bin/sh").read_bytes()
