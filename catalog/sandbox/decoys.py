"""Made-up secrets where real ones are kept: a server that opens one has no business there, and it is noted.

They are files of the host in a folder of their own for each run, so that the kernel tells who opens them (inotify(7)).
The content is the same everywhere: a definition that quotes it stays the same.
"""

import ctypes
import os
import struct
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path

from catalog.facts import FindingKind
from catalog.sandbox.notes import Notes

_KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nbWFkZSB1cDogdGhpcyBpcyBubyBrZXkgYW5kIG9wZW5zIG5vdGhpbmc=\n"
_KEY += "-----END OPENSSH PRIVATE KEY-----\n"

_AWS = "[default]\naws_access_key_id = AKIAMADEUPMADEUP0000\naws_secret_access_key = made-up-and-of-no-value\n"

# By the place inside; ~ is its home.
_CONTENTS = {
    "/etc/shadow": "root:!:20000:0:99999:7:::\nserver:!:20000:0:99999:7:::\n",
    "~/.ssh/id_rsa": _KEY,
    "~/.ssh/id_ed25519": _KEY,
    "~/.aws/credentials": _AWS,
    "~/.netrc": "machine example.invalid login made-up password made-up\n",
    "~/.git-credentials": "https://made-up:made-up@example.invalid\n",
}

# sys/inotify.h
_IN_OPEN = 0x20
_IN_NONBLOCK, _IN_CLOEXEC = os.O_NONBLOCK, os.O_CLOEXEC
_EVENT = struct.Struct("=iIII")

# Bytes of events that one look reads: some 4,000, and equal ones are told once.
_EVENTS = 64 * 1024


class Decoys:
    """The decoys of one run."""

    def __init__(self, home: str, notes: Notes) -> None:
        """Make them for a program whose home is ``home``; none where the host has no room or no inotify left."""
        self._notes = notes
        self._open = ExitStack()
        self._places: dict[int, str] = {}
        self._mounts: list[tuple[Path, str]] = []
        self._told = -1
        with suppress(OSError):
            folder = self._open.enter_context(
                tempfile.TemporaryDirectory(prefix="catalog-", ignore_cleanup_errors=True)
            )
            self._watch(Path(folder), home)

    def options(self) -> list[str]:
        """Return the arguments for bubblewrap that show them."""
        return [word for source, target in self._mounts for word in ("--ro-bind", str(source), target)]

    def look(self) -> None:
        """Note which were opened."""
        with suppress(BlockingIOError):
            while self._told >= 0 and (events := os.read(self._told, _EVENTS)):
                offset = 0
                while offset < len(events):
                    watch, _, _, length = _EVENT.unpack_from(events, offset)
                    offset += _EVENT.size + length
                    if place := self._places.get(watch):
                        self._notes.add(FindingKind.SECRET_READ, f"opened {place} (a decoy)")

    def close(self) -> None:
        """Remove them."""
        self._told = -1
        self._open.close()

    def _watch(self, folder: Path, home: str) -> None:
        library = ctypes.CDLL(None, use_errno=True)
        told = _checked(library.inotify_init1(_IN_NONBLOCK | _IN_CLOEXEC))
        self._open.callback(os.close, told)
        mounts = []
        for number, (place, content) in enumerate(_CONTENTS.items()):
            path = folder / str(number)
            path.write_text(content, encoding="ascii")
            path.chmod(0o600)  # netrc and ssh refuse others
            watch = _checked(library.inotify_add_watch(told, os.fsencode(path), _IN_OPEN))
            self._places[watch] = place
            mounts.append((path, place.replace("~", home, 1)))
        self._told, self._mounts = told, mounts


def _checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), "inotify")
    return result
