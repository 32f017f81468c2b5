"""The words and the rules fit together: what a rule asks for can be found, and a verb has one meaning."""

from collections import Counter
from collections.abc import Iterator

import yaml

from catalog.rules import load_ruleset
from classifier.rule import Condition
from knowledge import documents

RULESET = load_ruleset()


def verbs_asked_for(condition: Condition) -> Iterator[str]:
    yield from (verb for verb in condition.verb if not verb.startswith("$"))
    for inner in (*condition.all, *condition.any, *condition.none):
        yield from verbs_asked_for(inner)


def test_every_verb_that_a_rule_asks_for_is_a_verb_of_the_lexicon() -> None:
    asked = {(rule.id, verb) for rule in RULESET.rules for verb in verbs_asked_for(rule.match)}
    assert {(rule, verb) for rule, verb in asked if verb not in RULESET.lexicon.verbs} == set()


def test_no_verb_is_listed_twice() -> None:
    text = dict(documents("rules"))["lexicon/verbs.yaml"]
    listed = Counter(word for group in yaml.safe_load(text).values() for words in group.values() for word in words)
    assert [word for word, times in listed.items() if times > 1] == []
