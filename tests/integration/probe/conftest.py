from collections.abc import Callable
from typing import Any, Protocol

import pytest

from catalog.model import Listed
from catalog.probe.base import ProbeError, ProbeLimits
from catalog.probe.listing import list_tools
from catalog.probe.stdio import StdioSession
from catalog.sandbox.base import Limits
from catalog.sandbox.unconfined import Unconfined
from catalog_testing.crawling import run, scripted

SMALL = ProbeLimits(
    initialize_seconds=20, request_seconds=20, frame_bytes=200_000, total_bytes=1_000_000, pages=5, tools=50
)
"""Small in size; long enough in time for a busy machine, since nothing here waits for it to pass."""


class Probe(Protocol):
    """Asks a fixture server that behaves as the keywords say (servers/server.py)."""

    def __call__(self, limits: ProbeLimits = SMALL, **script: Any) -> Listed: ...


@pytest.fixture
def probe() -> Probe:
    def ask(limits: ProbeLimits = SMALL, **script: Any) -> Listed:
        async def conversation() -> Listed:
            sandbox = Unconfined()
            async with sandbox.start(scripted(sandbox, **script), Limits()) as process:
                return await list_tools(StdioSession(process, limits), limits, "0.0.0")

        return run(conversation())

    return ask


@pytest.fixture
def refusal(probe: Probe) -> Callable[..., ProbeError]:
    """Like ``probe``, for servers that must not be listed."""

    def ask(limits: ProbeLimits = SMALL, **script: Any) -> ProbeError:
        with pytest.raises(ProbeError) as error:
            probe(limits, **script)
        return error.value

    return ask
