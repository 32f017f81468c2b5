"""Made-up secrets where real ones are kept: a server that opens one has no business there, and it is noted.

They are files of the host in a folder of their own for each run, so that the kernel tells who opens them (inotify(7)).
Once they are mounted their folder is removed: a mount keeps its file, and a crawler that is killed leaves nothing.

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
        self._root: int | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        with suppress(OSError):
            self._folder = tempfile.TemporaryDirectory(prefix="catalog-", ignore_cleanup_errors=True)
            self._open.callback(self._remove)
            self._watch(Path(self._folder.name), home)

    def options(self) -> list[str]:
        """Return the arguments for bubblewrap that show them."""
        return [word for source, target in self._mounts for word in ("--ro-bind", str(source), target)]

    def shown_to(self, root: int) -> None:
        """Remember the first process inside: what it sees tells when the folder can go."""
        self._root = root

    def look(self) -> None:
        """Note which were opened."""
        if self._folder is not None and self._are_mounted():
            self._remove()
        with suppress(BlockingIOError):
            while self._told >= 0 and (events := os.read(self._told, _EVENTS)):
                offset = 0
                while offset < len(events):
                    watch, event, _, length = _EVENT.unpack_from(events, offset)
                    offset += _EVENT.size + length
                    # The kernel also says when a file is gone for good, unasked.
                    if event & _IN_OPEN and (place := self._places.get(watch)):
                        self._notes.add(FindingKind.SECRET_READ, f"opened {place} (a decoy)")

    def close(self) -> None:
        """Remove them."""
        self._told = -1
        self._open.close()

    def _are_mounted(self) -> bool:
        if self._root is None or not self._mounts:
            return False
        source, target = self._mounts[-1]
        try:
            return source.samefile(f"/proc/{self._root}/root{target}")
        except OSError:  # its root is not there yet, or it is gone
            return False

    def _remove(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

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
