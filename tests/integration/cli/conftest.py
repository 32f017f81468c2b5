"""A command line of its own for every test."""

from pathlib import Path

import pytest

from catalog_testing.commandline import CommandLine


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """The real program, with its data below the test's folder."""
    return CommandLine.at(tmp_path)
