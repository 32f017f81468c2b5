"""What is known of a build that ended while it moved files into place: the ledger does not know of them.

Before anything moves, a file beside the site names what is new; it is gone once ledger and site agree.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from sitegen.ledger.ledger import is_inside

MOVING = ".catalog-site.moving"
"""There while files are moved into place: a build that finds it does not trust what the ledger says of contents."""


def distrusts(directory: Path) -> bool:
    """Say whether a build ended while it moved files, so that nobody knows what they hold."""
    return (directory / MOVING).exists()


def announce(directory: Path, staged: Path) -> None:
    """Say that what is in ``staged`` is about to move into ``directory``. Raises: OSError."""
    with (directory / MOVING).open("a", encoding="utf-8") as file:
        file.writelines(f"{path}\n" for path in _new(staged, directory))


def settle(directory: Path) -> None:
    """Say that the ledger and the files agree."""
    (directory / MOVING).unlink(missing_ok=True)


def moved(directory: Path) -> Iterator[str]:
    """Yield each file that a build had newly moved into place when it ended; nothing where it came to its end."""
    if not distrusts(directory):
        return
    for path in (directory / MOVING).read_text(encoding="utf-8", errors="replace").splitlines():
        if not is_inside(path):
            continue
        if (directory / path).is_file():
            yield path
        for folder, _, names in os.walk(directory / path):
            yield from (Path(folder, name).relative_to(directory).as_posix() for name in names)


def _new(source: Path, target: Path, below: str = "") -> Iterator[str]:
    """Yield the files and the whole folders in ``source`` that ``target`` does not have."""
    with os.scandir(source) as found:
        for item in found:
            place = target / item.name
            if item.is_dir() and place.is_dir():
                yield from _new(Path(item.path), place, f"{below}{item.name}/")
            elif not place.exists():
                yield f"{below}{item.name}"
