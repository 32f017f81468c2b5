"""What a user passed with ``--env`` is in nothing that is kept."""

from catalog.crawl.redaction import DETAIL_LENGTH, Redaction
from catalog.model import Listed
from catalog_testing.samples import entry, listed_observation


def listing(description: str) -> Listed:
    outcome = listed_observation([entry("fetch_page", description=description)]).outcome
    assert isinstance(outcome, Listed)
    return outcome


def test_a_value_in_a_definition_is_taken_out_and_reported() -> None:
    listed = Redaction.of(["s3cr3t-value"]).listing(listing("Fetches with s3cr3t-value from the wiki."))
    assert listed.entries[0].definition.tool.description == "Fetches with *** from the wiki."
    assert [problem.where for problem in listed.problems] == ["fetch_page"]


def test_a_definition_without_a_value_is_kept_as_it_was() -> None:
    before = listing("Fetches a page.")
    assert Redaction.of(["s3cr3t-value"]).listing(before) == before


def test_a_value_that_holds_another_leaves_no_part_behind() -> None:
    assert Redaction.of(["wiki", "wiki-s3cr3t"]).words("I got wiki-s3cr3t") == "I got ***"


def test_switches_are_not_secrets() -> None:
    assert Redaction.of(["1", "on"]).words("1 is on") == "1 is on"


def test_of_long_last_words_the_end_is_kept_without_control_characters() -> None:
    kept = Redaction.of([]).words("x" * 5000 + "\x1b[31mthe cause")
    assert kept.endswith("[31mthe cause")
    assert "\x1b" not in kept
    assert len(kept) <= DETAIL_LENGTH + 1
