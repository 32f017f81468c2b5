"""The pages of a built site by kind, found by looking, so that a new kind of page is covered as soon as it is built."""

from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

Kind = tuple[object, ...]

# Pages that one test looks at in the browser.
_MOST = 60

_OF_A_KIND = 2


def pages(site: Path) -> list[str]:
    """Return the paths of two pages of each kind, and of one where there is only one.

    Raises: AssertionError where that is more than a test can look at.
    """
    kinds: dict[Kind, list[str]] = {}
    for file in sorted(site.rglob("*.html")):
        kinds.setdefault(_kind(site, file), []).append(file.relative_to(site).as_posix())
    found = [path for paths in kinds.values() for path in paths[:_OF_A_KIND]]
    assert 0 < len(found) <= _MOST, f"{len(kinds)} kinds of pages in {site}: have none, or too many to look at"
    return found


def _kind(site: Path, file: Path) -> Kind:
    """Return what pages of one kind have in common: first folder, depth, file name and sections."""
    parts = file.relative_to(site).parts
    sections = LexborHTMLParser(file.read_bytes()).css("main section[id]")
    return parts[0], len(parts), parts[-1], *sorted(node.attributes["id"] or "" for node in sections)
