"""The files beside a page say what the page says, in JSON and in Markdown."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from catalog.model import Reason
from catalog_testing.built import Built, built, words
from catalog_testing.view import dispatching, entry_row, memory_view, orchard, server_row, verdict
from classifier.verdict import Category, Level, Recoverability

TOOLS = ("servers/orchard/key-make/", "servers/orchard/key-revoke/", "servers/orchard/orchard-fell/")
ACTIONS = ("servers/barn-mcp/barn/", "servers/barn-mcp/hay-move/", "servers/barn-mcp/hay-burn/")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    gone = server_row("gone", product=None, reason=Reason.CRASHED)
    return built(memory_view(orchard(), dispatching(), (gone, [])), tmp_path_factory.mktemp("site") / "out")


def data(site: Built, path: str) -> dict[str, object]:
    document: dict[str, object] = json.loads((site.directory / path / "page.json").read_bytes())
    return document


def markdown(site: Built, path: str) -> str:
    return (site.directory / path / "page.md").read_text(encoding="utf-8")


def blocks(text: str) -> list[Token]:
    return MarkdownIt().parse(text)


def fences(text: str) -> list[str]:
    return [token.content for token in blocks(text) if token.type == "fence"]


def prose(text: str) -> str:
    """Return the words of every paragraph, heading and item as a reader sees them."""
    inline = [token for token in blocks(text) if token.type == "inline"]
    return "\n".join(
        "".join(part.content or " " * (part.type == "softbreak") for part in token.children or ()) for token in inline
    )


@pytest.mark.parametrize("path", [*TOOLS, *ACTIONS])
def test_the_verdict_is_the_same_on_the_page_and_in_both_twins(site: Built, path: str) -> None:
    document = data(site, path)
    facts = {words(row.css("dt")[0]): words(row.css("dd")[0]) for row in site.page(path).css(".facts dl > div")}
    text = prose(markdown(site, path))
    for name in ("risk", "severity", "category"):
        assert facts[name.capitalize()].split()[0] == document[name]
        assert f"{name.capitalize()}: {document[name]}" in text
    assert facts["Confidence"].startswith(f"{document['confidence']:.2f} of 1")
    assert str(document["axes"]) in site.text(path, "#why")
    assert str(document["axes"]) in text


@pytest.mark.parametrize("path", [*TOOLS, *ACTIONS])
def test_the_policy_is_the_same_on_the_page_beside_it_and_in_both_twins(site: Built, path: str) -> None:
    policy = data(site, path)["policy"]
    assert isinstance(policy, dict)
    (target,) = policy["targets"]
    on_page = site.part(path, "#control pre code").text()
    assert target["text"] == on_page == (site.directory / str(target["file"])).read_text()
    assert on_page in fences(markdown(site, path))
    assert policy["effect"] == site.text(path, "#control .effect")
    assert str(policy["effect"]) in prose(markdown(site, path))
    steps = [words(step) for step in site.page(path).css("#control .steps li")]
    assert target["steps"] == steps


@pytest.mark.parametrize("path", [*TOOLS, *ACTIONS])
def test_the_questions_are_the_same_on_the_page_and_in_both_twins(site: Built, path: str) -> None:
    asked = [
        {"question": words(item.css("summary")[0]), "answer": words(item.css("p")[0])}
        for item in site.page(path).css("#questions details")
    ]
    assert data(site, path)["questions"] == asked
    last = fences(markdown(site, path))[-1]
    assert [" ".join(part.split()) for part in last.split("\n\n")] == [
        f"{one['question']} {one['answer']}" for one in asked
    ]


@pytest.mark.parametrize("path", [*TOOLS, *ACTIONS])
def test_claims_and_related_tools_are_the_same_on_the_page_and_in_both_twins(site: Built, path: str) -> None:
    document, page, text = data(site, path), site.page(path), markdown(site, path)
    claims, related = document["claims"], document["related"]
    assert isinstance(claims, list)
    assert isinstance(related, list)
    assert [
        words(item).startswith(claim["text"]) for item, claim in zip(page.css(".claims li"), claims, strict=True)
    ] == [True] * len(claims)
    assert [other["name"] for other in related] == [words(link) for link in page.css("#related li a")]
    assert all(claim["text"] in prose(text) for claim in claims)
    for other in related:
        here = site.directory / path / re.findall(rf"\[`{other['name']}`\]\(([^)]+)\)", text)[0]
        assert here.resolve() == (site.directory / str(other["path"]) / "page.md").resolve()
        assert here.is_file()


def test_an_action_says_in_both_twins_how_it_is_reached(site: Built) -> None:
    path = "servers/barn-mcp/hay-move/"
    assert data(site, path)["dispatch"] == {
        "tool": "barn",
        "selector": {"area": "hay", "action": "hay_move"},
        "payload": "params",
    }
    assert 'by the arguments {"area": "hay", "action": "hay_move", "params": {}}' in prose(markdown(site, path))


def test_the_definition_is_given_as_it_was_published(site: Built) -> None:
    (row,) = (row for row in orchard()[1] if row.name == "key_make")
    document = data(site, "servers/orchard/key-make/")
    assert document["definition"] == row.definition.raw
    assert document["definition_hash"] == row.definition.hash
    assert document["hints"] == {
        "readOnlyHint": False,
        "destructiveHint": None,
        "idempotentHint": None,
        "openWorldHint": None,
    }


def test_a_definition_that_is_too_long_is_named_instead(tmp_path: Path) -> None:
    long = entry_row("count_all", description="A very long story. " * 60_000)
    site = built(memory_view((server_row(), [long])), tmp_path / "out")
    path = "servers/orchard/count-all/"
    document = data(site, path)
    assert (document["definition"], document["description_complete"]) == (None, False)
    assert json.loads((site.directory / str(document["definition_file"])).read_text()) == long.definition.raw
    assert "[definition.json](definition.json)" in markdown(site, path)
    assert (site.directory / path / "page.json").stat().st_size < 50_000
    assert (site.directory / path / "page.md").stat().st_size < 50_000


def test_a_server_has_the_same_tools_on_its_page_and_in_both_twins(site: Built) -> None:
    path = "servers/orchard/"
    entries = data(site, path)["entries"]
    assert isinstance(entries, list)
    page = {words(row.css("code")[0]): words(row.css(".risk")[0]) for row in site.page(path).css("#tools tbody tr")}
    assert {entry["name"]: entry["risk"] for entry in entries} == page
    for name, risk in page.items():
        assert re.search(rf"^- \[`{name}`\]\([a-z-]+/page\.md\): \w+, {risk} risk", markdown(site, path), re.MULTILINE)


def test_a_server_that_was_never_listed_says_so_in_both_twins(site: Built) -> None:
    document = data(site, "servers/gone/")
    assert (document["listed"], document["reason"], document["entries"], document["list"]) == (
        False,
        "crashed",
        [],
        None,
    )
    text = markdown(site, "servers/gone/")
    assert "Not listed: crashed." in prose(text)
    assert "Set ORCHARD_TOKEN." in prose(text)
    assert fences(text) == ["exit code 1\n"]


def test_words_of_the_server_stand_in_fences_that_they_cannot_close(tmp_path: Path) -> None:
    description = "Counts.\n```\n# Free\n````markdown\n~~~\n[here](https://farm.example)\n"
    site = built(memory_view((server_row(), [entry_row("count_all", description=description)])), tmp_path / "out")
    text = markdown(site, "servers/orchard/count-all/")
    assert fences(text)[0] == description
    assert "Free" not in prose(text)


@pytest.mark.parametrize("rest", ["", "\ud800"], ids=["encodable", "with a lone surrogate"])
def test_hidden_characters_are_written_out_in_both_twins(tmp_path: Path, rest: str) -> None:
    row = entry_row("count\u202e_all", description=f"one\u200btwo \U000e0041 \x1b[31m \x9b \r.{rest}")
    site = built(memory_view((server_row(title="or\u200bchard"), [row])), tmp_path / "out")
    for path in site.directory.glob("servers/orchard/**/page.*"):
        text = path.read_text(encoding="utf-8")
        assert not {"\u202e", "\u200b", "\U000e0041", "\x1b", "\x9b", "\r"} & set(text), path
    (folder,) = {path.parent.name for path in site.directory.glob("servers/orchard/*/page.json")}
    document = data(site, f"servers/orchard/{folder}/")
    assert (document["name"], document["description"]) == (row.name, row.definition.raw["description"])


@pytest.mark.parametrize("value", [2**70, float("nan"), float("inf"), "\ud800", [[["deep"]]], {"a": None}])
def test_whatever_json_a_definition_holds_its_twin_can_be_read(tmp_path: Path, value: object) -> None:
    row = entry_row("count_all", properties={"crate": {"default": value}})  # type: ignore[dict-item]
    site = built(memory_view((server_row(), [row])), tmp_path / "out")
    text = (site.directory / "servers/orchard/count-all/page.json").read_text(encoding="utf-8")
    definition = json.loads(text, parse_constant=pytest.fail)["definition"]
    expected = None if isinstance(value, float) else value
    assert definition["inputSchema"]["properties"]["crate"]["default"] == expected


def test_json_beside_a_page_can_stand_in_any_markup(tmp_path: Path) -> None:
    judged = verdict(Category.DELETE, Level.HIGH, Recoverability.R3)
    row = entry_row("</script><!--", judged, description="a & b <img src=x> \u2028")
    site = built(memory_view((replace(server_row(), publisher="<b>&"), [row])), tmp_path / "out")
    for path in [*site.directory.rglob("*.json"), *site.directory.rglob("*.ndjson")]:
        if path.name == "policy.json":
            continue
        assert not set("<>&\u2028") & set(path.read_text(encoding="utf-8")), path
