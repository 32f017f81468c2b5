"""``page.json`` beside a server's page: what the page says, as data, and each of its tools in short."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import with_config
from typing_extensions import TypedDict  # pydantic reads typing's own only from Python 3.12 on

from catalog.facts import FindingKind, PackageFacts, RemoteFacts
from catalog.model import Provenance, Reason
from catalog.view import ObservationRow
from classifier.verdict import Category
from sitegen.catalogue import CataloguedEntry, CataloguedServer
from sitegen.documents.base import (
    PUBLISHED,
    DispatchDocument,
    HistoryDocument,
    LevelName,
    TargetDocument,
    dispatch_document,
    history,
)
from sitegen.findings import finding_sentence
from sitegen.learnt import findings_of, package_of, remote_of
from sitegen.links import external
from sitegen.pages.server import ServerPage
from sitegen.private import publishable
from sitegen.provenance import known_from
from sitegen.standing import Kind, standing


class Step(TypedDict):
    """One step of a look at a server."""

    name: str
    result: Literal["ok", "failed"]


class ProblemDocument(TypedDict):
    """What was left out of an answer, or looked odd. Untrusted."""

    where: str
    message: str


class Look(TypedDict):
    """One attempt to look at the server. Names, versions, details and problems are untrusted."""

    at: datetime
    outcome: Literal["listed", "declared", "not_listed"]
    reason: Reason | None
    """Why the running server could not be asked; null where it was."""
    detail: str
    hint: str
    version: str | None
    server_name: str
    server_version: str
    protocol_version: str
    sandbox: str
    maybe_partial: bool
    """Whether something says that there may be more tools."""
    steps: tuple[Step, ...]
    problems: tuple[ProblemDocument, ...]


class FindingDocument(TypedDict):
    """Something about the server that a reader should know."""

    kind: FindingKind
    says: str
    """What a finding of this kind means."""
    detail: str
    """What was seen. Untrusted."""
    rung: str
    """When it was seen; empty where it belongs to no step."""


class FlowStepDocument(TypedDict):
    """What one tool contributes to a flow."""

    tool: str | None
    """Its name, untrusted; null where the client brings the step along."""
    path: str | None
    legs: tuple[str, ...]
    """What happens, each as a clause."""


class FlowDocument(TypedDict):
    """What an agent that is misled can do with several tools together."""

    title: str
    where: str
    """Whether the tools of this server are enough."""
    sureness: str
    steps: list[FlowStepDocument]


class EntryDocument(TypedDict):
    """A tool or an action in short; its own page.json says more."""

    kind: Literal["tool", "action"]
    key: str
    """Untrusted."""
    name: str
    """Untrusted."""
    provenance: Provenance
    run: str
    known_from: str
    dispatch: DispatchDocument | None
    category: Category
    risk: LevelName
    severity: LevelName
    definition_hash: str
    path: str


@with_config(PUBLISHED)
class ServerDocument(TypedDict):
    """A server, how its list was obtained, and its tools. What is marked as untrusted was written by others."""

    slug: str
    title: str
    """Untrusted."""
    path: str
    """Its page's folder from the site's root."""
    origin: str
    """How it is reached."""
    product: str | None
    """The slug of the product that its tools act on."""
    publisher: str | None
    """Untrusted."""
    homepage: str | None
    repository: str | None
    environment: tuple[str, ...]
    """Names of settings that it wants."""
    known_from: Kind
    """How the tools shown here are known: not how the latest look went."""
    listed: bool
    maybe_partial: bool
    reason: Reason | None
    """Why the latest look could not ask it; null where it could."""
    tools: int
    actions: int
    """Actions behind dispatcher tools."""
    seen_at: datetime | None
    """When what is shown was seen; null where nothing is."""
    last_looked_at: datetime
    latest: Look
    list: Look | None
    """The latest look that gave a list; null where none ever did."""
    package: PackageFacts | None
    """What its package says of itself. Untrusted."""
    remote: RemoteFacts | None
    """How its address answers."""
    findings: tuple[FindingDocument, ...]
    grade: str | None
    """A letter; null where nothing is listed."""
    grade_reason: str
    tokens: int
    """What all its definitions cost in context."""
    flows: Sequence[FlowDocument]
    changes: Sequence[HistoryDocument]
    """The latest ones, the latest first; its feed has more."""
    decisions: str
    """What the recommended policy decides, counted."""
    policies: tuple[TargetDocument, ...]
    """The policy of the whole server, one file for each target."""
    entries: tuple[EntryDocument, ...]


def server_document(page: ServerPage, server: CataloguedServer) -> ServerDocument:
    """Return what a server's page says."""
    row = server.row
    how = standing(row, [entry.row for entry in server.entries])
    return ServerDocument(
        slug=row.slug,
        title=server.title,
        path=server.path,
        origin=row.origin.public,
        product=row.product,
        publisher=server.publisher,
        homepage=external(row.homepage),
        repository=external(row.repository),
        environment=row.environment,
        known_from=how.kind,
        listed=how.kind in ("listed", "recorded"),
        maybe_partial=how.partial,
        reason=row.latest.reason,
        tools=row.tools,
        actions=row.actions,
        seen_at=how.seen_at,
        last_looked_at=row.latest.finished_at,
        latest=_look(row.latest, server),
        list=_look(row.listing, server) if row.listing else None,
        package=package_of(row),
        remote=remote_of(row),
        findings=tuple(
            FindingDocument(
                kind=finding.kind,
                says=finding_sentence(finding.kind),
                detail=publishable(finding.detail, row.origin),
                rung=publishable(finding.rung, row.origin),
            )
            for finding in findings_of(row)
        ),
        grade=page.grade,
        grade_reason=page.grade_reason,
        tokens=page.tokens,
        flows=[
            FlowDocument(
                title=flow.title,
                where=flow.where,
                sureness=flow.sureness,
                steps=[
                    FlowStepDocument(tool=step.tool or None, path=step.to or None, legs=step.legs)
                    for step in flow.steps
                ],
            )
            for flow in page.flows
        ],
        changes=history(page.changes),
        decisions=page.decisions,
        policies=tuple(
            TargetDocument(
                title=target.title,
                file=server.path + target.file,
                filename=target.filename,
                others=tuple(server.path + name for name, _ in target.others),
                notes=target.notes,
            )
            for target in page.targets
        ),
        entries=tuple(_entry(entry, server) for entry in server.entries),
    )


