"""``page.json`` beside a tool's page: what the page says, as data."""

from datetime import datetime
from typing import Literal

from pydantic import with_config
from typing_extensions import TypedDict  # pydantic reads typing's own only from Python 3.12 on

from catalog.model import Provenance
from catalog.policy.model import Decision
from classifier.verdict import Category, Recoverability
from sitegen.catalogue import CataloguedEntry, CataloguedServer
from sitegen.documents.base import (
    PUBLISHED,
    DispatchDocument,
    HistoryDocument,
    LevelName,
    ServerReference,
    TargetDocument,
    dispatch_document,
    history,
)
from sitegen.pages.tool import ToolPage
from sitegen.parameters import Parameter
from sitegen.private import publishable
from sitegen.reasons import Quote


class AttackDocument(TypedDict):
    """A documented attack pattern that abuses the same kind of access; it does not say that the tool is vulnerable."""

    slug: str
    name: str
    sentence: str
    traits: tuple[str, ...]
    """The traits of the tool that match."""
    seen: Literal["occurred", "demonstrated", "analogous"]
    """Whether it happened to someone, was shown by researchers, or is known from other software only."""


class ToolTarget(TargetDocument):
    """The policy for this tool alone in one target's syntax."""

    text: str
    """The file's text; empty where it is long."""
    steps: tuple[str, ...]
    """What to do with it."""


class Recommendation(TypedDict):
    """The policy recommended for this tool."""

    decision: Decision | None
    """Null for a dispatcher tool, each of whose actions has its own, and for a tool that no rule names: denied."""
    effect: str
    """What the policy does to calls of this tool."""
    rest: str
    """What it does to everything else on the server."""
    reason: str
    hardened: str | None
    """What the stricter policy wants of it, where that is something else; its server's hardened-policy.json has it."""
    on_wire: str | None
    """For an action: what the rule matches in a call."""
    targets: tuple[ToolTarget, ...]


class RelatedTool(TypedDict):
    """A tool that a reader of this one looks for next."""

    name: str
    """Untrusted."""
    path: str
    risk: LevelName
    because: str
    policy: str
    """What the recommended policy of this server decides for it; empty for a tool of another server."""


class ClaimDocument(TypedDict):
    """One sentence or two that say why, and the rules that made them."""

    text: str
    rules: tuple[str, ...]


class QuoteDocument(TypedDict):
    """Words of the definition that made rules fire, with what stands around them. Untrusted but for ``rules``."""

    field: str
    before: str
    words: str
    after: str
    rules: tuple[str, ...]


class ParameterDocument(TypedDict):
    """A parameter as the schema declares it. Untrusted but for ``reasons``."""

    name: str
    type: str
    required: bool
    default: str | None
    """As JSON; null where the schema gives none."""
    values: tuple[str, ...]
    """The allowed values, if the schema lists them."""
    description: str
    reasons: tuple[str, ...]
    """Why a reader should watch it."""


class QuestionDocument(TypedDict):
    """A question and its answer, which may quote the server."""

    question: str
    answer: str


@with_config(PUBLISHED)
class ToolDocument(TypedDict):
    """A tool, or an action behind a dispatcher tool. What is marked as untrusted was written by the server."""

    kind: Literal["tool", "action"]
    server: ServerReference
    key: str
    """The name that the entry keeps on its server: of a tool its own, of an action those that lead to it. Untrusted."""
    name: str
    """Untrusted."""
    path: str
    """Its page's folder from the site's root."""
    description: str
    """Untrusted."""
    description_complete: bool
    """False where the description is longer than the page; ``definition_file`` has all of it."""
    dispatch: DispatchDocument | None
    category: Category
    also: tuple[Category, ...]
    """Categories that it has besides."""
    risk: LevelName
    """Severity and recoverability together."""
    severity: LevelName
    """What one wrong call can cost."""
    recoverability: Recoverability
    """R0 nothing to undo, R1 undone by ``inverse``, R2 repaired outside the server's tools, R3 cannot be undone."""
    inverse: str | None
    """The tool that undoes this one. Untrusted."""
    confidence: float
    """0 to 1; never mixed into the risk."""
    traits: tuple[str, ...]
    findings: tuple[str, ...]
    """What is wrong with the definition."""
    does: tuple[str, ...]
    axes: str
    """How severity and recoverability make the risk."""
    overrides: tuple[str, ...]
    """What a person decided instead of the rules."""
    claims: list[ClaimDocument]
    """Why it needs a policy."""
    decisive: str | None
    """The parameter that decides how bad a call can be. Untrusted."""
    quotes: list[QuoteDocument]
    """The words of the definition that made rules fire. Untrusted."""
    attacks: tuple[AttackDocument, ...]
    policy: Recommendation
    parameters: list[ParameterDocument]
    """Untrusted but for ``reasons``."""
    results: list[ParameterDocument]
    """What the output schema declares. Untrusted but for ``reasons``."""
    hints: dict[str, bool | None]
    """What the server declares; null where it declares nothing. Untrusted."""
    provenance: Provenance
    run: str
    """What it took until a running server showed it, for example ``placeholders``."""
    known_from: str
    note: str
    """What a reader must know of how it is known; empty for most."""
    server_version: str
    """Untrusted."""
    definition: object
    """As published; null where it is too long for the page. Untrusted."""
    definition_file: str | None
    """The file with the whole definition, from the site's root; null where ``definition`` is all of it."""
    definition_hash: str
    """SHA-256 (hex) of the definition's canonical JSON."""
    tokens: int | None
    """What the definition takes of a model's context; null for an action, which has none of its own."""
    first_seen: datetime
    """When this definition was first seen."""
    last_seen: datetime
    changes: list[HistoryDocument]
    """The latest first."""
    related: tuple[RelatedTool, ...]
    questions: list[QuestionDocument]


