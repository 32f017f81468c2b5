"""The page of one tool, or of one action behind a dispatcher tool."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from catalog.attacks import AttackMatch, matching
from catalog.model import Provenance
from catalog.server_profile import token_cost
from catalog.view import ChangeKind, EntryRow
from sitegen.catalogue import CataloguedEntry, CataloguedServer
from sitegen.changes import ChangeLine, change_lines, entry_changes
from sitegen.control import Control, control, reach
from sitegen.documents.encoding import indented
from sitegen.pages.around import RelatedLine, deeper, related_lines
from sitegen.pages.base import Alternate, Link, day, product_link, twins
from sitegen.parameters import Parameter, parameter_counts, parameters, results
from sitegen.parts import Parts
from sitegen.places import category_path, risk_path
from sitegen.provenance import known_from, published_words, speaker
from sitegen.questions import Question, questions
from sitegen.reasons import Claim, Quote, axes, claims, decided, decisive, quotes
from sitegen.related import Neighbours
from sitegen.tasks import does
from sitegen.visible import LONGEST_NAME, embeddable_json, one_line, visible_json
from sitegen.words import count, recoverability_words

# A longer description is folded after its first paragraph, so that the verdict stays in sight.
_LEAD = 600

# What a page shows of a description or a definition; the whole stands in definition.json beside it.
_DESCRIPTION = 6_000
_DEFINITION = 12_000

_MOST_ATTACKS = 5

DECLARED_NOTE = (
    "Read from the source code of the server. A running server may not list it, or may describe it differently."
)

_HINTS = ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What the server declares of a tool: true, false or undeclared."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """What searches filter and sort a tool by, where the page's own words do not say it as filters do."""

    server: str
    """The server's folder."""
    provenance: str
    traits: tuple[str, ...]
    rank: int
    """The risk as a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolPage:
    """Everything on a tool's page."""

    template: ClassVar[str] = "tool.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    alternates: tuple[Alternate, ...]
    """The files that say the same."""
    name: str
    wire_name: str
    """The name in a call: the dispatcher tool's for an action."""
    place: str
    server: Link
    product: Link | None
    description: str
    """Where it is long, its beginning."""
    description_rest: str
    """What follows, verbatim."""
    description_cut: bool
    """Whether even that is not all of it."""
    category: str
    category_page: str
    also: tuple[str, ...]
    """Categories that it counts as too."""
    risk: str
    risk_page: str
    severity: str
    recoverability: str
    confidence: str
    reach: str
    """How an action is reached, as JSON arguments; empty for a tool."""
    provenance: str
    note: str
    """What a reader must know of how it is known; empty for most."""
    speaker: str
    """Whose words the definition's are, at the beginning of a sentence."""
    published: str
    """In what form the raw definition is shown."""
    server_version: str
    hash: str
    """SHA-256 (hex) of the definition; a page shows how it begins."""
    tokens: int | None
    """What the definition takes of a model's context; None for an action, which has none of its own."""
    parameter_count: str
    parameters_left: int
    """How many more there are than the table shows."""
    hints: tuple[Hint, ...]
    does: tuple[str, ...]
    axes: str
    """How severity and recoverability make the risk."""
    overrides: tuple[str, ...]
    """What a person decided instead of the rules."""
    claims: tuple[Claim, ...]
    decisive: Parameter | None
    """The parameter that decides how bad a call can be."""
    quotes: tuple[Quote, ...]
    attacks: tuple[AttackMatch, ...]
    control: Control
    on_wire: str | None
    parameters: tuple[Parameter, ...]
    results: tuple[Parameter, ...]
    """What the output schema declares; empty where it declares nothing."""
    definition: str
    """The raw definition as JSON; empty where it is too long for the page."""
    first_seen: str
    """When this definition was first seen."""
    last_seen: str
    changes: tuple[ChangeLine, ...]
    """The latest first."""
    redefined: bool
    """Whether the definition was another one before."""
    related: tuple[RelatedLine, ...]
    deeper: tuple[Link, ...]
    """Pages about what this one is an instance of."""
    questions: tuple[Question, ...]
    contents: tuple[Link, ...]
    """The sections that the page has: what they are called, and their ids."""
    closing: str
    """How much of the server is catalogued: the last sentence's beginning."""
    as_of: str
    """When the server was last looked at."""
    facets: Facets

    @property
    def secondary(self) -> bool:
        """Return whether something about its attack patterns was not read at the source."""
        return any(each.checked == "secondary" for attack in self.attacks for each in attack.pattern.references)


