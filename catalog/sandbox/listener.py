"""The kernel's side of watching: put the filter on a thread, get what it tells, and let each call go on.

Whoever is told decides nothing: every call goes on as if nobody had looked (SECCOMP_USER_NOTIF_FLAG_CONTINUE), and
what it may do is decided by namespaces and mounts alone. A program could change its memory after the look.
"""

import ctypes
import errno
import fcntl
import os
import platform
import re
import struct
from dataclasses import dataclass

from catalog.sandbox.calls import telling_filter

# linux/seccomp.h, linux/prctl.h; the numbers of seccomp(2) by processor.
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_SET_MODE_FILTER, _NEW_LISTENER, _WAIT_KILLABLE = 1, 1 << 3, 1 << 5
_SET_NO_NEW_PRIVILEGES = 38
_RECEIVE, _SEND, _ID_VALID = 0xC0502100, 0xC0182101, 0x40082102
_CONTINUE = 1

# struct seccomp_notif and struct seccomp_notif_resp
_TOLD = struct.Struct("=QIIiIQ6Q")
_ANSWER = struct.Struct("=QqiI")

# The first Linux that can let a call go on after it was told.
_FIRST_LINUX = (5, 5)


@dataclass(frozen=True, slots=True)
class Told:
    """A call that waits to go on."""

    id: int
    thread: int
    """The thread that makes it, by its number on the host."""
    number: int
    arguments: tuple[int, ...]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def known_here() -> bool:
    """Say whether this kernel and processor can tell calls; a container may forbid it all the same."""
    release = re.match(r"(\d+)\.(\d+)", os.uname().release)
    recent = release is not None and (int(release[1]), int(release[2])) >= _FIRST_LINUX
    return recent and platform.machine() in _SECCOMP


def listen() -> int:
    """Put the filter on this thread and what it starts from now on, for ever; return the listener's descriptor.

    Raises: OSError where the kernel or a container around us does not allow it.
    """
    instructions = telling_filter()
    if instructions is None or not known_here():
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    library = ctypes.CDLL(None, use_errno=True)
    # Without it only root may set a filter. It forbids to gain rights by starting a program, for this thread only.
    library.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    buffer = ctypes.create_string_buffer(instructions, len(instructions))
    given = _Program(len(instructions) // 8, ctypes.addressof(buffer))
    # With the second flag (Linux 5.19) a program's own signals do not interrupt a call that is being looked at.
    for flags in (_NEW_LISTENER | _WAIT_KILLABLE, _NEW_LISTENER):
        number = ctypes.c_long(_SECCOMP[platform.machine()])
        descriptor = int(library.syscall(number, _SET_MODE_FILTER, flags, ctypes.byref(given)))
        if descriptor >= 0:
            return descriptor
    failure = ctypes.get_errno()
    raise OSError(failure, os.strerror(failure))


def receive(listener: int) -> Told | None:
    """Return the call that waits; None where it is gone meanwhile."""
    buffer = bytearray(_TOLD.size)
    try:
        fcntl.ioctl(listener, _RECEIVE, buffer)
    except OSError:
        return None
    told, thread, _, number, _, _, *arguments = _TOLD.unpack(buffer)
    return Told(told, thread, number, tuple(arguments))


def still_waits(listener: int, told: Told) -> bool:
    """Say whether the thread still waits: otherwise its number may be another's by now, and what was read as well."""
    try:
        fcntl.ioctl(listener, _ID_VALID, struct.pack("=Q", told.id))
    except OSError:
        return False
    return True


def let_go_on(listener: int, told: Told) -> None:
    """Let the kernel make the call, as if nobody had looked."""
    try:
        fcntl.ioctl(listener, _SEND, _ANSWER.pack(told.id, 0, 0, _CONTINUE))
    except OSError:  # its thread was killed
        return