def _look(look: ObservationRow, server: CataloguedServer) -> Look:
    origin = server.row.origin
    return Look(
        at=look.finished_at,
        outcome=look.outcome,
        reason=look.reason,
        detail=publishable(look.detail, origin),
        hint=publishable(look.hint, origin),
        version=look.version,
        server_name=look.server_name,
        server_version=look.server_version,
        protocol_version=look.protocol_version,
        sandbox=look.sandbox,
        maybe_partial=look.maybe_partial,
        steps=tuple(Step(name=publishable(rung.name, origin), result=rung.result) for rung in look.rungs),
        problems=tuple(
            ProblemDocument(where=publishable(one.where, origin), message=publishable(one.message, origin))
            for one in look.problems
        ),
    )


def _entry(entry: CataloguedEntry, server: CataloguedServer) -> EntryDocument:
    row, verdict = entry.row, entry.verdict
    return EntryDocument(
        kind="action" if row.dispatch else "tool",
        key=row.key,
        name=entry.name,
        provenance=row.provenance,
        run=publishable(row.run, server.row.origin),
        known_from=known_from(entry),
        dispatch=dispatch_document(row.dispatch),
        category=verdict.category,
        risk=verdict.risk.label,
        severity=verdict.severity.label,
        definition_hash=row.definition.hash,
        path=entry.path,
    )
