"""What a second build makes again, writes, removes and leaves alone."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from catalog.view import EntryRow, ServerRow
from catalog_testing.built import Built, built
from catalog_testing.showcase import showcase, showcase_options
from catalog_testing.view import MemoryView, dispatching, entry_row, memory_view, orchard, server_row, verdict
from classifier.verdict import Category, Level, Recoverability
from sitegen.build import How
from sitegen.check import check_site
from sitegen.parts import SiteOptions


def farm(*others: tuple[ServerRow, list[EntryRow]]) -> MemoryView:
    return memory_view(orchard(), dispatching(), *others)


def barn(name: str, level: Level = Level.LOW) -> tuple[ServerRow, list[EntryRow]]:
    """Return a server whose only tool is called ``hay_count`` and has this risk."""
    judged = verdict(Category.READ, level, Recoverability.R2)
    return server_row(name, product=None), [entry_row("hay_count", judged)]


def with_confidence(confidence: float) -> MemoryView:
    """Return the same servers where only the confidence of one verdict may differ."""
    server, entries = orchard()
    changed = [
        replace(row, classification=replace(row.classification, confidence=confidence))
        if row.name == "key_make"
        else row
        for row in entries
    ]
    return memory_view((server, changed), dispatching())


def differing(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    return {path for path in {*before, *after} if before.get(path) != after.get(path)}


def show_age(site: Built) -> None:
    """Give every file of a site a time that no write leaves."""
    for path in site.directory.rglob("*"):
        os.utime(path, (1, 1))


def written(site: Built) -> set[str]:
    """Return the files that were written since ``show_age``."""
    return {path for path in site.own_files() if (site.directory / path).stat().st_mtime != 1}


def test_equal_input_gives_equal_bytes_wherever_the_site_is(tmp_path: Path) -> None:
    one = built(showcase(), tmp_path / "one", showcase_options())
    two = built(showcase(), tmp_path / "elsewhere/two", showcase_options())
    assert one.own_files() == two.own_files()


def test_a_second_build_writes_nothing_and_makes_no_server_again(tmp_path: Path) -> None:
    site = built(farm(), tmp_path / "out")
    show_age(site)
    again = built(farm(), tmp_path / "out")
    assert (again.report.rendered, again.report.changed, again.report.removed) == (0, 0, 0)
    assert again.report.unchanged == again.report.files == site.report.files == len(site.files())
    assert written(again) == set()


def test_what_a_report_counts_is_what_there_is(tmp_path: Path) -> None:
    site = built(farm(), tmp_path / "out")
    files = site.files()
    assert (site.report.files, site.report.size) == (len(files), sum(map(len, files.values())))
    assert site.report.pages == len([path for path in files if path.endswith(".html")])
    assert (site.report.servers, site.report.entries, site.report.rendered) == (2, 8, 2)


def test_one_changed_tool_changes_its_pages_and_lists_and_nothing_of_other_servers(tmp_path: Path) -> None:
    site = built(with_confidence(0.85), tmp_path / "out")
    before = site.own_files()
    show_age(site)
    again = built(with_confidence(0.75), tmp_path / "out")
    assert again.report.rendered == 1
    changed = differing(before, again.own_files())
    assert changed == written(again)
    of_servers = {path for path in changed if path.startswith("servers/")}
    assert of_servers == {
        "servers/orchard/tools.ndjson",
        *(f"servers/orchard/key-make/{file}" for file in ("index.html", "page.json", "page.md")),
    }
    assert {path.rpartition("/")[0] for path in changed - of_servers} == {"api/v1/servers", "api/v1/tools"}


def test_a_namesake_that_changes_changes_the_pages_that_show_it_and_no_others(tmp_path: Path) -> None:
    path = "servers/barn-mcp/hay-count/"
    built(farm(barn("mill")), tmp_path / "out")
    site = built(farm(barn("mill", Level.HIGH)), tmp_path / "out")
    assert site.report.rendered == 2
    assert "hay_count" in site.text(path, "#related")
    assert [node.text() for node in site.page(path).css("#related .risk")][-1] == "High"
    again = built(farm(), tmp_path / "out")
    assert again.report.rendered == 1
    assert "mill" not in again.text(path, "main")
    assert check_site(again.directory) == []


def test_a_rebuilt_site_is_as_one_that_was_built_at_once(tmp_path: Path) -> None:
    site = built(farm(barn("mill")), tmp_path / "grown")
    for view in (farm(barn("mill", Level.HIGH), barn("yard")), farm(barn("yard")), farm(barn("yard", Level.CRITICAL))):
        site = built(view, tmp_path / "grown")
    assert site.own_files() == built(farm(barn("yard", Level.CRITICAL)), tmp_path / "new").own_files()


def test_what_vanished_from_the_catalogue_vanishes_from_the_site(tmp_path: Path) -> None:
    built(farm(), tmp_path / "out")
    mine = tmp_path / "out/servers/orchard/notes.txt"
    mine.write_text("mine")
    site = built(memory_view(dispatching()), tmp_path / "out")
    assert site.report.removed > 0
    assert [path.name for path in (site.directory / "servers/orchard").iterdir()] == ["notes.txt"]
    assert not (site.directory / "products/orchard").exists()
    assert not (site.directory / "api/v1/servers/orchard.json").exists()
    mine.unlink()
    assert site.own_files() == built(memory_view(dispatching()), tmp_path / "new").own_files()
    assert check_site(site.directory) == []


def test_a_tool_that_vanished_takes_its_files_along(tmp_path: Path) -> None:
    server, entries = orchard()
    built(memory_view((server, entries)), tmp_path / "out")
    site = built(memory_view((server, entries[:-1])), tmp_path / "out")
    assert not (site.directory / "servers/orchard/orchard-fell").exists()
    assert check_site(site.directory) == []


def test_other_options_make_every_page_again(tmp_path: Path) -> None:
    built(farm(), tmp_path / "out")
    site = built(farm(), tmp_path / "out", SiteOptions(title="Tools of the farm"))
    assert site.report.rendered == 2
    for path, content in site.files().items():
        if path.endswith("index.html"):
            assert b"Tools of the farm" in content, path


def test_a_page_that_somebody_changed_stays_until_a_fresh_build(tmp_path: Path) -> None:
    site = built(farm(), tmp_path / "out")
    before = site.own_files()
    (site.directory / "servers/orchard/index.html").write_text("mine")
    (site.directory / "method/index.html").unlink()
    assert built(farm(), tmp_path / "out").report.changed == 0
    again = built(farm(), tmp_path / "out", how=How(fresh=True))
    assert (again.report.rendered, again.report.unchanged) == (2, 0)
    assert again.own_files() == before


def test_a_build_without_the_search_keeps_the_one_that_is_there(tmp_path: Path) -> None:
    site = built(farm(), tmp_path / "out")
    searched = {path: content for path, content in site.files().items() if path.startswith("pagefind/")}
    assert searched
    later = built(farm(barn("mill")), tmp_path / "out", how=How(search=False))
    assert {path: content for path, content in later.files().items() if path.startswith("pagefind/")} == searched
    again = built(farm(barn("mill"), barn("yard")), tmp_path / "out")
    assert again.own_files() == built(farm(barn("mill"), barn("yard")), tmp_path / "new").own_files()


def test_a_search_that_was_left_for_later_is_made_by_the_next_build_that_may(tmp_path: Path) -> None:
    built(memory_view(dispatching()), tmp_path / "out")
    built(farm(), tmp_path / "out", how=How(search=False))
    assert built(farm(), tmp_path / "out").report.changed > 0
    assert built(farm(), tmp_path / "out").own_files() == built(farm(), tmp_path / "new").own_files()


@dataclass(frozen=True, slots=True)
class MovesOn(MemoryView):
    """A server that another process looks at while the site is built: from the second look on there is a new tool."""

    looks: list[str] = field(default_factory=list)

    def entries(self, server: str) -> Sequence[EntryRow]:
        """See `CatalogView.entries`."""
        self.looks.append(server)
        rows = MemoryView.entries(self, server)
        more = [entry_row("brand_new", server=server)] if self.looks.count(server) > 1 else []
        return sorted((*rows, *more), key=lambda row: row.key)


def test_a_tool_that_appears_while_the_site_is_built_has_its_page_and_is_listed_by_the_next_build(
    tmp_path: Path,
) -> None:
    rows = farm().rows
    first = built(MovesOn(rows), tmp_path / "out")
    assert "brand_new" in first.text("servers/orchard/brand-new/", "h1")
    later = {
        slug: (server, (*entries, entry_row("brand_new", server=slug))) for slug, (server, entries) in rows.items()
    }
    again = built(MemoryView(later), tmp_path / "out")
    assert again.own_files() == built(MemoryView(later), tmp_path / "new").own_files()