def tool_page(
    entry: CataloguedEntry,
    server: CataloguedServer,
    neighbours: Neighbours,
    parts: Parts,
) -> ToolPage:
    """Gather a tool's page from its server's rows alone."""
    row, verdict = entry.row, entry.verdict
    name = entry.label
    recommended = control(server, entry, parts.exporters)
    rows = parameters(entry)
    watched = decisive(verdict, rows)
    found_quotes = quotes(entry)
    attacks = matching(parts.attacks, verdict.traits)[:_MOST_ATTACKS]
    related = related_lines(entry, server, neighbours)
    changes = entry_changes(server, row.key)
    description = entry.tool.description
    lead = _lead(description)
    definition = definition_json(row)
    own_rule = recommended.rules[0] if len(recommended.rules) == 1 else None
    home = Link(text=server.title, to=server.path)
    return ToolPage(
        path=entry.path,
        title=f"{name} on {server.place}: {verdict.risk.label} risk",
        summary=f"{name} of {server.title}: {verdict.category}, {verdict.risk.label} risk. "
        + one_line(description, 120),
        crumbs=(Link(text="Servers", to="servers/"), home),
        alternates=twins(entry.path),
        name=name,
        wire_name=row.dispatch.tool if row.dispatch else entry.name,
        place=server.place,
        server=home,
        product=product_link(server.row),
        description=lead.rstrip(),
        description_rest=description[len(lead) : _DESCRIPTION].lstrip("\n"),
        description_cut=len(description) > _DESCRIPTION,
        category=verdict.category.value,
        category_page=category_path(verdict.category),
        also=tuple(category.value for category in verdict.also),
        risk=verdict.risk.label,
        risk_page=risk_path(verdict.risk),
        severity=verdict.severity.label,
        recoverability=f"{verdict.recoverability}: {recoverability_words(verdict)}",
        confidence=f"{verdict.confidence:.2f} of 1",
        reach=_arguments(row),
        provenance=known_from(entry),
        note=DECLARED_NOTE if row.provenance is Provenance.DECLARED else "",
        speaker=speaker(row.provenance),
        published=published_words(row.provenance),
        server_version=_server_version(server),
        hash=row.definition.hash,
        tokens=None if row.dispatch else token_cost(row),
        parameter_count=_counted(entry),
        parameters_left=parameter_counts(entry.tool.input_schema)[0] - len(rows),
        hints=tuple(Hint(name=hint, value=_tristate(entry, hint)) for hint in _HINTS),
        does=does(server, entry, rows, len(recommended.rules)),
        axes=axes(verdict),
        overrides=decided(row.overrides),
        claims=claims(verdict, watched),
        decisive=watched,
        quotes=found_quotes,
        attacks=attacks,
        control=recommended,
        on_wire=reach(own_rule) if own_rule else None,
        parameters=rows,
        results=results(entry),
        definition=definition if len(definition) <= _DEFINITION else "",
        first_seen=day(row.first_seen),
        last_seen=day(row.last_seen),
        changes=change_lines(changes, {}),
        redefined=any(change.kind is ChangeKind.CHANGED for change in changes),
        related=related,
        deeper=deeper(server, home, verdict, attacks),
        questions=questions(server, entry, recommended),
        contents=_contents(evidence=bool(found_quotes), attacks=bool(attacks), related=bool(related)),
        closing=_closing(server),
        as_of=day(server.row.latest.finished_at),
        facets=Facets(
            server=server.path.rstrip("/").rpartition("/")[2],
            provenance=row.provenance.value,
            traits=tuple(verdict.traits),
            rank=int(verdict.risk),
        ),
    )


def files(page: ToolPage, entry: CataloguedEntry) -> Mapping[str, str]:
    """Return the files beside a tool's page: its policies, and its definition where that is too long to show."""
    found = {page.path + name: text for name, text in page.control.files}
    if not page.definition or page.description_cut:
        found[f"{page.path}definition.json"] = embeddable_json(definition_json(entry.row)) + "\n"
    return found


def definition_json(row: EntryRow) -> str:
    """Return the definition as people read it."""
    return visible_json(indented(row.definition.raw))


def _lead(description: str) -> str:
    """Return the beginning of a description: all of it where it is short, else whole paragraphs, lines or words."""
    if len(description) <= _LEAD:
        return description
    beginning = description[:_LEAD]
    for boundary in ("\n\n", "\n", ". ", " "):
        end = beginning.find(boundary) if boundary == "\n\n" else beginning.rfind(boundary)
        if end > 0:
            return description[: end + len(boundary)]
    return beginning


def _contents(*, evidence: bool, attacks: bool, related: bool) -> tuple[Link, ...]:
    sections = (
        ("What it does", "what", True),
        ("Why it needs a policy", "why", True),
        ("From its definition", "evidence", evidence),
        ("Attack patterns", "attacks", attacks),
        ("How to control it", "control", True),
        ("Parameters", "parameters", True),
        ("History", "history", True),
        ("Related tools", "related", related),
        ("Go deeper", "deeper", True),
        ("Questions", "questions", True),
    )
    return tuple(Link(text=text, to=f"#{section}") for text, section, present in sections if present)


def _arguments(row: EntryRow) -> str:
    if not row.dispatch:
        return ""
    arguments: dict[str, object] = dict(row.dispatch.selector)
    if row.dispatch.payload:
        arguments[row.dispatch.payload] = {}
    return visible_json(json.dumps(arguments, ensure_ascii=False))


def _tristate(entry: CataloguedEntry, hint: str) -> str:
    value = entry.tool.hint(hint)
    return "undeclared" if value is None else str(value).lower()


def _server_version(server: CataloguedServer) -> str:
    listing = server.row.listing
    if listing is None:
        return "unknown"
    return one_line(listing.version or listing.server_version or "unknown", LONGEST_NAME)


def _counted(entry: CataloguedEntry) -> str:
    number, required = parameter_counts(entry.tool.input_schema)
    return f"{number:,}, {required:,} required" if number else "none"


def _closing(server: CataloguedServer) -> str:
    row = server.row
    counts = count(row.tools, "tool") + (f" and {count(row.actions, 'action')}" if row.actions else "")
    return f"{counts} of {server.title} catalogued and classified"
