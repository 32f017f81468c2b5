"""Unpacked packages that are kept and used again: an environment is whole or not there, and never changes its content.

    <root>/<package>/<key>/environment.json     what it is; without it, the environment does not count
                          /tree/                what the sandbox mounts, read-only
                          /…                    what its installer keeps beside it
                          /uses/                one file a user: the folder it names exists while the tree is in use
    <root>/making-…, gone-…                     being made, being deleted; a killed process leaves such ones

Looking one up and moving one away happen under a lock of all processes, for milliseconds; slow work does not.
"""

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name
from pydantic import BaseModel, ConfigDict, ValidationError

from catalog.facts import PackageFacts
from catalog.install.base import Resolution
from catalog.install.trees import Size
from catalog.origin import Package
from catalog.sandbox.base import MIB

MOST_BYTES = 20 * 1024 * MIB
"""Bytes of disk that environments take together: some 5,000 Python servers, or 300 of npm."""

MOST_AGE = 14 * 24 * 3600.0
"""Seconds after which an environment is made anew: the newest dependencies are others by then."""

# Of the most bytes, what is left after pruning, so that the next environment does not prune again.
_KEPT_SHARE = 0.9

# Seconds after which what is unfinished was left by a process that was killed; no install takes an hour.
_LEFT_OVER_SECONDS = 24 * 3600.0

TREE = "tree"
"""The name of the folder that is mounted."""

_MAKING, _GONE, _LOCK, _STATED, _USES = "making-", "gone-", "lock", "environment.json", "uses"


class Key(BaseModel):
    """What decides the content of an environment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ecosystem: str
    name: str
    version: str
    """Exact; ``<=1.2`` for what was chosen where 1.2 does not fit this machine."""
    resolution: str
    """How dependencies were chosen, with its date and constraints."""
    runtime: str
    """The interpreters that were there to choose from, and where programs see them."""

    @classmethod
    def of(cls, package: Package, version: str, resolution: Resolution, runtime: str) -> "Key":
        """Return the key of ``version`` of ``package``."""
        chosen = "\0".join(
            (resolution.name, str(resolution.before or ""), *resolution.constraints, *resolution.omitted)
        )
        return cls(
            ecosystem=package.ecosystem, name=_name(package), version=version, resolution=chosen, runtime=runtime
        )

    @property
    def place(self) -> Path:
        """Return its folder below the root."""
        text = "\0".join((self.version, self.resolution, self.runtime))
        return Path(_package_folder(self.ecosystem, self.name), hashlib.sha256(text.encode()).hexdigest()[:32])


class Stated(BaseModel):
    """What is known of an environment, so that nothing of it has to be read again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Key
    version: str
    runtime: str = ""
    """The version of the Python that it was unpacked for."""
    start: tuple[str, ...]
    """What starts the server, after the interpreter; the ecosystem's installer knows what it is relative to."""
    sources: tuple[str, ...] = ()
    """The package's own files and folders, below the tree."""
    note: str = ""
    facts: PackageFacts | None = None
    size: Size = Size()
    """When it was made."""
    made_at: float
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One environment in use."""

    folder: Path
    stated: Stated

    @property
    def tree(self) -> Path:
        """Return the folder that is mounted."""
        return self.folder / TREE


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What was deleted."""

    environments: int
    size: Size
    """As it was when they were made."""
    left: int
    """Environments that stayed."""


