"""The domain's values as column values, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row

from catalog.model import (
    Command,
    Definition,
    Dispatch,
    Entry,
    Listed,
    Observation,
    Origin,
    Package,
    Problem,
    Provenance,
    Reason,
    Rung,
    ServerRef,
)
from catalog.view import ObservationRow
from classifier.verdict import Category, Classification, Evidence, Level, Recoverability

AnyRow = Row[*tuple[Any, ...]]
"""A row of any statement; its columns are read by name."""

Columns = dict[str, Any]
"""Column name to value, for one row."""


def server_columns(server: ServerRef) -> Columns:
    """Return a server's row, without what the store itself adds."""
    columns: Columns = {
        name: getattr(server, name)
        for name in ("slug", "title", "product", "product_title", "publisher", "homepage", "repository")
    }
    columns |= {"environment": server.environment, "arguments": server.arguments}
    columns |= {"ecosystem": None, "package": None, "package_version": None, "command": None}
    match server.origin:
        case Package(ecosystem=ecosystem, name=name, version=version):
            columns |= {"ecosystem": ecosystem, "package": name, "package_version": version}
        case Command(argv=argv):
            columns |= {"command": argv}
    return columns


def origin(row: AnyRow) -> Origin:
    """Read how a server is reached."""
    if row.command is not None:
        return Command(argv=tuple(row.command))
    return Package(ecosystem=row.ecosystem, name=row.package, version=row.package_version)


def observation_columns(observation: Observation, server_id: int, problems: Sequence[Problem]) -> Columns:
    """Return an observation's row; ``problems`` are the outcome's and those that the store met."""
    outcome = observation.outcome
    if isinstance(outcome, Listed):
        said = {
            "outcome": "listed",
            "reason": None,
            "detail": "",
            "hint": "",
            "server_name": outcome.server_name,
            "server_version": outcome.server_version,
            "protocol_version": outcome.protocol_version,
        }
    else:
        said = {
            "outcome": "not_listed",
            "reason": outcome.reason.value,
            "detail": outcome.detail,
            "hint": outcome.hint,
            "server_name": "",
            "server_version": "",
            "protocol_version": "",
        }
    return said | {
        "server_id": server_id,
        "started_at": observation.started_at,
        "finished_at": observation.finished_at,
        "version": observation.version,
        "sandbox": observation.sandbox,
        "rungs": [asdict(rung) for rung in observation.rungs],
        "problems": [asdict(problem) for problem in problems],
    }


def observation_row(columns: Mapping[str, Any]) -> ObservationRow:
    """Read an observation from its columns."""
    copied = ("started_at", "finished_at", "version", "sandbox", "detail", "hint")
    said = ("server_name", "server_version", "protocol_version")
    return ObservationRow(
        **{name: columns[name] for name in (*copied, *said)},
        reason=None if columns["reason"] is None else Reason(columns["reason"]),
        rungs=tuple(Rung(**rung) for rung in columns["rungs"]),
        problems=tuple(Problem(**problem) for problem in columns["problems"]),
    )


def dispatch_value(dispatch: Dispatch | None) -> Columns | None:
    """Return how an action is reached as a JSON value; the selector keeps its order."""
    if dispatch is None:
        return None
    return {"tool": dispatch.tool, "selector": dict(dispatch.selector), "payload": dispatch.payload}


def entry(row: AnyRow) -> Entry:
    """Read an entry from the columns ``body``, ``provenance`` and ``dispatch``."""
    return Entry(
        definition=Definition(raw=row.body),
        provenance=Provenance(row.provenance),
        dispatch=None if row.dispatch is None else Dispatch(**row.dispatch),
    )


def classification_columns(verdict: Classification) -> Columns:
    """Return a verdict as the columns of a judgement."""
    return {
        "category": verdict.category.value,
        "also": verdict.also,
        "severity": int(verdict.severity),
        "recoverability": verdict.recoverability.value,
        "inverse": verdict.inverse,
        "risk": int(verdict.risk),
        "confidence": verdict.confidence,
        "traits": verdict.traits,
        "findings": verdict.findings,
        "evidence": [asdict(reason) for reason in verdict.evidence],
    }


def classification(row: AnyRow) -> Classification:
    """Read a verdict from the columns of a judgement."""
    return Classification(
        category=Category(row.category),
        also=tuple(Category(category) for category in row.also),
        severity=Level(row.severity),
        recoverability=Recoverability(row.recoverability),
        inverse=row.inverse,
        risk=Level(row.risk),
        confidence=row.confidence,
        traits=tuple(row.traits),
        findings=tuple(row.findings),
        evidence=tuple(Evidence(**reason) for reason in row.evidence),
    )
