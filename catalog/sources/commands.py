"""Targets that are a command line: ``catalog sync -- COMMAND ARGUMENTS``."""

from collections.abc import Sequence
from pathlib import Path

from catalog.errors import UsageError
from catalog.model import ServerRef
from catalog.origin import Command
from catalog.sources.slugs import command_slug


def command_server(argv: Sequence[str]) -> ServerRef:
    """Return the server that ``argv`` starts; arguments that name files become absolute, so the slug is stable.

    Raises: UsageError for an empty command line.
    """
    if not argv:
        raise UsageError("nothing stands after '--'; write the command that starts the server: catalog sync -- COMMAND")
    command = Command(argv=(argv[0], *(_absolute(word) for word in argv[1:])))
    return ServerRef(slug=command_slug(command), title=command.public[:200], origin=command)


def _absolute(word: str) -> str:
    try:
        path = Path(word)
        return str(path.resolve()) if not word.startswith("-") and path.exists() else word
    except (OSError, ValueError):  # no path of this system: too long, or with a NUL in it
        return word
