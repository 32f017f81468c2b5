"""Which newer Pythons of the machine are found; none of them is run."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.install.runtimes import newer_pythons

NEXT = f"3.{sys.version_info.minor + 1}"
AFTER_NEXT = f"3.{sys.version_info.minor + 2}"


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Make an empty machine: a folder on PATH, none of pyenv's and none of uv's."""
    monkeypatch.setenv("PATH", str(tmp_path / "usr" / "bin"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "uv"))
    newer_pythons.cache_clear()
    yield tmp_path
    newer_pythons.cache_clear()


def install(prefix: Path, version: str) -> None:
    (prefix / "bin").mkdir(parents=True, exist_ok=True)
    (prefix / "bin" / f"python{version}").write_bytes(b"\x7fELF")
    library = prefix / "lib" / f"python{version}"
    library.mkdir(parents=True)
    (library / "os.py").touch()


def test_a_machine_without_a_newer_python_has_none(machine: Path) -> None:
    install(machine / "usr", f"3.{sys.version_info.minor}")
    install(machine / "usr", "3.6")
    assert newer_pythons() == ()


@pytest.mark.parametrize("place", ["usr", "pyenv/versions/next", "uv/cpython-next"])
def test_a_newer_python_is_found_wherever_it_is_kept(machine: Path, place: str) -> None:
    install(machine / place, NEXT)
    (found,) = newer_pythons()
    assert found.version == NEXT
    assert found.prefix == machine / place
    assert found.executable == machine / place / "bin" / f"python{NEXT}"


def test_the_oldest_that_is_newer_comes_first_and_each_version_once(machine: Path) -> None:
    install(machine / "pyenv/versions/b", AFTER_NEXT)
    install(machine / "pyenv/versions/a", NEXT)
    install(machine / "uv/a", NEXT)
    assert [(home.version, home.prefix.parent.name) for home in newer_pythons()] == [
        (NEXT, "versions"),
        (AFTER_NEXT, "versions"),
    ]


def test_a_version_managers_launcher_is_no_python(machine: Path) -> None:
    (machine / "usr/bin").mkdir(parents=True)
    (machine / f"usr/bin/python{NEXT}").write_text("#!/bin/sh\nexit 127\n", encoding="utf-8")
    assert newer_pythons() == ()


def test_other_programs_of_that_name_are_passed_by(machine: Path) -> None:
    install(machine / "usr", NEXT)
    for name in (f"python{NEXT}-config", f"python{NEXT}t", "python3.x"):
        (machine / "usr/bin" / name).touch()
    assert [home.executable.name for home in newer_pythons()] == [f"python{NEXT}"]
