"""What a call that was told means: an attempt worth a finding, or what ordinary servers do."""

import ipaddress
import posixpath
import socket
import struct
from collections.abc import Sequence

from catalog.facts import FindingKind
from catalog.sandbox.calls import Act
from catalog.sandbox.notes import Notes

# Where every program finds what is its own to read, mounted read-only (docs/architecture.md).
_OWN_CODE = "/opt/"

# Devices that are written as a matter of course, and what a process says about itself in /proc.
_HARMLESS = (
    *("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/pts"),
    *("/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/fd", "/proc/self", "/proc/thread-self"),
)

# Sockets that the C library tries for every name it looks up, and the system's log.
_HARMLESS_SOCKETS = ("/var/run/nscd/socket", "/run/nscd/socket", "/dev/log", "/run/systemd/journal/dev-log")

_DNS_PORT = 53


def note_write(notes: Notes, act: Act, path: str, *, scratch: Sequence[str], own: int | None) -> None:
    """Note that ``path`` (absolute, as seen inside) was to be written, unless it lies in ``scratch``.

    ``own`` is the number of the process that tries, inside.
    """
    path = posixpath.normpath(path)
    if path.startswith("//"):
        path = path[1:]
    if any(_is_below(path, place) for place in (*scratch, *_HARMLESS)):
        return
    if act is Act.FOLDER and any(_is_below(place, path) for place in scratch):
        return  # a path is made from its beginning
    process = path.removeprefix("/proc/").partition("/")[0]
    if path.startswith("/proc/") and process.isdecimal():
        if int(process) != own:
            notes.add(FindingKind.PROCESS_ATTEMPT, f"{act} {path}")
    elif path.startswith(_OWN_CODE):
        # Bytecode and logs beside one's own code: common, and of many files the first says enough.
        place = _OWN_CODE + path.removeprefix(_OWN_CODE).partition("/")[0]
        notes.count(FindingKind.WRITE_ATTEMPT, f"write below {place}", path)
    else:
        notes.add(FindingKind.WRITE_ATTEMPT, f"{act} {path}")


def note_connection(notes: Notes, address: bytes) -> None:
    """Note that ``address`` (a ``struct sockaddr``) was to be reached."""
    if len(address) < 2:
        return
    (family,) = struct.unpack_from("=H", address)
    if family == socket.AF_INET and len(address) >= 8:
        port, host = struct.unpack_from("!2xH4s", address)
        _note_address(notes, str(ipaddress.IPv4Address(host)), port)
    elif family == socket.AF_INET6 and len(address) >= 24:
        port, host = struct.unpack_from("!2xH4x16s", address)
        _note_address(notes, f"[{ipaddress.IPv6Address(host)}]", port)
    elif family == socket.AF_UNIX:
        path = address[2:]
        name = f"@{path[1:].decode('utf-8', 'replace')}" if path[:1] == b"\0" else _text(path)
        if name not in {"", "@", *_HARMLESS_SOCKETS}:
            notes.add(FindingKind.NETWORK_ATTEMPT, f"connect to socket {name}")


def note_signal(notes: Notes, target: int, signal: int, *, exists: bool) -> None:
    """Note a signal to a process that cannot be its own: all of them, the first one, or one that is not there."""
    if signal == 0:
        return  # asks whether a process lives, as servers do of the one that started them
    if target == 1:
        notes.add(FindingKind.PROCESS_ATTEMPT, f"signal {signal} to process 1")
    elif target == -1:
        notes.add(FindingKind.PROCESS_ATTEMPT, f"signal {signal} to every process")
    elif target > 1 and not exists:
        notes.add(FindingKind.PROCESS_ATTEMPT, f"signal {signal} to process {target}, which is not in the sandbox")


def note_trace(notes: Notes, act: Act, target: int, *, own: int | None) -> None:
    """Note that the process ``target`` was to be traced or its memory read or written."""
    if target != own:
        notes.add(FindingKind.PROCESS_ATTEMPT, f"{act} process {target}")


def _note_address(notes: Notes, host: str, port: int) -> None:
    if port == 0:
        return  # sends nothing: the C library sorts the addresses of a name this way
    # Without a configuration the C library asks the machine itself for a name.
    what = "look up a name: connect" if port == _DNS_PORT else "connect"
    notes.add(FindingKind.NETWORK_ATTEMPT, f"{what} {host}:{port}")


def _is_below(path: str, place: str) -> bool:
    return path == place or path.startswith("/" if place == "/" else f"{place}/")


def _text(path: bytes) -> str:
    return path.partition(b"\0")[0].decode("utf-8", "replace")
