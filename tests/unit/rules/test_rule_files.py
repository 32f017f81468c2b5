"""What is wrong with a rule file is said with the file and what to do."""

import pytest

from classifier.errors import RuleError
from classifier.ruleset import Ruleset
from knowledge import documents

GOOD = """
id: trait/sings
status: stable
summary: Sings
why: It is heard.
match: {verb: [sing]}
contributes: [{trait: song}]
examples: [{name: sing_song}]
counterexamples: [{name: list_songs}]
"""


def parse(text: str, path: str = "trait/sings.yaml") -> Ruleset:
    return Ruleset.parse([*documents("rules"), (path, text)])


def test_a_rule_is_found_by_its_id() -> None:
    assert parse(GOOD).by_id["trait/sings"].summary == "Sings"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD.replace("id: trait/sings", "id: trait/hums"), "make them equal"),
        (GOOD.replace("sing]", "on]"), "put quotes around it"),
        (GOOD.replace("match:", "matches:"), "matches"),
        (GOOD.replace("{verb: [sing]}", "{}"), "at least one test"),
        (GOOD.replace("[sing]", "[$no-such-group]"), "no-such-group"),
        (GOOD.replace("counterexamples: [{name: list_songs}]", ""), "counterexamples"),
        (GOOD.replace("{trait: song}", "{trait: song, severity: High}"), "one of"),
        (GOOD.replace("{verb: [sing]}", "{category: [Write]}"), "runs last"),
        ("id: [", "not YAML"),
    ],
)
def test_a_wrong_rule_is_refused_with_what_to_do(text: str, told: str) -> None:
    with pytest.raises(RuleError, match=r"trait/sings\.yaml") as caught:
        parse(text)
    assert told in str(caught.value)
