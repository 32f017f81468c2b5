"""Where pages are: whatever servers and tools are called, each has a folder of its own, and no link ever moves."""

from collections.abc import Sequence
from pathlib import Path

from catalog_testing.built import Built, built, words
from catalog_testing.view import MemoryView, entry_row, memory_view, server_row
from sitegen.check import check_site

SERVERS = ("api", "tools", "servers", "page", "CON", "nul", "🌳", "مزرعة", "..", "a/b", "s" * 300, "Orchard", "orchard")


def tools(*names: str) -> MemoryView:
    return memory_view((server_row(), [entry_row(name) for name in names]))


def folders(site: Built) -> dict[str, str]:
    """Return the folder of each tool by its name, as the page of its server links to them."""
    links = site.page("servers/orchard/").css("#tools tbody .what a")
    return {words(link): str(link.attributes["href"]).split("/")[-2] for link in links}


def headings(site: Built, names: Sequence[str]) -> set[str]:
    """Return the headings of the pages that the links of the list of servers lead to."""
    links = site.page("servers/").css("tbody .what a")
    found = {str(link.attributes["href"]).split("/")[-2] for link in links}
    assert len(found) == len(names)
    return {site.text(f"servers/{folder}/", "h1") for folder in found}


def test_servers_of_any_name_have_a_folder_each_inside_the_site(tmp_path: Path) -> None:
    view = memory_view(*((server_row(name, product=None), [entry_row("count")]) for name in SERVERS))
    site = built(view, tmp_path / "out")
    assert headings(site, SERVERS) == {name if len(name) < 160 else f"{'s' * 159}…" for name in SERVERS}
    assert {path.name for path in tmp_path.iterdir()} == {"out"}
    assert check_site(site.directory) == []
    index = {path.stem for path in site.directory.glob("api/v1/servers/*.json")}
    assert len({name.lower() for name in index}) == len(SERVERS)
    assert not index & {"con", "nul"}


def test_a_tool_named_like_the_further_pages_of_its_server_does_not_take_their_place(tmp_path: Path) -> None:
    names = [f"count_{number:03}" for number in range(510)]
    site = built(tools("page", "policy.json", "page.json", *names), tmp_path / "out")
    assert "page 2" in site.text("servers/orchard/page/2/", "body")
    first = folders(site)
    second = {words(link) for link in site.page("servers/orchard/page/2/").css("#tools tbody .what a")}
    assert {*first, *second} == {"page", "policy.json", "page.json", *names}
    taken = next(path for path in site.directory.glob("servers/orchard/page-*/index.html"))
    assert site.text(taken.parent.relative_to(site.directory).as_posix(), "h1") == "page"
    assert check_site(site.directory) == []


def test_a_tool_that_is_added_later_moves_none_that_was_there(tmp_path: Path) -> None:
    before = folders(built(tools("Get User"), tmp_path / "out"))
    after = folders(built(tools("Get User", "get_user", "GET USER"), tmp_path / "out"))
    assert before == {"Get User": "get-user"}
    assert after["Get User"] == "get-user"
    assert len(set(after.values())) == 3


def test_a_tool_keeps_its_folder_when_the_one_that_had_the_plain_name_is_gone(tmp_path: Path) -> None:
    first = folders(built(tools("get_user", "Get User"), tmp_path / "out"))
    assert first["get_user"] == "get-user"
    site = built(tools("Get User", "GET USER"), tmp_path / "out")
    assert folders(site)["Get User"] == first["Get User"]
    assert not (site.directory / "servers/orchard/get-user").exists()
    again = built(tools("get_user", "Get User"), tmp_path / "out")
    assert folders(again) == first


def test_a_server_keeps_its_folder_when_another_of_nearly_its_name_comes_and_goes(tmp_path: Path) -> None:
    def site(*names: str) -> dict[str, str]:
        view = memory_view(*((server_row(name, product=None), [entry_row("count")]) for name in names))
        links = built(view, tmp_path / "out").page("servers/").css("tbody .what a")
        return {words(link): str(link.attributes["href"]).split("/")[-2] for link in links}

    assert site("Barn") == {"Barn": "barn"}
    both = site("Barn", "barn")
    assert (both["Barn"], both["barn"] != "barn") == ("barn", True)
    assert site("barn") == {"barn": both["barn"]}
    assert site("Barn", "barn") == both
