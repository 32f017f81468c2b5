"""The page of one server: how its list was obtained, its tools, and the policy for all of them."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import ClassVar, assert_never

from catalog.server_profile import profile as profile_of
from classifier.grade import Grade
from classifier.verdict import Level
from sitegen.catalogue import CataloguedServer, order_of_risk
from sitegen.changes import ChangeLine, change_lines, sizes
from sitegen.control import HARDENED, Target, decisions, short_decisions, targets
from sitegen.exports import own_format
from sitegen.findings import FindingLine, finding_lines
from sitegen.flow import FlowLine, flow_line
from sitegen.learnt import Fact, facts, findings_of
from sitegen.pages.base import (
    Alternate,
    EntryLine,
    Link,
    Share,
    day,
    feeds,
    line,
    product_link,
    shares,
    twins,
)
from sitegen.parts import Parts
from sitegen.places import risk_path
from sitegen.private import publishable
from sitegen.sparkline import Sparkline, sparkline
from sitegen.standing import Standing, standing
from sitegen.visible import LONGEST_NAME, bounded, one_line
from sitegen.words import capital, count

# Characters of a server's last words, of a hint and of a problem, and problems, that a page shows.
_DETAIL = 4_000
_HINT = 1_000
_PROBLEM = 200
_MOST_PROBLEMS = 20


# Tools in one page's table, and changes that the page shows; the feed has more of them.
_PER_PAGE = 500
_MOST_CHANGES = 30

TWIN = "server.json"
FEED = "changes.xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerPage:
    """Everything on a server's page; of a server with very many tools, on each of its pages."""

    template: ClassVar[str] = "server.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    name: str
    origin: str
    publisher: str
    product: Link | None
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
    """The riskiest first; on one of several pages, this page's."""
    number: int
    """Which of its pages this is; the first has everything besides the table."""
    numbers: tuple[Link, ...]
    """Every page of the table; empty where there is one."""
    decisions: str
    targets: tuple[Target, ...]
    hardened: str
    """The file of the stricter policy; empty where there is none."""
    grade: str | None
    grade_reason: str
    tokens: int
    categories: str
    flows: tuple[FlowLine, ...]
    changes: tuple[ChangeLine, ...]
    """The latest first; what the first list showed is no change."""
    more_changes: int
    """How many are not shown."""
    feed: str
    """The Atom feed of all changes; empty where the server was never listed."""
    sparkline: Sparkline | None
    """The number of entries over time; None where it never changed."""
    contents: tuple[Link, ...]
    """The sections that the page has: what they are called, and their ids."""
    as_of: str
    """When it was last looked at."""

    @property
    def alternates(self) -> tuple[Alternate, ...]:
        """Return the files that say the same, and the feeds of its changes."""
        home = self.numbers[0].to if self.numbers else self.path
        return (*twins(home), *feeds(f"{home}changes"))


def server_pages(server: CataloguedServer, parts: Parts) -> tuple[ServerPage, ...]:
    """Gather a server's page, and where it has more tools than one table should, further pages of that table."""
    first = _first_page(server, parts)
    lines = first.entries
    pages = max(1, -(-len(lines) // _PER_PAGE))
    if pages == 1:
        return (first,)
    numbers = tuple(Link(text=str(number), to=_numbered(server, number)) for number in range(1, pages + 1))
    return tuple(
        replace(
            first,
            path=_numbered(server, number),
            title=first.title if number == 1 else f"{first.title}, page {number}",
            entries=lines[(number - 1) * _PER_PAGE : number * _PER_PAGE],
            number=number,
            numbers=numbers,
        )
        for number in range(1, pages + 1)
    )


def _first_page(server: CataloguedServer, parts: Parts) -> ServerPage:
    row, latest = server.row, server.row.latest
    how = standing(row, [entry.row for entry in server.entries])
    name = server.title
    counts = count(row.tools, "tool") + (f" and {count(row.actions, 'action')}" if row.actions else "")
    risks = Counter(entry.verdict.risk for entry in server.entries)
    profile = profile_of([entry.row for entry in server.entries])
    by_key = {entry.row.key: entry for entry in server.entries}
    paths = {gone.row.key: gone.path for gone in server.removed} | {key: each.path for key, each in by_key.items()}
    decided = short_decisions(server)
    entries = tuple(line(entry, decided[entry.row.key]) for entry in sorted(server.entries, key=order_of_risk))
    findings = finding_lines(findings_of(row), row.origin)
    flows = tuple(flow_line(flow, by_key) for flow in profile.flows)
    listed = f"What agents can do with the MCP server {name}: {counts}, each with its risk and a policy."
    problems = row.listing.problems if row.listing else ()
    return ServerPage(
        path=server.path,
        title=f"{name}: {counts}, classified" if row.listing else f"{name}: not listed",
        summary=listed if row.listing else f"The MCP server {name}: what it offers is not known. {how.heading}",
        crumbs=(Link(text="Servers", to="servers/"),),
        name=name,
        origin=bounded(row.origin.public, LONGEST_NAME),
        publisher=server.publisher or "",
        product=product_link(row),
        counts=_counts(counts, how),
        standing=how,
        failed=latest.outcome == "not_listed",
        hint="" if latest.listed else bounded(publishable(latest.hint, row.origin), _HINT),
        detail="" if latest.listed else bounded(publishable(latest.detail, row.origin), _DETAIL),
        facts=facts(row, how),
        findings=findings,
        problems=tuple(
            (
                one_line(publishable(problem.where, row.origin), _PROBLEM),
                one_line(publishable(problem.message, row.origin), _PROBLEM),
            )
            for problem in problems[:_MOST_PROBLEMS]
        ),
        shares=shares({level.label: (risks[level], risk_path(level)) for level in sorted(Level, reverse=True)}),
        entries=entries,
        number=1,
        numbers=(),
        decisions=decisions(server.policy.rules),
        targets=targets(server, server.exports),
        hardened=server.path + HARDENED if server.hardened and own_format(server.hardened, parts.exporters) else "",
        grade=profile.grade.letter if isinstance(profile.grade, Grade) else None,
        grade_reason=bounded(capital(profile.grade.reason), _HINT),
        tokens=profile.tokens,
        categories=", ".join(f"{count} {category}" for category, count in profile.categories.items() if count),
        flows=flows,
        changes=change_lines(server.history[:_MOST_CHANGES], paths),
        more_changes=max(0, len(server.history) - _MOST_CHANGES),
        feed=f"{server.path}{FEED}" if row.listing else "",
        sparkline=sparkline(sizes(server)),
        contents=_contents(findings=bool(findings), flows=bool(flows), tools=bool(entries), listed=bool(row.listing)),
        as_of=day(latest.finished_at),
    )


def _contents(*, findings: bool, flows: bool, tools: bool, listed: bool) -> tuple[Link, ...]:
    sections = (
        ("Facts", "facts", True),
        ("What was noticed", "findings", findings),
        ("Flows", "flows", flows),
        ("Tools", "tools", tools),
        ("Policy", "policy", tools),
        ("Changes", "changes", listed),
    )
    return tuple(Link(text=text, to=f"#{section}") for text, section, present in sections if present)


def _numbered(server: CataloguedServer, number: int) -> str:
    return server.path if number == 1 else f"{server.path}page/{number}/"


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