class Environments:
    """The environments below one folder; every method may run in several processes and threads at once."""

    def __init__(self, root: Path, *, most_bytes: int = MOST_BYTES, most_age: float = MOST_AGE) -> None:
        self.root = root
        self._most_bytes = most_bytes
        self._most_age = most_age
        self._total: int | None = None
        self._thread_lock = threading.Lock()

    def holds(self, package: Package) -> bool:
        """Say whether any version of ``package`` is kept, so that it is worth asking which one is the newest."""
        return any((self.root / _package_folder(package.ecosystem, _name(package))).glob(f"*/{_STATED}"))

    def find(self, key: Key, user: Path) -> Environment | None:
        """Return the environment of ``key``, in use while the folder ``user`` exists; None where it is to be made."""
        folder = self.root / key.place
        if not folder.is_dir():
            return None
        with self._locked():
            return self._claim(folder, key, user)

    @contextmanager
    def making(self) -> Iterator[Path]:
        """Yield an empty folder to unpack in, on the disk of the environments; what is not kept of it is deleted."""
        self.root.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=_MAKING, dir=self.root))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def keep(self, folder: Path, stated: Stated, user: Path) -> Environment:
        """Keep ``folder``, one of ``making`` with a ``tree`` in it, and return the environment, in use by ``user``.

        Where another process kept the same one meanwhile, that one is returned. Call stay_small after it.
        """
        (folder / _USES).mkdir()
        (folder / _STATED).write_text(stated.model_dump_json(), encoding="utf-8")
        place = self.root / stated.key.place
        with self._locked():
            found = self._claim(place, stated.key, user)
            if found is None:
                place.parent.mkdir(exist_ok=True)
                folder.rename(place)
                self._use(place, user)
                found = Environment(folder=place, stated=stated)
        if self._total is not None:
            self._total += stated.size.real
        return found

    def stay_small(self) -> None:
        """Delete what was used least recently once all environments take too many bytes. May take seconds."""
        if self._total is None:
            self._total = sum(stated.size.real for _, stated in self.all())
        if self._total > self._most_bytes:
            self.prune(int(self._most_bytes * _KEPT_SHARE))

    def all(self) -> Iterator[tuple[Path, Stated]]:
        """Yield every environment that counts, with its folder."""
        for file in self.root.glob(f"*/*/{_STATED}"):
            if (stated := _read(file)) is not None:
                yield file.parent, stated

    def in_use(self, folder: Path) -> bool:
        """Say whether somebody uses the environment in ``folder``; what names a user that is gone is deleted."""
        used = False
        for use in list((folder / _USES).glob("*")):
            with contextlib.suppress(OSError):
                if os.path.lexists(use.read_text(encoding="utf-8")):
                    used = True
                else:
                    use.unlink()
        return used

    def prune(self, most_bytes: int | None = None, *, idle_seconds: float | None = None) -> Pruned:
        """Delete environments, never one in use: first those not used for ``idle_seconds``, then the least recent ones.

        ``most_bytes`` is what may stay, by default what this cache is bounded to; idle by default are those too old
        to be used again. Leftovers of killed processes go, too.
        """
        most = self._most_bytes if most_bytes is None else most_bytes
        idle = self._most_age if idle_seconds is None else idle_seconds
        self._sweep()
        kept = sorted(
            ((_used_at(folder), folder, stated.size) for folder, stated in self.all()), key=lambda row: row[:2]
        )
        total, now = sum(size.real for _, _, size in kept), time.time()
        count, freed = 0, Size()
        for used_at, folder, size in kept:
            if (total > most or now - used_at >= idle) and self._delete(folder):
                count, freed, total = count + 1, freed + size, total - size.real
        self._total = total
        return Pruned(environments=count, size=freed, left=len(kept) - count)

    def _claim(self, folder: Path, key: Key, user: Path) -> Environment | None:
        """Return what is in ``folder`` where it is whole, and young enough; else move it away."""
        stated = _read(folder / _STATED)
        is_whole = stated is not None and stated.key == key and (folder / TREE).is_dir()
        if stated is not None and is_whole and abs(time.time() - stated.made_at) < self._most_age:
            self._use(folder, user)
            return Environment(folder=folder, stated=stated)
        if folder.is_dir():
            self._move_away(folder)
        return None

    def _use(self, folder: Path, user: Path) -> None:
        self.in_use(folder)  # forgets those that are gone
        (folder / _USES / secrets.token_hex(8)).write_text(str(user.resolve()), encoding="utf-8")
        os.utime(folder / _STATED)

    def _delete(self, folder: Path) -> bool:
        """Delete ``folder`` unless it is in use; say whether it is gone."""
        with self._locked():
            if self.in_use(folder) or not folder.is_dir():
                return False
            gone = self._move_away(folder)
        shutil.rmtree(gone, ignore_errors=True)
        return True

    def _move_away(self, folder: Path) -> Path:
        """Give ``folder`` a name under which nobody finds it; a server that runs from it does not notice."""
        gone = self.root / f"{_GONE}{secrets.token_hex(8)}"
        folder.rename(gone)
        with contextlib.suppress(OSError):  # other versions of the package are there
            folder.parent.rmdir()
        return gone

    def _sweep(self) -> None:
        """Delete what killed processes left, and what was in use when it was moved away."""
        oldest = time.time() - _LEFT_OVER_SECONDS
        for folder in list(self.root.glob(f"{_GONE}*")):
            if not self.in_use(folder):
                shutil.rmtree(folder, ignore_errors=True)
        for folder in list(self.root.glob(f"{_MAKING}*")):
            with contextlib.suppress(FileNotFoundError):
                if folder.stat().st_mtime < oldest:
                    shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock of all processes; nothing slow happens under it."""
        self.root.mkdir(parents=True, exist_ok=True)
        with self._thread_lock, (self.root / _LOCK).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _name(package: Package) -> str:
    return canonicalize_name(package.name) if package.ecosystem == "pypi" else package.name


def _package_folder(ecosystem: str, name: str) -> str:
    return hashlib.sha256(f"{ecosystem}:{name}".encode()).hexdigest()[:16]


def _read(file: Path) -> Stated | None:
    """Return what ``file`` states; None where it is missing, cut off or of another version of Catalog."""
    try:
        return Stated.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None


def _used_at(folder: Path) -> float:
    with contextlib.suppress(FileNotFoundError):
        return (folder / _STATED).stat().st_mtime
    return 0.0
