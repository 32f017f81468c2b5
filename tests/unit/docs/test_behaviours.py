"""Every line of docs/behaviours.md names a test that exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

TEXT = (ROOT / "docs" / "behaviours.md").read_text(encoding="utf-8")

NAMED = re.findall(r"`(tests/[^`]+?\.py)::(\w+)(?:\[([^`]+)\])?` \|$", TEXT, re.MULTILINE)


def test_every_line_names_one_test() -> None:
    lines = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith(("| it", "| ---"))]
    assert len(lines) == len(NAMED) > 60


@pytest.mark.parametrize(("file", "test", "case"), NAMED)
def test_every_test_that_is_named_exists(file: str, test: str, case: str) -> None:
    code = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"^(async )?def {test}\(", code, re.MULTILINE)
    assert f'"{case}"' in code or not case
