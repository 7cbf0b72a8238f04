"""A program of a few bytes, for this machine, that makes an empty file when it is run."""

from __future__ import annotations

import platform
import struct
from pathlib import Path

_ADDRESS = 0x400000
_MACHINES = {"x86_64": 62, "aarch64": 183}  # System V ABI, e_machine


def marking_program(mark: Path) -> bytes:
    """Returns a static ELF program that makes the file `mark` and exits with 0, with any arguments."""
    code = _CODE[platform.machine()]
    head_size = 64 + 56
    size = head_size + len(code) + len(bytes(mark)) + 1
    head = b"\x7fELF\2\1\1" + bytes(9)
    head += struct.pack("<HHIQQQIHHHHHH", 2, _MACHINES[platform.machine()], 1, _ADDRESS + head_size, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    head += struct.pack("<IIQQQQQQ", 1, 5, 0, _ADDRESS, _ADDRESS, size, size, 0x1000)  # the whole file, readable and executable
    return head + code + bytes(mark) + b"\0"


# openat(AT_FDCWD, path behind the code, O_CREAT | O_WRONLY, 0600); exit(0)
_CODE = {
    "x86_64": bytes.fromhex(
        "bf9cffffff"  # mov edi, -100
        "488d351b000000"  # lea rsi, [rip + 27]
        "ba41000000"  # mov edx, 0x41
        "41ba80010000"  # mov r10d, 0600
        "b801010000"  # mov eax, 257
        "0f05"  # syscall
        "31ff"  # xor edi, edi
        "b83c000000"  # mov eax, 60
        "0f05"  # syscall
    ),
    "aarch64": struct.pack(
        "<9I",
        0x92800C60,  # mov x0, -100
        0x10000101,  # adr x1, 32
        0xD2800822,  # mov x2, 0x41
        0xD2803003,  # mov x3, 0600
        0xD2800708,  # mov x8, 56
        0xD4000001,  # svc 0
        0xD2800000,  # mov x0, 0
        0xD2800BA8,  # mov x8, 93
        0xD4000001,  # svc 0
    ),
}
