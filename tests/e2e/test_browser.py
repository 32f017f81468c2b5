"""The built site in a real browser: no page scrolls sideways on a phone, and nothing is refused or fails to load."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from catalog_testing.browser import PHONE, chromium, sideways, tab
from catalog_testing.built import Built
from catalog_testing.page_kinds import pages, redirects
from catalog_testing.serving import served

PAGES = (
    "index.html",
    "servers/orchard/index.html",
    "servers/orchard/key-make/index.html",
    "servers/barn-mcp/hay-move/index.html",
    "risk/critical/index.html",
    "method/index.html",
    "rules/index.html",
)

# One of each of these stands in a page in which nothing forbids it, and the tab must notice.
FORBIDDEN = {
    "alert: hello": "alert('hello')",
    "error: lost": "console.error('lost')",
    "error: broken": "throw new Error('broken')",
    "request: http://127.0.0.1:1/": "fetch('http://127.0.0.1:1/').catch(() => {})",
    "opened": "open('about:blank')",
}


def test_no_page_scrolls_sideways_on_a_phone_and_nothing_is_refused(browser: Browser, site: Built, origin: str) -> None:
    found = {*PAGES, *pages(site.directory)}
    with tab(browser, origin, width=PHONE) as phone:
        assert [path for path in sorted(found) if sideways(phone.open(path)) > 0] == []


def test_the_page_of_a_renamed_tool_leads_to_its_new_name(browser: Browser, site: Built, origin: str) -> None:
    assert redirects(site.directory) == ["servers/orchard/key-drop/index.html"]
    with tab(browser, origin) as opened:
        opened.open("servers/orchard/key-drop/index.html").wait_for_url("**/servers/orchard/key-revoke/index.html")


def test_what_the_content_security_policy_refuses_fails_a_test(browser: Browser, copy: Path) -> None:
    """Without this and the next, a tab that notices nothing would make every other test pass for ever."""
    page = copy / "index.html"
    page.write_text(page.read_text().replace("</main>", "<script>alert(1)</script></main>"))
    with served(copy) as origin, pytest.raises(AssertionError) as failed, tab(browser, origin) as opened:
        opened.open("index.html")
    assert "refused by script-src-elem: inline" in str(failed.value)


@pytest.mark.parametrize("noticed", FORBIDDEN)
def test_what_no_page_may_do_fails_a_test(browser: Browser, copy: Path, noticed: str) -> None:
    (copy / "free.html").write_text(f"<!doctype html><title>free</title><script>{FORBIDDEN[noticed]}</script>")
    with served(copy) as origin, pytest.raises(AssertionError) as failed, tab(browser, origin) as opened:
        opened.open("free.html")
    assert noticed in str(failed.value)


def test_a_page_that_is_wider_than_the_phone_is_noticed(browser: Browser, copy: Path) -> None:
    (copy / "wide.html").write_text("<!doctype html><title>wide</title><p style='width: 500px'>wide</p>")
    with served(copy) as origin, tab(browser, origin, width=PHONE) as phone:
        assert sideways(phone.open("wide.html")) >= 500 - PHONE


def test_without_the_browser_it_says_how_to_install_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make build/node/installed"), chromium(tmp_path):
        pass
