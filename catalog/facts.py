"""What is learnt of a server besides its tools: findings, how a remote one answers, what a package says of itself."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from catalog.origin import Transport


class FindingKind(StrEnum):
    """What can be noticed about a server, apart from any one definition."""

    NETWORK_ATTEMPT = "network-attempt"
    """It tried to reach an address; the sandbox has no network."""
    WRITE_ATTEMPT = "write-attempt"
    """It tried to write outside its scratch folders."""
    SECRET_READ = "secret-read"  # noqa: S105  # a kind of finding
    """It opened a decoy in a place where secrets are kept."""
    PROCESS_ATTEMPT = "process-attempt"
    """It tried to signal, trace or read a process that is not its own."""
    LIMIT = "limit"
    """It exceeded a limit: processes, memory, file size, scratch."""
    STAYED = "stayed"
    """It did not end when its input closed, or left processes behind; they were killed."""
    INSTALL_CODE = "install-code"
    """The package brings code for install time or for every start of its interpreter; it ran only inside, or not."""
    HIDDEN_TOOL = "hidden-tool"
    """Listed by the running server and not declared in its source."""
    DEAD_DECLARATION = "dead-declaration"
    """Declared in its source and not listed by the running server."""
    IDENTITY = "identity"
    """Package, repository and registry entry do not agree on who publishes it."""
    CLONE = "clone"
    """The package is known as a republished copy of another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something about a server that a reader should know."""

    kind: FindingKind
    detail: str
    """Cleaned and bounded, for example ``connect 169.254.169.254:80``."""
    rung: str = ""
    """When it was seen; empty where it belongs to no step."""


class RemoteState(StrEnum):
    """What an address turned out to be."""

    OPEN = "open"
    GATED = "gated"
    WRONG_TRANSPORT = "wrong-transport"
    """It speaks MCP over another transport than was said."""
    NOT_MCP = "not-mcp"
    DEAD = "dead"
    FLAKY = "flaky"
    """It answered one try and not the other, or asked to come back later."""
    UNKNOWN = "unknown"
    """It was not asked, or the answer says nothing about it: a timeout, a refusal of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFacts:
    """What was learnt about a remote server besides its tools."""

    state: RemoteState
    transport: Transport | None = None
    """The transport that answered."""
    authorization_servers: tuple[str, ...] = ()
    """Who issues tokens for it (RFC 9728 metadata)."""
    scopes: tuple[str, ...] = ()
    """Scopes that it names (RFC 9728 ``scopes_supported``, or ``scope`` of its challenge)."""
    resource_metadata: str | None = None
    """The address of its protected resource metadata, where it names one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFacts:
    """What a package says of itself, read through the package client and the installed metadata."""

    purl: str
    version: str
    released_at: datetime | None = None
    """When this version was uploaded, UTC."""
    licence: str | None = None
    """As declared; an SPDX expression where the author wrote one."""
    homepage: str | None = None
    repository: str | None = None
    publisher: str | None = None
    """The author, maintainer or scope that the metadata names."""
    sha256: str | None = None
    """Of the files that were run: over the sorted list of relative path and content hash."""
