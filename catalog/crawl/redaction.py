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
        text = self.text(text)
        kept = "".join(c if c == "\n" or c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
        return kept if len(kept) <= DETAIL_LENGTH else f"…{kept[-DETAIL_LENGTH:]}"

    def listing(self, listed: Listed) -> Listed:
        """Return ``listed`` without the values; each definition that repeats one is a problem."""
        entries: dict[str, Entry] = {}
        problems = [Problem(where=self.text(one.where), message=self.text(one.message)) for one in listed.problems]
        for before in listed.entries:
            entry = self._entry(before)
            if entry != before:
                message = "its definition repeats a value passed with --env; the value was taken out"
                problems.append(Problem(where=entry.key[:80], message=message))
            # Names that differ by values alone are one name now; the first is kept, as of any two.
            entries.setdefault(entry.key, entry)
        return replace(
            listed,
            server_name=self.text(listed.server_name),
            server_version=self.text(listed.server_version),
            protocol_version=self.text(listed.protocol_version),
            entries=tuple(entries.values()),
            problems=tuple(problems),
        )

    def text(self, text: str) -> str:
        """Return ``text`` without the values."""
        for value in self.values:
            text = text.replace(value, MARK)
        return text

    def _entry(self, entry: Entry) -> Entry:
        raw = self._json(entry.definition.raw)
        dispatch = entry.dispatch
        if dispatch is not None:
            selector = {name: self.text(value) for name, value in dispatch.selector.items()}
            dispatch = replace(dispatch, selector=selector)
        if not isinstance(raw, Mapping) or (raw == entry.definition.raw and dispatch == entry.dispatch):
            return entry
        return replace(entry, definition=Definition(raw=raw), dispatch=dispatch)

    def _json(self, value: JsonValue) -> JsonValue:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(name): self._json(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._json(inner) for inner in value]
        return value
