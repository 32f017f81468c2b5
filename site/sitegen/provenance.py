"""Say how a tool is known: seen in a running server, read from source, or taken from a recorded list."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import assert_never

from catalog.model import Provenance
from sitegen.catalogue import CataloguedEntry
from sitegen.visible import one_line

# Characters of a rung's name; arguments that a server asked for stand in it.
_RUN = 80

_RUNS: Mapping[str, str] = MappingProxyType(
    {
        "placeholders": "once it had placeholders for its settings",
        "streamable-http": "over Streamable HTTP",
        "sse": "over HTTP with SSE",
    }
)


def provenance_words(provenance: Provenance) -> str:
    """Say how we came to know an entry."""
    match provenance:
        case Provenance.LIVE:
            return "listed by the running server"
        case Provenance.EXPANDED:
            return "named by its tool's schema, description or discovery answers"
        case Provenance.DECLARED:
            return "read from the server's source"
        case Provenance.RECORDED:
            return "taken from an imported list"
    assert_never(provenance)


def run_words(run: str) -> str:
    """Say what it took until a tool was shown, by the rung that showed it; empty for a plain start."""
    name, _, rest = run.partition(":")
    if name in _RUNS:
        return _RUNS[name]
    if name == "arguments":
        return f"once it was started with the arguments “{one_line(rest, _RUN)}”"
    if name == "run" and rest:
        release = rest == "release-date"
        return "with dependencies as old as its release" if release else f"with the dependency {one_line(rest, _RUN)}"
    return ""


def known_from(entry: CataloguedEntry) -> str:
    """Say how and when we came to know an entry."""
    row = entry.row
    said = f"{provenance_words(row.provenance)} on {row.last_seen.date().isoformat()}"
    if row.provenance is Provenance.DECLARED:
        return f"{said}, not seen in a running server"
    took = run_words(row.run) if row.provenance is Provenance.LIVE else ""
    return f"{said}, {took}" if took else said


def speaker(provenance: Provenance) -> str:
    """Return whose words a definition's are, at the beginning of a sentence."""
    match provenance:
        case Provenance.LIVE | Provenance.EXPANDED:
            return "The server"
        case Provenance.DECLARED:
            return "The source"
        case Provenance.RECORDED:
            return "The recorded list"
    assert_never(provenance)


def published_words(provenance: Provenance) -> str:
    """Say in what form a definition is shown."""
    match provenance:
        case Provenance.LIVE:
            return "as the server published it"
        case Provenance.EXPANDED:
            return "as its tool explains it"
        case Provenance.DECLARED:
            return "as the source declares it"
        case Provenance.RECORDED:
            return "as it was recorded"
    assert_never(provenance)
