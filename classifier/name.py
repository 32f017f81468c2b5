"""The verb of a tool's name: which of its words says what the tool does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from classifier.lexicon import Lexicon, Verb
from classifier.match import Place
from classifier.verdict import Category
from classifier.words import Token

# How much a candidate's circumstances say. A verb that the description repeats wins over its place in the name; a word
# that is also a noun counts as a verb only at the usual place or when the description agrees.
_STRONG_IN_PLACE = 6
_STRONG_ELSEWHERE = 4
_NOUN_IN_PLACE = 4
_NOUN_ELSEWHERE = 1
_WEAK_IN_PLACE = 2
_WEAK_ELSEWHERE = 0
_DESCRIPTION_AGREES = 4


@dataclass(frozen=True, slots=True)
class NameVerb:
    """The verb of a name and where it stands."""

    verb: Verb
    start: int
    end: int
    """The verb's span in the name."""
    sure: bool
    """False where the word stands where nouns stand and the description does not repeat it."""

    def place(self, field: str) -> Place:
        """Return where the verb stands, as evidence of ``field``."""
        return field, self.start, self.end


def name_verb(tokens: Sequence[Token], lexicon: Lexicon, said: frozenset[str], *, verb_last: bool) -> NameVerb | None:
    """Choose the verb of a name; ``said`` are the verbs the description begins with."""
    best: NameVerb | None = None
    best_score = -1
    count = len(tokens)
    skip = lexicon.grammar.boilerplate
    begin = 0
    while begin < count - 1 and (tokens[begin].word in skip or tokens[begin].word in lexicon.grammar.amounts):
        begin += 1
    finish = count
    while finish > begin + 1 and tokens[finish - 1].word in skip:
        finish -= 1
    if finish - begin > 1 and tokens[begin].word in lexicon.grammar.asking:
        first = lexicon.verbs[tokens[begin].word]
        return NameVerb(first, tokens[begin].start, tokens[begin].end, sure=True)
    at = begin
    while at < finish:
        found = None if tokens[at].glued else _longest(tokens, at, finish, lexicon)
        if found is None:
            at += 1
            continue
        verb, length = found
        in_place = (at + length == finish) if verb_last else (at == begin)
        score = _score(verb, in_place=in_place) + (_DESCRIPTION_AGREES if verb.word in said else 0)
        if score > best_score or (verb_last and score == best_score):
            sure = (
                not verb.also_noun
                or verb.word in said
                or (in_place and (verb.word in lexicon.grammar.rather_verbs or not _settled(said, lexicon)))
            )
            place = tokens[at].start, tokens[at + length - 1].end
            best, best_score = NameVerb(verb, *place, sure), score
        at += length
    return _rather_last(best, tokens[begin:finish], lexicon, said)


def _rather_last(
    best: NameVerb | None, own: Sequence[Token], lexicon: Lexicon, said: frozenset[str]
) -> NameVerb | None:
    """Prefer a verb at the end that changes something over a noun that could be a verb that reads: ``profile_update``.

    Only where the description does not settle it.
    """
    if best is None or said or best.verb.category is not Category.READ or not best.verb.also_noun:
        return best
    last = lexicon.verbs.get(own[-1].word)
    acts = last is not None and last.strong and last.category is not Category.READ
    if last is None or not acts:
        return best
    if last.also_noun and last.word not in lexicon.grammar.rather_verbs:
        return best
    return NameVerb(last, own[-1].start, own[-1].end, sure=True)


def joined_verbs(tokens: Sequence[Token], lexicon: Lexicon) -> Iterator[NameVerb]:
    """Yield the verbs that change something and that "and" or "or" joins to a verb before: ``scan_and_fix``."""
    for at in range(1, len(tokens) - 1):
        if tokens[at].word not in {"and", "or"} or tokens[at - 1].word not in lexicon.verbs:
            continue
        found = _longest(tokens, at + 1, len(tokens), lexicon)
        if found is not None and found[0].strong and found[0].category is not Category.READ:
            verb, length = found
            yield NameVerb(verb, tokens[at + 1].start, tokens[at + length].end, sure=True)


def _settled(said: frozenset[str], lexicon: Lexicon) -> bool:
    """Say whether the description begins with a verb that is no noun: "List the branches"."""
    return any((verb := lexicon.verbs[word]).strong and not verb.also_noun for word in said)


def _score(verb: Verb, *, in_place: bool) -> int:
    if not verb.strong:
        return _WEAK_IN_PLACE if in_place else _WEAK_ELSEWHERE
    if verb.also_noun:
        return _NOUN_IN_PLACE if in_place else _NOUN_ELSEWHERE
    return _STRONG_IN_PLACE if in_place else _STRONG_ELSEWHERE


def _longest(tokens: Sequence[Token], at: int, finish: int, lexicon: Lexicon) -> tuple[Verb, int] | None:
    for length in range(min(lexicon.longest.get(tokens[at].word, 1), finish - at), 1, -1):
        verb = lexicon.verbs.get(" ".join(token.word for token in tokens[at : at + length]))
        if verb is not None:
            return verb, length
    verb = lexicon.verbs.get(tokens[at].word)
    return (verb, 1) if verb is not None else None
