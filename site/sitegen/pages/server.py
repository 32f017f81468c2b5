"""The page of one server: how its list was obtained, its tools, and the policy for all of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, assert_never

from catalog.policy.model import Exporter
from catalog.server_profile import profile as profile_of
from classifier.flows import Flow
from classifier.grade import Grade
from classifier.verdict import Level
from sitegen.catalogue import CataloguedServer, order_of_risk
from sitegen.control import Target, decisions, rules_for, short, targets
from sitegen.findings import FindingLine, finding_lines
from sitegen.learnt import Fact, facts, findings_of
from sitegen.pages.base import LONGEST_NAME, Alternate, EntryLine, Link, Share, feeds, line, product_link, shares, twins
from sitegen.private import publishable
from sitegen.standing import Standing, standing
from sitegen.visible import bounded, one_line
from sitegen.words import count

# Characters of a server's last words, of a hint and of a problem, and problems, that a page shows.
_DETAIL = 4_000
_HINT = 1_000
_PROBLEM = 200
_MOST_PROBLEMS = 20

TWIN = "server.json"


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
    publisher: str
    product: Link | None
    twin: str
    """The JSON file that says the same."""
    alternates: tuple[Alternate, ...]
    """The files that say the same, the JSON first, and the feeds of its changes."""
    counts: str
    standing: Standing
    failed: bool
    """Whether the latest look gave nothing."""
    hint: str
    """What to do about the latest look, where that gave no list of the server's own."""
    detail: str
    """What was seen then."""
    facts: tuple[Fact, ...]
    findings: tuple[FindingLine, ...]
    problems: tuple[tuple[str, str], ...]
    """Where, and what was left out or looked odd."""
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
    row, latest = server.row, server.row.latest
    how = standing(row, [entry.row for entry in server.entries])
    name = one_line(row.title, LONGEST_NAME) or row.slug
    counts = count(row.tools, "tool") + (f" and {count(row.actions, 'action')}" if row.actions else "")
    risks = Counter(entry.verdict.risk for entry in server.entries)
    profile = profile_of([entry.row for entry in server.entries])
    paths = {entry.row.key: entry.path for entry in server.entries}
    entries = tuple(
        line(entry, short(rules_for(server.policy, entry))) for entry in sorted(server.entries, key=order_of_risk)
    )
    listed = f"What agents can do with the MCP server {name}: {counts}, each with its risk and a policy."
    problems = row.listing.problems if row.listing else ()
    return ServerPage(
        path=server.path,
        title=f"{name}: {counts}, classified" if row.listing else f"{name}: not listed",
        summary=listed if row.listing else f"The MCP server {name}: what it offers is not known. {how.heading}",
        crumbs=(Link(text="Servers", to="#servers"),),
        name=name,
        origin=bounded(row.origin.public, LONGEST_NAME),
        publisher=one_line(row.publisher or "", LONGEST_NAME),
        product=product_link(row),
        twin=f"{server.path}{TWIN}",
        alternates=(*twins(server.path), *feeds(f"{server.path}changes")),
        counts=_counts(counts, how),
        standing=how,
        failed=latest.outcome == "not_listed",
        hint="" if latest.listed else bounded(publishable(latest.hint, row.origin), _HINT),
        detail="" if latest.listed else bounded(publishable(latest.detail, row.origin), _DETAIL),
        facts=facts(row, how),
        findings=finding_lines(findings_of(row), row.origin),
        problems=tuple(
            (
                one_line(publishable(problem.where, row.origin), _PROBLEM),
                one_line(publishable(problem.message, row.origin), _PROBLEM),
            )
            for problem in problems[:_MOST_PROBLEMS]
        ),
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


def _counts(counts: str, how: Standing) -> str:
    """Say how many there are, and where that is not what a running server said, so."""
    match how.kind:
        case "declared":
            return f"{counts}, declared in its source"
        case "recorded":
            return f"{counts}, as recorded"
        case "not_listed":
            return ""
        case "listed":
            return f"{counts}, perhaps more" if how.partial else counts
    assert_never(how.kind)


def _flow_line(flow: Flow, paths: Mapping[str, str]) -> FlowLine:
    steps = tuple(
        (str(step.leg), Link(text=step.key, to=paths[step.key]) if step.key in paths else None) for step in flow.witness
    )
    return FlowLine(name=flow.name, kind=flow.kind, confidence=f"{flow.confidence:.1f}", steps=steps)
