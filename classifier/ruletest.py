"""Run the examples and counterexamples of rules: what they promise, and what the rules do."""

from collections.abc import Iterator
from dataclasses import dataclass

from classifier.classify import classify_server
from classifier.rule import Example, Rule
from classifier.ruleset import Ruleset
from classifier.verdict import Classification


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleRun:
    """One example of a rule, judged."""

    rule: Rule
    example: Example
    promised: bool
    """Whether the rule is to fire: on an example yes, on a counterexample no."""
    fired: bool
    verdict: Classification

    @property
    def kept(self) -> bool:
        """Say whether the rule does what it promises."""
        return self.fired is self.promised


def run_examples(ruleset: Ruleset, rule: Rule) -> Iterator[ExampleRun]:
    """Judge each example and counterexample of one rule by the whole ruleset, in the order of the file."""
    for promised, examples in ((True, rule.examples), (False, rule.counterexamples)):
        for example in examples:
            verdict = classify_server(ruleset, example.server())[0]
            fired = any(evidence.rule == rule.id for evidence in verdict.evidence)
            yield ExampleRun(rule=rule, example=example, promised=promised, fired=fired, verdict=verdict)
