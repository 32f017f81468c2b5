"""The page of one tool, or of one action behind a dispatcher tool."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from catalog.attacks import AttackMatch, matching
from catalog.model import Provenance
from catalog.view import EntryRow
from sitegen.catalogue import Catalogue, CataloguedEntry, CataloguedServer
from sitegen.control import Control, control, reach
from sitegen.pages.base import LONGEST_NAME, Alternate, Link, day, product_link, twins
from sitegen.parameters import Parameter, parameters
from sitegen.parts import Parts
from sitegen.provenance import known_from, published_words, speaker
from sitegen.questions import Question, questions
from sitegen.reasons import Claim, Quote, axes, claims, decisive, quotes
from sitegen.related import Neighbours
from sitegen.visible import embeddable_json, one_line, visible_json
from sitegen.words import category_claim, category_use, count, recoverability_words, trait_words

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
class RelatedLine:
    """One related tool."""

    name: str
    to: str
    risk: str
    because: str


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
    also: tuple[str, ...]
    risk: str
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
    parameter_count: str
    hints: tuple[Hint, ...]
    does: tuple[str, ...]
    axes: str
    claims: tuple[Claim, ...]
    decisive: Parameter | None
    quotes: tuple[Quote, ...]
    attacks: tuple[AttackMatch, ...]
    control: Control
    on_wire: str | None
    parameters: tuple[Parameter, ...]
    definition: str
    """The raw definition as JSON; empty where it is too long for the page."""
    first_seen: str
    last_seen: str
    related: tuple[RelatedLine, ...]
    questions: tuple[Question, ...]
    closing: str


def tool_page(
    entry: CataloguedEntry,
    server: CataloguedServer,
    neighbours: Neighbours,
    catalogue: Catalogue,
    parts: Parts,
) -> ToolPage:
    """Gather a tool's page."""
    row, verdict = entry.row, entry.verdict
    name = one_line(entry.name, LONGEST_NAME) or "(no name)"
    recommended = control(server, entry, parts.exporters)
    rows = parameters(entry)
    description = entry.tool.description
    lead = _lead(description)
    definition = definition_json(row)
    own_rule = recommended.rules[0] if len(recommended.rules) == 1 else None
    home = Link(text=server.row.title, to=server.path)
    return ToolPage(
        path=entry.path,
        title=f"{name} on {server.place}: {verdict.risk.label} risk",
        summary=f"{name} of {server.row.title}: {verdict.category}, {verdict.risk.label} risk. "
        + one_line(description, 120),
        crumbs=(Link(text="Servers", to="#servers"), home),
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
        also=tuple(category.value for category in verdict.also),
        risk=verdict.risk.label,
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
        parameter_count=_counted(rows),
        hints=tuple(Hint(name=hint, value=_tristate(entry, hint)) for hint in _HINTS),
        does=_does(server, entry),
        axes=axes(verdict),
        claims=claims(verdict),
        decisive=decisive(verdict, rows),
        quotes=quotes(entry),
        attacks=matching(parts.attacks, verdict.traits)[:_MOST_ATTACKS],
        control=recommended,
        on_wire=reach(own_rule) if own_rule else None,
        parameters=rows,
        definition=definition if len(definition) <= _DEFINITION else "",
        first_seen=day(row.first_seen),
        last_seen=day(row.last_seen),
        related=tuple(
            RelatedLine(
                name=one_line(other.entry.name, LONGEST_NAME),
                to=other.entry.path,
                risk=other.entry.verdict.risk.label,
                because=other.because,
            )
            for other in neighbours.of(entry)
        ),
        questions=questions(server, entry, recommended),
        closing=_closing(server, catalogue),
    )


def files(page: ToolPage, entry: CataloguedEntry) -> Mapping[str, str]:
    """Return the files beside a tool's page: its policies, and its definition where that is too long to show."""
    found = {f"{page.path}{name}": export.text for name, export in page.control.files.items()}
    if not page.definition or page.description_cut:
        found[f"{page.path}definition.json"] = embeddable_json(definition_json(entry.row)) + "\n"
    return found


def definition_json(row: EntryRow) -> str:
    """Return the definition as people read it."""
    return visible_json(json.dumps(row.definition.raw, indent=2, ensure_ascii=False))


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


def _does(server: CataloguedServer, entry: CataloguedEntry) -> tuple[str, ...]:
    verdict = entry.verdict
    use = category_use(verdict.category).format(place=server.place)
    name = one_line(entry.name, LONGEST_NAME)
    sentences = [f"An agent calls {name} to {use}."]
    traits = [trait_words(trait) for trait in verdict.traits]
    if traits:
        sentences.append("Such a call " + _also(verdict.traits) + ".")
    elif verdict.category.value == "Read":
        sentences.append("By its interface, a call leaves everything as it was.")
    else:
        sentences.append(f"If the call succeeds, it is real: {category_claim(verdict.category)} in the live system.")
    return tuple(sentences)


def _also(traits: Sequence[str]) -> str:
    does = [trait_words(trait).does for trait in traits]
    return does[0] if len(does) == 1 else ", ".join(does[:-1]) + f" and {does[-1]}"


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
    return listing.version or listing.server_version or "unknown"


def _counted(rows: Sequence[Parameter]) -> str:
    return f"{len(rows)}, {sum(1 for row in rows if row.required)} required" if rows else "none"


def _closing(server: CataloguedServer, catalogue: Catalogue) -> str:
    row = server.row
    index = count(len(catalogue.servers), "server")
    counts = count(row.tools, "tool") + (f" and {count(row.actions, 'action')}" if row.actions else "")
    as_of = f", as of {day(catalogue.as_of)}" if catalogue.as_of else ""
    return f"{counts} of {row.title} catalogued and classified, in an index of {index}{as_of}."
