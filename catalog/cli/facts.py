"""Show what was learnt of a server besides its tools (catalog.facts)."""

from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catalog.view import ObservationRow


def learnt(latest: "ObservationRow") -> "list[tuple[str, str | None]]":
    """Return names and values for people: the package, how a remote server answers, and findings."""
    facts: list[tuple[str, str | None]] = []
    if package := latest.package:
        released = f"{package.released_at:%Y-%m-%d}" if package.released_at else None
        facts += [("package", package.purl), ("released", released), ("licence", package.licence)]
    if remote := latest.remote:
        facts += [("answers", remote.state), ("transport", remote.transport), ("scopes", ", ".join(remote.scopes))]
        facts += [("authorization", ", ".join(remote.authorization_servers))]
    return facts + [(f"found: {finding.kind}", finding.detail) for finding in latest.findings]


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
