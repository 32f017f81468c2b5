"""Pages say what changed: a tool's history, a server's changes, and pages of tools that are gone or renamed."""

from dataclasses import replace
from datetime import timedelta
from pathlib import PurePosixPath

import pytest

from catalog.model import Definition
from catalog.view import ChangeKind, ChangeRow, Effect, RemovedRow
from catalog_testing.built import Built, built, words
from catalog_testing.view import LOOKED_AT, memory_view, orchard
from classifier.verdict import Category, Level

HOME = "servers/orchard/"
KEY_MAKE = "servers/orchard/key-make/"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    later = LOOKED_AT + timedelta(days=9)
    old = Definition(raw={"name": "key_forge", "description": f"Makes a key. {HOSTILE}"})
    burnt = Definition(raw={"name": "tree_burn", "description": "Burns a tree."})
    made = Definition(raw={"name": "key_make"})

    def change(kind: ChangeKind, key: str, days: int, **facts: object) -> ChangeRow:
        at = LOOKED_AT + timedelta(days=days)
        return ChangeRow(server="orchard", key=key, at=at, kind=kind, **facts)  # type: ignore[arg-type]  # fields by name

    history = [
        change(
            ChangeKind.CHANGED, "key_make", 9, effect=Effect.RISK_RAISED, before=made, after=made, risk=Level.MEDIUM,
            risk_before=Level.LOW,
        ),
        change(ChangeKind.REMOVED, "tree_burn", 9, before=burnt, category=Category.DELETE, risk=Level.HIGH),
        change(ChangeKind.RENAMED, "key_forge", 5, before=old, after=made, new_key="key_make"),
    ]  # fmt: skip
    gone = [
        RemovedRow(
            server="orchard", key="key_forge", definition=old, dispatch=None, first_seen=LOOKED_AT,
            last_seen=LOOKED_AT, removed_at=LOOKED_AT + timedelta(days=5), new_key="key_make",
        ),
        RemovedRow(
            server="orchard", key="tree_burn", definition=burnt, dispatch=None, first_seen=LOOKED_AT,
            last_seen=LOOKED_AT, removed_at=later, category=Category.DELETE, risk=Level.HIGH,
        ),
    ]  # fmt: skip
    view = replace(memory_view(orchard()), changes={"orchard": history}, gone={"orchard": gone})
    return built(view, tmp_path_factory.mktemp("site") / "out")


def linked(site: Built, name: str) -> str:
    """Return the page that the server's list of changes leads to for a name."""
    link = next(node for node in site.page(HOME).css(".changes a") if words(node) == name)
    return str(PurePosixPath(HOME + str(link.attributes["href"])).parent)


def test_a_tool_tells_its_own_changes_the_latest_first(site: Built) -> None:
    assert [words(line) for line in site.page(KEY_MAKE).css("#history .changes li")] == [
        "2026-11-29 The risk rose from Low to Medium. Medium",
        "2026-11-25 Renamed; it was called key_forge, with the same definition.",
    ]
    assert "First seen in this form" in site.text(KEY_MAKE, "#history")
    assert "Nothing in its definition has changed" in site.text("servers/orchard/key-list/", "#history")


def test_a_server_tells_all_changes_and_has_a_feed_of_them(site: Built) -> None:
    assert [words(line) for line in site.page(HOME).css("#changes .changes li")] == [
        "2026-11-29 key_make The risk rose from Low to Medium. Medium",
        "2026-11-29 tree_burn Removed. High",
        "2026-11-25 key_make Renamed; it was called key_forge, with the same definition.",
    ]
    assert site.part(HOME, '#changes a[type="application/atom+xml"]').attributes["href"] == "changes.xml"
    assert site.text(HOME, ".sparkline figcaption") == "From 5 entries on 2026-11-20 to 4 on 2026-11-29"
    assert len(site.page(HOME).css(".sparkline polyline")) == 1


def test_a_removed_tool_leaves_a_page_that_says_so(site: Built) -> None:
    path = linked(site, "tree_burn")
    text = site.text(path)
    assert "The list of orchard that was taken on 2026-11-29 did not have it any more." in text
    assert site.text(path, ".badges") == "Removed last judged Delete, High risk"
    facts = {words(row.css("dt")[0]): words(row.css("dd")[0]) for row in site.page(path).css(".facts dl > div")}
    assert (facts["Last seen"], facts["Removed"]) == ("2026-11-20", "2026-11-29")
    assert facts["Risk"] == "High as last judged"
    assert site.page(path).css('a[href="../../../servers/orchard/index.html"]')
    assert not site.page(path).css('meta[http-equiv="refresh"]')
    assert site.part(path, 'meta[name="robots"]').attributes["content"] == "noindex"


def test_a_renamed_tool_leads_to_its_new_page_without_a_script(site: Built) -> None:
    path = next(page for page in site.directory.glob("servers/orchard/key-forge*"))
    folder = path.relative_to(site.directory).as_posix()
    refresh = site.part(folder, 'meta[http-equiv="refresh"]').attributes["content"]
    assert refresh == "0; url=../../../servers/orchard/key-make/index.html"
    assert "It has the name key_make now, with the same definition." in site.text(folder)
    assert site.part(folder, ".says a").attributes["href"] == "../../../servers/orchard/key-make/index.html"


def test_what_a_gone_tool_said_is_text(site: Built) -> None:
    path = next(page for page in site.directory.glob("servers/orchard/key-forge*"))
    folder = path.relative_to(site.directory).as_posix()
    assert HOSTILE in site.part(folder, "blockquote").text()
    ours = [node.attributes.get("src") or node.attributes["type"] for node in site.page(folder).css("script")]
    assert ours == ["../../../assets/site.js", "application/ld+json"]
