"""The linter says what is wrong with a rule, and is quiet about the same rule done well."""

import pytest

from catalog.rulelint import lint
from catalog.rulelint.finding import Vocabulary
from classifier.ruleset import Ruleset
from knowledge import documents

GOOD = """
id: trait/sings
status: stable
summary: Sings a song
why: Everybody around hears it.
match: {verb: [play, speak], noun: [song, tune]}
contributes: [{trait: song}]
examples: [{name: play_song}]
counterexamples: [{name: list_songs}]
references: ["https://example.org/songs"]
"""

WORDS = {"play", "speak", "song", "tune", "jukebox", "music", "player", "a", "fetch"}
VOCABULARY = Vocabulary(
    ordinary=WORDS.__contains__,
    terms={"api": "interface between programs"},
    names=frozenset({"jukebox", "music player"}),
)


def found(text: str) -> set[str]:
    """Return the checks that object to the rule; what the shipped rules and lexicon say is left out."""
    files = dict(documents("rules")) | {"trait/sings.yaml": text}
    findings = lint(Ruleset.parse(files.items()), files, VOCABULARY)
    return {one.check for one in findings if one.path == "trait/sings.yaml"}


def test_a_good_rule_is_left_alone() -> None:
    assert found(GOOD) == set()


@pytest.mark.parametrize(
    ("right", "wrong", "check"),
    [
        ("Sings a song", "sings a song", "summary"),
        ("Sings a song", "Sings a song.", "summary"),
        ("Everybody around hears it.", "Sings a song.", "why"),
        ("[{name: play_song}]", "[{name: play_song}, {name: play_song}]", "same-example"),
        ("[{name: list_songs}]", "[{name: delete_page}]", "empty-counterexample"),
        ("https://", "http://", "reference"),
        ("[song, tune]", "[song, jukebox]", "proper-name"),
        ("[song, tune]", "[song, music player]", "proper-name"),
        ("[song, tune]", "[song, tuune]", "unknown-word"),
        ("[song, tune]", "[song, Tune]", "word-form"),
        ("[song, tune]", "[song, a_tune]", "word-form"),
        ("[song, tune]", "[song, song]", "listed-twice"),
        ("[song, tune]", "[song, tune], none: [{noun: [song, tune]}]", "never-holds"),
        ("[play, speak]", "[play, yodel]", "no-such-verb"),
    ],
)
def test_a_bad_rule_is_told_what_is_wrong(right: str, wrong: str, check: str) -> None:
    assert right in GOOD
    assert check in found(GOOD.replace(right, wrong, 1))


def test_two_rules_that_ask_for_the_same_are_one_too_many() -> None:
    files = dict(documents("rules")) | {
        "trait/sings.yaml": GOOD,
        "trait/yells.yaml": GOOD.replace("trait/sings", "trait/yells"),
    }
    findings = lint(Ruleset.parse(files.items()), files, VOCABULARY)
    assert [one.path for one in findings if one.check == "same-match"] == ["trait/yells.yaml"]


def test_a_finding_names_the_line_of_the_word() -> None:
    files = dict(documents("rules")) | {"trait/sings.yaml": GOOD.replace("tune]", "jukebox]")}
    (finding,) = [
        one for one in lint(Ruleset.parse(files.items()), files, VOCABULARY) if one.path == "trait/sings.yaml"
    ]
    assert files["trait/sings.yaml"].splitlines()[finding.line - 1].startswith("match:")


def test_a_word_that_every_list_shares_is_a_name_unless_it_is_explained() -> None:
    explained = Vocabulary(ordinary=WORDS.__contains__, terms={"jukebox": "box that plays"}, names=VOCABULARY.names)
    files = dict(documents("rules")) | {"trait/sings.yaml": GOOD.replace("tune]", "jukebox]")}
    findings = lint(Ruleset.parse(files.items()), files, explained)
    assert [one.check for one in findings if one.path == "trait/sings.yaml"] == []
