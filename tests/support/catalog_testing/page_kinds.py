"""The pages of a built site by kind, found by looking, so that a new kind of page is covered as soon as it is built."""

from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

Kind = tuple[object, ...]

# Pages that one test looks at in the browser.
_MOST = 60

_OF_A_KIND = 2


def every_page(site: Path) -> list[str]:
    """Return the paths of all pages that stay; those that lead on at once are `redirects`."""
    return [path for path in _paths(site) if not _leads_on(site / path)]


def redirects(site: Path) -> list[str]:
    """Return the paths of the pages that lead on to others."""
    return [path for path in _paths(site) if _leads_on(site / path)]


def pages(site: Path) -> list[str]:
    """Return the paths of two pages of each kind, and of one where there is only one; no redirects.

    Raises: AssertionError where that is more than a test can look at.
    """
    kinds: dict[Kind, list[str]] = {}
    for path in every_page(site):
        kinds.setdefault(_kind(site / path, path), []).append(path)
    found = [path for paths in kinds.values() for path in paths[:_OF_A_KIND]]
    assert 0 < len(found) <= _MOST, f"{len(kinds)} kinds of pages in {site}: have none, or too many to look at"
    return found


def _paths(site: Path) -> list[str]:
    return [file.relative_to(site).as_posix() for file in sorted(site.rglob("*.html"))]


def _leads_on(file: Path) -> bool:
    return bool(LexborHTMLParser(file.read_bytes()).css("meta[http-equiv=refresh]"))


def _kind(file: Path, path: str) -> Kind:
    """Return what pages of one kind have in common: first folder, depth, file name and sections."""
    parts = path.split("/")
    sections = LexborHTMLParser(file.read_bytes()).css("main section[id]")
    return parts[0], len(parts), parts[-1], *sorted(node.attributes["id"] or "" for node in sections)
