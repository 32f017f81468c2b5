"""Text and numbers in the Common Expression Language."""

from collections.abc import Iterator, Sequence

LONGEST = 4096
"""Characters of one expression that every gateway takes."""


def literal(text: str) -> str:
    """Return a string literal: quotes, backslashes and all that is not printable ASCII as escapes."""
    return '"' + "".join(map(_escaped, text)) + '"'


def number(value: float) -> str:
    """Return a double literal: a whole number without a fraction would be an int, which is no double to everyone."""
    text = repr(float(value))
    return text if "." in text or "e" in text else f"{text}.0"


def several(values: Sequence[str]) -> str:
    """Return a list of literals."""
    return f"[{', '.join(map(literal, values))}]"


def lists(values: Sequence[str], longest: int) -> Iterator[Sequence[str]]:
    """Yield the values in parts whose lists are not longer than so many characters; a longer value stands alone."""
    part: list[str] = []
    length = 0
    for value in values:
        needs = len(literal(value)) + 2
        if part and length + needs > longest:
            yield part
            part, length = [], 0
        part.append(value)
        length += needs
    if part:
        yield part


def _escaped(character: str) -> str:
    if character.isascii() and character.isprintable():
        return f"\\{character}" if character in '"\\' else character
    return f"\\u{ord(character):04x}" if ord(character) < 2**16 else f"\\U{ord(character):08x}"
