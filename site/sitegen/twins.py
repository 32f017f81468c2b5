"""The files beside a page that say the same: JSON for programs, Markdown for terminals and language models."""

import json
from collections.abc import Mapping
from dataclasses import asdict

from catalog.facts import PackageFacts
from catalog.view import ObservationRow
from sitegen.catalogue import Catalogue, CataloguedEntry, CataloguedServer
from sitegen.documents.encoding import encoded
from sitegen.documents.server import server_document
from sitegen.documents.tool import tool_document
from sitegen.findings import finding_sentence
from sitegen.learnt import findings_of, package_of, remote_of
from sitegen.links import external
from sitegen.markdown.server import server_markdown
from sitegen.markdown.tool import tool_markdown
from sitegen.pages.server import ServerPage
from sitegen.pages.tool import ToolPage
from sitegen.private import publishable
from sitegen.provenance import known_from
from sitegen.standing import standing
from sitegen.visible import embeddable_json


def tool_twins(page: ToolPage, entry: CataloguedEntry, server: CataloguedServer) -> tuple[tuple[str, bytes], ...]:
    """Return ``page.json`` and ``page.md`` of a tool's page, each with its path from the site's root."""
    return (
        (f"{page.path}page.json", encoded(tool_document(page, entry, server))),
        (f"{page.path}page.md", tool_markdown(page, entry, server)),
    )


def server_twins(page: ServerPage, server: CataloguedServer) -> tuple[tuple[str, bytes], ...]:
    """Return ``page.json`` and ``page.md`` of a server's page, each with its path from the site's root."""
    return (
        (f"{server.path}page.json", encoded(server_document(page, server))),
        (f"{server.path}page.md", server_markdown(page, server)),
    )


def server_json(server: CataloguedServer) -> str:
    """Return what a server's page says, with each of its tools in short."""
    row = server.row
    remote = remote_of(row)
    return _json(
        {
            **_known(server),
            "publisher": row.publisher,
            "homepage": external(row.homepage),
            "repository": external(row.repository),
            "environment": row.environment,
            "latest": _look(row.latest, server),
            "list": _look(row.listing, server) if row.listing else None,
            "package": _package(package_of(row)),
            "remote": asdict(remote) if remote else None,
            "findings": [
                {
                    "kind": finding.kind,
                    "says": finding_sentence(finding.kind),
                    "detail": publishable(finding.detail, row.origin),
                    "rung": publishable(finding.rung, row.origin),
                }
                for finding in findings_of(row)
            ],
            "entries": [_entry(entry) for entry in server.entries],
        }
    )


def servers_json(catalogue: Catalogue) -> str:
    """Return the index of servers."""
    return _json(
        {
            "as_of": catalogue.as_of.date().isoformat() if catalogue.as_of else None,
            "servers": [_known(server) for server in catalogue.servers],
        }
    )


def _known(server: CataloguedServer) -> Mapping[str, object]:
    row = server.row
    how = standing(row, [entry.row for entry in server.entries])
    return {
        "slug": row.slug,
        "title": row.title,
        "origin": row.origin.public,
        "product": row.product,
        "known_from": how.kind,
        "listed": how.kind in ("listed", "recorded"),
        "maybe_partial": how.partial,
        "reason": row.latest.reason,
        "tools": row.tools,
        "actions": row.actions,
        "seen_at": how.seen_at.isoformat() if how.seen_at else None,
        "last_looked_at": row.latest.finished_at.isoformat(),
        "path": server.path,
    }


def _look(look: ObservationRow, server: CataloguedServer) -> Mapping[str, object]:
    origin = server.row.origin
    return {
        "at": look.finished_at.isoformat(),
        "outcome": look.outcome,
        "reason": look.reason,
        "detail": publishable(look.detail, origin),
        "hint": publishable(look.hint, origin),
        "version": look.version,
        "server_name": look.server_name,
        "server_version": look.server_version,
        "protocol_version": look.protocol_version,
        "sandbox": look.sandbox,
        "maybe_partial": look.maybe_partial,
        "steps": [{"name": publishable(rung.name, origin), "result": rung.result} for rung in look.rungs],
        "problems": [
            {"where": publishable(one.where, origin), "message": publishable(one.message, origin)}
            for one in look.problems
        ],
    }


def _package(package: PackageFacts | None) -> Mapping[str, object] | None:
    if package is None:
        return None
    released = package.released_at.isoformat() if package.released_at else None
    return asdict(package) | {"released_at": released}


def _entry(entry: CataloguedEntry) -> Mapping[str, object]:
    row, verdict = entry.row, entry.verdict
    return {
        "key": row.key,
        "name": entry.name,
        "provenance": row.provenance,
        "run": row.run,
        "known_from": known_from(entry),
        "dispatch": {"tool": row.dispatch.tool, "selector": dict(row.dispatch.selector)} if row.dispatch else None,
        "category": verdict.category,
        "risk": verdict.risk.label,
        "definition_hash": row.definition.hash,
        "path": entry.path,
    }


def _json(document: object) -> str:
    return embeddable_json(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"
