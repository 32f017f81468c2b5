"""Compressed copies beside text files: the same when unpacked, and renewed with what they are copies of."""

import gzip
import importlib.util
from pathlib import Path

import pytest

from catalog.errors import UsageError
from catalog_testing.built import Built, built
from catalog_testing.view import MemoryView, dispatching, memory_view, orchard
from sitegen.check import check_site
from sitegen.parts import SiteOptions

has_brotli = importlib.util.find_spec("brotli") is not None

GZIP = SiteOptions(precompress=("gzip",))


def farm() -> MemoryView:
    return memory_view(orchard(), dispatching())


def assert_copies_equal_their_sources(site: Built) -> None:
    files = site.files()
    copies = {path for path in files if path.endswith(".gz") and not path.startswith("search/")}
    assert copies
    for path in copies:
        assert gzip.decompress(files[path]) == files[path.removesuffix(".gz")], path


def test_texts_get_a_copy_and_what_gains_nothing_does_not(tmp_path: Path) -> None:
    site = built(farm(), tmp_path / "out", GZIP)
    assert_copies_equal_their_sources(site)
    files = site.files()
    for path in ("index.html", "assets/site.css", "servers/orchard/key-make/page.json", "llms.txt", "changes/feed.xml"):
        assert (f"{path}.gz" in files) == (len(files[path]) >= 512), path
    assert not [path for path in files if path.endswith(".gz.gz") or (".pf_" in path and path.endswith(".gz"))]
    assert check_site(site.directory) == []


def test_copies_are_renewed_with_their_sources(tmp_path: Path) -> None:
    built(farm(), tmp_path / "out", GZIP)
    site = built(memory_view(orchard()), tmp_path / "out", GZIP)
    assert_copies_equal_their_sources(site)
    assert not (site.directory / "servers/barn-mcp/index.html.gz").exists()
    assert site.own_files() == built(memory_view(orchard()), tmp_path / "new", GZIP).own_files()
    assert built(memory_view(orchard()), tmp_path / "out", GZIP).report.changed == 0


def test_copies_vanish_with_the_wish_for_them(tmp_path: Path) -> None:
    built(farm(), tmp_path / "out", GZIP)
    site = built(farm(), tmp_path / "out")
    assert site.own_files() == built(farm(), tmp_path / "new").own_files()


@pytest.mark.skipif(not has_brotli, reason="no brotli: install the extra 'brotli'")
def test_brotli_copies_equal_their_sources(tmp_path: Path) -> None:
    import brotli

    files = built(farm(), tmp_path / "out", SiteOptions(precompress=("gzip", "brotli"))).files()
    assert brotli.decompress(files["index.html.br"]) == gzip.decompress(files["index.html.gz"]) == files["index.html"]


@pytest.mark.skipif(has_brotli, reason="brotli is installed")
def test_where_brotli_is_not_installed_the_extra_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"mcp-catalog\[brotli\]"):
        built(farm(), tmp_path / "out", SiteOptions(precompress=("brotli",)))


def test_another_compression_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'zip' is no compression: choose gzip or brotli"):
        built(farm(), tmp_path / "out", SiteOptions(precompress=("zip",)))
