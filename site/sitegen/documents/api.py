"""The documents of /api/v1/: the whole catalogue in files that a program reads without following pages."""

from datetime import datetime
from typing import Literal

from pydantic import with_config
from typing_extensions import TypedDict  # pydantic reads typing's own only from Python 3.12 on

from catalog.model import Provenance
from catalog.policy.model import Condition, Decision, Limit
from catalog.view import ChangeKind, Effect
from classifier.verdict import Category, Level, Recoverability
from sitegen.catalogue import CataloguedEntry, CataloguedServer
from sitegen.documents.base import PUBLISHED, LevelName, ServerReference
from sitegen.index import IndexedChange, IndexedServer
from sitegen.standing import Kind
from sitegen.visible import one_line

_SUMMARY = 150


class ApiFiles(TypedDict):
    """Where the other documents are, from the site's root."""

    servers: str
    """The first page of the list of servers; each page names the next."""
    changes: str
    tools: tuple[str, ...]
    """Every tool, one JSON document a line, in files by the hash of its server's slug."""
    schemas: dict[str, str]
    """The JSON Schema of each kind of document."""


@with_config(PUBLISHED)
class IndexDocument(TypedDict):
    """What the catalogue holds, and where."""

    as_of: datetime | None
    """When a server was last looked at; null in an empty catalogue."""
    servers: int
    tools: int
    actions: int
    """Actions behind dispatcher tools."""
    risks: dict[LevelName, int]
    """Tools and actions at each risk."""
    categories: dict[str, int]
    """Tools and actions of each category."""
    files: ApiFiles


class ServerSummary(TypedDict):
    """A server in short."""

    slug: str
    title: str
    """Untrusted."""
    path: str
    """Its page's folder from the site's root; ``page.json`` in it says what the page says."""
    document: str
    """The file with its tools, from the site's root."""
    policies: str
    """The file with its recommended policy, from the site's root."""
    origin: str
    """How it is reached."""
    publisher: str
    """Untrusted."""
    product: str
    """The slug of the product that its tools act on; empty for none."""
    known_from: str
    """How its tools are known: listed, declared, recorded or not_listed."""
    listed: bool
    maybe_partial: bool
    """Whether something says that there may be more tools."""
    reason: str | None
    """Why the running server could not be asked at the latest look; null where it was."""
    tools: int
    actions: int
    tokens: int
    """What all its definitions cost in context."""
    grade: str | None
    risks: dict[LevelName, int]
    last_looked_at: datetime
    changed_at: datetime
    """When what its pages say last changed."""


@with_config(PUBLISHED)
class ServersDocument(TypedDict):
    """One page of the list of servers, by slug."""

    as_of: datetime | None
    number: int
    """Which page this is, from 1."""
    pages: int
    total: int
    """Servers on all pages."""
    next: str | None
    """The next page's file from the site's root; null on the last one."""
    servers: tuple[ServerSummary, ...]


@with_config(PUBLISHED)
class ToolSummary(TypedDict):
    """A tool or an action with its verdict: a line of the dump, and an entry of its server's document."""

    kind: Literal["tool", "action"]
    server: str
    """The server's slug."""
    key: str
    """Untrusted."""
    name: str
    """Untrusted."""
    path: str
    """Its page's folder from the site's root; ``page.json`` in it says more."""
    summary: str
    """The first words of its description. Untrusted."""
    category: Category
    also: tuple[Category, ...]
    risk: LevelName
    severity: LevelName
    recoverability: Recoverability
    inverse: str | None
    """The tool that undoes it. Untrusted."""
    confidence: float
    traits: tuple[str, ...]
    findings: tuple[str, ...]
    decision: Decision | None
    """What the recommended policy decides; null where no rule names it, or each of its actions has its own."""
    provenance: Provenance
    definition_hash: str
    first_seen: datetime
    last_seen: datetime


@with_config(PUBLISHED)
class ServerToolsDocument(TypedDict):
    """A server and each of its tools in short."""

    slug: str
    title: str
    """Untrusted."""
    path: str
    """Its page's folder from the site's root; ``page.json`` in it says what the page says."""
    policies: str
    """The file with its recommended policy, from the site's root."""
    origin: str
    known_from: Kind
    last_looked_at: datetime
    entries: tuple[ToolSummary, ...]


