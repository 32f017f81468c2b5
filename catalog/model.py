"""The domain's facts: what a server is, one attempt to look at it, and what was seen.

Everything here is plain data. Judgements (classifier) and recommendations (catalog.policy) are separate types.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from catalog.facts import Finding, PackageFacts, RemoteFacts
from catalog.origin import Origin
from classifier.definition import JsonObject, Tool


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRef:
    """One MCP server: who it is and how to reach it. Nothing has been run yet."""

    slug: str
    """Unique in the catalogue, lower case, ``[a-z0-9-]``."""
    title: str
    origin: Origin
    product: str | None = None
    """The slug of the product it is for, for example ``truenas``."""
    product_title: str | None = None
    publisher: str | None = None
    homepage: str | None = None
    repository: str | None = None
    environment: tuple[str, ...] = ()
    """Names of the environment variables the server wants; values are never kept."""
    arguments: tuple[str, ...] = ()
    """Arguments the package's program needs before it lists anything."""


class Provenance(StrEnum):
    """How we came to know a tool."""

    LIVE = "live"
    """The running server's tools/list."""
    EXPANDED = "expanded"
    """An action behind a tool, which the tool's schema, its description or its own discovery answers name."""
    DECLARED = "declared"
    """Read from source."""
    RECORDED = "recorded"
    """An imported list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """How an action is reached on the wire: the tool that is called and the arguments that select the action."""

    tool: str
    selector: Mapping[str, str]
    """Argument name to value, outermost first; the last one names the action itself."""
    payload: str | None = None
    """The argument that carries the action's own parameters; None where they stand beside the selector."""

    @property
    def argument(self) -> str:
        """Return the name of the decisive argument, for example ``action``."""
        return list(self.selector)[-1]

    @property
    def value(self) -> str:
        """Return the decisive argument's value: the action's name on the wire."""
        return self.selector[self.argument]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryProfile:
    """How a known dispatcher explains itself (data/knowledge/servers, ``discovery``)."""

    server_name: str
    """``serverInfo.name`` of the server that it is for."""
    tool: str
    selector: str
    """The argument that selects an action. It is never sent."""
    group: str
    """The argument that names a group of actions; alone it makes the tool list them."""
    payload: str | None
    """The argument that carries an action's own parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One tool definition, verbatim, and its content address."""

    raw: JsonObject

    @property
    def hash(self) -> str:
        """Return the SHA-256 (hex) of the definition's canonical JSON."""
        return hashlib.sha256(canonical_json(self.raw).encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def tool(self) -> Tool:
        """Return the definition as the classifier reads it."""
        return Tool.from_json(self.raw)

    @property
    def name(self) -> str:
        """Return the tool's name as published."""
        return self.tool.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing an agent can call on a server: a tool, or an action behind a dispatcher tool."""

    definition: Definition
    provenance: Provenance
    dispatch: Dispatch | None = None
    """None for a tool that is called by its own name."""
    run: str = ""
    """The rung that showed it, for example ``run`` or ``placeholders``: some tools appear only once configured."""

    @property
    def key(self) -> str:
        """Return what identifies the entry on its server: the name, or ``tool/selector/values`` for an action."""
        if self.dispatch is None:
            return self.definition.name
        return "/".join((self.dispatch.tool, *self.dispatch.selector.values()))


class Reason(StrEnum):
    """Why a server could not be listed."""

    NOT_FOUND = "not_found"
    INSTALL_FAILED = "install_failed"
    DEPENDENCY_DRIFT = "dependency_drift"
    NEEDS_CREDENTIALS = "needs_credentials"
    NEEDS_ARGUMENTS = "needs_arguments"
    NEEDS_NETWORK = "needs_network"
    GATED = "gated"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    NOT_MCP = "not_mcp"
    PROTOCOL_ERROR = "protocol_error"
    TOO_LARGE = "too_large"
    UNREACHABLE = "unreachable"
    SANDBOX_UNAVAILABLE = "sandbox_unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something in a server's answers that was left out or looked wrong; the rest was kept."""

    where: str
    """For example ``tools[3]`` or ``page 2``."""
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The server answered tools/list. An empty ``entries`` means it truly offers no tool."""

    server_name: str
    server_version: str
    protocol_version: str
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...] = ()
    maybe_partial: bool = False
    """Something says that there may be more: pages left unread, credentials that it misses, a discovery cut short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """The tools were read from the source; the server itself was not asked, or could not be."""

    entries: tuple[Entry, ...]
    """Never empty."""
    reason: Reason | None
    """Why it could not be asked; None where there was only source to read."""
    detail: str
    hint: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotListed:
    """The server could not be asked. Never an empty list."""

    reason: Reason
    detail: str
    """What was seen, cleaned and bounded: an exit code, the last lines of stderr."""
    hint: str
    """What to do next."""


Outcome = Listed | Declared | NotListed


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of the ladder that was tried, for example ``install`` or ``drift:release-date``."""

    name: str
    result: Literal["ok", "failed"]
    seconds: float
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One attempt to look at one server."""

    server: ServerRef
    started_at: datetime
    """UTC, timezone-aware."""
    finished_at: datetime
    outcome: Outcome
    version: str | None = None
    """The package version that was run, or None where there is none."""
    sandbox: str = "none"
    """What isolated the server, for example ``bubblewrap``; ``none`` where the user said so or nothing was run."""
    rungs: tuple[Rung, ...] = ()
    findings: tuple[Finding, ...] = ()
    package: PackageFacts | None = None
    """None where no package was run."""
    remote: RemoteFacts | None = None
    """None where the server is none of somebody else's."""

    @property
    def seconds(self) -> float:
        """Return the seconds of work on it: of all rungs, without the time it waited for others."""
        return sum(rung.seconds for rung in self.rungs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What one observation changed of what was present on its server: entry keys, in the order they were listed."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    """With another definition than before, or known in another way."""
    removed: tuple[str, ...] = ()


def canonical_json(value: object) -> str:
    """Return JSON with sorted keys and no spaces: equal values, equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
