"""What programs read in the head of a page: structured data, and what a link to it shows."""

import json
from pathlib import Path

import pytest

from catalog_testing.built import Built, built, words
from catalog_testing.view import dispatching, memory_view, orchard
from sitegen.parts import SiteOptions

BASE = "https://farm.example/catalog/"
TOOL = "servers/orchard/key-make/"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    options = SiteOptions(title="The Farm", base_url=BASE)
    return built(memory_view(orchard(), dispatching()), tmp_path_factory.mktemp("site") / "out", options)


def graph(site: Built, path: str) -> dict[str, dict[str, object]]:
    """Return the things that the structured data of a page names, by type."""
    (block,) = site.page(path).css('head script[type="application/ld+json"]')
    data = json.loads(block.text())
    assert data["@context"] == "https://schema.org"
    return {thing["@type"]: thing for thing in data["@graph"]}


def shared(site: Built, path: str) -> dict[str | None, str | None]:
    return {node.attributes["property"]: node.attributes["content"] for node in site.page(path).css("meta[property]")}


def test_breadcrumbs_lead_where_those_on_the_page_lead(site: Built) -> None:
    items = graph(site, TOOL)["BreadcrumbList"]["itemListElement"]
    assert isinstance(items, list)
    assert [item["name"] for item in items] == [*(words(link) for link in site.page(TOOL).css(".crumbs a")), "key_make"]
    assert [item.get("item") for item in items] == [f"{BASE}servers/", f"{BASE}servers/orchard/", None]
    assert [item["position"] for item in items] == [1, 2, 3]


def test_the_article_is_the_page(site: Built) -> None:
    article = graph(site, TOOL)["TechArticle"]
    assert article["url"] == f"{BASE}{TOOL}"
    assert site.text(TOOL, "title") == f"{article['headline']} · The Farm"


@pytest.mark.parametrize("path", [TOOL, "servers/barn-mcp/barn/", "servers/barn-mcp/hay-burn/"])
def test_questions_are_those_of_the_page(site: Built, path: str) -> None:
    asked = graph(site, path)["FAQPage"]["mainEntity"]
    assert isinstance(asked, list)
    assert [(item["name"], item["acceptedAnswer"]["text"]) for item in asked] == [
        (words(item.css("summary")[0]), words(item.css("p")[0])) for item in site.page(path).css("#questions details")
    ]


def test_a_page_without_questions_asks_none(site: Built) -> None:
    assert set(graph(site, "servers/orchard/")) == {"BreadcrumbList", "TechArticle"}


def test_a_page_of_which_there_is_nothing_to_say_has_no_data(site: Built) -> None:
    assert site.page("").css('script[type="application/ld+json"]') == []


def test_a_link_to_a_page_shows_what_it_is(site: Built) -> None:
    page = site.page(TOOL)
    (description,) = page.css('meta[name="description"]')
    assert shared(site, TOOL) == {
        "og:type": "article",
        "og:site_name": "The Farm",
        "og:title": "key_make on Orchard: Medium risk",
        "og:description": description.attributes["content"],
        "og:url": f"{BASE}{TOOL}",
    }
    assert shared(site, "")["og:type"] == "website"


def test_without_an_address_of_the_site_nothing_claims_one(tmp_path: Path) -> None:
    site = built(memory_view(orchard()), tmp_path / "out")
    assert "og:url" not in shared(site, TOOL)
    assert "url" not in graph(site, TOOL)["TechArticle"]
    items = graph(site, TOOL)["BreadcrumbList"]["itemListElement"]
    assert isinstance(items, list)
    assert items[1]["item"] == "../../../servers/orchard/index.html"
