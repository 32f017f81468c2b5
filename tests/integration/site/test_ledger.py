"""The ledger beside a site: what is not a ledger, or names what is not ours, is refused; an old one is made anew."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from catalog.errors import UsageError
from catalog_testing.built import built
from catalog_testing.view import MemoryView, dispatching, memory_view, orchard
from sitegen.parts import SiteOptions

LEDGER = ".catalog-site.db"


def farm() -> MemoryView:
    return memory_view(orchard(), dispatching())


def changed(out: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(out / LEDGER)) as connection, connection:
        connection.execute(statement, values)


@pytest.mark.parametrize("content", [b"{}\n", b"mine " * 1_000, b"SQLite format 3\x00" + b"\xff" * 5_000])
def test_a_file_that_is_no_ledger_is_refused_and_stays(tmp_path: Path, content: bytes) -> None:
    (tmp_path / LEDGER).write_bytes(content)
    with pytest.raises(UsageError, match=r"is damaged .*: delete .* and build again"):
        built(farm(), tmp_path)
    assert (tmp_path / LEDGER).read_bytes() == content


def test_a_ledger_that_is_damaged_inside_is_refused_and_the_site_stays(tmp_path: Path) -> None:
    site = built(farm(), tmp_path / "out")
    before = site.files()
    ledger = tmp_path / "out" / LEDGER
    content = bytearray(ledger.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    ledger.write_bytes(content)
    with pytest.raises(UsageError, match=r"is damaged .*: delete .* and build again"):
        built(memory_view(orchard()), tmp_path / "out")
    assert site.files() == before


@pytest.mark.parametrize("path", ["../thesis.txt", "/etc/hosts", "a/../../b", "C:\\x"])
def test_a_ledger_that_names_files_outside_the_site_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    built(farm(), tmp_path / "out")
    changed(tmp_path / "out", "UPDATE owner SET files = ? WHERE name = 'server:orchard'", f"00 4 {path}")
    with pytest.raises(UsageError, match="outside the site"):
        built(memory_view(dispatching()), tmp_path / "out")
    assert (tmp_path / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize(("server", "key"), [("", b"orchard"), ("orchard", b"key_make")])
def test_a_ledger_with_a_folder_outside_the_site_is_refused(tmp_path: Path, server: str, key: bytes) -> None:
    built(farm(), tmp_path / "out")
    changed(tmp_path / "out", "UPDATE folder SET folder = '../../../loot' WHERE server = ? AND key = ?", server, key)
    with pytest.raises(UsageError, match="outside the site"):
        built(farm(), tmp_path / "out", SiteOptions(title="Another"))
    assert {path.name for path in tmp_path.iterdir()} == {"out"}


def test_a_ledger_of_another_version_is_made_anew_and_what_it_wrote_is_still_ours(tmp_path: Path) -> None:
    built(farm(), tmp_path / "out")
    changed(tmp_path / "out", "PRAGMA user_version = 99")
    site = built(memory_view(orchard()), tmp_path / "out")
    assert site.own_files() == built(memory_view(orchard()), tmp_path / "new").own_files()
    assert built(memory_view(orchard()), tmp_path / "out").report.changed == 0


def test_a_directory_whose_ledger_is_gone_is_not_ours(tmp_path: Path) -> None:
    site = built(farm(), tmp_path / "out")
    (site.directory / LEDGER).unlink()
    before = site.files()
    with pytest.raises(UsageError, match="not empty and was not written by catalog"):
        built(memory_view(orchard()), tmp_path / "out")
    assert site.files() == before
