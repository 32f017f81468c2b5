"""Ask a started server for its tools and for what is behind them, within one budget of time."""

import asyncio
from dataclasses import replace

from catalog.crawl.parts import Parts
from catalog.model import Listed, Problem, Reason
from catalog.probe.base import ProbeError, Session
from catalog.probe.dispatcher import expand
from catalog.probe.listing import list_tools


async def ask(session: Session, parts: Parts, *, calls: bool) -> Listed:
    """Return the tools, with the actions of dispatchers; ``calls`` allows their documented discovery calls.

    Raises: ProbeError where there is no complete list in time; actions that are late are a problem of the list.
    """
    limits = parts.probe_limits
    listed: Listed | None = None
    try:
        async with asyncio.timeout(limits.total_seconds):
            listed = await list_tools(session, limits, parts.version)
            return await expand(session, listed, parts.profiles, limits, calls=calls)
    except TimeoutError:
        if listed is None:
            raise ProbeError(
                Reason.TIMED_OUT,
                f"no complete list within {limits.total_seconds:g} s",
                "it answers too slowly; try it by itself",
            ) from None
        late = f"not done within {limits.total_seconds:g} s; actions are missing"
        problem = Problem(where="discovery", message=late)
        return replace(listed, problems=(*listed.problems, problem), maybe_partial=True)
