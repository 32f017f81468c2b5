"""Patterns that rules look for in any text of a definition, matched in linear time.

The patterns are RE2's (google-re2): no look-around and no back-references, so no text makes them slow. One set of all
of them says which can be found at all; for an ordinary tool that is none, and nothing else is done.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import re2

from classifier.errors import RuleError

# Bytes that the automaton of a set may take; past that it starts anew, so that memory stays flat over any stream.
_MEMORY = 64 << 20

TESTS = ("text", "default")
"""``text``: any text of the definition. ``default``: what a parameter is by default, always, or for example."""


@dataclass(frozen=True, slots=True)
class Found:
    """A pattern in one text."""

    pattern: str
    start: int
    end: int
    tool: str | None
    """The other tool that it names, where the pattern has a group ``tool``."""


class Patterns:
    """All patterns of one test, compiled together."""

    def __init__(self, stated: Iterable[str]) -> None:
        """Compile. Raises: RuleError naming the pattern that RE2 refuses."""
        options = re2.Options()
        options.case_sensitive = False
        options.log_errors = False
        options.max_mem = _MEMORY
        self._stated = tuple(stated)
        self._set = re2.Set.SearchSet(options)
        self._single = []
        for pattern in self._stated:
            try:
                self._single.append(re2.compile(pattern, options))
            except re2.error as error:
                told = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
                raise RuleError(
                    f"the pattern {pattern!r} is none of RE2 ({told}); write it without look-around and back-references"
                ) from error
            self._set.Add(pattern)
        if self._stated:
            self._set.Compile()

    def anywhere(self, text: str) -> list[int]:
        """Return which patterns may be found in ``text``; ``find`` knows for certain."""
        return list(self._set.Match(_encodable(text)) or ()) if self._stated else []

    def find(self, which: Iterable[int], text: str) -> Iterator[Found]:
        """Yield the first place of each pattern of ``which`` in one text."""
        clean = _encodable(text)
        for number in which:
            found = self._single[number].search(clean)
            if found is not None:
                tool = found.groupdict().get("tool")
                start, end = found.span()
                yield Found(self._stated[number], start, end, tool)


def _encodable(text: str) -> str:
    """Return a text that UTF-8 can hold, character for character: JSON may hold half a surrogate pair."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def compile_patterns(words: Mapping[str, Mapping[str, object]]) -> dict[str, Patterns]:
    """Compile the patterns of every test; ``words`` are the words by test."""
    return {test: Patterns(sorted(words[test])) for test in TESTS}
