"""Read one description: which verb it says the tool does, and which of its words count.

Words in a negation ("does not delete"), in an aside ("use this when ...", "before you delete ...") or in a clause
about another tool do not count. A sentence's verb is the first verb at its head, past words such as "This tool can".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from classifier.lexicon import Lexicon, Verb
from classifier.verbs import DETERMINERS, OBJECT_BEGINS, VerbAt, beside, is_mark, joined, verb_at
from classifier.verdict import Category
from classifier.words import CLAUSE_ENDS, MARKS, WORD, prose

# The verb stands in one of the first sentences or nowhere.
_HEADS = 3
# Sentences in which a tool may say what else it does.
_LATER = 6
# The object of a verb: words after it.
_OBJECT_WORDS = 9


@dataclass(slots=True)
class Reading:
    """What a description says; every number is an index into ``WORD.findall`` of it."""

    words: list[str]
    """Base forms; a word that no rule knows stays as written."""
    first: tuple[int, int] = (0, 0)
    """The first sentence."""
    live: list[tuple[int, int]] = field(default_factory=list)
    """Stretches of words that count."""
    negations: list[int] = field(default_factory=list)
    """Where a negation stands; phrases such as "cannot be undone" begin there."""
    verbs: list[VerbAt] = field(default_factory=list)
    """The verbs of the head ("List, create or close"), the first of them first."""
    also: list[tuple[Verb, int]] = field(default_factory=list)
    """Verbs with which later sentences begin, where they change something."""
    joined: list[VerbAt] = field(default_factory=list)
    """Verbs that change something, joined to the first by a conjunction: "Lists entries and purges them"."""
    objects: list[tuple[int, int]] = field(default_factory=list)
    """Stretches of words that name what the verb acts on."""
    nominal: tuple[int, str] | None = None
    """The word with which a description that has no verb begins to name what comes back; ``result`` where the word
    says so itself ("Current balance"), else ``phrase`` ("The person's envelope")."""

    def takes_object(self, at: int) -> bool:
        """Say whether an object begins at ``at`` ("Record an observation"): the word before it is no noun."""
        return at < len(self.words) and self.words[at] in OBJECT_BEGINS


def read_description(lower: str, lexicon: Lexicon, forms: Mapping[str, str], siblings: frozenset[str]) -> Reading:
    """Read a description. Time is linear in its length."""
    raw = WORD.findall(prose(lower))
    reading = Reading(list(map(forms.get, raw, raw)))
    marks = [at for at, word in enumerate(raw) if word < "0" or word in MARKS]  # ``is_mark``, without the call
    marks.append(len(raw))
    # Most descriptions hold no word that takes part of a clause out, and then no clause has to be searched for one.
    turning, asides = lexicon.grammar.turning, lexicon.grammar.asides
    plain = turning.isdisjoint(raw) and siblings.isdisjoint(raw)
    start = clause = number = 0
    for mark in marks:
        if mark > clause:
            if not plain and not (turning.isdisjoint(raw[clause:mark]) and siblings.isdisjoint(raw[clause:mark])):
                _live(reading, raw, (clause, mark), lexicon, siblings)
            elif raw[clause] not in asides or _leads_to_verb(raw, clause, mark):
                reading.live.append((clause, mark))
        clause = mark + 1
        if mark < len(raw) and raw[mark] in CLAUSE_ENDS:
            continue
        if mark > start and number < _LATER:
            _sentence(reading, raw, (start, mark), number, lexicon)
            number += 1
        start = mark + 1
    if not reading.verbs:
        _foreign(reading, raw, lexicon)
    else:
        _object(reading, raw, lexicon)
    return reading


def _sentence(reading: Reading, raw: list[str], span: tuple[int, int], number: int, lexicon: Lexicon) -> None:
    """Look for the verb at the head of a sentence, and for what a later one says the tool does as well."""
    start, end = span
    if number == 0:
        reading.first = span
    if reading.verbs:
        _also(reading, raw, start, lexicon)
    elif number < _HEADS:
        _head(reading, raw, start, end, lexicon)
        if not reading.verbs and number == 0:
            reading.nominal = _nominal(reading.words, start, end, lexicon)


def _object(reading: Reading, raw: list[str], lexicon: Lexicon) -> None:
    """Note the words after the last verb of the head, up to a preposition."""
    start = stop = reading.verbs[-1][2]
    last = min(len(raw), start + _OBJECT_WORDS)
    while stop < last and raw[stop] not in lexicon.grammar.prepositions and not is_mark(raw[stop]):
        stop += 1
    reading.objects.append((start, stop))


def _live(reading: Reading, raw: list[str], span: tuple[int, int], lexicon: Lexicon, siblings: frozenset[str]) -> None:
    """Note which part of one clause counts."""
    grammar = lexicon.grammar
    at, stop = span
    clause = raw[at:stop]
    live_end = stop
    if not grammar.negations.isdisjoint(clause):
        negated = [at + offset for offset, word in enumerate(clause) if word in grammar.negations]
        reading.negations += negated
        live_end = negated[0]
    if not grammar.diversions.isdisjoint(clause) or not siblings.isdisjoint(clause):
        return
    aside = clause[0] in grammar.asides and not _leads_to_verb(raw, at, stop)
    if not aside and live_end > at:
        reading.live.append((at, live_end))


def _leads_to_verb(raw: list[str], at: int, stop: int) -> bool:
    """Say whether a clause such as "Use this tool to delete ..." is about the tool itself."""
    following = raw[at + 1 : min(stop, at + 5)]
    return raw[at] in {"use", "call"} and "to" in following and following[0] in {"this", "to", "it"}


def _head(reading: Reading, raw: list[str], start: int, end: int, lexicon: Lexicon) -> None:
    """Find the verbs at the head of one sentence, past labels ("Advanced:") and asides ("When needed, ...")."""
    grammar = lexicon.grammar
    at = start
    aside = False
    while at < end:
        if raw[at] in grammar.asides and not _leads_to_verb(raw, at, end):
            aside = True
            at = _next_clause(raw, at, end) + 1
            continue
        if raw[at] in _OPENING:
            at += 1
            continue
        found = _clause_verb(reading, raw, at, end, lexicon)
        if found is not None:
            reading.verbs += beside(reading.words, raw, found, end, lexicon)
            reading.joined += joined(reading.words, raw, reading.verbs, end, lexicon)
            return
        at = _next_clause(raw, at, end)
        if at < end and raw[at] not in _LABEL_ENDS:
            break
        at += 1
    if not aside:
        _late(reading, raw, start, end, lexicon)


# What stands before these is a label, and the sentence begins behind it.
_LABEL_ENDS = frozenset(":|)]\u2014\u2013")
# What opens a label in front of a sentence: "[API] Create a project".
_OPENING = frozenset("([")
# After these determiners no verb stands in its bare form at all: "the ingest response".
_NO_SUBJECTS = frozenset({"a", "an", "the", "its", "your"})


def _clause_verb(reading: Reading, raw: list[str], at: int, end: int, lexicon: Lexicon) -> VerbAt | None:
    """Return the verb that one clause begins with, past words that say nothing."""
    grammar = lexicon.grammar
    start = at
    while at < end and not is_mark(raw[at]):
        if raw[at] in grammar.negations:
            return None
        found = verb_at(reading.words, raw, at, end, lexicon)
        participle = raw[at].endswith("ed") and raw[at] != reading.words[at]
        before = raw[at - 1] if at > start else ""
        determined = found is not None and (
            (found[0].also_noun and before in DETERMINERS) or (raw[at] == reading.words[at] and before in _NO_SUBJECTS)
        )
        if found is not None and not participle and not determined:
            return found
        if determined or (raw[at] not in grammar.lead_in and not raw[at].endswith("ly")):
            return None
        at += 1
    return None


def _next_clause(raw: list[str], at: int, end: int) -> int:
    """Return where the mark stands that ends a clause."""
    while at < end and not is_mark(raw[at]):
        at += 1
    return at


def _also(reading: Reading, raw: list[str], at: int, lexicon: Lexicon) -> None:
    """Note a later sentence that begins with what the tool does as well: "Triggers a build.".

    "Enables agents to ..." says what others may do with the result.
    """
    verb = lexicon.verbs.get(reading.words[at])
    if verb is None or not verb.strong or verb.category is Category.READ or raw[at] != verb.word + "s":
        return
    if at + 1 < len(raw) and raw[at + 1] in lexicon.grammar.prepositions:
        return  # "Stops after 30 seconds" says when the call ends
    if raw[at] not in lexicon.grammar.lead_in or "to" not in raw[at + 2 : at + 5]:
        reading.also.append((verb, at))


def _late(reading: Reading, raw: list[str], start: int, end: int, lexicon: Lexicon) -> None:
    """Find a verb after a noun phrase: "A search tool to check ...", "An API that deletes ..."."""
    for at in range(start + 1, min(end, start + 12)):
        if raw[at - 1] in {"to", "that", "which", "can", "will", "for"}:
            found = verb_at(reading.words, raw, at, end, lexicon)
            if found is not None and found[0].strong:
                reading.verbs.append(found)
                return


def _nominal(words: list[str], start: int, end: int, lexicon: Lexicon) -> tuple[int, str] | None:
    """Return the word with which a noun phrase names what comes back: "The most recent entries", "Current balance"."""
    for at in range(start, min(end, start + 4)):
        if words[at] in lexicon.grammar.nominal_reads:
            return at, "result"
        if words[at] not in DETERMINERS and words[at] != "most":
            return (at, "phrase") if at > start else None
    return None


def _foreign(reading: Reading, raw: list[str], lexicon: Lexicon) -> None:
    """Look for a verb of another language near the start."""
    for at, word in enumerate(raw[:8]):
        if word.isascii() and (at > 0 or word in lexicon.grammar.lead_in):
            continue  # an ASCII word may be Spanish or German, but only the first is worth the look
        for language in lexicon.languages.values():
            best: tuple[int, str] | None = None
            for english, stems in language.verbs.items():
                for stem in stems:
                    place = word.find(stem)
                    if place > 0 and language.match == "prefix":
                        continue
                    if place >= 0 and (best is None or place < best[0]):
                        best = (place, english)
            if best is not None:
                reading.verbs.append((lexicon.verbs[best[1]], at, at + 1))
                return
