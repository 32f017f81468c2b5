"""What an engine makes of an export, for tests: every difference from the reference evaluator that is not listed."""

from collections.abc import Sequence

import pytest

from catalog.policy.model import Policy
from catalog.policy.target import Exporter
from catalog.verify.base import Call, Engine, EngineUnavailable
from catalog.verify.calls import derive
from catalog.verify.compare import Compared, Standing, compare


def available(engine: Engine) -> Engine:
    """Return the engine, or skip the test and say why where it is not installed."""
    try:
        engine.version()
    except EngineUnavailable as why:
        pytest.skip(str(why))
    return engine


def surprises(
    exporter: Exporter, engine: Engine, policy: Policy, calls: Sequence[Call] | None = None
) -> tuple[Compared, ...]:
    """Return the calls that are looser than the policy, or stricter without being listed; all derived ones are made."""
    export = exporter.export(policy)
    made = derive(policy) if calls is None else calls
    report = compare(policy, export, made, engine.decide(export, made))
    assert report.count(Standing.EQUAL) > 0
    return report.unexpected
