"""A reader who has only a keyboard gets from the home page to a tool's policy, and always sees where they are."""

import json

from playwright.sync_api import Browser, Page

from catalog_testing.browser import tab
from catalog_testing.built import Built
from catalog_testing.showcase import BINS

# Stops from one end of a page to the other; a walk that does not arrive by then never does.
FAR = 300

FOCUS_IS_SEEN = """() => {
  const here = document.activeElement;
  const style = getComputedStyle(here);
  const box = here.getBoundingClientRect();
  const drawn = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  return drawn && box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
}"""


def go_to(page: Page, selector: str) -> None:
    """Press Tab until the element that ``selector`` names has the focus."""
    for _ in range(FAR):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS_IS_SEEN), (
            f"nobody sees the focus on {page.evaluate('document.activeElement.outerHTML')}"
        )
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{FAR} stops and none at {selector!r} on {page.url}")


def follow(page: Page, selector: str) -> None:
    """Go to a link and open what it leads to."""
    go_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def shown(page: Page) -> list[str]:
    """Return the names in the server's table of tools, as they stand there."""
    return page.locator("#tools tbody tr:visible .what code").all_inner_texts()


def test_the_first_stop_of_every_walk_skips_to_the_content(browser: Browser, origin: str) -> None:
    with tab(browser, origin) as opened:
        page = opened.open("servers/granary/index.html")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_a_keyboard_filters_and_sorts_a_server_and_copies_the_policy_of_a_tool(
    browser: Browser, site: Built, origin: str
) -> None:
    with tab(browser, origin, permissions=["clipboard-read", "clipboard-write"]) as opened:
        page = opened.open("index.html")
        follow(page, "main a[href='servers/granary/index.html']")
        assert len(shown(page)) == BINS

        go_to(page, "#tools input")
        page.keyboard.type("burn")
        assert shown(page) == ["bin_burn"]
        page.keyboard.press("Control+A")
        page.keyboard.press("Delete")
        assert len(shown(page)) == BINS

        go_to(page, "#tools th button")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        assert page.locator("#tools th[aria-sort=descending]").count() == 1
        assert shown(page) == sorted(shown(page), reverse=True)

        follow(page, "#tools a[href$='bin-burn/index.html']")
        follow(page, "a[href='#control']")
        go_to(page, "#control figure button")
        page.keyboard.press("Enter")
        copied = page.evaluate("navigator.clipboard.readText()")
        page.get_by_role("button", name="Copied").wait_for()
    policy = json.loads((site.directory / "servers/granary/bin-burn/policy.json").read_text())
    assert json.loads(copied) == policy


def test_a_keyboard_opens_an_answer(browser: Browser, origin: str) -> None:
    with tab(browser, origin) as opened:
        page = opened.open("servers/orchard/key-make/index.html")
        go_to(page, "#questions summary")
        page.keyboard.press("Enter")
        assert page.locator("#questions details[open]").count() == 1
