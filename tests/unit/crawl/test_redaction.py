"""What a user passed with ``--env`` is in nothing that is kept."""

from dataclasses import replace

from catalog.crawl.redaction import DETAIL_LENGTH, Redaction
from catalog.model import Listed, Problem
from catalog_testing.samples import action, entry, listed_observation


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


def test_a_list_that_may_be_partial_stays_one() -> None:
    partial = replace(listing("Counts."), maybe_partial=True)
    assert Redaction.of(["s3cr3t-value"]).listing(partial) == partial


def test_a_value_is_in_nothing_else_that_a_server_said() -> None:
    leaky = replace(
        listing("Counts."),
        server_name="wiki of s3cr3t-value",
        server_version="1+s3cr3t-value",
        protocol_version="s3cr3t-value",
        entries=(action("s3cr3t-value"), entry("open_s3cr3t-value")),
        problems=(Problem(where="s3cr3t-value", message="the name 's3cr3t-value' came twice"),),
    )
    assert "s3cr3t" not in repr(Redaction.of(["s3cr3t-value"]).listing(leaky))


def test_names_that_only_values_told_apart_are_one_entry() -> None:
    both = replace(listing("Counts."), entries=(entry("open_first-one"), entry("open_second-one")))
    kept = Redaction.of(["first-one", "second-one"]).listing(both)
    assert [one.key for one in kept.entries] == ["open_***"]


def test_a_value_that_holds_another_leaves_no_part_behind() -> None:
    assert Redaction.of(["wiki", "wiki-s3cr3t"]).words("I got wiki-s3cr3t") == "I got ***"


def test_switches_are_not_secrets() -> None:
    assert Redaction.of(["1", "on"]).words("1 is on") == "1 is on"


def test_of_long_last_words_the_end_is_kept_without_control_characters() -> None:
    kept = Redaction.of([]).words("x" * 5000 + "\x1b[31mthe cause")
    assert kept.endswith("[31mthe cause")
    assert "\x1b" not in kept
    assert len(kept) <= DETAIL_LENGTH + 1
