"""Pages about many servers: home, servers, products, risks and categories."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from catalog_testing.built import words
from catalog_testing.index import MemoryIndex, indexed_change, indexed_entry, indexed_server
from catalog_testing.listed import Listed, Settings, listed, parts_of
from catalog_testing.view import LOOKED_AT
from classifier.verdict import Category, Level
from sitegen.index import IndexedEntry
from sitegen.pages.ranked import ranked_pages
from sitegen.parts import SiteOptions

# What a table shows where nothing is known.
NOTHING = "\N{EN DASH}"


def farm() -> MemoryIndex:
    """Return four servers, one of them never listed, with tools at every risk."""
    return MemoryIndex(
        (
            indexed_server("orchard", product="farm", tools=3, actions=2, grade="D"),
            indexed_server("barn", product="farm", known_from="declared", reason="needs_credentials", grade="A"),
            indexed_server("mill", known_from="listed", reason="timed_out", maybe_partial=True, risks=(2, 0, 0, 0)),
            indexed_server("well", product="water", known_from="not_listed", reason="crashed"),
        ),
        (
            indexed_entry("orchard_fell", category=Category.DELETE, risk=Level.CRITICAL),
            indexed_entry("key_make", category=Category.WRITE, risk=Level.HIGH, is_action=True),
            indexed_entry("key_list", risk=Level.MEDIUM),
            indexed_entry("grain_count", server="mill"),
            indexed_entry("grain_sift", server="mill"),
        ),
        (indexed_change("key_make"),),
    )


@pytest.fixture(scope="module")
def site() -> Listed:
    return listed(farm())


def long_list(number: int) -> MemoryIndex:
    """Return many harmless tools of one server."""
    return MemoryIndex((indexed_server(),), [indexed_entry(f"count_{one:05}") for one in range(number)])


def test_every_list_has_its_page_and_every_link_between_them_leads_to_one(site: Listed) -> None:
    assert {"", "servers/", "products/", "products/farm/", "risk/", "risk/low/", "category/", "category/admin/"} <= set(
        site.html
    )
    elsewhere = {f"servers/{slug}/" for slug in ("orchard", "barn", "mill", "well")}
    elsewhere |= {entry.path for entry in farm().entries()}
    elsewhere |= {"changes/feed.xml", "changes/feed.json", "changes/high-risk.xml"}
    for path, target in links(site):
        assert target in site.html or target in elsewhere, f"{path!r} links to {target!r}"


def test_home_counts_everything_and_says_as_of_when(site: Listed) -> None:
    assert [words(node) for node in site.nodes("", ".totals li")] == [
        "4 servers",
        "4 tools",
        "1 action behind dispatcher tools",
        "2 at High or Critical risk",
    ]
    assert "As of 2026-11-20." in site.text("")


def test_the_matrix_shows_category_by_risk_as_numbers_with_the_largest_shaded_most(site: Listed) -> None:
    assert site.rows("", ".matrix tbody") == [
        "Read 0 0 1 2 3",
        "Write 0 1 0 0 1",
        "Delete 1 0 0 0 1",
        "Admin 0 0 0 0 0",
    ]
    shades = [str(cell.attributes["class"]) for cell in site.nodes("", ".matrix tbody tr:first-child td[class]")]
    assert shades == ["heat-0", "heat-0", "heat-4", "heat-5"]


def test_home_shows_the_riskiest_tools_the_latest_changes_and_the_products(site: Listed) -> None:
    assert site.rows("", "#riskiest tbody")[0].startswith("orchard_fell Counts the apples")
    assert site.rows("", "#changes tbody") == ["2026-11-20 key_make orchard changed Write High"]
    assert [words(node) for node in site.nodes("", "#products li")] == ["Farm 2 servers", "Water"]


def test_home_shows_few_of_many_servers_and_leads_to_all() -> None:
    many = [indexed_server(f"server-{number:03}", risks=(1, 0, 0, 0)) for number in range(70)]
    risky = indexed_server("zebra", risks=(0, 0, 0, 1))
    site = listed(MemoryIndex((*many, risky)))
    rows = site.rows("", "#servers tbody")
    assert len(rows) == 60
    assert rows[0].startswith("zebra")
    assert "The 60 with the highest risk, of 71." in site.text("", "#servers")
    assert "servers/" in [target for path, target in links(site) if not path]


def test_a_server_that_was_not_listed_has_no_figures_but_the_reason(site: Listed) -> None:
    rows = {row.split()[0]: row for row in site.rows("servers/")}
    assert rows["well"] == f"well npm:@farm/well {NOTHING} {NOTHING} {NOTHING} not listed: crashed 2026-11-20"
    assert rows["orchard"] == "orchard npm:@farm/orchard 3 tools, 2 actions D Critical listed 2026-11-20"
    assert "read from source: needs credentials" in rows["barn"]
    assert "listed, perhaps not all; last look: timed out" in rows["mill"]


def test_servers_stand_by_slug_and_are_spread_over_pages() -> None:
    site = listed(MemoryIndex([indexed_server(f"server-{number:03}") for number in reversed(range(201))]))
    assert [len(site.rows(path)) for path in ("servers/", "servers/page_2/", "servers/page_3/")] == [100, 100, 1]
    assert site.rows("servers/page_3/")[0].startswith("server-200")
    assert "201 servers, page 3 of 3" in site.text("servers/page_3/")
    assert "as of" in site.text("servers/")
    assert "as of" not in site.text("servers/page_2/")


def test_a_server_whose_slug_is_a_number_keeps_its_own_folder() -> None:
    servers = [indexed_server(str(number)) for number in range(1, 151)]
    pages = set(listed(MemoryIndex(servers)).html)
    assert not pages & {server.path for server in servers}


def test_each_product_has_the_page_of_its_servers(site: Listed) -> None:
    assert [words(node) for node in site.nodes("products/", ".columns li")] == ["Farm 2 servers", "Water 1 server"]
    assert [row.split()[0] for row in site.rows("products/farm/")] == ["barn", "orchard"]


def test_a_product_with_many_servers_has_several_pages() -> None:
    site = listed(MemoryIndex([indexed_server(f"server-{number:03}", product="farm") for number in range(130)]))
    assert [len(site.rows(path)) for path in ("products/farm/", "products/farm/2/")] == [100, 30]


def test_lists_of_risks_and_categories_say_how_many_there_are(site: Listed) -> None:
    assert "Critical 1 tool or action" in site.text("risk/", "#list")
    assert "Admin 0 tools and actions" in site.text("category/", "#list")
    assert "No tool of this kind is in the catalogue." in site.text("category/admin/")


def test_long_lists_are_spread_over_pages_that_lead_to_each_other() -> None:
    site = listed(long_list(230))
    assert [len(site.rows(path)) for path in ("risk/low/", "risk/low/2/", "risk/low/3/")] == [100, 100, 30]
    assert "230 tools and actions, page 2 of 3" in site.text("risk/low/2/")
    assert site.text("risk/low/2/", ".pages") == "Previous 1 2 3 Next"


@pytest.mark.parametrize(("number", "pages"), [(0, 1), (1, 1), (99, 1), (100, 1), (101, 2), (200, 2)])
def test_a_list_has_as_many_pages_as_it_fills(number: int, pages: int) -> None:
    paths = [path for path in listed(long_list(number)).html if path.startswith("risk/low/")]
    assert len(paths) == pages


def test_a_very_long_list_shows_its_riskiest_and_says_where_the_others_are() -> None:
    site = listed(long_list(5_001))
    assert "risk/low/50/" in site.html
    assert "risk/low/51/" not in site.html
    assert site.rows("risk/low/50/")[-1].startswith("count_04999")
    assert "These pages show the 5,000 riskiest of 5,001 tools and actions." in site.text("risk/low/7/")
    assert site.text("risk/low/7/", ".pages") == "Previous 1 … 5 6 7 8 9 … 50 Next"


def test_the_riskiest_come_first_in_each_list() -> None:
    index = MemoryIndex(
        (indexed_server(),),
        (
            indexed_entry("a", confidence=0.5),
            indexed_entry("b", risk=Level.HIGH),
            indexed_entry("c", confidence=0.9),
            indexed_entry("d", risk=Level.CRITICAL),
        ),
    )
    assert [row.split()[0] for row in listed(index).rows("category/read/")] == ["d", "b", "c", "a"]


def test_pages_come_before_the_last_entry_was_read() -> None:
    index = _Watched()
    read_at_first_list = next(
        index.read for page in ranked_pages(index, parts_of(Settings())) if page.path == "risk/low/"
    )
    assert read_at_first_list == 100


def test_an_entry_that_another_server_gets_leaves_pages_without_it_as_they_were() -> None:
    index = farm()
    before = listed(index).html
    more = replace(index, found=(*index.found, indexed_entry("sluice_open", server="well", category=Category.ADMIN)))
    after = listed(more).html
    assert before["risk/critical/"] == after["risk/critical/"]
    assert before["category/delete/"] == after["category/delete/"]
    assert before["products/farm/"] == after["products/farm/"]


def test_another_look_at_a_server_changes_only_pages_that_show_when_it_was() -> None:
    index = farm()
    before = listed(index).html
    later = [replace(server, looked_at=LOOKED_AT + timedelta(days=1)) for server in index.listed]
    after = listed(replace(index, listed=later)).html
    assert {path for path in after if after[path] != before[path]} == {
        "", "servers/", "changes/", "changes/risk-raised/", "products/farm/", "products/water/",
    }  # fmt: skip


def test_an_empty_catalogue_has_every_page_and_says_what_to_do() -> None:
    site = listed(MemoryIndex())
    assert "catalog sync truenas" in site.text("")
    assert "No server has been looked at yet." in site.text("servers/")
    assert "No server in the catalogue belongs to a known product." in site.text("products/")
    assert not [target for _, target in links(site) if target not in site.html and not target.startswith("changes/")]


HOSTILE = '<script>alert(1)</script> \u202e" onclick="x'


def test_what_servers_call_things_is_never_markup() -> None:
    server = replace(indexed_server(), title=HOSTILE, origin=HOSTILE, product="farm", product_title=HOSTILE)
    entry = replace(
        indexed_entry("x"), name=HOSTILE, summary=HOSTILE, server_title=HOSTILE, rules=("category/deletes",)
    )
    change = replace(indexed_change("x", new_name=HOSTILE), name=HOSTILE, server_title=HOSTILE)
    site = listed(MemoryIndex((server,), (replace(entry, traits=("credential-mint",)),), (change,)))
    for path in site.html:
        assert not site.nodes(path, "script:not([src], [type='application/ld+json'])"), path
        assert not site.nodes(path, "[onclick]"), path
        assert "\u202e" not in site.html[path], path
    assert "⟦U+202E⟧" in site.text("risk/low/")


def test_a_long_name_is_cut_in_lists() -> None:
    index = MemoryIndex((indexed_server(title="w" * 5_000),), (indexed_entry("n" * 5_000),))
    site = listed(replace(index, found=[replace(entry, path="servers/orchard/n/") for entry in index.found]))
    assert len(site.html[""]) < 20_000


def test_a_full_page_of_servers_or_tools_stays_small() -> None:
    servers = [
        indexed_server(f"orchard-and-meadow-{number:03}", known_from="declared", reason="needs_credentials", actions=30)
        for number in range(100)
    ]
    entries = [
        indexed_entry(f"count_the_apples_{number:03}", server="orchard-and-meadow-001", summary="Counts apples. " * 7)
        for number in range(100)
    ]
    site = listed(MemoryIndex(servers, entries), Settings(options=SiteOptions(base_url="https://farm.example/")))
    for path in ("servers/", "risk/low/"):
        assert len(site.html[path].encode()) < 50_000, path


def links(site: Listed) -> Iterator[tuple[str, str]]:
    """Yield the page and the target, from the site's root, of every link to this site."""
    for path in site.html:
        folder = path.rpartition("/")[0]
        for node in site.nodes(path, "main a[href]"):
            link = str(node.attributes["href"]).partition("#")[0]
            if link and "://" not in link:
                yield path, _target(folder, link).removesuffix("index.html")


def _target(folder: str, link: str) -> str:
    parts = [part for part in folder.split("/") if part]
    for part in link.split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


class _Watched(MemoryIndex):
    """Many entries that are made one by one as they are read."""

    read = 0

    @property
    def cells(self) -> Mapping[tuple[Category, Level], int]:
        """See `Index.cells`."""
        return {(Category.READ, Level.LOW): 1_000}

    def ranked(self) -> Iterator[IndexedEntry]:
        """See `Index.ranked`."""
        for number in range(1_000):
            self.read += 1
            yield indexed_entry(f"count_{number:04}")
