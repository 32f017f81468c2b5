"""Atom feeds (RFC 4287): what every reader needs to be there."""

from collections import Counter
from collections.abc import Iterator

from sitegen.check.elements import parsed

_ATOM = "{http://www.w3.org/2005/Atom}"


def check_feed(content: bytes) -> Iterator[str]:
    """Yield what is wrong with a feed."""
    root = parsed(content)
    if root is None:
        yield "is no XML"
        return
    if root.tag != f"{_ATOM}feed":
        yield f"is no Atom feed, but a <{root.tag}>"
        return
    for name in ("id", "title", "updated"):
        if not root.findtext(f"{_ATOM}{name}"):
            yield f"has no <{name}>"
    entries = root.findall(f"{_ATOM}entry")
    for entry in entries:
        for name in ("id", "title", "updated"):
            if not entry.findtext(f"{_ATOM}{name}"):
                yield f"has an entry without <{name}>"
    identifiers = Counter(entry.findtext(f"{_ATOM}id") for entry in entries)
    for identifier, count in identifiers.items():
        if count > 1:
            yield f"has the id {identifier!r} {count} times"
