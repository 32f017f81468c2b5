"""Every rule finds what it says it finds, and leaves alone what it says it leaves alone."""

import pytest

from catalog.rules import load_ruleset
from classifier.rule import Rule
from classifier.ruletest import run_examples

RULESET = load_ruleset()


@pytest.mark.parametrize("rule", RULESET.rules, ids=[rule.id for rule in RULESET.rules])
def test_a_rule_fires_on_its_examples_and_on_none_of_its_counterexamples(rule: Rule) -> None:
    runs = list(run_examples(RULESET, rule))
    assert {run.promised for run in runs} == {True, False}
    assert [run.example.name for run in runs if not run.kept] == []
