"""Sitemaps, robots.txt and llms.txt say where everything is, and when it changed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt

from catalog_testing.built import built
from catalog_testing.index import MemoryIndex, indexed_entry, indexed_server
from catalog_testing.view import LOOKED_AT, dispatching, memory_view, orchard
from sitegen.crawlers import PER_SITEMAP, crawler_files, llms_txt
from sitegen.parts import SiteOptions

BASE = "https://farm.example/catalog/"
SITEMAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LATER = LOOKED_AT + timedelta(days=2)


def files(index: MemoryIndex, other: list[str], per_sitemap: int = PER_SITEMAP) -> Mapping[str, bytes]:
    return dict(crawler_files(index, BASE, other, per_sitemap=per_sitemap))


def places(document: bytes) -> list[tuple[str, str | None]]:
    """Return the addresses of a sitemap or of an index, with when each changed."""
    return [
        (place.findtext(f"{SITEMAPS}loc") or "", place.findtext(f"{SITEMAPS}lastmod"))
        for place in ET.fromstring(document)
    ]


def catalogue() -> MemoryIndex:
    server = replace(indexed_server(), changed_at=LATER)
    return MemoryIndex(listed=[server], found=[indexed_entry("prune"), indexed_entry("graft")])


def test_a_sitemap_has_every_page_with_the_time_of_its_change_where_that_is_known() -> None:
    made = files(catalogue(), ["", "method/"])
    assert places(made["sitemaps/1.xml"]) == [
        (BASE, None),
        (f"{BASE}method/", None),
        (f"{BASE}servers/orchard/", LATER.isoformat()),
        (f"{BASE}servers/orchard/graft/", LOOKED_AT.isoformat()),
        (f"{BASE}servers/orchard/prune/", LOOKED_AT.isoformat()),
    ]


def test_the_index_names_each_sitemap_with_the_time_of_its_latest_change() -> None:
    made = files(catalogue(), [""])
    assert places(made["sitemap.xml"]) == [(f"{BASE}sitemaps/1.xml", LATER.isoformat())]
    assert made["robots.txt"].decode() == f"User-agent: *\nAllow: /\nSitemap: {BASE}sitemap.xml\n"


@pytest.mark.parametrize(("pages", "sitemaps"), [(1, 1), (3, 1), (4, 2), (6, 2), (7, 3)])
def test_no_sitemap_has_more_addresses_than_it_may(pages: int, sitemaps: int) -> None:
    made = files(MemoryIndex(), [f"page-{number}/" for number in range(pages)], per_sitemap=3)
    parts = [places(made[address.removeprefix(BASE)]) for address, _ in places(made["sitemap.xml"])]
    assert len(parts) == sitemaps
    assert all(len(part) <= 3 for part in parts)
    assert [address for part in parts for address, _ in part] == [f"{BASE}page-{number}/" for number in range(pages)]


def test_a_path_is_escaped_for_addresses_and_for_xml() -> None:
    made = files(MemoryIndex(), ["products/a&b <c>/"])
    assert places(made["sitemaps/1.xml"]) == [(f"{BASE}products/a%26b%20%3Cc%3E/", None)]


def test_llms_txt_has_one_title_a_summary_and_lists_of_links() -> None:
    path, content = llms_txt(catalogue(), SiteOptions(title="The Farm", base_url=BASE))
    assert path == "llms.txt"
    tokens = MarkdownIt().parse(content.decode())
    levels = [token.tag for token in tokens if token.type == "heading_open"]
    assert levels == ["h1", "h2", "h2"]
    assert [token.type for token in tokens[3:5]] == ["blockquote_open", "paragraph_open"]
    assert "2 tools and 0 actions of 1 MCP server" in content.decode()


def test_llms_txt_leads_only_to_files_that_exist(tmp_path: Path) -> None:
    site = built(memory_view(orchard(), dispatching()), tmp_path / "out")
    text = (site.directory / "llms.txt").read_text()
    links = [
        str(part.attrs["href"])
        for token in MarkdownIt().parse(text)
        for part in token.children or ()
        if part.type == "link_open"
    ]
    assert links
    assert [link for link in links if not (site.directory / link).is_file()] == []


def test_a_title_of_the_publisher_stays_text() -> None:
    _, content = llms_txt(MemoryIndex(), SiteOptions(title="[The](x) *Farm*\n# two"))
    headings = [token.content for token in MarkdownIt().parse(content.decode()) if token.type == "inline"]
    assert headings[0] == "\\[The\\](x) \\*Farm\\* # two"
