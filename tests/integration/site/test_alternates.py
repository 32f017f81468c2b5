"""A page names the files that say the same, and the feeds of its changes; each is there."""

import pytest

from catalog_testing.built import Built, built
from catalog_testing.view import dispatching, memory_view, orchard
from sitegen.check import check_site

TWINS = {"application/json": "page.json", "text/markdown": "page.md"}
FEEDS = {"application/atom+xml": "changes.xml", "application/feed+json": "changes.json"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return built(memory_view(orchard(), dispatching()), tmp_path_factory.mktemp("site") / "out")


@pytest.mark.parametrize(
    ("path", "named"),
    [("servers/orchard/key-make/", TWINS), ("servers/orchard/", TWINS | FEEDS), ("method/", {})],
)
def test_a_page_names_what_says_the_same(site: Built, path: str, named: dict[str, str]) -> None:
    links = site.page(path).css('head link[rel="alternate"]')
    assert {link.attributes["type"]: link.attributes["href"] for link in links} == named
    assert all((site.directory / path / file).is_file() for file in named.values())


def test_every_page_names_the_file_for_agents(site: Built) -> None:
    for page in site.directory.rglob("*.html"):
        folder = page.relative_to(site.directory).parent.as_posix()
        if page.name == "index.html":
            (link,) = site.page(folder).css('head link[rel="describedby"]')
            assert (page.parent / str(link.attributes["href"])).resolve() == (site.directory / "llms.txt").resolve()


def test_every_link_to_a_file_for_programs_leads_somewhere(site: Built) -> None:
    files = (*TWINS.values(), *FEEDS.values(), "llms.txt")
    assert [problem for problem in check_site(site.directory) if any(file in problem.message for file in files)] == []
