"""System calls that no server needs and that get around a limit, as a filter for the kernel (seccomp(2)).

Each is answered with ENOSYS, as by a kernel that lacks it: programs fall back to something else.
"""

import errno
import platform
import socket
import struct

# Memory that belongs to no process, so that no limit counts it: memfd_create, memfd_secret, shmget, msgget.
# The caller's keys: add_key, request_key, keyctl. Wide attack surface: userfaultfd, bpf, perf_event_open, io_uring.
# Numbers: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux.
_REFUSED = {
    "x86_64": (319, 447, 29, 68, 248, 249, 250, 323, 321, 298, 425, 426, 427),
    "aarch64": (279, 447, 194, 186, 217, 218, 219, 282, 280, 241, 425, 426, 427),
}

# socket(2). A network namespace does not hold every family back: by AF_VSOCK a machine's host answers.
_SOCKET = {"x86_64": 41, "aarch64": 198}
_FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)

# linux/audit.h
_AUDIT_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# From here on x86-64 counts the system calls of its x32 variant: the same calls by other numbers.
_X32 = 0x40000000

# linux/bpf_common.h and linux/seccomp.h
_LOAD, _JUMP_EQUAL, _JUMP_GREATER_OR_EQUAL, _JUMP_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _TELL = 0x7FFF0000, 0x7FC00000
_REFUSE, _REFUSE_FAMILY = 0x00050000 | errno.ENOSYS, 0x00050000 | errno.EAFNOSUPPORT
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16


def program() -> bytes | None:
    """Return the filter for this machine as an array of ``sock_filter``; None for a processor it does not know."""
    machine = platform.machine()
    if machine not in _REFUSED:
        return None
    instructions = Instructions()
    # The calls of another architecture (32 bits on a 64-bit kernel) have other numbers: none is answered.
    instructions.load_number(otherwise=_REFUSE)
    instructions.refuse_from(_X32)
    for number in _REFUSED[machine]:
        instructions.where_number(number, Instructions().give(_REFUSE))
    families = Instructions().load_argument(0)
    for family in _FAMILIES:
        families.where_number(family, Instructions().allow())
    instructions.where_number(_SOCKET[machine], families.give(_REFUSE_FAMILY))
    return instructions.allow().packed()


class Instructions:
    """A program for the kernel, put together from the front; each method returns the program itself."""

    def __init__(self) -> None:
        self._words: list[tuple[int, int, int, int]] = []

    def load_number(self, *, otherwise: int = _ALLOW) -> "Instructions":
        """Load the call's number; a call of another architecture gets ``otherwise``."""
        self._words.append((_LOAD, 0, 0, _ARCHITECTURE))
        self._words.append((_JUMP_EQUAL, 1, 0, _AUDIT_ARCHITECTURE[platform.machine()]))
        self.give(otherwise)
        self._words.append((_LOAD, 0, 0, _NUMBER))
        return self

    def load_argument(self, index: int) -> "Instructions":
        """Load the lower half of an argument (both processors are little-endian)."""
        self._words.append((_LOAD, 0, 0, _ARGUMENTS + 8 * index))
        return self

    def refuse_from(self, number: int) -> "Instructions":
        """Refuse the loaded number where it is ``number`` or greater."""
        self._words.append((_JUMP_GREATER_OR_EQUAL, 0, 1, number))
        return self.give(_REFUSE)

    def where_number(self, number: int, then: "Instructions") -> "Instructions":
        """Where ``number`` is loaded, run ``then``, which must end with an answer."""
        self._words.append((_JUMP_EQUAL, 0, len(then._words), number))
        self._words += then._words
        return self

    def tell_bits(self, bits: int) -> "Instructions":
        """Tell the call where one of ``bits`` is set in what is loaded."""
        self._words.append((_JUMP_BITS, 0, 1, bits))
        return self.tell()

    def give(self, answer: int) -> "Instructions":
        """End with ``answer``."""
        self._words.append((_RETURN, 0, 0, answer))
        return self

    def allow(self) -> "Instructions":
        """End: the call is made."""
        return self.give(_ALLOW)

    def tell(self) -> "Instructions":
        """End: whoever holds the listener is told, and the call waits for the answer (seccomp_unotify(2))."""
        return self.give(_TELL)

    def packed(self) -> bytes:
        """Return the program as an array of ``sock_filter``."""
        return b"".join(struct.pack("=HBBI", code, then, other, value) for code, then, other, value in self._words)