def tool_document(page: ToolPage, entry: CataloguedEntry, server: CataloguedServer) -> ToolDocument:
    """Return what a tool's page says."""
    row, verdict = entry.row, entry.verdict
    whole = bool(page.definition) and not page.description_cut
    return ToolDocument(
        kind="action" if row.dispatch else "tool",
        server=ServerReference(slug=server.row.slug, title=server.title, path=server.path),
        key=row.key,
        name=entry.name,
        path=page.path,
        description=f"{page.description}\n{page.description_rest}" if page.description_cut else entry.tool.description,
        description_complete=not page.description_cut,
        dispatch=dispatch_document(row.dispatch),
        category=verdict.category,
        also=verdict.also,
        risk=page.risk,
        severity=page.severity,
        recoverability=verdict.recoverability,
        inverse=verdict.inverse,
        confidence=verdict.confidence,
        traits=verdict.traits,
        findings=verdict.findings,
        does=page.does,
        axes=page.axes,
        overrides=page.overrides,
        claims=[{"text": claim.text, "rules": claim.rules} for claim in page.claims],
        decisive=page.decisive.name if page.decisive else None,
        quotes=[_quote(quote) for quote in page.quotes],
        attacks=tuple(
            AttackDocument(
                slug=match.pattern.slug,
                name=match.pattern.name,
                sentence=match.pattern.sentence,
                traits=match.traits,
                seen=match.pattern.seen,
            )
            for match in page.attacks
        ),
        policy=_recommendation(page),
        parameters=[_parameter(parameter) for parameter in page.parameters],
        results=[_parameter(result) for result in page.results],
        hints={hint.name: entry.tool.hint(hint.name) for hint in page.hints},
        provenance=row.provenance,
        run=publishable(row.run, server.row.origin),
        known_from=page.provenance,
        note=page.note,
        server_version=page.server_version,
        definition=row.definition.raw if page.definition else None,
        definition_file=None if whole else f"{page.path}definition.json",
        definition_hash=page.hash,
        tokens=page.tokens,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        changes=history(page.changes),
        related=tuple(
            RelatedTool(name=other.name, path=other.to, risk=other.risk, because=other.because, policy=other.policy)
            for other in page.related
        ),
        questions=[{"question": item.question, "answer": item.answer} for item in page.questions],
    )


def _quote(quote: Quote) -> QuoteDocument:
    return {
        "field": quote.field,
        "before": quote.before,
        "words": quote.words,
        "after": quote.after,
        "rules": quote.rules,
    }


def _parameter(parameter: Parameter) -> ParameterDocument:
    return {
        "name": parameter.name,
        "type": parameter.type,
        "required": parameter.required,
        "default": parameter.default,
        "values": parameter.values,
        "description": parameter.description,
        "reasons": parameter.reasons,
    }


def _recommendation(page: ToolPage) -> Recommendation:
    control = page.control
    return Recommendation(
        decision=control.decision,
        effect=control.effect,
        rest=control.rest,
        reason=control.reason,
        hardened=control.hardened.wish if control.hardened else None,
        on_wire=page.on_wire,
        targets=tuple(
            ToolTarget(
                title=target.title,
                file=page.path + target.file,
                filename=target.filename,
                notes=target.notes,
                others=tuple(page.path + name for name, _ in target.others),
                text=target.text,
                steps=target.steps,
            )
            for target in control.targets
        ),
    )
