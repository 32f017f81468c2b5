"""Every kind of page without a barrier that axe knows, in light and in dark, and in valid HTML."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from catalog_testing.browser import DESK, PHONE, Scheme, barriers, tab
from catalog_testing.built import Built
from catalog_testing.node import axe_source, html_problems
from catalog_testing.page_kinds import pages, redirects
from catalog_testing.serving import served

BARRIER = """<!doctype html><html lang="en"><title>Barriers</title>
<main><h1>Barriers</h1><p style="color: #888">{text}</p><input></main></html>"""


@pytest.mark.parametrize(("scheme", "width"), [("light", DESK), ("dark", PHONE)])
def test_axe_finds_no_barrier_on_a_page_of_any_kind(
    browser: Browser, site: Built, origin: str, scheme: Scheme, width: int
) -> None:
    with tab(browser, origin, width=width, scheme=scheme, before=axe_source()) as opened:
        found = [barrier for path in pages(site.directory) for barrier in barriers(opened.open(path))]
    assert found == []


def test_axe_finds_the_barriers_of_a_page_that_has_some(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(BARRIER)
    with served(tmp_path) as address, tab(browser, address, before=axe_source()) as opened:
        found = "\n".join(barriers(opened.open("index.html")))
    assert ": label: <input>" in found
    assert ": color-contrast: " in found


def test_every_kind_of_page_is_valid_html(site: Built) -> None:
    paths = [*pages(site.directory), *redirects(site.directory)]
    assert html_problems([site.directory / path for path in paths]) == []


def test_invalid_html_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><html lang='en'><head><title>t</title></head><body><p><ul></ul></p></body></html>")
    assert {problem.rule for problem in html_problems([page])} >= {"close-order"}
