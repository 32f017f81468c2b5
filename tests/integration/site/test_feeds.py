"""Feeds of changes can be read by feed readers, say what changed, and stay the same from build to build."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from catalog.view import ChangeKind, ChangeRow, Effect
from catalog_testing.catalogued import catalogued
from catalog_testing.index import MemoryIndex, indexed_change
from catalog_testing.view import LOOKED_AT, entry_row, memory_view, orchard
from classifier.verdict import Category, Level
from sitegen.feeds import catalogue_feeds, change_title, server_feeds
from sitegen.parts import SiteOptions

ATOM = "{http://www.w3.org/2005/Atom}"
PUBLISHED = SiteOptions(title="The Farm", base_url="https://farm.example/catalog/")
HOSTILE = "</title><script>alert(1)</script>&amp;\u202e\x1b\ud800]]>"

CHANGES = (
    indexed_change("prune", effect=Effect.RISK_RAISED, risk=Level.HIGH, risk_before=Level.LOW),
    indexed_change("graft", at=LOOKED_AT - timedelta(days=1), kind=ChangeKind.ADDED, risk=Level.LOW),
    indexed_change("fell", at=LOOKED_AT - timedelta(days=2), kind=ChangeKind.REMOVED, risk=Level.CRITICAL),
    indexed_change(
        "tend", at=LOOKED_AT - timedelta(days=3), effect=Effect.RISK_LOWERED, risk=Level.LOW, risk_before=Level.HIGH
    ),
    indexed_change(
        "weed", at=LOOKED_AT - timedelta(days=4), kind=ChangeKind.RENAMED, new_name="hoe", risk=Level.MEDIUM
    ),
    indexed_change("count", at=LOOKED_AT - timedelta(days=5), effect=Effect.COSMETIC, category=None, risk=None),
)


def files(options: SiteOptions = PUBLISHED, index: MemoryIndex | None = None) -> Mapping[str, bytes]:
    return dict(catalogue_feeds(index or MemoryIndex(changed=CHANGES), options))


def entries(feed: bytes) -> list[dict[str, str]]:
    """Return the entries of an Atom feed: title, link, id, updated."""
    return [
        {
            "title": entry.findtext(f"{ATOM}title") or "",
            "link": entry.findall(f"{ATOM}link")[0].attrib["href"],
            "id": entry.findtext(f"{ATOM}id") or "",
            "updated": entry.findtext(f"{ATOM}updated") or "",
        }
        for entry in ET.fromstring(feed).iter(f"{ATOM}entry")
    ]


def items(feed: bytes) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(feed)["items"]
    return found


def test_both_formats_have_the_same_changes_the_latest_first() -> None:
    atom, feed = entries(files()["changes/feed.xml"]), items(files()["changes/feed.json"])
    assert (
        [entry["title"] for entry in atom] == [item["title"] for item in feed] == [change_title(one) for one in CHANGES]
    )
    assert [entry["id"] for entry in atom] == [item["id"] for item in feed]
    assert [entry["link"] for entry in atom] == [item["url"] for item in feed]
    assert [datetime.fromisoformat(entry["updated"]) for entry in atom] == [change.at for change in CHANGES]


def test_titles_say_what_changed() -> None:
    assert [change_title(change) for change in CHANGES] == [
        "prune of orchard: its risk rose from Low to High",
        "graft was added to orchard, Low risk",
        "fell was removed from orchard",
        "tend of orchard: its risk fell from High to Low",
        "weed of orchard is now called hoe",
        "count of orchard: only its words changed",
    ]


def test_the_feed_of_high_risk_has_what_is_or_was_at_high_or_critical_risk() -> None:
    titles = [entry["title"].split()[0] for entry in entries(files()["changes/high-risk.xml"])]
    assert (
        titles
        == [str(item["title"]).split()[0] for item in items(files()["changes/high-risk.json"])]
        == ["prune", "fell", "tend"]
    )


def test_a_feed_has_what_atom_requires() -> None:
    feed = ET.fromstring(files()["changes/feed.xml"])
    links = {link.attrib["rel"]: link.attrib["href"] for link in feed.findall(f"{ATOM}link")}
    base = "https://farm.example/catalog/changes/"
    assert links == {"alternate": base, "self": f"{base}feed.xml"}
    assert feed.findtext(f"{ATOM}title") == "The Farm: changes"
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "The Farm"
    assert datetime.fromisoformat(feed.findtext(f"{ATOM}updated") or "") == LOOKED_AT
    identifiers = [feed.findtext(f"{ATOM}id"), *(entry["id"] for entry in entries(files()["changes/feed.xml"]))]
    assert all(str(identifier).startswith("urn:uuid:") for identifier in identifiers)
    assert len(set(identifiers)) == len(CHANGES) + 1


def test_without_an_address_of_the_site_links_are_relative_and_identifiers_are_still_whole() -> None:
    made = files(SiteOptions())
    assert entries(made["changes/feed.xml"])[0]["link"] == "../servers/orchard/prune/index.html"
    assert entries(made["changes/feed.xml"])[0]["id"].startswith("urn:uuid:")
    item = items(made["changes/feed.json"])[0]
    assert "url" not in item
    assert item["_catalog"]["path"] == "servers/orchard/prune/"  # type: ignore[index]
    assert b'rel="self"' not in made["changes/feed.xml"]


def test_equal_changes_give_equal_bytes_also_where_there_are_none() -> None:
    assert files() == files()
    assert files(index=MemoryIndex()) == files(index=MemoryIndex())
    assert entries(files(index=MemoryIndex())["changes/feed.xml"]) == []


def test_the_same_change_has_the_same_identifier_in_every_feed_of_a_site_and_another_on_another_site() -> None:
    (first, *_) = entries(files()["changes/feed.xml"])
    (high, *_) = entries(files()["changes/high-risk.xml"])
    (elsewhere, *_) = entries(files(replace(PUBLISHED, base_url="https://mill.example/"))["changes/feed.xml"])
    assert first["id"] == high["id"] != elsewhere["id"]


def test_a_long_history_does_not_make_a_long_feed() -> None:
    many = [replace(CHANGES[0], at=LOOKED_AT + timedelta(minutes=number)) for number in range(500)]
    feed = entries(files(index=MemoryIndex(changed=many))["changes/feed.xml"])
    assert len(feed) == 100
    assert datetime.fromisoformat(feed[0]["updated"]) == many[-1].at


@pytest.mark.parametrize("kind", ChangeKind)
def test_names_that_a_server_gives_stay_text(kind: ChangeKind) -> None:
    change = replace(CHANGES[0], name=HOSTILE, new_name=HOSTILE, server_title=HOSTILE, kind=kind)
    made = files(index=MemoryIndex(changed=[change]))
    (entry,) = entries(made["changes/feed.xml"])
    assert "</title><script>alert(1)</script>&amp;⟦U+202E⟧⟦U+001B⟧⟦U+D800⟧]]>" in entry["title"]
    feed = ET.fromstring(made["changes/feed.xml"])
    assert {node.tag.removeprefix(ATOM) for node in feed.iter()} == {
        "feed", "title", "link", "id", "updated", "author", "name", "entry", "published", "summary", "category",
    }  # fmt: skip
    assert items(made["changes/feed.json"])[0]["title"] == entry["title"]


def test_a_server_has_feeds_of_its_own_whose_links_lead_to_its_pages() -> None:
    history = (
        change("key_make", ChangeKind.CHANGED, effect=Effect.INTERFACE),
        change("key_bend", ChangeKind.RENAMED, new_key="key_list"),
        change("key_lose", ChangeKind.REMOVED),
    )
    (server,) = catalogued(replace(memory_view(orchard()), changes={"orchard": history}))
    made = dict(server_feeds(server, PUBLISHED))
    assert list(made) == ["servers/orchard/changes.xml", "servers/orchard/changes.json"]
    base = "https://farm.example/catalog/servers/orchard/"
    assert [(entry["title"], entry["link"]) for entry in entries(made["servers/orchard/changes.xml"])] == [
        ("key_make of orchard: its parameters, results or hints changed, its risk did not", f"{base}key-make/"),
        ("key_bend of orchard is now called key_list", f"{base}key-list/"),
        ("key_lose was removed from orchard", base),
    ]


def change(key: str, kind: ChangeKind, *, effect: Effect | None = None, new_key: str | None = None) -> ChangeRow:
    before, after = entry_row(key).definition, entry_row(new_key or key).definition
    return ChangeRow(
        server="orchard",
        key=key,
        at=LOOKED_AT,
        kind=kind,
        effect=effect,
        before=before,
        after=after,
        new_key=new_key,
        category=Category.READ,
        risk=Level.LOW,
        risk_before=Level.LOW,
    )
