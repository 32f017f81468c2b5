"""A program that takes what its first argument says until it is stopped: ``forks``, ``memory``, ``shared`` or ``many``.

``survivors`` leaves children behind that changed their session and ignore SIGTERM, says so, and waits.
"""

import mmap
import os
import select
import signal
import sys
from typing import NoReturn

MIB = 1024 * 1024


def wait() -> NoReturn:
    while True:
        select.select([], [], [])


def forks() -> NoReturn:
    while True:
        try:
            os.fork()
        except OSError:
            wait()


def memory() -> None:
    held = []
    try:
        while True:
            held.append(bytearray(b"x") * MIB)
    except MemoryError:
        os.write(1, f"refused {len(held)}".encode())


def shared() -> NoReturn:
    """Memory that is shared with nobody counts as no process's data."""
    held = []
    while True:
        held.append(mmap.mmap(-1, MIB))
        held[-1].write(b"x" * MIB)


def many() -> NoReturn:
    """Each process stays below the limit; together they do not."""
    for _ in range(4):
        if os.fork() == 0:
            held = bytearray(b"x") * (60 * MIB)
            while held:
                select.select([], [], [])
    wait()


def survivors() -> NoReturn:
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            if os.fork() != 0:
                os._exit(0)
            os.write(1, b"x")
            wait()
    wait()


{"forks": forks, "memory": memory, "shared": shared, "many": many, "survivors": survivors}[sys.argv[1]]()
