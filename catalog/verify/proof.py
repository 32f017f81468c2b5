"""Prove one policy in one format: export it, ask every engine of the format, compare."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalog.policy.model import Policy
from catalog.policy.target import Export, Exporter
from catalog.verify.base import Call, Engine, EngineUnavailable
from catalog.verify.compare import Report, compare


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What one engine made of one policy, or why it was not asked."""

    format: str
    engine: str
    """What was asked; empty where no engine of the format runs here."""
    version: str = ""
    server: str
    profile: str
    report: Report | None = None
    not_asked: str = ""
    """Why the engine could not be asked. Nothing is proved then."""
    refused: str = ""
    """Why the engine does not take the export at all."""
    refinements: int = 0
    """Entries of ``unsupported``."""

    @property
    def failed(self) -> bool:
        """Say whether the engine does not do what the policy says."""
        return bool(self.refused or (self.report and self.report.unexpected))


def prove(exporter: Exporter, engines: Sequence[Engine], policy: Policy, calls: Sequence[Call]) -> Iterator[Proof]:
    """Yield what each engine makes of the policy; one proof that says so where there is no engine."""
    export = exporter.export(policy)
    if not engines:
        yield Proof(
            format=exporter.format,
            engine="",
            server=policy.server,
            profile=policy.profile,
            not_asked="no engine of this format runs here",
            refinements=len(export.unsupported),
        )
    for engine in engines:
        yield _prove(engine, policy, export, calls)


def _prove(engine: Engine, policy: Policy, export: Export, calls: Sequence[Call]) -> Proof:
    version, not_asked, refused, report = "", "", "", None
    try:
        version = engine.version()
        decisions = engine.decide(export, calls)
        report = compare(policy, export, calls, decisions)
    except EngineUnavailable as error:
        not_asked = str(error)
    except ValueError as error:
        refused = str(error) or "it gave no reason"
    return Proof(
        format=engine.format,
        engine=engine.title,
        version=version,
        server=policy.server,
        profile=policy.profile,
        report=report,
        not_asked=not_asked,
        refused=refused,
        refinements=len(export.unsupported),
    )
