"""Show what was learnt of a server besides its tools (catalog.facts), and how it is reached and known."""

from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.model import Rung
    from catalog.origin import Origin
    from catalog.view import EntryRow, ObservationRow, ServerRow
    from sitegen.standing import Standing


def kind(origin: "Origin") -> str:
    """Return how a server is reached in a word: an ecosystem, ``remote``, ``bundle``."""
    from catalog.origin import Package

    return origin.ecosystem if isinstance(origin, Package) else type(origin).__name__.lower()


def known(server: "ServerRow", entries: "Sequence[EntryRow]") -> "Standing":
    """Return how what is shown of a server is known."""
    from sitegen.standing import standing

    return standing(server, entries)


def counted(number: int, how: str) -> str:
    """Return a number of tools, with a word where no running server listed them: ``12 declared``."""
    return f"{number} {how}" if how in ("declared", "recorded") else str(number)


def learnt(server: "ServerRow") -> "list[tuple[str, str | None]]":
    """Return names and values for people: the package, how a remote server answers, steps, and findings."""
    from sitegen.learnt import findings_of

    latest, before = server.latest, server.listing or server.latest
    facts: list[tuple[str, str | None]] = []
    if package := latest.package or before.package:
        released = f"{package.released_at:%Y-%m-%d}" if package.released_at else None
        facts += [("package", package.purl), ("released", released), ("licence", package.licence)]
        facts += [("author", package.publisher), ("files", package.sha256 and f"sha256 {package.sha256}")]
    if remote := latest.remote or before.remote:
        facts += [("answers", remote.state), ("transport", remote.transport), ("scopes", ", ".join(remote.scopes))]
        facts += [("authorization", ", ".join(remote.authorization_servers))]
    facts.append(("steps", steps(latest.rungs)))
    return facts + [(f"found: {finding.kind}", finding.detail) for finding in findings_of(server)]


def steps(rungs: "Sequence[Rung]") -> str:
    """Return the rungs of a look in a line: ``install → run✗ → placeholders``."""
    return " → ".join(rung.name if rung.result == "ok" else f"{rung.name}✗" for rung in rungs)


def learnt_json(latest: "ObservationRow") -> "dict[str, object]":
    """Return the same for programs."""
    package: dict[str, object] | None = None
    if latest.package is not None:
        released = latest.package.released_at
        package = asdict(latest.package) | {"released_at": released and released.isoformat()}
    return {
        "outcome": latest.outcome,
        "maybe_partial": latest.maybe_partial,
        "findings": [asdict(finding) for finding in latest.findings],
        "package": package,
        "remote": latest.remote and asdict(latest.remote),
    }
