"""What a server's page says, read back from the built HTML: grade, flows, downloads, and very many tools."""

from dataclasses import replace
from pathlib import Path

import pytest

from catalog_testing.built import Built, built, words
from catalog_testing.view import entry_row, evidence, memory_view, orchard, server_row, verdict
from classifier.verdict import Category, Level, Recoverability
from sitegen.parts import SiteOptions

HOME = "servers/orchard/"


def flowing(folder: Path) -> Built:
    """Build a server on which text of outsiders can lead to the felling of trees, and to a leak by one tool alone."""
    reads = verdict(evidence=[evidence("trait/untrusted-in", "description", "Reads", "trait", "untrusted-in")])
    fells = verdict(Category.DELETE, Level.HIGH, Recoverability.R2)
    rows = [
        entry_row("letter_read", reads, description="Reads letters."),
        entry_row("tree_fell", replace(fells, confidence=0.95)),
    ]
    return built(memory_view((server_row(), rows)), folder / "out")


def test_a_flow_is_drawn_and_told(tmp_path: Path) -> None:
    site = flowing(tmp_path)
    flow = site.part(HOME, ".flows li")
    assert words(flow.css("h3")[0]) == "Data can be destroyed on the word of an outsider"
    drawing = flow.css("svg")[0]
    assert drawing.attributes["role"] == "img"
    assert drawing.attributes["aria-label"] == (
        "Data can be destroyed on the word of an outsider. letter_read: text of outsiders comes in; "
        "then tree_fell: data is destroyed."
    )
    assert [node.text() for node in drawing.css(".tool-name")] == ["letter_read", "tree_fell"]
    assert len(drawing.css(".arrow")) == 1
    assert [node.attributes["href"] for node in flow.css("a")] == ["letter-read/index.html", "tree-fell/index.html"]
    assert words(flow.css(".hint")[0]) == "Tools of this server are enough for it. The words of the definitions say so."


def test_a_tool_that_is_enough_alone_is_one_box(tmp_path: Path) -> None:
    runs = verdict(
        Category.ADMIN,
        Level.CRITICAL,
        Recoverability.R3,
        evidence=[evidence("trait/code-exec", "param:script", "script", "trait", "code-exec")],
    )
    site = built(memory_view((server_row(), [entry_row("run", runs)])), tmp_path / "out")
    leak = site.page(HOME).css(".flows li")[0]
    assert [node.text() for node in leak.css("svg text")] == [
        "run", "Text of outsiders comes in", "then private data is read", "then something is sent outside",
    ]  # fmt: skip
    assert words(leak.css(".hint")[0]) == (
        "One tool is enough for it. Words and arguments of the definitions agree on it."
    )


def test_a_step_that_the_client_brings_along_is_named_as_its(tmp_path: Path) -> None:
    fells = verdict(Category.DELETE, Level.HIGH, Recoverability.R2)
    site = built(memory_view((server_row(), [entry_row("tree_fell", fells)])), tmp_path / "out")
    assert "what the client brings" in site.text(HOME, ".flows svg")
    assert "which most clients bring along" in site.text(HOME, ".flows .hint")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    options = SiteOptions(report_url="https://git.example/new?title={tool}%20on%20{server}&body={page}")
    return built(memory_view(orchard()), tmp_path_factory.mktemp("site") / "out", options)


def test_the_grade_stands_with_its_reason(site: Built) -> None:
    assert site.text(HOME, ".grade .letter") == "Grade D"
    assert site.text(HOME, ".grade").startswith("Grade D 1 of 4 are of critical risk.")


def test_the_distribution_of_risk_has_a_text_of_its_own(site: Built) -> None:
    bar = site.part(HOME, "svg.bar")
    assert bar.attributes["aria-label"] == "1 Critical, 1 High, 1 Medium, 1 Low"


def test_every_target_has_its_download(site: Built) -> None:
    (download,) = site.page(HOME).css(".downloads > li")
    assert words(download.css("a.button")[0]) == "Download policy.json"
    assert (site.directory / HOME / "policy.json").is_file()
    assert len(download.css(".steps li")) == 4


def test_a_mistake_is_reported_with_the_page_it_is_about(site: Built) -> None:
    link = site.page("servers/orchard/key-make/").css(".closing a")[-1].attributes["href"]
    assert link == "https://git.example/new?title=key_make%20on%20orchard&body=servers%2Forchard%2Fkey-make%2F"
    footer = site.page(HOME).css("footer a")[-1].attributes["href"]
    assert footer == "https://git.example/new?title=%20on%20&body=servers%2Forchard%2F"


def test_the_tools_of_a_large_server_are_spread_over_pages(tmp_path: Path) -> None:
    rows = [entry_row(f"count_{number:04}") for number in range(1_001)]
    site = built(memory_view((server_row(), rows)), tmp_path / "out")
    pages = [HOME, f"{HOME}page/2/", f"{HOME}page/3/"]
    assert [len(site.page(path).css("#tools tbody tr")) for path in pages] == [500, 500, 1]
    assert site.part(HOME, ".pages [aria-current]").text() == "1"
    assert [node.attributes["href"] for node in site.page(pages[1]).css(".pages a")] == [
        "../../../../servers/orchard/index.html#tools", "../../../../servers/orchard/page/3/index.html#tools",
    ]  # fmt: skip
    assert not site.page(pages[1]).css("#policy")
    assert site.text(pages[1], "h1") == "orchard, tools, page 2"
