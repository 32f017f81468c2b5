"""The verbs of a sentence: the one at a place, and those that a conjunction puts beside it.

``words`` are base forms and ``raw`` the words as written, of the same length; every number is an index into both.
"""

from collections.abc import Iterator

from classifier.lexicon import Lexicon, Verb
from classifier.verdict import Category
from classifier.words import MARKS

VerbAt = tuple[Verb, int, int]
"""A verb, its first word and the word after it."""

# After these, a word that may be a noun is one: "one lease", "the update".
DETERMINERS = frozenset(
    {"a", "an", "the", "one", "this", "your", "its", "all", "each", "every", "any", "current", "new"}
)
OBJECT_BEGINS = DETERMINERS | {"it", "them", "their", "every", "these", "those"}

# Verbs that one head can list.
_MOST_BESIDE = 8
# Words such as "then" or "optionally" between a conjunction and its verb.
_MOST_BETWEEN = 4
# After these, what looks like a verb was a noun: "call to ...", "use of ...", "read only".
_AFTER_NOUN = frozenset({"to", "of", "only", "for", "that", "tool", "-", " - "})
_CONJUNCTIONS = frozenset({"and", "or", "then"})
_SUBORDINATES = frozenset({"that", "which", "who", "whose", "whom", "where", "when", "if", "how", "because", "while"})


def is_mark(word: str) -> bool:
    """Say whether a word of ``WORD.findall`` is a mark: it ends a clause or a sentence."""
    # Line ends and most marks sort before "0", and every word after it.
    return word < "0" or word in MARKS


def verb_at(words: list[str], raw: list[str], at: int, end: int, lexicon: Lexicon) -> VerbAt | None:
    """Return the longest verb that begins at ``at``."""
    for length in range(min(lexicon.longest.get(words[at], 1), end - at), 0, -1):
        verb = lexicon.verbs.get(" ".join(words[at : at + length]) if length > 1 else words[at])
        if verb is None:
            continue
        if length == 1 and raw[at] in lexicon.grammar.lead_in and at + 1 < end and raw[at + 1] in _AFTER_NOUN:
            return None
        return verb, at, at + length
    return None


def beside(words: list[str], raw: list[str], first: VerbAt, end: int, lexicon: Lexicon) -> Iterator[VerbAt]:
    """Yield the first verb and those that stand beside it: "create, update or delete"."""
    yield first
    at = first[2]
    for _ in range(_MOST_BESIDE - 1):
        if at >= end or raw[at] not in {",", "or", "and", "/", "and/or", "("}:
            return
        at += 1
        if at < end and raw[at] in {"or", "and", "then", "optionally", "also", "permanently", "immediately"}:
            at += 1
        found = verb_at(words, raw, at, end, lexicon) if at < end else None
        if found is None or (found[0].also_noun and not _takes_object(raw, found[2], end)):
            return
        yield found
        at = found[2]


def joined(words: list[str], raw: list[str], head: list[VerbAt], end: int, lexicon: Lexicon) -> Iterator[VerbAt]:
    """Yield what the tool does as well, after the object of the head's verbs: "Lists entries and purges them".

    Such a verb has the form of the head's first and its own object; behind "to" or "that" something else does it.
    """
    after = head[-1][2]
    if _CONJUNCTIONS.isdisjoint(raw[after : max(after, end - 2)]):
        return
    verb, start, _ = head[0]
    base_form = raw[start] == verb.word.split(" ", 1)[0]
    for at in range(after, end - 2):
        if raw[at] in _SUBORDINATES or (raw[at] == "to" and words[at + 1] in lexicon.verbs):
            return
        if raw[at] not in _CONJUNCTIONS or raw[at] in lexicon.grammar.negations:
            continue
        begin = at + 1
        last = min(end - 1, begin + _MOST_BETWEEN)
        while begin < last and (raw[begin] in {"then", "also", "optionally"} or raw[begin].endswith("ly")):
            begin += 1
        found = verb_at(words, raw, begin, end, lexicon)
        if found is None or found[2] >= end or raw[found[2]] not in OBJECT_BEGINS:
            continue
        if found[0].strong and found[0].category is not Category.READ and (raw[begin] == words[begin]) == base_form:
            yield found


def _takes_object(raw: list[str], at: int, end: int) -> bool:
    return at < end and (
        raw[at] in {"a", "an", "the", "this", "it", "them", "all", "or", "and", ","} or not is_mark(raw[at])
    )
