"""What the tools of one server have in common: the prefix of their names, where the verb stands, what undoes what."""

from collections import Counter, defaultdict
from collections.abc import Container, Sequence

from classifier.compounds import split_compounds
from classifier.definition import Tool
from classifier.lexicon import Lexicon
from classifier.text import Text, read
from classifier.words import Token, tokens

# A word in this share of the names says nothing about a single tool.
COMMON_SHARE = 0.8
# Fewer names than this show no habit.
ENOUGH_NAMES = 3


class Server:
    """The context that a tool is judged in."""

    def __init__(self, tools: Sequence[Tool], lexicon: Lexicon, known: Container[str]) -> None:
        """Read the names; ``known`` are the words that the rules and the lexicon know."""
        self.lexicon = lexicon
        self.names: list[Text] = [read(tool.name) for tool in tools]
        heads = lexicon.grammar.compound_heads
        split = [split_compounds(tokens(text.plain), heads, known) for text in self.names]
        self.tokens: list[list[Token]] = split
        self._common = _common(split, lexicon)
        self.verb_last = _verb_last([self.own_tokens(position) for position in range(len(split))], lexicon)
        self.all_names = frozenset(text.lower for text in self.names)
        self.sibling_names = frozenset(text.lower for text in self.names if "_" in text.lower)
        self._by_noun: dict[frozenset[str], list[tuple[str, str]]] = defaultdict(list)

    def own_tokens(self, position: int) -> list[Token]:
        """Return the words of one name without those that nearly all names of the server share."""
        name = self.tokens[position]
        if not self._common:
            return name
        return [token for token in name if token.word not in self._common] or name

    def add(self, nouns: frozenset[str], verb: str, name: str) -> None:
        """Remember what one tool does to which nouns."""
        self._by_noun[nouns].append((verb, name))

    def inverse(self, nouns: frozenset[str], verb: str, name: str) -> str | None:
        """Return the sibling that undoes ``verb`` on the same nouns, or None."""
        undone_by = self.lexicon.undone_by.get(verb)
        if not undone_by:
            return None
        for other, sibling in self._by_noun.get(nouns, ()):
            if other in undone_by and sibling != name:
                return sibling
        return None


def _common(names: list[list[Token]], lexicon: Lexicon) -> frozenset[str]:
    if len(names) < ENOUGH_NAMES:
        return frozenset()
    counts = Counter(word for name in names for word in {token.word for token in name})
    return frozenset(
        word for word, count in counts.items() if count >= COMMON_SHARE * len(names) and word not in lexicon.verbs
    )


def _is_verb(token: Token, lexicon: Lexicon) -> bool:
    verb = lexicon.verbs.get(token.word)
    return verb is not None and verb.strong and not verb.also_noun


def _verb_last(names: list[list[Token]], lexicon: Lexicon) -> bool:
    first = last = 0
    for name in names:
        if len(name) < 2:
            continue
        starts, ends = (_is_verb(token, lexicon) for token in (name[0], name[-1]))
        first += starts and not ends
        last += ends and not starts
    return last > first
