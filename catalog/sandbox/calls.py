"""The system calls that are looked at while a program runs: few, rare in ordinary servers, and told by the kernel.

A filter can test a call's number and its plain arguments, not what a pointer leads to. So a file that is opened is told
only where the flags say that it is to be written, and a signal only where it may reach a process that is not its own.
"""

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from catalog.sandbox.seccomp import Instructions

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

# linux/ptrace.h: PTRACE_ATTACH and PTRACE_SEIZE. The other requests follow one of them, or concern a child.
_ATTACH = (16, 0x4206)


class Act(StrEnum):
    """What a call that is looked at does; also the words of the finding."""

    CONNECT = "connect"
    SIGNAL = "signal"
    TRACE = "trace"
    MEMORY = "open the memory of"
    OPEN = "open for writing"
    FOLDER = "make folder"
    REMOVE = "remove"
    RENAME = "rename"
    LINK = "link"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Call:
    """One system call: what it does, its arguments that matter, and when it is told."""

    act: Act
    x86_64: int | None
    aarch64: int | None
    argument: int
    """Where its path, address or process is: the number of the argument."""
    folder: int | None = None
    """Which argument is the open folder that a relative path starts at; None for the working directory."""
    tested: int | None = None
    """The argument that decides whether it is told; None where it is told always."""
    bits: int = 0
    """Told where one of these bits is set in the tested argument."""
    values: tuple[int, ...] = ()
    """Told where the tested argument is one of these."""

    def number(self, machine: str) -> int | None:
        """Return its number on ``machine``, None where there is no such call."""
        return self.x86_64 if machine == "x86_64" else self.aarch64 if machine == "aarch64" else None


# Numbers: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux.
_CALLS = (
    Call(Act.CONNECT, 42, 203, argument=1),
    Call(Act.CONNECT, 44, 206, argument=4, tested=4, bits=0xFFFFFFFF),  # sendto: told where it names an address
    Call(Act.SIGNAL, 62, 129, argument=0),  # kill
    Call(Act.SIGNAL, 234, 131, argument=0, tested=0, values=(1,)),  # tgkill: runtimes signal their own threads often
    Call(Act.TRACE, 101, 117, argument=1, tested=0, values=_ATTACH),  # ptrace
    Call(Act.MEMORY, 310, 270, argument=0),  # process_vm_readv
    Call(Act.MEMORY, 311, 271, argument=0),  # process_vm_writev
    Call(Act.OPEN, 257, 56, argument=1, folder=0, tested=2, bits=_WRITES),  # openat
    Call(Act.OPEN, 2, None, argument=0, tested=1, bits=_WRITES),  # open
    Call(Act.OPEN, 85, None, argument=0),  # creat
    Call(Act.FOLDER, 258, 34, argument=1, folder=0),  # mkdirat
    Call(Act.FOLDER, 83, None, argument=0),  # mkdir
    Call(Act.REMOVE, 263, 35, argument=1, folder=0),  # unlinkat
    Call(Act.REMOVE, 87, None, argument=0),  # unlink
    Call(Act.REMOVE, 84, None, argument=0),  # rmdir
    Call(Act.RENAME, 316, 276, argument=3, folder=2),  # renameat2
    Call(Act.RENAME, 264, 38, argument=3, folder=2),  # renameat
    Call(Act.RENAME, 82, None, argument=1),  # rename
    Call(Act.LINK, 265, 37, argument=3, folder=2),  # linkat
    Call(Act.LINK, 86, None, argument=1),  # link
    Call(Act.LINK, 266, 36, argument=2, folder=1),  # symlinkat
    Call(Act.LINK, 88, None, argument=1),  # symlink
    Call(Act.CHANGE, 76, 45, argument=0),  # truncate
    Call(Act.CHANGE, 268, 53, argument=1, folder=0),  # fchmodat
    Call(Act.CHANGE, 90, None, argument=0),  # chmod
    Call(Act.CHANGE, 260, 54, argument=1, folder=0),  # fchownat
    Call(Act.CHANGE, 92, None, argument=0),  # chown
    Call(Act.CHANGE, 259, 33, argument=1, folder=0),  # mknodat
)


def watched() -> Mapping[int, Call]:
    """Return the calls by their numbers on this machine; empty for a processor that is not known."""
    machine = platform.machine()
    numbered = ((call.number(machine), call) for call in _CALLS)
    return {number: call for number, call in numbered if number is not None}


def telling_filter() -> bytes | None:
    """Return a filter that tells the calls of ``watched`` and lets every other pass; None where none is known."""
    calls = watched()
    if not calls:
        return None
    told = Instructions().load_number()
    for number, call in calls.items():
        told.where_number(number, _test(call))
    return told.allow().packed()


def _test(call: Call) -> Instructions:
    if call.tested is None:
        return Instructions().tell()
    test = Instructions().load_argument(call.tested)
    for value in call.values:
        test.where_number(value, Instructions().tell())
    return (test.tell_bits(call.bits) if call.bits else test).allow()
