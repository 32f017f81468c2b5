"""From places to evidence: the words of the definition, verbatim, that made a rule fire."""

from collections.abc import Iterator
from itertools import islice

from classifier.facts import Facts
from classifier.hostile import unquoted
from classifier.match import Place
from classifier.verdict import Contribution, Evidence
from classifier.words import prose, word_spans

# Two places in one sentence are shown as one span when it stays readable.
_READABLE = 80


class Witness:
    """Turns the places of one tool's facts into evidence."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._spans: list[tuple[int, int]] = []
        self._more_spans = word_spans(prose(facts.description.lower))

    def evidence(self, rule: str, places: list[Place], contributes: Contribution, value: str) -> Iterator[Evidence]:
        """Yield one piece of evidence for each field that a rule's places lie in."""
        if len(places) == 1:
            yield self._one(rule, places[0], contributes, value)
            return
        merged: dict[str, Place] = {}
        for place in places:
            known = merged.get(place[0])
            if known is None:
                merged[place[0]] = place
            elif place[0] == "name" or max(known[2], place[2]) - min(known[1], place[1]) <= _READABLE // 8:
                merged[place[0]] = (place[0], min(known[1], place[1]), max(known[2], place[2]))
        for place in merged.values():
            yield self._one(rule, place, contributes, value)

    def _one(self, rule: str, place: Place, contributes: Contribution, value: str) -> Evidence:
        where, start, end = place
        facts = self.facts
        if where == "description":
            start, end = self.description_span(start, end)
            text = facts.tool.description[start:end]
        elif where == "name":
            start, end = facts.name.span(start, end)
            text = facts.tool.name[start:end]
        elif where == "title":
            start, end = facts.title.span(start, end)
            text = facts.tool.title[start:end]
        elif where.startswith("text:"):
            where, original = unquoted(where)
            text = original[start:end]
        elif where.startswith("hidden:"):
            where = where.removeprefix("hidden:")
            original = {"name": facts.name, "title": facts.title, "description": facts.description}[where].original
            text = original[start:end]
        elif where.startswith("annotation:"):
            text = "true" if facts.tool.hint(where.removeprefix("annotation:")) else "false"
        elif where.startswith("value:"):
            name, _, text = where.removeprefix("value:").partition("\0")
            where = f"value:{name}"
        else:
            text = where.partition(":")[2]
        return Evidence(rule=rule, field=where, start=start, end=end, text=text, contributes=contributes, value=value)

    def description_span(self, start: int, end: int) -> tuple[int, int]:
        """Translate a span of words of the description into characters of its original text."""
        # What decides mostly stands near the beginning: no more is split again than is needed.
        self._spans += islice(self._more_spans, max(0, end - len(self._spans)))
        return self.facts.description.span(self._spans[start][0], self._spans[end - 1][1])
