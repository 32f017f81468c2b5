"""What the documents say is what the program does."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from catalog.cli import app

ROOT = Path(__file__).parents[3]


def commands(group: object = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield every command of the program as the words that call it."""
    group = group or typer.main.get_command(app)
    for name, command in getattr(group, "commands", {}).items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize("command", sorted(commands()), ids=" ".join)
def test_every_command_is_in_the_readme(command: tuple[str, ...]) -> None:
    assert f"catalog {' '.join(command)}" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", sorted(commands()), ids=" ".join)
def test_every_help_says_what_the_command_does_and_ends_with_examples(command: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(app, [*command, "--help"]).output
    assert "Examples:" in shown
    assert f"catalog {' '.join(command)}" in shown.partition("Examples:")[2]


def test_every_link_between_documents_leads_somewhere() -> None:
    for document in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))):
        for target in re.findall(r"\]\((?!https?://)([^)#]+)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_the_locked_versions_name_no_index() -> None:
    assert "://" not in (ROOT / "constraints.txt").read_text(encoding="utf-8")
