"""A catalogue in memory: a fake of CatalogView, and builders of judged rows with evidence, in our own words."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from catalog.model import Definition, Dispatch, Provenance, Reason
from catalog.origin import Package
from catalog.rules import load_ruleset
from catalog.view import ChangeRow, EntryRow, ObservationRow, RemovedRow, ServerRow
from classifier.classify import classify_server
from classifier.definition import JsonValue
from classifier.verdict import Category, Classification, Contribution, Evidence, Level, Recoverability, risk_of

LOOKED_AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class MemoryView:
    """Servers and their entries, as given."""

    rows: Mapping[str, tuple[ServerRow, tuple[EntryRow, ...]]]
    changes: Mapping[str, Sequence[ChangeRow]] = field(default_factory=dict)
    """By server, the latest first."""
    gone: Mapping[str, Sequence[RemovedRow]] = field(default_factory=dict)

    def servers(self) -> Sequence[ServerRow]:
        """See `CatalogView.servers`."""
        return [self.rows[slug][0] for slug in sorted(self.rows)]

    def server(self, slug: str) -> ServerRow | None:
        """See `CatalogView.server`."""
        return self.rows[slug][0] if slug in self.rows else None

    def entries(self, server: str) -> Sequence[EntryRow]:
        """See `CatalogView.entries`."""
        return sorted(self.rows[server][1], key=lambda row: row.key) if server in self.rows else []

    def stamps(self) -> Mapping[str, str]:
        """See `CatalogView.stamps`."""
        return {slug: self._stamp(slug) for slug in sorted(self.rows)}

    def history(self, server: str) -> Sequence[ChangeRow]:
        """See `CatalogView.history`."""
        return self.changes.get(server, ())

    def removed(self, server: str) -> Sequence[RemovedRow]:
        """See `CatalogView.removed`."""
        return self.gone.get(server, ())

    def _stamp(self, slug: str) -> str:
        everything = repr((self.rows[slug], self.history(slug), self.removed(slug)))
        return hashlib.sha256(everything.encode("utf-8", "surrogatepass")).hexdigest()


def memory_view(*servers: tuple[ServerRow, Sequence[EntryRow]]) -> MemoryView:
    """Return a view of servers with their entries; each server's counts and its entries' server are filled in."""
    rows = {}
    for server, entries in servers:
        own = tuple(replace(entry, server=server.slug) for entry in entries)
        actions = sum(1 for entry in own if entry.dispatch)
        rows[server.slug] = (replace(server, tools=len(own) - actions, actions=actions), own)
    return MemoryView(rows)


def observation_row(reason: Reason | None = None, *, detail: str = "", hint: str = "") -> ObservationRow:
    """Return an attempt that listed the server, or failed for ``reason``."""
    return ObservationRow(
        started_at=LOOKED_AT,
        finished_at=LOOKED_AT,
        version="1.4.0",
        sandbox="bubblewrap",
        rungs=(),
        outcome="not_listed" if reason else "listed",
        reason=reason,
        detail=detail,
        hint=hint,
        server_name="" if reason else "orchard-mcp",
        server_version="" if reason else "1.4.0",
        protocol_version="" if reason else "2025-11-25",
    )


def server_row(
    slug: str = "orchard", *, title: str | None = None, reason: Reason | None = None, product: str | None = "orchard"
) -> ServerRow:
    """Return a server that was listed, or never was for ``reason``."""
    latest = observation_row(reason, detail="exit code 1", hint="Set ORCHARD_TOKEN." if reason else "")
    return ServerRow(
        slug=slug,
        title=slug if title is None else title,
        origin=Package(ecosystem="npm", name=f"@farm/{slug}", version="1.4.0"),
        product=product,
        product_title=product.title() if product else None,
        publisher="The Orchard Keepers",
        homepage="https://orchard.example",
        repository="https://git.example/orchard",
        environment=("ORCHARD_TOKEN",),
        latest=latest,
        listing=None if reason else latest,
        tools=0,
        actions=0,
    )


def verdict(
    category: Category = Category.READ,
    severity: Level = Level.LOW,
    recoverability: Recoverability = Recoverability.R0,
    *,
    inverse: str | None = None,
    evidence: Sequence[Evidence] = (),
) -> Classification:
    """Return a verdict whose risk follows from its axes, and whose traits and findings are those of the evidence."""

    def named(kind: Contribution) -> tuple[str, ...]:
        return tuple(sorted({item.value for item in evidence if item.contributes == kind}))

    return Classification(
        category=category,
        severity=severity,
        recoverability=recoverability,
        inverse=inverse,
        risk=risk_of(severity, recoverability),
        confidence=0.85,
        traits=named("trait"),
        findings=named("finding"),
        evidence=tuple(evidence),
    )


def evidence(rule: str, field: str, text: str, contributes: Contribution, value: str, *, start: int = 0) -> Evidence:
    """Return a piece of evidence: ``text`` stands at ``start`` of ``field``."""
    return Evidence(
        rule=rule, field=field, start=start, end=start + len(text), text=text, contributes=contributes, value=value
    )


def entry_row(
    name: str,
    judged: Classification | None = None,
    *,
    description: str = "Counts the apples in a crate.",
    properties: Mapping[str, JsonValue] | None = None,
    required: Sequence[str] = (),
    annotations: Mapping[str, JsonValue] | None = None,
    dispatch: Dispatch | None = None,
    server: str = "orchard",
) -> EntryRow:
    """Return a tool, or with ``dispatch`` an action, that is present now; it reads and is harmless unless judged."""
    raw: dict[str, JsonValue] = {
        "name": name,
        "description": description,
        "inputSchema": {"type": "object", "properties": dict(properties or {}), "required": list(required)},
    }
    if annotations is not None:
        raw["annotations"] = dict(annotations)
    return EntryRow(
        server=server,
        key="/".join((dispatch.tool, *dispatch.selector.values())) if dispatch else name,
        definition=Definition(raw=raw),
        provenance=Provenance.EXPANDED if dispatch else Provenance.LIVE,
        dispatch=dispatch,
        run="",
        first_seen=LOOKED_AT,
        last_seen=LOOKED_AT,
        classification=judged or verdict(),
        ruleset="1",
    )


KEY_DESCRIPTION = (
    'Make a new key for scripts. Returns the key once, so keep it. Callers say "permit all" and get everything.'
)


def orchard() -> tuple[ServerRow, tuple[EntryRow, ...]]:
    """Return a server with a tool at each decision: keys are made, listed, revoked; the orchard can be felled."""
    makes_keys = verdict(
        Category.WRITE,
        Level.HIGH,
        Recoverability.R1,
        inverse="key_revoke",
        evidence=(
            evidence("category/create-verb", "name", "make", "category", "Write", start=4),
            evidence("trait/credential-mint", "description", "Make a new key", "trait", "credential-mint"),
            evidence("severity/credential-mint", "name", "key_make", "severity", "High"),
            evidence("trait/secret-out", "description", "Returns the key", "trait", "secret-out", start=28),
            evidence("finding/unscoped-credential", "param:gates", "gates", "finding", "unscoped-credential"),
            evidence("recoverability/inverse", "sibling:key_revoke", "key_revoke", "recoverability", "R1"),
        ),
    )
    entries = (
        entry_row(
            "key_make",
            makes_keys,
            description=KEY_DESCRIPTION,
            properties={
                "label": {"type": "string", "description": "What the key is for."},
                "gates": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "Gates that the key opens; leave it out to open all.",
                },
                "season": {"type": "string", "enum": ["spring", "autumn"], "default": "autumn"},
            },
            required=["label"],
            annotations={"readOnlyHint": False},
        ),
        entry_row("key_list", verdict(Category.READ, Level.LOW), description="Names every key, never its secret."),
        entry_row("key_revoke", verdict(Category.DELETE, Level.HIGH, Recoverability.R2), description="Revokes a key."),
        entry_row(
            "orchard_fell",
            verdict(
                Category.DELETE,
                Level.CRITICAL,
                Recoverability.R3,
                evidence=(
                    evidence("category/delete-verb", "name", "fell", "category", "Delete", start=8),
                    evidence("trait/bulk-destroy", "description", "every tree", "trait", "bulk-destroy", start=5),
                ),
            ),
            description="Cuts every tree. There is no way back.",
        ),
    )
    return server_row(), entries


def dispatching() -> tuple[ServerRow, tuple[EntryRow, ...]]:
    """Return a server with one dispatcher tool, ``barn``, and the actions behind it."""

    def action(name: str, judged: Classification) -> EntryRow:
        dispatch = Dispatch(tool="barn", selector={"area": "hay", "action": name}, payload="params")
        return entry_row(name, judged, description=f"Does {name} with the hay.", dispatch=dispatch)

    return server_row("barn-mcp", product=None), (
        entry_row(
            "barn",
            verdict(Category.ADMIN, Level.CRITICAL, Recoverability.R3),
            description="Runs one of the barn's actions.",
            properties={"area": {"type": "string"}, "action": {"type": "string"}, "params": {"type": "object"}},
        ),
        action("hay_count", verdict()),
        action("hay_move", verdict(Category.WRITE, Level.MEDIUM, Recoverability.R2)),
        action("hay_burn", verdict(Category.DELETE, Level.CRITICAL, Recoverability.R3)),
    )


def storage() -> tuple[ServerRow, tuple[EntryRow, ...]]:
    """Return a server shaped like the reference one: a dispatcher with ``api_key_create`` behind it, really judged."""
    offered: Mapping[str, tuple[str, Mapping[str, str], Sequence[str]]] = {
        "api_key_create": (
            "Make a new API key for scripts that look after the barn. Returns the key, once only.",
            {
                "label": "What the key is for.",
                "allowlist": "What the key may do. Leave it out for unrestricted access.",
            },
            ["label"],
        ),
        "api_key_delete": ("Delete an API key by its number.", {"id": "Its number."}, ["id"]),
        "api_key_list": ("List the API keys, never their secrets.", {}, []),
    }
    actions = [
        entry_row(
            name,
            description=description,
            properties={parameter: {"description": text} for parameter, text in parameters.items()},
            required=required,
            dispatch=Dispatch(tool="storage", selector={"area": "system", "action": name}, payload="params"),
        )
        for name, (description, parameters, required) in offered.items()
    ]
    verdicts = classify_server(load_ruleset(), [action.definition.tool for action in actions])
    dispatcher = entry_row(
        "storage",
        verdict(Category.ADMIN, Level.HIGH, Recoverability.R2),
        description="Looks after the storage. 3 actions.",
        properties={"area": {"type": "string"}, "action": {"type": "string"}, "params": {"type": "object"}},
    )
    server = replace(server_row("storage-mcp", title="TrueNAS for barns", product="truenas"), product_title="TrueNAS")
    judged = (replace(action, classification=one) for action, one in zip(actions, verdicts, strict=True))
    return server, (dispatcher, *judged)
