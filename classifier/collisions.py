"""Names that several servers share or nearly share: a client, a person or a model may take one tool for another.

An equal name is a fact and nothing hostile: clients resolve it differently. A name that looks like another server's
is how a tool impersonates one. Names are grouped by hashes and never compared each with each.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from classifier.lexicon import inflections
from classifier.words import tokens

SHORTEST = 10
"""Characters without separators from which on one edit is a slip or a disguise rather than another word."""

_SHORT_WORD = 3
# A bucket with more forms than this is a family of names; those of the most servers are compared.
_MOST_FORMS = 64
# One edit in a name of SHORTEST characters leaves the first four or the last five as they are.
_HEAD, _TAIL = 4, 5

_ASCII_SEPARATORS = str.maketrans("", "", " -_./:\\")
_DIGITS = re.compile(r"\d+")

# Letters that look like Latin ones in most fonts (Unicode TR39's confusables, those of Cyrillic and Greek), in pairs.
_FOREIGN = (
    "аaвbсcԁdеeғfһhіiјjкkӏlмmоoрpԛqѕsтtуyѵvԝwхxАAВBСCЕEНHІlЈJКKМMОOРPԚQЅSТTУYХX"
    "αaβbεeιiκkνvοoρpτtυuχxΑAΒBΕEΖZΗHΙlΚKΜMΝNΟOΡPΤTΥYΧX"
)
_LETTERS = str.maketrans(
    {**dict(zip(_FOREIGN[::2], _FOREIGN[1::2], strict=True)), "I": "l", "1": "l", "|": "l", "0": "o"}
)


class CollisionKind(StrEnum):
    """How two names collide."""

    SAME = "same-name"
    CONFUSABLE = "confusable-name"
    """They differ in characters that look alike."""
    NEAR = "near-name"
    """They are one edit apart, and at least one of the differing words is none that names commonly use."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Use:
    """A name, and the servers that use it."""

    name: str
    """As published: untrusted, escape before showing."""
    servers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collision:
    """Names of several servers that are, or look, the same."""

    kind: CollisionKind
    uses: tuple[Use, ...]
    """One for ``same-name``, else two or more; by name."""

    @property
    def servers(self) -> tuple[str, ...]:
        """Return the servers that take part."""
        return tuple(sorted({server for use in self.uses for server in use.servers}))


def collisions(names: Mapping[str, Iterable[str]], vocabulary: Collection[str]) -> tuple[Collision, ...]:
    """Return the collisions between the tools of different servers, by kind and name.

    Names that differ in case or separators alone (``listIssues``, ``list_issues``) are the same words, no collision.

    Args:
        names: The tools' names by server.
        vocabulary: Ordinary words, lower case; words that names of two servers use count as ordinary as well.
    """
    on: dict[str, set[str]] = defaultdict(set)
    for server, of_server in names.items():
        for name in of_server:
            on[name].add(server)
    uses = {name: Use(name=name, servers=tuple(sorted(on[name]))) for name in sorted(on)}
    ordinary = _ordinary(uses.values(), vocabulary)
    return (
        *(Collision(kind=CollisionKind.SAME, uses=(use,)) for use in uses.values() if len(use.servers) > 1),
        *_confusable(uses.values(), ordinary),
        *_near(uses.values(), ordinary),
    )


def same_words(name: str) -> str:
    """Return a name without case and separators: what two names share that differ in style alone."""
    return name.translate(_ASCII_SEPARATORS).casefold()


def skeleton(name: str) -> str:
    """Return what a name looks like: equal for names that a reader cannot tell apart.

    A capital I looks like l and a small i does not, so letters are folded before case.
    """
    if not name.isascii():
        name = "".join(one for one in unicodedata.normalize("NFKC", name) if unicodedata.category(one) != "Cf")
    return same_words(name.translate(_LETTERS)).replace("rn", "m").replace("vv", "w")


def _ordinary(uses: Iterable[Use], vocabulary: Collection[str]) -> set[str]:
    """Return the words of the vocabulary, and those that names of two servers use."""
    first: dict[str, str] = {}
    found = set(vocabulary)
    for use in uses:
        for token in tokens(use.name):
            if token.word not in found and (
                len(use.servers) > 1 or first.setdefault(token.word, use.servers[0]) != use.servers[0]
            ):
                found.add(token.word)
    return found


