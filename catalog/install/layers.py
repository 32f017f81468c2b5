"""The folder of compiled modules: one layer for each group of sources, found by their content.

    <root>/<python>/<digest>/<hash of a source>     its compiled module; a layer appears whole or not at all
    <root>/seen/<python>/<digest>                   a group that was met, and not compiled yet

A group is the code of one top-level module. What a package says of itself (RECORD) plays no part: another one could say
the same. Modules in environments are hard links; where the file system has none, copies.
"""

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict

from catalog.install.runtimes import PythonHome
from catalog.install.trees import CACHED, SCRIPTS, TreeFile

# How deep folders without code of their own (namespace packages, PEP 420) are looked into: google/cloud/storage/….
_NAMESPACE_DEPTH = 4

# Ends the name of a layer that is being written; one that is an hour old was left by a process that was killed.
_UNFINISHED, _LEFT_OVER_SECONDS = ".new", 3600.0

# A layer that compiled nothing is a folder with this in it, since an empty folder can be renamed over.
_DONE = ".done"


class Group(BaseModel):
    """The sources of one top-level module."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    files: Mapping[str, str]
    """Path below site-packages to the SHA-256 of the content."""
    size: int
    """Bytes of all sources."""

    @cached_property
    def digest(self) -> str:
        """Return what finds its layer: the SHA-256 over the sorted paths and contents."""
        lines = (f"{path}\0{content}\n" for path, content in sorted(self.files.items()))
        return hashlib.sha256(os.fsencode("".join(lines))).hexdigest()


class Layers:
    """The compiled modules below one folder; every method may run in several processes at once."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def has(self, home: PythonHome, group: Group) -> bool:
        """Say whether ``group`` is compiled."""
        return self._place(home, group).is_dir()

    def is_known(self, home: PythonHome, group: Group) -> bool:
        """Say whether ``group`` was remembered before."""
        return self._marker(home, group).exists()

    def remember(self, home: PythonHome, group: Group) -> None:
        """Keep in mind that ``group`` was seen."""
        marker = self._marker(home, group)
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.touch()

    def write(self, home: PythonHome, group: Group, modules: Mapping[str, bytes]) -> None:
        """Make the layer of ``group``: compiled modules by the hash of their source. Empty ones are left out."""
        place = self._place(home, group)
        unfinished = place.with_name(f"{place.name}-{secrets.token_hex(4)}{_UNFINISHED}")
        unfinished.mkdir(parents=True)
        try:
            for source, module in modules.items():
                if module:
                    (unfinished / source).write_bytes(module)
            (unfinished / _DONE).touch()
            unfinished.rename(place)
        except OSError as error:
            # Another process was faster; it compiled the same sources.
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        self._marker(home, group).unlink(missing_ok=True)

    def link(self, home: PythonHome, group: Group, site_packages: Path) -> None:
        """Put the compiled modules of ``group`` beside its sources; what was there already stays."""
        place = self._place(home, group)
        for path, content in group.files.items():
            source = site_packages / path
            _link(place / content, source.parent / CACHED / f"{source.stem}.{_tag(home)}.pyc")
        with contextlib.suppress(FileNotFoundError):
            os.utime(place)  # used now: the others are deleted first

    def sweep(self, idle_seconds: float) -> int:
        """Delete layers that no environment holds and none took for ``idle_seconds``, and return their number."""
        now, deleted = time.time(), 0
        for layer in list(self._all()):
            with contextlib.suppress(FileNotFoundError):  # another process sweeps, too
                idle = now - layer.stat().st_mtime
                if layer.name.endswith(_UNFINISHED):
                    if idle > _LEFT_OVER_SECONDS:
                        shutil.rmtree(layer, ignore_errors=True)
                elif idle >= idle_seconds and all(module.stat().st_nlink == 1 for module in layer.iterdir()):
                    shutil.rmtree(layer, ignore_errors=True)
                    deleted += 1
        for marker in self.root.glob("seen/*/*/*"):
            with contextlib.suppress(FileNotFoundError):
                if now - marker.stat().st_mtime >= idle_seconds:
                    marker.unlink()
        return deleted

    def count(self) -> int:
        """Return the number of layers."""
        return sum(1 for layer in self._all() if not layer.name.endswith(_UNFINISHED))

    def _all(self) -> Iterator[Path]:
        return self.root.glob("cpython-*/*/*")

    def _place(self, home: PythonHome, group: Group) -> Path:
        return self.root / _tag(home) / group.digest[:2] / group.digest[2:]

    def _marker(self, home: PythonHome, group: Group) -> Path:
        return self.root / "seen" / _tag(home) / group.digest[:2] / group.digest[2:]


def groups(files: Iterable[TreeFile]) -> tuple[Group, ...]:
    """Return the Python sources of a site-packages folder, by the module that they belong to."""
    sources = [file for file in files if file.path.endswith(".py") and not file.path.startswith(SCRIPTS)]
    packages = {str(PurePosixPath(file.path).parent) for file in sources if file.path.endswith("/__init__.py")}
    members: defaultdict[str, list[TreeFile]] = defaultdict(list)
    for file in sources:
        members[_root_of(file.path, packages)].append(file)
    return tuple(
        Group(files={file.path: file.sha256 for file in found}, size=sum(file.size for file in found))
        for _, found in sorted(members.items())
    )


def _root_of(path: str, packages: set[str]) -> str:
    """Return the topmost folder of ``path`` that is a package; where there is none near the top, the last one there."""
    parts = PurePosixPath(path).parts
    above = ["/".join(parts[:depth]) for depth in range(1, min(len(parts), _NAMESPACE_DEPTH + 1))]
    return next((folder for folder in above if folder in packages), above[-1] if above else path)


def _tag(home: PythonHome) -> str:
    """Return what the names of compiled modules say of their Python (PEP 3147).

    Each module begins with the number of its Python's bytecode; one with another number is not used.
    """
    return f"cpython-{home.version.replace('.', '')}"


def _link(module: Path, place: Path) -> None:
    """Give ``module`` the name ``place`` too; one that did not compile is not there, which is no error."""
    if not module.exists():
        return
    place.parent.mkdir(exist_ok=True)
    try:
        place.hardlink_to(module)
    except FileExistsError:
        return
    except OSError:  # another file system, one without hard links, or too many names of it already
        unfinished = place.with_name(f"{place.name}.{secrets.token_hex(4)}")
        with contextlib.suppress(FileNotFoundError):  # the layer was deleted meanwhile
            shutil.copyfile(module, unfinished)
            unfinished.rename(place)
