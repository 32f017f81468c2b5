"""System calls that no server needs and that get around a limit, as a filter for the kernel (seccomp(2)).

Each is answered with ENOSYS, as by a kernel that lacks it: programs fall back to something else.
"""

import errno
import platform
import struct

# Memory that belongs to no process, so that no limit counts it: memfd_create, memfd_secret, shmget, msgget.
# The caller's keys: add_key, request_key, keyctl. Wide attack surface: userfaultfd, bpf, perf_event_open, io_uring.
# Numbers: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux.
_REFUSED = {
    "x86_64": (319, 447, 29, 68, 248, 249, 250, 323, 321, 298, 425, 426, 427),
    "aarch64": (279, 447, 194, 186, 217, 218, 219, 282, 280, 241, 425, 426, 427),
}

# linux/audit.h
_AUDIT_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# From here on x86-64 counts the system calls of its x32 variant: the same calls by other numbers.
_X32 = 0x40000000

# linux/bpf_common.h and linux/seccomp.h
_LOAD, _JUMP_EQUAL, _JUMP_GREATER_OR_EQUAL, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.ENOSYS
_NUMBER, _ARCHITECTURE = 0, 4


def program() -> bytes | None:
    """Return the filter for this machine as an array of ``sock_filter``; None for a processor it does not know."""
    machine = platform.machine()
    if machine not in _REFUSED:
        return None
    refused = _REFUSED[machine]
    instructions = [
        _instruction(_LOAD, _ARCHITECTURE),
        # The calls of another architecture (32 bits on a 64-bit kernel) have other numbers: none is answered.
        _instruction(_JUMP_EQUAL, _AUDIT_ARCHITECTURE[machine], otherwise=len(refused) + 3),
        _instruction(_LOAD, _NUMBER),
        _instruction(_JUMP_GREATER_OR_EQUAL, _X32, then=len(refused) + 1),
        *(_instruction(_JUMP_EQUAL, number, then=len(refused) - i) for i, number in enumerate(refused)),
        _instruction(_RETURN, _ALLOW),
        _instruction(_RETURN, _REFUSE),
    ]
    return b"".join(instructions)


def _instruction(code: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    """Return one instruction; ``then`` and ``otherwise`` are the numbers of instructions that a jump leaves out."""
    return struct.pack("=HBBI", code, then, otherwise, value)
