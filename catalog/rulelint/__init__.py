"""The linter of rule files: what a schema cannot say, with a message that teaches."""

from catalog.rulelint.finding import LintFinding
from catalog.rulelint.linter import CHECKS, lint

__all__ = ["CHECKS", "LintFinding", "lint"]
