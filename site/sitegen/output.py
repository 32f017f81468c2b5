"""Writes a site in place: only what changed, and nothing before everything is ready.

``.catalog-site.json`` lists the files of the last build. New content is first written beside the site, on the same
disk, and then moved into place, so that a full disk is noticed while the old site is still whole.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, ValidationError

from catalog.errors import CatalogError, UsageError

MANIFEST = ".catalog-site.json"
_STAGING = ".catalog-site.new"


class Manifest(BaseModel):
    """The files of a build."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int = 1
    files: Mapping[str, str]
    """SHA-256 (hex) of each file's content, by its path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of the files."""

    changed: int
    unchanged: int
    removed: int


def read_manifest(output: Path) -> Manifest:
    """Return what an earlier build wrote into ``output``; nothing where it is absent or empty.

    Raises: UsageError where ``output`` holds what is not a site of ours, CatalogError where it cannot be read.
    """
    try:
        if not output.exists():
            return Manifest(files={})
        if not output.is_dir():
            raise UsageError(f"{str(output)!r} is a file; give a directory for the site with -o")
        text = _text(output / MANIFEST)
        if text is None:
            if any(path.name != _STAGING for path in output.iterdir()):
                raise UsageError(
                    f"{str(output)!r} is not empty and was not written by catalog (it has no {MANIFEST}): "
                    "give another directory with -o, or empty this one"
                )
            return Manifest(files={})
    except OSError as error:
        raise CatalogError(f"cannot read {str(output)!r} ({error.strerror}): give another directory with -o") from error
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        raise UsageError(f"{str(output / MANIFEST)!r} is damaged: delete {str(output)!r} and build again") from error
    if outside := next((name for name in manifest.files if not _is_inside(name)), None):
        raise UsageError(f"{str(output / MANIFEST)!r} names {outside!r}, outside the site: delete it and build again")
    return manifest


def write(output: Path, files: Mapping[str, bytes], earlier: Manifest) -> Written:
    """Write ``files`` (by path below ``output``) and remove what ``earlier`` wrote and ``files`` no longer has.

    Raises: CatalogError where the disk refuses; then the old site is as it was, unless the disk fails while files move.
    """
    staging = output / _STAGING
    try:
        output.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(staging, ignore_errors=True)
        changed = [path for path, content in files.items() if _bytes(output / path) != content]
        try:
            moves = _stage(staging, {path: files[path] for path in changed})
            everything = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
            vanished = sorted(set(earlier.files) - set(files))
            # Until the old files are gone, the manifest has both: whatever interrupts us, the next build can clean up.
            _save(staging, output, {**earlier.files, **everything})
            for staged, path in moves:
                target = output / path
                target.parent.mkdir(parents=True, exist_ok=True)
                staged.replace(target)
            for path in vanished:
                _remove(output, path)
            _save(staging, output, everything)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise CatalogError(
            f"cannot write the site to {str(output)!r}: {error.strerror}; make room or choose another directory with -o"
        ) from error
    return Written(changed=len(changed), unchanged=len(files) - len(changed), removed=len(vanished))


def _stage(staging: Path, files: Mapping[str, bytes]) -> list[tuple[Path, str]]:
    staging.mkdir()
    moves = []
    for number, (path, content) in enumerate(files.items()):
        staged = staging / str(number)
        staged.write_bytes(content)
        moves.append((staged, path))
    return moves


def _save(staging: Path, output: Path, files: Mapping[str, str]) -> None:
    text = json.dumps({"version": 1, "files": dict(sorted(files.items()))}, indent=0) + "\n"
    if _text(output / MANIFEST) == text:
        return
    staged = staging / "manifest"
    staged.write_text(text, encoding="utf-8")
    staged.replace(output / MANIFEST)


def _remove(output: Path, path: str) -> None:
    """Remove a file of an earlier build, and the folders that it leaves empty."""
    (output / path).unlink(missing_ok=True)
    for folder in (output / path).parents:
        if folder == output or not _is_empty(folder):
            return
        folder.rmdir()


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and not set("\\:") & set(name)


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def _text(path: Path) -> str | None:
    content = _bytes(path)
    return None if content is None else content.decode("utf-8", "replace")
