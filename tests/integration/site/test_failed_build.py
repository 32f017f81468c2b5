"""A build that fails leaves the old site as it was; one that ended while files moved is put right by the next."""

import os
import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from catalog.errors import CatalogError, UsageError
from catalog.policy.model import Policy
from catalog.view import EntryRow
from catalog_testing.built import Built, built
from catalog_testing.catalogued import parts_of
from catalog_testing.view import MemoryView, dispatching, entry_row, memory_view, orchard, server_row
from sitegen.build import How, build_site
from sitegen.check import check_site
from sitegen.parts import Parts, SiteOptions

NEW = ".catalog-site.new"
MOVING = ".catalog-site.moving"


def farm() -> MemoryView:
    return memory_view(orchard(), dispatching())


@pytest.fixture
def site(tmp_path: Path) -> Built:
    """A site that a later build is to change."""
    return built(farm(), tmp_path / "out")


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """Have the system refuse to let a file grow above ``size`` bytes, as it does on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_build_whose_parts_fail_leaves_the_old_site_as_it_was(site: Built) -> None:
    before = site.files()

    def fails(server: str, entries: Sequence[EntryRow]) -> Policy:
        raise CatalogError(f"no ladder for {server!r} with {len(entries)} tools")

    known = parts_of(memory_view(dispatching()))
    parts = Parts(view=known.view, recommend=fails, exporters=known.exporters, rules={}, attacks=known.attacks)
    with pytest.raises(CatalogError, match="no ladder for 'barn-mcp'"):
        build_site(parts, SiteOptions(title="Another"), site.directory)
    assert site.files() == before
    assert not (site.directory / NEW).exists()
    assert built(farm(), site.directory).report.changed == 0


def test_a_build_whose_processes_die_leaves_the_old_site_as_it_was_and_says_what_to_do(site: Built) -> None:
    before = site.files()
    many = memory_view(*((server_row(f"barn-{number}"), [entry_row("count")]) for number in range(40)))
    how = How(jobs=2, open_parts=partial(os._exit, 1))
    with pytest.raises(CatalogError, match=r"a process of the build was ended, .*: try --jobs 1"):
        built(many, site.directory, how=how)
    assert site.files() == before


def test_a_disk_that_is_full_leaves_the_old_site_as_it_was(site: Built) -> None:
    before = site.files()
    with no_file_above(10_000), pytest.raises(CatalogError, match="make room"):
        built(memory_view(orchard()), site.directory, SiteOptions(title="Another"))
    assert site.files() == before
    assert built(farm(), site.directory).report.changed == 0


def test_a_disk_that_refuses_new_files_leaves_the_old_site_as_it_was(site: Built) -> None:
    before = site.files()
    (site.directory / NEW).write_text("in the way")
    with pytest.raises(CatalogError, match="cannot write the site"):
        built(memory_view(orchard()), site.directory)
    (site.directory / NEW).unlink()
    assert site.files() == before


def test_what_is_in_the_way_of_a_page_is_named_and_nothing_has_moved(site: Built) -> None:
    page = site.directory / "servers/index.html"
    page.unlink()
    (page / "mine").mkdir(parents=True)
    before = site.files()
    with pytest.raises(UsageError, match=r"servers/index\.html' is in the way .*: move it elsewhere"):
        built(memory_view(orchard()), site.directory, SiteOptions(title="Another"))
    assert site.files() == before


def test_a_link_in_place_of_a_folder_is_in_the_way_and_nothing_is_written_through_it(
    site: Built, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    (site.directory / "servers/orchard").rename(elsewhere)
    (site.directory / "servers/orchard").symlink_to(elsewhere)
    before = {path: path.stat().st_mtime_ns for path in elsewhere.rglob("*")}
    with pytest.raises(UsageError, match="servers/orchard' is in the way"):
        built(farm(), site.directory, SiteOptions(title="Another"))
    built(memory_view(dispatching()), site.directory)
    assert {path: path.stat().st_mtime_ns for path in elsewhere.rglob("*")} == before


def interrupted(site: Built, later: Built) -> None:
    """Leave ``site`` as a build of ``later`` leaves it that is killed when it has moved half of the files."""
    before, files = site.files(), later.files()
    new = [path for path in files if path not in before]
    (site.directory / MOVING).write_text("".join(f"{path}\n" for path in new))
    for path in list(files)[::2]:
        (site.directory / path).parent.mkdir(parents=True, exist_ok=True)
        (site.directory / path).write_bytes(files[path])


@pytest.mark.parametrize("view", [farm(), memory_view(orchard()), memory_view(dispatching())])
def test_a_build_after_an_interrupted_one_makes_everything_again(site: Built, tmp_path: Path, view: MemoryView) -> None:
    options = SiteOptions(title="Another", base_url="https://farm.example/")
    interrupted(site, built(memory_view(orchard()), tmp_path / "later", options))
    again = built(view, site.directory)
    assert again.report.rendered == len(view.rows)
    assert again.own_files() == built(view, tmp_path / "new").own_files()
    assert check_site(again.directory) == []
    assert built(view, site.directory).report.changed == 0


def test_what_an_interrupted_build_moved_and_nobody_wants_is_removed(tmp_path: Path) -> None:
    site = built(memory_view(dispatching()), tmp_path / "out")
    interrupted(site, built(farm(), tmp_path / "later"))
    mine = site.directory / "servers/notes.txt"
    mine.write_text("mine")
    again = built(memory_view(dispatching()), site.directory)
    assert mine.read_text() == "mine"
    mine.unlink()
    assert again.own_files() == built(memory_view(dispatching()), tmp_path / "new").own_files()
    assert not (site.directory / "servers/orchard").exists()


def test_a_first_build_that_fails_leaves_a_folder_that_is_nobodys(tmp_path: Path) -> None:
    with no_file_above(10_000), pytest.raises(CatalogError, match="make room"):
        built(farm(), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("path", ["../thesis.txt", "servers/../../thesis.txt", "{outside}/thesis.txt", ".."])
def test_what_an_interrupted_build_is_said_to_have_moved_outside_the_site_stays(
    site: Built, tmp_path: Path, path: str
) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    (site.directory / MOVING).write_text(path.format(outside=tmp_path) + "\n")
    built(farm(), site.directory)
    assert (tmp_path / "thesis.txt").read_text() == "mine"
