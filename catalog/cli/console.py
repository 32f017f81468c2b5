"""The terminal: one console for results (stdout), one for progress and notes (stderr)."""

import json
import sys
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console


def out() -> "Console":
    """Return the console for results. Not a terminal: wide, so that tables are not cut for a pipe."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 160, highlight=False)


def notes() -> "Console":
    """Return the console for progress and notes."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def print_json(value: object) -> None:
    """Print ``value`` as JSON on stdout, and nothing else: ASCII, so that no terminal interprets a server's text."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=True, allow_nan=False))
