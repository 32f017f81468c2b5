"""What to expect elsewhere: judge each fold of servers by rules that only the other folds could have taught.

Hand-written rules cannot be trained again. What can be done is to take away, for each fold, every rule, or every
single word of every rule, that nothing on the other folds' tools asks for: a word that no tool there uses would hardly
have been thought of. The figures are a lower bound, since many words were written from the dictionary.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import yaml

from catalog.evaluation.judged import Judged, judge_labelled
from catalog.evaluation.labels import Labelled
from classifier.ruleset import Ruleset

Prune = Literal["rules", "words"]

_NEVER = "zzzzzz"
"""Stands in a list that has lost all its words, so that the test fails instead of vanishing."""
_LISTS = frozenset({"verb", "noun", "object", "first", "says", "param", "flag", "free", "output", "also", "joined"})
_WORD = re.compile(r"[a-z0-9]+|[^\W\x00-\u024f]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def folds_of(rows: Sequence[Labelled], count: int) -> list[set[str]]:
    """Deal the servers, largest first, to ``count`` folds of about equally many tools."""
    sizes: dict[str, int] = {}
    for row in rows:
        sizes[row.server] = sizes.get(row.server, 0) + 1
    folds: list[set[str]] = [set() for _ in range(count)]
    filled = [0] * count
    for server in sorted(sizes, key=lambda one: (-sizes[one], one)):
        smallest = filled.index(min(filled))
        folds[smallest].add(server)
        filled[smallest] += sizes[server]
    return folds


def judge_folds(rows: Sequence[Labelled], documents: Mapping[str, str], count: int, prune: Prune) -> list[Judged]:
    """Judge every row by rules from which all is gone that the other folds do not ask for; in the order of ``rows``."""
    full = Ruleset.parse(documents.items())
    found: dict[str, Judged] = {}
    for fold in folds_of(rows, count):
        others = [row for row in rows if row.server not in fold]
        fired = {one.rule for judged in judge_labelled(others, full) for one in judged.verdict.evidence}
        words = _words(others, full) if prune == "words" else None
        pruned = Ruleset.parse(_pruned(documents, fired, full, words))
        for judged in judge_labelled([row for row in rows if row.server in fold], pruned):
            found[judged.labelled.id] = judged
    return [found[row.id] for row in rows]


def _pruned(
    documents: Mapping[str, str], fired: set[str], full: Ruleset, words: frozenset[str] | None
) -> list[tuple[str, str]]:
    base = {*full.usual.values(), full.fallback}
    kept: list[tuple[str, str]] = []
    for path, text in documents.items():
        rule = path.removesuffix(".yaml")
        if not path.startswith("lexicon/") and rule not in fired | base:
            continue
        if words is None or rule in base or path in {"lexicon/grammar.yaml", "lexicon/languages.yaml"}:
            kept.append((path, text))
            continue
        data = yaml.safe_load(text)
        if path == "lexicon/verbs.yaml":
            data = {name: {k: _left(v, words, full) for k, v in group.items()} for name, group in data.items()}
        elif path == "lexicon/nouns.yaml":
            data = {name: _left(group, words, full) for name, group in data.items()}
        elif not path.startswith("lexicon/"):
            data["match"] = _condition(data["match"], words, full)
        kept.append((path, yaml.safe_dump(data, allow_unicode=True)))
    return kept


def _condition(condition: dict[str, Any], words: frozenset[str], full: Ruleset) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in condition.items():
        if key in {"all", "any", "none"}:
            found[key] = [_condition(inner, words, full) for inner in value]
        else:
            found[key] = _left(value, words, full) if key in _LISTS else value
    return found


def _left(stated: Sequence[str], words: frozenset[str], full: Ruleset) -> list[str]:
    left = [one for one in stated if one.startswith("$") or _parts(one, full) <= words]
    return left or [_NEVER]


def _parts(text: str, full: Ruleset) -> set[str]:
    return {full.forms.get(part, part) for part in _WORD.findall(text.lower())}


def _words(rows: Sequence[Labelled], full: Ruleset) -> frozenset[str]:
    """Return every word of names, texts and arguments, in its base form."""
    found: set[str] = set()
    for row in rows:
        tool = row.tool
        stated = yaml.safe_dump([dict(tool.input_schema), dict(tool.output_schema)], allow_unicode=True)
        for text in (tool.name, tool.title, tool.description, stated):
            found |= _parts(_CAMEL.sub(" ", text), full)
    return frozenset(found)
