"""Run ``catalog policy`` in this process, on the database that the environment names."""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from catalog.cli import app


class Ran:
    """What a command printed, and how it ended."""

    def __init__(self, *arguments: str | Path, stdin: str | None = None) -> None:
        result = CliRunner().invoke(app, ["policy", *map(str, arguments)], input=stdin, catch_exceptions=False)
        self.code, self.out, self.err = result.exit_code, result.stdout, result.stderr

    @property
    def json(self) -> Any:
        """Return what was printed as JSON."""
        return json.loads(self.out)
