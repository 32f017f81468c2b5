"""The words of source text, to tell a tool whose name is written nowhere from one that was merely not understood."""

import re

# Longer words are no part of a tool's name.
_WORD = re.compile(rb"[A-Za-z0-9_-]{3,128}")

_JOINTS = re.compile(r"[^a-z0-9]+")


def plain_word(text: str) -> str:
    """Return ``text`` in lower case without joints: servers turn ``getThing`` into ``get_thing`` when they run."""
    return _JOINTS.sub("", text.lower())


def words_of(data: bytes) -> set[str]:
    """Return the words of a file, each as ``plain_word`` makes it."""
    return {plain_word(word.decode()) for word in set(_WORD.findall(data))}
