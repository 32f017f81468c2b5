"""The domain's values as column values, and back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import Row

from catalog.facts import Finding, FindingKind, PackageFacts, RemoteFacts, RemoteState
from catalog.model import (
    Declared,
    Definition,
    Dispatch,
    Entry,
    Listed,
    NotListed,
    Observation,
    Outcome,
    Problem,
    Provenance,
    Reason,
    Rung,
    ServerRef,
)
from catalog.origin import Bundle, Command, Image, Origin, Package, Recording, Remote, Source
from catalog.view import ObservationRow
from classifier.verdict import Category, Classification, Evidence, Level, Recoverability

_KINDS: Mapping[type[Origin], str] = {
    Package: "package",
    Command: "command",
    Remote: "remote",
    Bundle: "bundle",
    Image: "image",
    Source: "source",
    Recording: "recording",
}
_ORIGINS: Mapping[str, Callable[..., Origin]] = {kind: origin for origin, kind in _KINDS.items()}

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
    return columns | {
        "environment": server.environment,
        "arguments": server.arguments,
        "origin": {"kind": _KINDS[type(server.origin)], **asdict(server.origin)},
    }


def origin(value: Mapping[str, Any]) -> Origin:
    """Read how a server is reached."""
    fields: Columns = {name: tuple(field) if isinstance(field, list) else field for name, field in value.items()}
    made: Origin = _ORIGINS[fields.pop("kind")](**fields)
    return made


def observation_columns(
    observation: Observation, server_id: int, problems: Sequence[Problem], crawl: int | None
) -> Columns:
    """Return an observation's row; ``problems`` are the outcome's and those that the store met."""
    return _outcome_columns(observation.outcome) | {
        "server_id": server_id,
        "started_at": observation.started_at,
        "finished_at": observation.finished_at,
        "version": observation.version,
        "sandbox": observation.sandbox,
        "rungs": [asdict(rung) for rung in observation.rungs],
        "problems": [asdict(problem) for problem in problems],
        "findings": [asdict(finding) for finding in observation.findings],
        "package": _package_value(observation.package),
        "remote": None if observation.remote is None else asdict(observation.remote),
        "crawl": crawl,
    }


def _outcome_columns(outcome: Outcome) -> Columns:
    said = dict.fromkeys(("detail", "hint", "server_name", "server_version", "protocol_version"), "")
    match outcome:
        case Listed():
            own = ("server_name", "server_version", "protocol_version", "maybe_partial")
            return said | {"outcome": "listed", "reason": None, **{name: getattr(outcome, name) for name in own}}
        case Declared() | NotListed():
            kind = "declared" if isinstance(outcome, Declared) else "not_listed"
            reason = outcome.reason and outcome.reason.value
            common = {"outcome": kind, "reason": reason, "maybe_partial": False}
            return said | common | {"detail": outcome.detail, "hint": outcome.hint}
        case _:
            assert_never(outcome)


def observation_row(columns: Mapping[str, Any]) -> ObservationRow:
    """Read an observation from its columns."""
    copied = ("outcome", "started_at", "finished_at", "version", "sandbox", "detail", "hint", "maybe_partial")
    said = ("server_name", "server_version", "protocol_version")
    return ObservationRow(
        **{name: columns[name] for name in (*copied, *said)},
        reason=None if columns["reason"] is None else Reason(columns["reason"]),
        rungs=tuple(Rung(**rung) for rung in columns["rungs"]),
        problems=tuple(Problem(**problem) for problem in columns["problems"]),
        findings=tuple(Finding(**{**finding, "kind": FindingKind(finding["kind"])}) for finding in columns["findings"]),
        package=_package_facts(columns["package"]),
        remote=_remote_facts(columns["remote"]),
    )


def _package_value(package: PackageFacts | None) -> Columns | None:
    if package is None:
        return None
    return asdict(package) | {"released_at": package.released_at and package.released_at.isoformat()}


def _package_facts(value: Columns | None) -> PackageFacts | None:
    if value is None:
        return None
    released_at = value["released_at"]
    return PackageFacts(**value | {"released_at": released_at and datetime.fromisoformat(released_at)})


def _remote_facts(value: Columns | None) -> RemoteFacts | None:
    if value is None:
        return None
    lists = {name: tuple(value[name]) for name in ("authorization_servers", "scopes")}
    return RemoteFacts(**value | lists | {"state": RemoteState(value["state"])})


def dispatch_value(dispatch: Dispatch | None) -> Columns | None:
    """Return how an action is reached as a JSON value; the selector keeps its order."""
    if dispatch is None:
        return None
    return {"tool": dispatch.tool, "selector": dict(dispatch.selector), "payload": dispatch.payload}


def entry(row: AnyRow) -> Entry:
    """Read an entry from the columns ``body``, ``provenance``, ``dispatch`` and ``run``."""
    return Entry(
        definition=Definition(raw=row.body),
        provenance=Provenance(row.provenance),
        dispatch=None if row.dispatch is None else Dispatch(**row.dispatch),
        run=row.run,
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