def _confusable(uses: Iterable[Use], ordinary: set[str]) -> Iterator[Collision]:
    groups: dict[str, list[Use]] = defaultdict(list)
    for use in uses:
        groups[skeleton(use.name)].append(use)
    for group in groups.values():
        if len(group) < 2 or len({same_words(use.name) for use in group}) < 2:
            continue
        found = Collision(kind=CollisionKind.CONFUSABLE, uses=tuple(group))
        if len(found.servers) > 1 and not _all_ordinary(group, ordinary):
            yield found


def _all_ordinary(group: Iterable[Use], ordinary: set[str]) -> bool:
    """Say whether every name is ASCII and of ordinary words alone, such as ``modem`` and ``modern``."""
    return all(use.name.isascii() and all(one.word in ordinary for one in tokens(use.name)) for use in group)


def _near(uses: Iterable[Use], ordinary: set[str]) -> Iterator[Collision]:
    forms: dict[str, list[Use]] = defaultdict(list)
    for use in uses:
        # Numbers and versions are no edits: they all become one digit.
        form = _DIGITS.sub("0", same_words(use.name))
        if len(form) >= SHORTEST:
            forms[form].append(use)
    found = []
    for one, other in set(_one_edit_apart(forms)):
        both = Collision(kind=CollisionKind.NEAR, uses=tuple(sorted(forms[one] + forms[other])))
        if len(both.servers) > 1 and _suspect(forms[one][0].name, forms[other][0].name, ordinary):
            found.append(both)
    yield from sorted(found, key=lambda collision: collision.uses)


def _one_edit_apart(forms: Mapping[str, list[Use]]) -> Iterator[tuple[str, str]]:
    """Yield the pairs that one insertion, deletion, substitution or swap of neighbours turns into each other.

    Two such names share a string that is either without one character. These strings are many, so only those of names
    with the same head, or the same tail, are held at a time.
    """
    by_head: dict[str, list[str]] = defaultdict(list)
    by_tail: dict[str, list[str]] = defaultdict(list)
    for form in forms:
        by_head[form[:_HEAD]].append(form)
        by_tail[form[-_TAIL:]].append(form)
    for groups, first, last in ((by_head, _HEAD, None), (by_tail, 0, _HEAD + 1)):
        for group in groups.values():
            if len(group) < 2:
                continue
            shortened: dict[str, set[str]] = defaultdict(set)
            for form in group:
                shortened[form].add(form)
                for at in range(first, len(form) if last is None else last):
                    shortened[form[:at] + form[at + 1 :]].add(form)
            for bucket in shortened.values():
                if len(bucket) > 1:
                    yield from _pairs(bucket, forms)


def _pairs(bucket: set[str], forms: Mapping[str, list[Use]]) -> Iterator[tuple[str, str]]:
    ranked = sorted(bucket, key=lambda form: (-sum(len(use.servers) for use in forms[form]), form))
    for one, other in combinations(sorted(ranked[:_MOST_FORMS]), 2):
        if _is_one_edit(*sorted((one, other), key=len)):
            yield one, other


def _is_one_edit(short: str, long: str) -> bool:
    start = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[start:] == long[start + 1 :]
    swapped = short[start + 1 : start + 2] + short[start : start + 1] + short[start + 2 :]
    return short[start + 1 :] == long[start + 1 :] or swapped == long[start:]


def _suspect(one: str, other: str, ordinary: set[str]) -> bool:
    """Say whether the one word in which two names differ is a slip or a disguise rather than another word."""
    if skeleton(one) == skeleton(other):
        return False
    words, others = ([token.word for token in tokens(name)] for name in (one, other))
    if len(words) != len(others):
        return False
    differing = [(a, b) for a, b in zip(words, others, strict=True) if a != b]
    if len(differing) != 1:
        return False
    ((a, b),) = differing
    return not (
        min(len(a), len(b)) <= _SHORT_WORD
        or _DIGITS.sub("", a) == _DIGITS.sub("", b)
        or (a in ordinary and b in ordinary)
        or b in inflections(a)
        or a in inflections(b)
    )
