"""The built wheel holds everything that an installed Catalog needs."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the project's wheel from a copy of what git tracks."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, tracked.decode().split("\0")):
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, target)
    uv = Path(sys.executable).parent / "uv"
    subprocess.run(
        [
            uv,
            "build",
            "--wheel",
            "--quiet",
            "--no-build-isolation",
            "--python",
            sys.executable,
            "--out-dir",
            out,
            source,
        ],
        check=True,
    )
    return next(out.glob("*.whl"))


def test_the_wheel_holds_code_rules_servers_attacks_policies_templates_and_migrations(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for part in (
        "catalog/cli/__init__.py",
        "catalog/store/migrations/env.py",
        "classifier/classify.py",
        "knowledge/servers/truenas.yaml",
        "knowledge/policies/baseline.yaml",
        "sitegen/templates/tool.html",
        "sitegen/static/",
        "knowledge/rules/category/",
        "knowledge/attacks/",
    ):
        assert any(name.startswith(part) for name in names), f"{part} is missing"


def test_every_file_of_the_packages_that_git_tracks_is_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "catalog", "classifier", "site/sitegen", "data/knowledge"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    expected = {name.removeprefix("site/").removeprefix("data/") for name in tracked}
    assert expected <= names


def test_there_is_no_top_level_package_called_site() -> None:
    assert not (ROOT / "site" / "__init__.py").exists()
