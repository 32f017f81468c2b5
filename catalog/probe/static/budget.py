"""What reading may still cost: processor time of a file and of the whole, and for each tool expressions and characters.

Processor time and not the clock, so that a busy machine finds the same tools; for the thread that made the budget.
"""

import time

from catalog.probe.static.source_tools import StaticLimits


class OverBudgetError(Exception):
    """Reading one file or one tool costs too much; what was found so far stays."""


class Budget:
    """Counts down; every loop over somebody else's source asks it."""

    def __init__(self, limits: StaticLimits) -> None:
        self.limits = limits
        self._end = time.thread_time() + limits.total_seconds
        self._file_end = self._end
        self._steps = limits.steps
        self._tool_characters = limits.tool_characters
        self._characters = limits.total_characters

    def begin_file(self) -> None:
        """Start a file's time."""
        self._file_end = min(self._end, time.thread_time() + self.limits.file_seconds)

    def begin_tool(self) -> None:
        """Start one tool's count of expressions and characters."""
        self._steps = self.limits.steps
        self._tool_characters = self.limits.tool_characters

    def late(self) -> bool:
        """Say whether this file's time is over."""
        return time.thread_time() > self._file_end

    def over(self) -> bool:
        """Say whether nothing more may be read at all."""
        return self._characters <= 0 or time.thread_time() > self._end

    def step(self, characters: int = 0) -> None:
        """Count one expression and the characters that were read of it. Raises: OverBudgetError."""
        self._steps -= 1
        self._tool_characters -= characters
        self._characters -= characters
        if self._steps < 0 or self._tool_characters < 0 or self._characters < 0:
            raise OverBudgetError("its definition is too large to be read")
        if self._steps % 256 == 0:
            self.check()

    def check(self) -> None:
        """Raises: OverBudgetError where this file's time is over."""
        if self.late():
            raise OverBudgetError("reading it takes too long")
