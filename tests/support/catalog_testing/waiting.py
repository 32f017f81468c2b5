"""Wait for another process, and no longer than a test may take."""

import time
from collections.abc import Callable

DEADLINE = 90.0
"""Seconds until a test that waits for something fails; far more than any needs."""


def wait_until(is_so: Callable[[], bool], seconds: float = DEADLINE) -> None:
    """Ask again and again until ``is_so``. Raises: AssertionError after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"it never came to be in {seconds:g} s"
