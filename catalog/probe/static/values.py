"""Values that are known without running anything: JSON, or unknown, which is a value of its own."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final, Literal

from classifier.definition import JsonObject, JsonValue


class Unknown(Enum):
    """The type of UNKNOWN."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN
"""What only a running program could tell."""

Value = JsonValue | Literal[Unknown.UNKNOWN]

# Characters of one string that are kept; the largest real description has 34,500.
TEXT_LENGTH = 16 * 1024

# Digits of one number: no schema needs more, and converting very long ones is slow.
_NUMBER_LENGTH = 40

_BASES = {"0x": 16, "0o": 8, "0b": 2}


def number(text: str) -> Value:
    """Return the number that a literal of Python or JavaScript stands for."""
    plain = text.replace("_", "").rstrip("n").lower()
    if len(plain) > _NUMBER_LENGTH:
        return UNKNOWN
    try:
        if base := _BASES.get(plain[:2]):
            return int(plain, base)
        value = float(plain)
    except (ValueError, OverflowError):
        return UNKNOWN
    if value in (float("inf"), float("-inf")):
        return UNKNOWN
    return int(plain) if plain.isdecimal() else value


def negated(value: Value) -> Value:
    """Return ``-value``."""
    return -value if isinstance(value, int | float) else UNKNOWN


def object_of(value: Value) -> JsonObject | None:
    """Return an object, or None for anything else."""
    return value if isinstance(value, Mapping) else None


def concatenated(left: Value, right: Value) -> Value:
    """Return ``left + right`` for two strings, cut to what is kept: doubling must not fill the memory."""
    if isinstance(left, str) and isinstance(right, str):
        return (left + right)[:TEXT_LENGTH]
    return UNKNOWN


def joined(separator: Value, parts: Sequence[Value]) -> Value:
    """Return ``separator.join(parts)`` where all of it is known."""
    whole: Value = "" if parts else UNKNOWN
    for index, part in enumerate(parts):
        whole = concatenated(concatenated(whole, separator if index else ""), part)
    return whole
