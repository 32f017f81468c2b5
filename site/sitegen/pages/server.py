"""The page of one server: how its list was obtained, its tools, and the policy for all of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from catalog.policy.model import Exporter
from catalog.server_profile import profile as profile_of
from catalog.view import ObservationRow
from classifier.flows import Flow
from classifier.grade import Grade
from classifier.verdict import Level
from sitegen.catalogue import CataloguedServer, order_of_risk
from sitegen.control import Target, decisions, rules_for, short, targets
from sitegen.links import external
from sitegen.pages.base import EntryLine, Link, Share, day, line, product_link, shares
from sitegen.words import count


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowLine:
    """A toxic flow, with a link to each tool of its witness; None where the client brings the leg along."""

    name: str
    kind: str
    confidence: str
    steps: tuple[tuple[str, Link | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerPage:
    """Everything on a server's page."""

    template: ClassVar[str] = "server.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    name: str
    origin: str
    publisher: str | None
    product: Link | None
    homepage: str | None
    repository: str | None
    environment: tuple[str, ...]
    counts: str
    latest: ObservationRow
    latest_day: str
    listing: ObservationRow | None
    listing_day: str
    shares: tuple[Share, ...]
    entries: tuple[EntryLine, ...]
    """The riskiest first."""
    decisions: str
    targets: tuple[Target, ...]
    grade: str | None
    grade_reason: str
    tokens: int
    categories: str
    flows: tuple[FlowLine, ...]


def server_page(server: CataloguedServer, exporters: Sequence[Exporter]) -> ServerPage:
    """Gather a server's page."""
    row = server.row
    counts = count(row.tools, "tool") + (f" and {count(row.actions, 'action')}" if row.actions else "")
    risks = Counter(entry.verdict.risk for entry in server.entries)
    profile = profile_of([entry.row for entry in server.entries])
    paths = {entry.row.key: entry.path for entry in server.entries}
    entries = tuple(
        line(entry, short(rules_for(server.policy, entry))) for entry in sorted(server.entries, key=order_of_risk)
    )
    return ServerPage(
        path=server.path,
        title=f"{row.title}: {counts}, classified" if row.listing else f"{row.title}: not listed",
        summary=f"What agents can do with the MCP server {row.title}: {counts}, each with its risk and a policy.",
        crumbs=(Link(text="Servers", to="#servers"),),
        name=row.title,
        origin=row.origin.public,
        publisher=row.publisher,
        product=product_link(row),
        homepage=external(row.homepage),
        repository=external(row.repository),
        environment=row.environment,
        counts=counts,
        latest=row.latest,
        latest_day=day(row.latest.finished_at),
        listing=row.listing,
        listing_day=day(row.listing.finished_at) if row.listing else "",
        shares=shares(
            {level.label: (risks[level], f"risk/{level.label.lower()}/") for level in sorted(Level, reverse=True)}
        ),
        entries=entries,
        decisions=decisions(server.policy.rules),
        targets=targets(server, exporters, server.files),
        grade=profile.grade.letter if isinstance(profile.grade, Grade) else None,
        grade_reason=profile.grade.reason,
        tokens=profile.tokens,
        categories=", ".join(f"{count} {category}" for category, count in profile.categories.items() if count),
        flows=tuple(_flow_line(flow, paths) for flow in profile.flows),
    )


def _flow_line(flow: Flow, paths: Mapping[str, str]) -> FlowLine:
    steps = tuple(
        (str(step.leg), Link(text=step.key, to=paths[step.key]) if step.key in paths else None) for step in flow.witness
    )
    return FlowLine(name=flow.name, kind=flow.kind, confidence=f"{flow.confidence:.1f}", steps=steps)
