"""What started a package's server once starts it at once the next time."""

from dataclasses import replace
from pathlib import Path

import pytest
import uv

from catalog.crawl.events import silent
from catalog.crawl.ladder import Ladder
from catalog.crawl.parts import Parts
from catalog.install.environments import Environments
from catalog.install.pypi import PypiInstaller
from catalog.model import Listed, Observation, ServerRef
from catalog.origin import Package
from catalog.sandbox.bubblewrap import Bubblewrap
from catalog.target import Target
from catalog_testing.crawling import run
from catalog_testing.crawling_packages import TINY_PYTHON, Registry, wheel

SERVER = ServerRef(slug="shy", title="shy", origin=Package(ecosystem="pypi", name="shy", version="1.0"))

NEEDS_A_KEY = """
import os, sys
if "SHY_API_KEY" not in os.environ:
    sys.exit("the environment variable SHY_API_KEY is required")
"""


@pytest.fixture
def keeping(parts: Parts, bubblewrap: Bubblewrap, tmp_path: Path, index: Registry) -> Parts:
    """Parts that keep packages; the index serves a server that wants a key."""
    files = {"shy.py": NEEDS_A_KEY + TINY_PYTHON}
    index.add_wheel(wheel(tmp_path, "shy", "1.0", files, scripts={"shy": "shy:main"}), "2026-01-01T00:00:00Z")
    installer = PypiInstaller(bubblewrap, uv.find_uv_bin(), Environments(tmp_path / "environments"))
    return replace(parts, installers={"pypi": installer})


def climb(parts: Parts, **environment: str) -> Observation:
    return run(Ladder(parts, Target(server=SERVER, environment=environment), silent).climb())


def rungs(observation: Observation) -> list[tuple[str, str]]:
    return [(rung.name, rung.result) for rung in observation.rungs]


def test_what_worked_is_tried_first_the_next_time(keeping: Parts) -> None:
    first, second = climb(keeping), climb(keeping)
    assert rungs(first) == [("install", "ok"), ("run", "failed"), ("placeholders", "ok")]
    assert rungs(second) == [("install", "ok"), ("placeholders", "ok")]
    assert isinstance(first.outcome, Listed)
    assert first.outcome == second.outcome


def test_values_of_the_user_are_neither_kept_nor_replaced_by_what_worked(keeping: Parts, tmp_path: Path) -> None:
    assert rungs(climb(keeping, SHY_API_KEY="a-real-key")) == [("install", "ok"), ("run", "ok")]
    climb(keeping)
    assert rungs(climb(keeping, SHY_API_KEY="a-real-key")) == [("install", "ok"), ("run", "ok")]
    kept = [file.read_text() for file in (tmp_path / "environments").rglob("recipe.json")]
    assert len(kept) == 1
    assert "a-real-key" not in kept[0]


def test_what_works_no_more_is_climbed_anew(keeping: Parts, tmp_path: Path) -> None:
    climb(keeping)
    (kept,) = (tmp_path / "environments").rglob("recipe.json")
    kept.write_text(kept.read_text().replace("SHY_API_KEY", "ANOTHER_KEY"))
    again = climb(keeping)
    assert rungs(again)[-2:] == [("run", "failed"), ("placeholders", "ok")]
    assert isinstance(again.outcome, Listed)


def test_a_recipe_that_cannot_be_read_is_no_recipe(keeping: Parts, tmp_path: Path) -> None:
    climb(keeping)
    (kept,) = (tmp_path / "environments").rglob("recipe.json")
    kept.write_text("{")
    assert rungs(climb(keeping)) == [("install", "ok"), ("run", "failed"), ("placeholders", "ok")]
