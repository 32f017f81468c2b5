"""A folder of its own for each program that looks at servers, so that nothing of a killed one stays.

<root>/<random>/    packages while their server runs; locked as long as its program lives, however it ends
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def own_folder(root: Path) -> Iterator[Path]:
    """Yield an empty folder below ``root``, which is deleted at the end. Raises: OSError where it cannot be made."""
    root.mkdir(parents=True, exist_ok=True)
    folder, lock = _locked_folder(root)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def sweep(root: Path) -> None:
    """Delete the folders below ``root`` whose program has ended, and leave those of running ones alone."""
    for folder in root.iterdir() if root.is_dir() else ():
        if folder.is_symlink() or not folder.is_dir():
            continue
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except FileNotFoundError:
            continue  # another program sweeps, too
        try:
            if _lock(lock):
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)


def _locked_folder(root: Path) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(dir=root))
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            continue
        # A program that swept before it was locked has it, or has deleted it.
        if _lock(lock) and folder.is_dir():
            return folder, lock
        os.close(lock)


def _lock(descriptor: int) -> bool:
    """Lock an open folder, as long as it is open; say whether nobody else has."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
