"""Pagefind over a built site: what comes of it, and what is told where nothing does."""

import importlib.util
import sys
from pathlib import Path

import pytest

from catalog_testing.built import built
from catalog_testing.view import dispatching, memory_view, orchard
from sitegen.search.pagefind import Indexed, NotIndexed, run_pagefind

needs_pagefind = pytest.mark.skipif(
    importlib.util.find_spec("pagefind_bin") is None, reason="no Pagefind: install the extra 'search'"
)


@needs_pagefind
def test_a_site_gets_an_index_of_its_tools_and_servers_and_is_not_touched(tmp_path: Path) -> None:
    site = built(memory_view(orchard(), dispatching()), tmp_path / "out")
    before = site.files()
    found = run_pagefind(site.directory)
    assert isinstance(found, Indexed)
    assert site.files() == before
    assert {path.split("/")[0] for path in found.files} == {"pagefind"}
    assert {path.split("/")[1] for path in found.files} >= {"pagefind.js", "pagefind-entry.json", "fragment", "index"}
    # Two servers, four tools of one, a tool and three actions of the other: no page of another kind.
    assert len([path for path in found.files if "/fragment/" in path]) == 2 + 4 + 4
    assert not [path for path in found.files if "ui" in path]


@needs_pagefind
def test_what_it_says_of_a_folder_without_pages_is_told(tmp_path: Path) -> None:
    found = run_pagefind(tmp_path)
    assert isinstance(found, NotIndexed)
    assert "did not contain any html files" in found.reason


@needs_pagefind
def test_it_is_stopped_when_its_time_is_up(tmp_path: Path) -> None:
    assert run_pagefind(tmp_path, timeout=0) == NotIndexed(reason="Pagefind took longer than 0 s and was stopped")


def test_where_it_is_not_installed_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "pagefind", raising=False)
    found = run_pagefind(tmp_path)
    assert isinstance(found, NotIndexed)
    assert "mcp-catalog[search]" in found.reason
