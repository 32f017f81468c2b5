"""Servers that write markup, scripts and hidden characters wherever they can: all of it stays text, and bounded."""

import json
from pathlib import Path

import pytest

from catalog_testing.built import Built, built
from catalog_testing.hostile import HIDDEN, MEGABYTE, NAMES, PAYLOADS, hostile
from catalog_testing.view import entry_row, memory_view, server_row
from sitegen.check import check_site
from sitegen.slugs import slug
from sitegen.visible import visible

# What no template of ours makes.
FOREIGN = "img, svg[onload], iframe, textarea, base, link[href^='//'], form:not([role=search]), [autofocus]"

# What may not stand in a file, since nobody sees it: all but line ends.
UNSEEN = {character for character in HIDDEN if not character.isprintable()} - set("\n")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return built(hostile(), tmp_path_factory.mktemp("site") / "out")


def tool(name: str) -> str:
    """Return the page of one of the hostile tools."""
    return f"servers/evil/{slug(name, distinct=name)}/"


def test_nothing_that_a_server_says_becomes_markup(site: Built) -> None:
    assert check_site(site.directory) == []
    for path in site.directory.glob("servers/**/index.html"):
        page = site.page(path.parent.relative_to(site.directory).as_posix())
        run = [node for node in page.css("script") if node.attributes.get("type") != "application/ld+json"]
        assert [str(node.attributes["src"]).rpartition("/")[2] for node in run] == ["site.js"]
        assert not page.css(FOREIGN)


def test_every_tool_has_its_own_page_inside_its_server(site: Built) -> None:
    pages = {path.parent.name for path in site.directory.glob("servers/evil/*/page.json")}
    assert len(pages) == len(NAMES) + len(PAYLOADS)
    names = {json.loads(path.read_bytes())["name"] for path in site.directory.glob("servers/evil/*/page.json")}
    assert names == {*NAMES, *(f"action {payload}" for payload in PAYLOADS)}
    assert [path.name for path in site.directory.parent.iterdir()] == [site.directory.name]


@pytest.mark.parametrize("name", ["..", "CON", PAYLOADS[0]])
def test_the_description_is_shown_as_the_text_it_is(site: Built, name: str) -> None:
    shown = "".join(node.text() for node in site.page(tool(name)).css(".lead .says"))
    for payload in PAYLOADS:
        assert "".join(payload.split()) in "".join(shown.split())
    assert "⟦U+202E⟧txt.exe⟦U+2066⟧ ⟦U+200B⟧⟦U+200D⟧⟦U+FEFF⟧ ⟦U+E0041⟧⟦U+E0042⟧ ⟦U+001B⟧[31m" in shown
    assert visible("\ud83c \udf33") in shown


def test_no_file_has_a_hidden_character(site: Built) -> None:
    for path in [*site.directory.rglob("*.html"), *site.directory.rglob("*.md"), *site.directory.rglob("*.xml")]:
        text = path.read_text(encoding="utf-8")
        assert not UNSEEN & set(text), path


def test_the_definition_stays_the_same_json(site: Built) -> None:
    (row,) = (row for row in hostile().entries("evil") if row.key == "CON")
    text = (site.directory / tool("CON") / "definition.json").read_text(encoding="utf-8")
    assert not UNSEEN & set(text)
    assert json.loads(text) == json.loads(json.dumps(row.definition.raw))


def test_addresses_that_a_server_gives_are_links_only_where_they_are_web_addresses(site: Built) -> None:
    links = site.page("servers/evil/").css("a[rel]")
    assert [(node.attributes["href"], node.attributes["rel"]) for node in links] == [
        ('https://git.example/"onmouseover="alert(20)"><script>alert(21)</script>', "nofollow ugc noopener")
    ]


def test_a_very_long_description_is_cut_and_kept_whole_beside_the_page(site: Built) -> None:
    (row,) = hostile().entries("big")
    path = site.directory / "servers/big/big"
    assert (path / "index.html").stat().st_size < 100_000
    assert (path / "definition.json").stat().st_size > MEGABYTE
    assert json.loads((path / "definition.json").read_bytes()) == json.loads(json.dumps(row.definition.raw))


def test_a_name_and_a_title_of_any_length_leave_pages_small(tmp_path: Path) -> None:
    server = server_row(title="t" * MEGABYTE, product="p")
    site = built(memory_view((server, [entry_row("n" * 10_000), entry_row("count")])), tmp_path / "out")
    assert check_site(site.directory) == []
    assert (site.directory / "servers/orchard/count/index.html").stat().st_size < 50_000
    assert max(path.stat().st_size for path in site.directory.rglob("*.html")) < 100_000
