"""What a tool's page leads to: related tools, and pages about what the tool is an instance of."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.attacks import AttackMatch
from classifier.verdict import Classification
from sitegen.catalogue import CataloguedEntry, CataloguedServer
from sitegen.control import rules_of, short
from sitegen.pages.base import Link, product_link
from sitegen.places import METHOD, attack_path, category_path, risk_path
from sitegen.related import Neighbours
from sitegen.visible import LONGEST_NAME, one_line


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedLine:
    """One related tool."""

    name: str
    to: str
    risk: str
    because: str
    policy: str
    """What the recommended policy of this server decides for it; empty for a tool of another server."""


def related_lines(entry: CataloguedEntry, server: CataloguedServer, neighbours: Neighbours) -> tuple[RelatedLine, ...]:
    """Return related tools of the same server, then tools of the same name on others."""
    near = neighbours.of(entry)
    return (
        *(
            RelatedLine(
                name=other.entry.label,
                to=other.entry.path,
                risk=other.entry.verdict.risk.label,
                because=other.because,
                policy=short(rules_of(server, other.entry)) if server.rules.has(other.entry.row.key) else "",
            )
            for other in near
        ),
        *(
            RelatedLine(
                name=one_line(other.name, LONGEST_NAME) or "(no name)",
                to=other.path,
                risk=other.risk.label,
                because=f"the same name on {one_line(other.server_title, LONGEST_NAME) or other.server}",
                policy="",
            )
            for other in server.namesakes.get(entry.row.key, ())
        ),
    )


def deeper(
    server: CataloguedServer, home: Link, verdict: Classification, attacks: Sequence[AttackMatch]
) -> tuple[Link, ...]:
    """Return the pages about what a tool is an instance of: its server, category, risk, attacks, and the method."""
    product = product_link(server.row)
    return (
        Link(text=f"Every tool of {home.text}, and the policy for all of them", to=home.to),
        *([Link(text=f"MCP servers for {product.text}", to=product.to)] if product else []),
        Link(text=f"{verdict.category} tools of every server", to=category_path(verdict.category)),
        Link(text=f"Tools at {verdict.risk.label} risk", to=risk_path(verdict.risk)),
        *(Link(text=f"Attack: {match.pattern.name}", to=attack_path(match.pattern.slug)) for match in attacks),
        Link(text="How tools are classified", to=METHOD),
    )
