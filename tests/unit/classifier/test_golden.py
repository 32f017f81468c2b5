"""The outcomes that the risk model promises."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.policy.recommend import decide
from catalog.rules import load_ruleset
from classifier.classify import classify_server
from classifier.rule import Example

ROWS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("golden.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", ROWS, ids=[row["tool"]["name"] for row in ROWS])
def test_the_risk_model_holds(row: dict[str, Any]) -> None:
    verdict = classify_server(load_ruleset(), Example.model_validate(row["tool"]).server())[0]
    expected = dict(row["expect"])
    traits = set(expected.pop("traits", ()))
    most = expected.pop("confidence_at_most", 1.0)
    found = {
        "category": verdict.category.value,
        "severity": verdict.severity.label,
        "recoverability": verdict.recoverability.value,
        "inverse": verdict.inverse,
        "risk": verdict.risk.label,
        "decision": decide(verdict).value,
    }
    assert {key: found[key] for key in expected} == expected
    assert traits <= set(verdict.traits)
    assert verdict.confidence <= most
