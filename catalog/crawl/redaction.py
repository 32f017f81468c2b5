"""Take the values that a user passed with ``--env`` out of everything that is kept or shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from catalog.model import Definition, Entry, Listed, Problem
from classifier.definition import JsonValue

# Values shorter than this are switches such as "1" or "dev": hiding them would only garble the text.
SHORTEST_SECRET = 4

MARK = "***"

# Characters of a server's last words that are kept on an observation.
DETAIL_LENGTH = 1500


@dataclass(frozen=True, slots=True)
class Redaction:
    """Knows the values; nothing else does."""

    values: tuple[str, ...]
    """Longest first, so that no part of one value is left behind by another."""

    @classmethod
    def of(cls, values: Iterable[str]) -> "Redaction":
        """Return the redaction of ``values`` that are long enough to be worth hiding."""
        return cls(tuple(sorted({v for v in values if len(v) >= SHORTEST_SECRET}, key=len, reverse=True)))

    def words(self, text: str) -> str:
        """Return a server's words fit to keep: without values and control characters, bounded (the end says most)."""
        text = self._text(text)
        kept = "".join(c if c == "\n" or c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
        return kept if len(kept) <= DETAIL_LENGTH else f"…{kept[-DETAIL_LENGTH:]}"

    def listing(self, listed: Listed) -> Listed:
        """Return ``listed`` with the values taken out of the definitions that repeat them; each is a problem."""
        entries: list[Entry] = []
        problems: list[Problem] = []
        for entry in listed.entries:
            raw = self._json(entry.definition.raw)
            if raw == entry.definition.raw or not isinstance(raw, Mapping):
                entries.append(entry)
                continue
            entries.append(replace(entry, definition=Definition(raw=raw)))
            message = "its definition repeats a value passed with --env; the value was taken out"
            problems.append(Problem(where=self._text(entry.key)[:80], message=message))
        return replace(listed, entries=tuple(entries), problems=(*listed.problems, *problems))

    def _json(self, value: JsonValue) -> JsonValue:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return {self._text(name): self._json(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._json(inner) for inner in value]
        return value

    def _text(self, text: str) -> str:
        for value in self.values:
            text = text.replace(value, MARK)
        return text
