"""Style sheet, scripts and icon."""

from collections.abc import Iterator
from importlib.resources import files

from sitegen.parts import SiteOptions

_NAMES = ("site.css", "site.js", "search.js", "search-index.js", "icon.svg")

LIVE = "live.js"
"""Only in a site that is being worked on."""


def assets(options: SiteOptions) -> Iterator[tuple[str, bytes]]:
    """Yield each file's path from the site's root and its content."""
    folder = files("sitegen").joinpath("static")
    for name in (*_NAMES, LIVE) if options.live else _NAMES:
        content = folder.joinpath(name).read_bytes()
        yield f"assets/{name}", content + _accent(options).encode() if name == "site.css" else content


def _accent(options: SiteOptions) -> str:
    """Return the rules that put the publisher's colours in place of ours."""
    light, dark = options.accent, options.accent_dark or options.accent
    if light is None:
        return ""
    return f":root {{ --accent: {light}; }}\n@media (prefers-color-scheme: dark) {{ :root {{ --accent: {dark}; }} }}\n"
