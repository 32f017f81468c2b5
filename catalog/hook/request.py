"""What a client asks the hook program, and what it is answered, before and after any client's own words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Word = Literal["allow", "ask", "deny"]


class Refusal(Exception):
    """A request, a policy file or an option is not what it should be, so the call is denied; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call that a client is about to make."""

    name: str
    """The tool as the client calls it."""
    server: str | None = None
    """The server's name, where the client tells it apart from the tool's."""
    arguments: Mapping[str, object]
    session: str | None
    """Names the client's session; None where the client does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the client is to do with the call."""

    word: Word
    reason: str
    server: str | None = None
    tool: str | None = None
    """The server and the tool of the policy that decided; None where none did."""
