"""The pages of the latest changes."""

from datetime import timedelta

import pytest

from catalog.view import ChangeKind, Effect
from catalog_testing.built import words
from catalog_testing.index import MemoryIndex, indexed_change, indexed_server
from catalog_testing.listed import listed
from catalog_testing.view import LOOKED_AT
from classifier.verdict import Level
from sitegen.index import IndexedChange

RAISED = indexed_change(
    "gate_open", effect=Effect.RISK_RAISED, risk_before=Level.MEDIUM, at=LOOKED_AT - timedelta(days=2)
)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (indexed_change("sow", kind=ChangeKind.ADDED), "sow orchard added Write High"),
        (indexed_change("sow", kind=ChangeKind.REMOVED), "sow orchard removed Write High"),
        (indexed_change("sow", kind=ChangeKind.RENAMED, new_name="seed"), "sow orchard renamed to seed Write High"),
        (indexed_change("sow", effect=Effect.COSMETIC), "sow orchard other words, same verdict Write High"),
        (
            indexed_change("sow", effect=Effect.INTERFACE),
            "sow orchard other parameters, results or hints at the same risk Write High",
        ),
        (RAISED, "gate_open orchard risk raised from Medium Write High"),
        (
            indexed_change("sow", effect=Effect.RISK_LOWERED, risk_before=Level.CRITICAL),
            "sow orchard risk lowered from Critical Write High",
        ),
        (
            indexed_change("sow", category=None, risk=None),
            "sow orchard changed \N{EN DASH} \N{EN DASH}",
        ),
    ],
)
def test_each_kind_of_change_is_said_in_words(change: IndexedChange, says: str) -> None:
    assert listed(MemoryIndex((indexed_server(),), (), (change,))).rows("changes/") == [says]


def test_changes_stand_under_their_days_the_latest_first() -> None:
    index = MemoryIndex((indexed_server(),), (), (RAISED, indexed_change("sow"), indexed_change("reap")))
    site = listed(index)
    assert [words(node) for node in site.nodes("changes/", "section h2")] == ["2026-11-20", "2026-11-18"]
    assert len(site.rows("changes/", "#day-2026-11-20 tbody")) == 2
    assert "3 changes as of 2026-11-20" in " ".join(site.text("changes/", ".big").split())


def test_raised_risks_have_a_list_of_their_own() -> None:
    site = listed(MemoryIndex((indexed_server(),), (), (RAISED, indexed_change("sow"))))
    assert site.rows("changes/risk-raised/") == ["gate_open orchard risk raised from Medium Write High"]
    assert "1 of 2 changes" in site.text("changes/risk-raised/", ".big")
    assert site.text("changes/risk-raised/", '.choice [aria-current="true"]') == "Raised risks"


def test_at_most_five_hundred_changes_are_shown_a_hundred_a_page() -> None:
    many = [indexed_change(f"sow_{number:03}", at=LOOKED_AT - timedelta(minutes=number)) for number in range(520)]
    site = listed(MemoryIndex((indexed_server(),), (), many))
    pages = sorted(path for path in site.html if path.startswith("changes/") and "raised" not in path)
    assert pages == ["changes/", "changes/2/", "changes/3/", "changes/4/", "changes/5/"]
    assert [len(site.rows(path)) for path in pages] == [100] * 5
    assert site.rows("changes/5/")[-1].startswith("sow_499")
    assert "The latest 500 changes, page 5 of 5" in site.text("changes/5/")


def test_the_page_leads_to_the_feeds() -> None:
    links = [str(node.attributes["href"]) for node in listed(MemoryIndex()).nodes("changes/", ".lead .fine a")]
    assert links == ["feed.xml", "feed.json", "high-risk.xml"]


def test_without_a_change_the_page_says_when_there_will_be_one() -> None:
    site = listed(MemoryIndex((indexed_server(),)))
    assert "One is seen when a server is looked at again and lists something else." in site.text("changes/")
    assert "none raised the risk of a tool" in site.text("changes/risk-raised/")
