"""The matrix that turns severity and recoverability into risk."""

import pytest

from classifier.verdict import Level, Recoverability, risk_of

ROWS = {
    "LOW": ("LOW", "LOW", "LOW", "MEDIUM"),
    "MEDIUM": ("MEDIUM", "MEDIUM", "MEDIUM", "HIGH"),
    "HIGH": ("MEDIUM", "MEDIUM", "HIGH", "CRITICAL"),
    "CRITICAL": ("HIGH", "HIGH", "CRITICAL", "CRITICAL"),
}


@pytest.mark.parametrize("severity", ROWS)
def test_risk_follows_the_documented_matrix(severity: str) -> None:
    assert tuple(risk_of(Level[severity], r).name for r in Recoverability) == ROWS[severity]
