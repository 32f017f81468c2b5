"""How large files may be: a page has to be there at once on a slow line."""

from collections.abc import Iterator

# Bytes. A tool may have many parameters, each with a few words; a page of a list or of a server has a table of up to
# 500 rows, which sorts and filters at once.
_LIMITS = (
    (("assets/site.css",), 25_000),
    (("assets/site.js", "assets/search.js"), 20_000),
)
TOOL_PAGE, OTHER_PAGE = 100_000, 400_000


def check_size(name: str, size: int) -> Iterator[str]:
    """Yield whether a file is larger than it may be."""
    for names, most in _LIMITS:
        if name in names and size > most:
            yield f"has {size:,} bytes; at most {most:,} were meant"
    if name.endswith(".html"):
        most = TOOL_PAGE if _is_tool(name) else OTHER_PAGE
        if size > most:
            yield f"has {size:,} bytes; at most {most:,} were meant"


def _is_tool(name: str) -> bool:
    parts = name.split("/")
    return len(parts) == 4 and parts[0] == "servers" and parts[2] != "page"
