"""Comments that tell in an export's own files what its target could not express."""

from collections.abc import Iterator, Sequence

from catalog.policy.target import Unsupported

_MOST = 400
"""Characters of one comment line; names of servers have any length."""


def comments(lines: Sequence[str], unsupported: Sequence[Unsupported] = (), mark: str = "#") -> str:
    """Return ``lines`` and a line for each note as comment lines, each with its line end.

    Nothing in them ends a comment or runs into the next line: printable ASCII without backslashes (which some formats
    read as a continued line); every other character is written as its code point.
    """
    return "".join(f"{mark} {_plain(line)}\n" if line else f"{mark}\n" for line in (*lines, *_noted(unsupported)))


def _noted(unsupported: Sequence[Unsupported]) -> Iterator[str]:
    if unsupported:
        yield ""
        yield "Written more strictly than the policy, since this format cannot say it:"
    for note in unsupported:
        yield f"- {note.key}: wanted {note.wanted}; written {note.written}"


def _plain(text: str) -> str:
    cut = text if len(text) <= _MOST else f"{text[:_MOST]}..."
    return "".join(c if c.isascii() and c.isprintable() and c != "\\" else f"<U+{ord(c):04X}>" for c in cut)
