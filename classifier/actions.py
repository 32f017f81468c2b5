"""The actions that a tool's selector arguments offer: ``action: list | create | delete``."""

import re
from collections.abc import Iterator, Sequence

from classifier.lexicon import Lexicon
from classifier.match import Place
from classifier.name import NameVerb, name_verb
from classifier.reading import Reading
from classifier.schema import Property
from classifier.verdict import Category
from classifier.words import tokens

Action = tuple[Category, Place]
"""What one value of a selector does, and where it stands."""

# Values that prose lists: quoted, in backticks, or hyphenated words such as ``create-job``.
_QUOTED = re.compile(r"['\"`]([A-Za-z][\w-]{1,40})['\"`]|(?<![\w-])([a-z]+-[a-z-]{2,40})\b")
MAX_LISTED = 2_000
"""How many characters of a parameter's description are read."""

# Methods that every enum of HTTP methods has (RFC 9110, section 9).
_HTTP_METHODS = frozenset({"get", "post"})


def actions(
    inputs: Sequence[Property], verb: NameVerb | None, reading: Reading, lexicon: Lexicon
) -> tuple[Action, ...]:
    """Return the actions that selector arguments offer: at least two values that are verbs."""
    found: list[Action] = []
    for one, values in _selectors(inputs, lexicon):
        if describes(values, verb, reading, lexicon):
            continue
        offered: list[Action] = []
        changing = certain = 0
        for value in values:
            words = tokens(value)
            meant = name_verb(words, lexicon, frozenset(), verb_last=False) if words else None
            if meant is not None and meant.verb.strong and meant.sure:
                offered.append((meant.verb.category, (f"value:{one.name}\0{value}", 0, len(value))))
                if meant.verb.category is not Category.READ:
                    changing += 1
                    certain += not meant.verb.also_noun or len(words) > 1
        # One doubtful word among reads ("link") names a kind of read; a mode is more often a way than an action.
        if len(offered) > 1 and (changing > 1 or (certain and one.key != "mode") or not changing):
            found += offered
    return tuple(found)


def _selectors(inputs: Sequence[Property], lexicon: Lexicon) -> Iterator[tuple[Property, Sequence[str]]]:
    """Yield each selector argument with its values.

    Where a schema has one branch an action, each branch states its selector anew, with a constant: ``oneOf`` of
    ``{operation: {const: "get-team"}}``. These are read as one selector, also one level down.
    """
    branches: dict[tuple[str, int], list[Property]] = {}
    for one in inputs:
        if one.key in lexicon.grammar.selectors:
            if len(one.values) == 1 and one.depth <= 1:
                branches.setdefault((one.name, one.depth), []).append(one)
            elif one.depth == 0:
                yield one, one.values or _listed(one.description)
    for same in branches.values():
        yield same[0], tuple(dict.fromkeys(value for one in same for value in one.values))


def describes(values: Sequence[str], verb: NameVerb | None, reading: Reading, lexicon: Lexicon) -> bool:
    """Say whether the values describe a thing instead of choosing what the tool does.

    Where name and description agree that the tool only looks something up, the values say what is looked for: "list the
    events whose action is delete". Where the name says that it makes a record, HTTP methods are what the record holds.
    A selector that offers the tool's own verb chooses all the same.
    """
    if verb is None or not verb.sure:
        return False
    words = {token.word for value in values for token in tokens(value)[:1]}
    if verb.verb.word in words:
        return False
    if verb.verb.word in lexicon.grammar.looking:
        changing = [said for said, _, _ in (*reading.verbs, *reading.joined) if said.category is not Category.READ]
        return bool(reading.verbs) and not changing
    return verb.verb.word in lexicon.grammar.recording and words >= _HTTP_METHODS


def _listed(description: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(quoted or plain for quoted, plain in _QUOTED.findall(description[:MAX_LISTED])))
