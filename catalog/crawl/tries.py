"""What several conversations with one address say of it together, and whether another one may help; pure."""

from collections.abc import Sequence

from tenacity import RetryCallState

from catalog.facts import RemoteState
from catalog.origin import Remote, Transport
from catalog.probe.base import ProbeError
from catalog.probe.http.failures import RemoteError

# Conversations with one server: the second where what went wrong may pass.
TRIES = 2

# The longest wait in seconds that a server may ask for before the second one.
LONGEST_WAIT = 30.0

# Seconds before the second one where the server asks for no wait.
WAIT_SECONDS = 2.0


def may_pass(error: BaseException) -> bool:
    """Say whether to try again; not where the server wants a longer wait than anybody here has time for."""
    return isinstance(error, RemoteError) and error.passing and (error.retry_after or 0) <= LONGEST_WAIT


def wait(state: RetryCallState) -> float:
    """Return the seconds until the next try: what the server asks for, else a little."""
    error = state.outcome.exception() if state.outcome else None
    wanted = error.retry_after if isinstance(error, RemoteError) else None
    return WAIT_SECONDS if wanted is None else wanted


def state_of_listed(remote: Remote, transport: Transport, failures: Sequence[ProbeError]) -> RemoteState:
    """Return what an address is that listed its tools over ``transport`` after ``failures``."""
    if remote.transport not in (None, transport):
        return RemoteState.WRONG_TRANSPORT
    # One that said when to come back, and answered then, kept its word.
    kept_word = all(isinstance(one, RemoteError) and one.retry_after is not None for one in failures)
    return RemoteState.OPEN if kept_word else RemoteState.FLAKY


def state_of_failed(failures: Sequence[ProbeError]) -> RemoteState:
    """Return what an address is that never listed; where the tries differ, nothing worse than flaky."""
    states = {one.state if isinstance(one, RemoteError) else RemoteState.UNKNOWN for one in failures}
    return states.pop() if len(states) == 1 else RemoteState.FLAKY
