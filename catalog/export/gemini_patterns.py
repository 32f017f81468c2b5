r"""Patterns on a call's arguments as Gemini CLI's policy engine sees them.

It writes the arguments as JSON with sorted keys and a NUL on either side of each property of the outermost object;
JSON itself writes a NUL in any text as ``\u0000``. So ``\0"action":"ls"\0`` is found exactly where that property is at
the top level and has that value: text inside of others cannot look like it. Patterns longer than `LONGEST`, and those
with a quantifier after a group that has one, are dropped by its loader.
"""

import json
from collections.abc import Iterable, Sequence

from catalog.policy.conditions import tokens
from catalog.policy.model import Condition, Operator

LONGEST = 2048
"""Characters of a pattern that the loader takes."""

ASKED = frozenset({Operator.PRESENT, Operator.ABSENT})
"""Conditions that patterns can ask."""


def values_of(argument: str, values: Sequence[str]) -> str:
    """Return the pattern of an argument that is exactly one of these texts."""
    return rf'\0{_json(argument)}:"({"|".join(map(inner, values))})"\0'


def inner(value: str) -> str:
    """Return the pattern of a text as it stands between the quotes of JSON."""
    return _json(value)[1:-1]


def absent(argument: str) -> str:
    """Return the assertion that an argument is not there, or null."""
    return rf"(?![^]*\0{_json(argument)}:(?!null\0))"


def asked(condition: Condition) -> str:
    """Return the assertion that a condition on a top-level argument holds."""
    (argument,) = tokens(condition.argument)
    if condition.operator is Operator.ABSENT:
        return absent(argument)
    return rf"(?=[^]*\0{_json(argument)}:(?!null\0))"


def all_of(found: Sequence[str], assertions: Iterable[str]) -> str | None:
    """Return the pattern of arguments in which each of ``found`` is and all ``assertions`` hold; None: any."""
    rest = tuple(dict.fromkeys(assertions))
    if len(found) == 1 and not rest:
        return found[0]
    whole = "".join((*(f"(?=[^]*{one})" for one in found), *rest))
    return f"^{whole}" if whole else None


def chunks(values: Sequence[str], room: int) -> list[list[str]]:
    """Return the values in lists whose patterns together have at most ``room`` characters."""
    found: list[list[str]] = []
    left = 0
    for value in values:
        length = len(inner(value)) + 1
        if not found or length > left:
            found.append([])
            left = room
        found[-1].append(value)
        left -= length
    return found


def _json(text: str) -> str:
    """Return the pattern of a text in JSON as JavaScript writes it; only letters, digits, ``_`` and quotes stay."""
    written = (
        rf"\u{ord(c):04x}" if "\ud800" <= c <= "\udfff" else json.dumps(c, ensure_ascii=False)[1:-1] for c in text
    )
    return "".join(map(_unit, f'"{"".join(written)}"'))


def _unit(character: str) -> str:
    if character.isascii() and (character.isalnum() or character in '_"'):
        return character
    if ord(character) < 0x100:
        return f"\\x{ord(character):02x}"
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
