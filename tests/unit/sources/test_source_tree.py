"""Targets that name source code."""

import re
from pathlib import Path

import pytest

from catalog.errors import UsageError
from catalog.origin import Source
from catalog.sources.source_tree import parse_source, source_server


def test_a_folder_and_an_archive_are_source_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Code.tar.GZ").touch()
    monkeypatch.chdir(tmp_path)
    assert parse_source("source:.") == Source(path=str(tmp_path))
    assert parse_source("source:./Code.tar.GZ") == Source(path=str(tmp_path / "Code.tar.GZ"))


def test_the_home_directory_may_be_written_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert parse_source("source:~") == Source(path=str(tmp_path))


@pytest.mark.parametrize("target", ["pypi:source", "source", "./source:"])
def test_other_targets_are_not_source_code(target: str) -> None:
    assert parse_source(target) is None


@pytest.mark.parametrize("name", ["", "absent", "plain.txt", "nul\0", "x" * 5000, "~nobody-of-this-name/x"])
def test_what_is_neither_folder_nor_archive_says_what_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "plain.txt").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="write source:FOLDER"):
        parse_source(f"source:{name}")


def test_two_folders_of_one_name_are_two_servers() -> None:
    one, other = source_server(Source(path="/a/My Code")), source_server(Source(path="/b/My Code"))
    assert one.slug != other.slug
    assert re.fullmatch(r"source-my-code-[0-9a-f]{8}", one.slug)
    assert one.title == "My Code"
    assert source_server(Source(path="/")).title == "source"