class RuleDocument(TypedDict):
    """What is recommended for one tool or action."""

    key: str
    """Untrusted."""
    tool: str
    """The name in a call. Untrusted."""
    when: dict[str, str]
    """For an action: the argument that decides which action runs. Untrusted."""
    decision: Decision
    limit: Limit | None
    """The first of ``limits``; null where there is none."""
    limits: tuple[Limit, ...]
    """Each bounds the calls that pass, in a calendar window; one with ``sum_of`` adds up what stands there."""
    conditions: tuple[Condition, ...]
    """All must hold of a call's arguments, else it is denied. Arguments are untrusted."""
    reason: str


class PolicyFile(TypedDict):
    """The policy in one target's syntax."""

    format: str
    title: str
    """The product that reads it."""
    file: str
    """The file's path from the site's root."""
    filename: str
    """What the product calls the file."""


@with_config(PUBLISHED)
class PolicyDocument(TypedDict):
    """The policy recommended for a server."""

    server: ServerReference
    profile: str
    default: Literal["deny"]
    """What becomes of calls that no rule names."""
    rules: tuple[RuleDocument, ...]
    files: tuple[PolicyFile, ...]


class ChangeDocument(TypedDict):
    """One change of one tool or action."""

    server: ServerReference
    name: str
    """Untrusted."""
    new_name: str | None
    """Of a renamed one. Untrusted."""
    path: str
    """Its page's folder, or that of the page that says that it is gone."""
    at: datetime
    """When the list that shows the change was taken."""
    kind: ChangeKind
    effect: Effect | None
    """Of a changed one, where both verdicts are known."""
    category: Category | None
    risk: LevelName | None
    """After the change; of a removed one before it."""
    risk_before: LevelName | None


@with_config(PUBLISHED)
class ChangesDocument(TypedDict):
    """The latest changes of all servers, the latest first."""

    changes: tuple[ChangeDocument, ...]


def server_summary(server: IndexedServer, *, document: str, policies: str) -> ServerSummary:
    """Return a server in short; ``document`` and ``policies`` are its other files."""
    return ServerSummary(
        slug=server.slug,
        title=server.title,
        path=server.path,
        document=document,
        policies=policies,
        origin=server.origin,
        publisher=server.publisher,
        product=server.product,
        known_from=server.known_from,
        listed=server.known_from in ("listed", "recorded"),
        maybe_partial=server.maybe_partial,
        reason=server.reason or None,
        tools=server.tools,
        actions=server.actions,
        tokens=server.tokens,
        grade=server.grade or None,
        risks={level.label: number for level, number in zip(Level, server.risks, strict=True)},
        last_looked_at=server.looked_at,
        changed_at=server.changed_at,
    )


def tool_summary(entry: CataloguedEntry, decision: Decision | None) -> ToolSummary:
    """Return a tool or an action in short; ``decision`` is what the recommended policy decides for it."""
    row, verdict = entry.row, entry.verdict
    return ToolSummary(
        kind="action" if row.dispatch else "tool",
        server=row.server,
        key=row.key,
        name=entry.name,
        path=entry.path,
        summary=one_line(entry.tool.description, _SUMMARY),
        category=verdict.category,
        also=verdict.also,
        risk=verdict.risk.label,
        severity=verdict.severity.label,
        recoverability=verdict.recoverability,
        inverse=verdict.inverse,
        confidence=verdict.confidence,
        traits=verdict.traits,
        findings=verdict.findings,
        decision=decision,
        provenance=row.provenance,
        definition_hash=row.definition.hash,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
    )


def policy_document(server: CataloguedServer, files: tuple[PolicyFile, ...]) -> PolicyDocument:
    """Return the policy recommended for a server; ``files`` has it in the syntax of each target."""
    policy = server.policy
    return PolicyDocument(
        server=ServerReference(slug=server.row.slug, title=server.title, path=server.path),
        profile=policy.profile,
        default="deny",
        rules=tuple(
            RuleDocument(
                key=rule.key,
                tool=rule.tool,
                when={match.argument: match.value for match in rule.when},
                decision=rule.decision,
                limit=rule.limit,
                limits=rule.limits,
                conditions=rule.conditions,
                reason=rule.reason,
            )
            for rule in policy.rules
        ),
        files=files,
    )


def change_document(change: IndexedChange) -> ChangeDocument:
    """Return a change as it is published."""
    return ChangeDocument(
        server=ServerReference(slug=change.server, title=change.server_title, path=change.server_path),
        name=change.name,
        new_name=change.new_name or None,
        path=change.path,
        at=change.at,
        kind=change.kind,
        effect=change.effect,
        category=change.category,
        risk=change.risk.label if change.risk else None,
        risk_before=change.risk_before.label if change.risk_before else None,
    )
