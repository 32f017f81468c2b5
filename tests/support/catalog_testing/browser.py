"""A real Chromium for tests and for people who work on the design, and tabs that notice what a page must never do.

Playwright's driver keeps an event loop running in the thread that uses it, so a browser must be closed before other
tests of the process use asyncio: one for each module, not for each session.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Error, Page, Request, sync_playwright

from catalog_testing.node import NODE, installed

Scheme = Literal["light", "dark"]

PHONE, DESK = 390, 1440

# Milliseconds for a page to load or an element to come, on a busy machine.
_PATIENCE = 30_000

# Whatever a page asks for elsewhere stays on this machine.
_ARGUMENTS = ("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--font-render-hinting=none")

# The browser's own report of a refusal names neither the directive nor the page in a stable way.
_TELL_REFUSALS = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`refused by ${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`), true);"""


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of a browser, and what it did that no page of a site may do."""

    page: Page
    origin: str
    """The address below which everything must be, with a slash at the end."""
    trouble: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a page of the site by its path and return it, loaded."""
        self.page.goto(self.origin + path, wait_until="load")
        return self.page

    def note(self, what: str) -> None:
        """Remember what the page did."""
        self.trouble.append(f"{self.page.url}: {what}")


@contextmanager
def chromium(folder: Path = NODE) -> Iterator[Browser]:
    """Start the browser that make installed into ``folder``.

    Raises: FileNotFoundError where it is not installed.
    """
    environment: dict[str, str | float | bool] = {
        **os.environ,
        "LD_LIBRARY_PATH": str(folder / "chromium" / "lib"),
        "FONTCONFIG_FILE": str(folder / "fonts.conf"),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    program = installed(folder / "chromium" / "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, env=environment, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def tab(
    browser: Browser,
    origin: str,
    *,
    width: int = DESK,
    scheme: Scheme = "light",
    scripts: bool = True,
    permissions: Sequence[str] = (),
    before: str = "",
) -> Iterator[Tab]:
    """Open a tab on the site at ``origin``; ``before`` is a script that runs first on every page.

    Leaving it fails where a page showed a dialog, asked for something outside the site, was refused something by its
    content security policy, opened a window or logged an error.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        reduced_motion="reduce",  # What is scrolled to is there at once.
        java_script_enabled=scripts,
        permissions=list(permissions),
    )
    try:
        opened = _watched(context, origin, before)
        try:
            yield opened
        except (AssertionError, Error) as error:
            for what in opened.trouble:
                error.add_note(what)
            raise
        opened.page.title()  # What the page has sent until now has arrived when this answers.
        assert not opened.trouble, "\n".join(opened.trouble)
    finally:
        context.close()


def barriers(page: Page) -> list[str]:
    """Return what axe finds on a page whose tab was opened with ``before=axe_source()``."""
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then((result) => result.violations)")
    return [
        f"{page.url}: {barrier['id']}: {node['html'][:200]} {node['failureSummary']}"
        for barrier in found
        for node in barrier["nodes"]
    ]


def sideways(page: Page) -> int:
    """Return by how many pixels a page is wider than its window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider


def _watched(context: BrowserContext, origin: str, before: str) -> Tab:
    context.set_default_timeout(_PATIENCE)
    context.add_init_script(_TELL_REFUSALS)
    if before:
        context.add_init_script(before)
    opened = Tab(context.new_page(), origin)

    def on_dialog(dialog: Dialog) -> None:
        opened.note(f"{dialog.type}: {dialog.message}")
        dialog.dismiss()

    def on_console(message: ConsoleMessage) -> None:
        # The browser tells of refusals and of files that are not there in the same way.
        if message.type in {"error", "warning", "assert"}:
            opened.note(f"{message.type}: {message.text}")

    def on_request(request: Request) -> None:
        if not request.url.startswith(origin):
            opened.note(f"request: {request.url[:200]}")

    opened.page.on("dialog", on_dialog)
    opened.page.on("console", on_console)
    opened.page.on("pageerror", lambda error: opened.note(f"error: {error}"))
    opened.page.on("popup", lambda other: opened.note(f"opened: {other.url}"))
    context.on("request", on_request)
    return opened
