"""Every rule finds what it says it finds, and leaves alone what it says it leaves alone."""

import pytest

from catalog.rules import load_ruleset
from classifier.classify import classify_server
from classifier.rule import Example, Rule

RULESET = load_ruleset()
EXAMPLES = [(rule, example) for rule in RULESET.rules for example in rule.examples]
COUNTEREXAMPLES = [(rule, example) for rule in RULESET.rules for example in rule.counterexamples]


def rules_that_fired(example: Example) -> set[str]:
    return {one.rule for one in classify_server(RULESET, example.server())[0].evidence}


def named(case: tuple[Rule, Example]) -> str:
    rule, example = case
    return f"{rule.id}-{example.name}"


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=[named(case) for case in EXAMPLES])
def test_an_example_fires_its_rule(rule: Rule, example: Example) -> None:
    assert rule.id in rules_that_fired(example)


@pytest.mark.parametrize(("rule", "example"), COUNTEREXAMPLES, ids=[named(case) for case in COUNTEREXAMPLES])
def test_a_counterexample_does_not_fire_its_rule(rule: Rule, example: Example) -> None:
    assert rule.id not in rules_that_fired(example)
