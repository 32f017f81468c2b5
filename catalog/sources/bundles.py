"""Targets that name an MCP bundle: ``mcpb:PATH`` and ``mcpb:https://…``."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from catalog.errors import UsageError
from catalog.model import ServerRef
from catalog.origin import Bundle
from catalog.sources.slugs import bundle_slug

SHA256 = re.compile(r"[0-9a-f]{64}")


def parse_bundle(target: str) -> Bundle | None:
    """Return the bundle that ``target`` names, or None where it is no bundle target.

    Raises: UsageError where it starts like one and is not: no such file, or an address that is not ``https://``.
    """
    if not target.startswith("mcpb:"):
        return None
    location = target.removeprefix("mcpb:")
    if "://" in location:
        try:
            valid = location.startswith("https://") and urlsplit(location).hostname and location.isprintable()
        except ValueError:
            valid = False
        if not valid or " " in location:
            raise UsageError(f"{target[:200]!r} names no bundle; write mcpb:https://… or mcpb:PATH")
        return Bundle(location=location)
    try:
        path = Path(location).expanduser().resolve()
        there = path.is_file()
    except (OSError, ValueError, RuntimeError):  # no path of this system, or a home of nobody
        there = False
    if not location or not there:
        raise UsageError(f"{target[:200]!r}: there is no such file; write mcpb:PATH or mcpb:https://…")
    return Bundle(location=str(path))


def bundle_server(bundle: Bundle) -> ServerRef:
    """Return a server about which nothing is known but its bundle."""
    return ServerRef(slug=bundle_slug(bundle), title=bundle.public.removeprefix("mcpb:")[:200], origin=bundle)
