"""The wire format: server.json in its generations (snake_case, camelCase, status in ``_meta``), lenient but bounded.

Parts of an entry are read one by one, so that a bad package does not cost the others.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, StringConstraints

OFFICIAL = "io.modelcontextprotocol.registry/official"
"""Under which key of ``_meta`` a registry writes what it knows itself."""

ServerName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]+/[A-Za-z0-9._-]+$", max_length=255)]
Word = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=2048)]
"""A word of a command line, a name or an address: no control characters, least of all NUL."""

# Of one entry; the largest real ones have some ten.
MOST_PARTS = 50


def _either(camel: str, *others: str) -> Any:
    """Accept a field in camelCase, in snake_case, and under names that it had before."""
    snake = re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", camel)
    return AliasChoices(camel, snake, *others)


class Lenient(BaseModel):
    """Text that comes in: what is not known is ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Official(Lenient):
    """What the registry says about an entry."""

    status: Word | None = None
    is_latest: bool | None = Field(default=None, validation_alias=_either("isLatest"))
    published_at: datetime | None = Field(default=None, validation_alias=_either("publishedAt"))
    updated_at: datetime | None = Field(default=None, validation_alias=_either("updatedAt"))


class Repository(Lenient):
    """Where the source code is."""

    url: Word | None = None


class VersionDetail(Lenient):
    """The version of the first generation."""

    version: Word
    is_latest: bool | None = None


class Server(Lenient):
    """A server.json; its parts are read by themselves."""

    name: ServerName
    title: Word | None = None
    version: Word | None = None
    version_detail: VersionDetail | None = None
    status: Word | None = None
    repository: Repository | None = None
    website: Word | None = Field(default=None, validation_alias=_either("websiteUrl"))
    packages: list[Any] | None = Field(default=None, max_length=MOST_PARTS)
    remotes: list[Any] | None = Field(default=None, max_length=MOST_PARTS)


class Input(Lenient):
    """A value that an entry fixes or a user fills in: of a variable, a header or an argument."""

    name: Word | None = None
    type: Word | None = None
    value: Word | None = None
    default: Word | None = None
    format: Word | None = None
    choices: list[Any] | None = None
    required: bool = Field(default=False, validation_alias=_either("isRequired"))
    secret: bool = Field(default=False, validation_alias=_either("isSecret"))


class PackageTransport(Lenient):
    """How a started package speaks MCP."""

    type: Word = "stdio"


class Package(Lenient):
    """A package of an entry."""

    kind: Word = Field(validation_alias=_either("registryType", "registry_name"))
    identifier: Word = Field(validation_alias=AliasChoices("identifier", "name"), min_length=1)
    version: Word | None = None
    base: Word | None = Field(default=None, validation_alias=_either("registryBaseUrl"))
    sha256: Word | None = Field(default=None, validation_alias=_either("fileSha256"))
    transport: PackageTransport | None = None
    environment: list[Any] = Field(
        default_factory=list, validation_alias=_either("environmentVariables"), max_length=MOST_PARTS
    )
    arguments: list[Any] = Field(
        default_factory=list, validation_alias=_either("packageArguments"), max_length=MOST_PARTS
    )
    runtime_arguments: list[Any] = Field(
        default_factory=list, validation_alias=_either("runtimeArguments"), max_length=MOST_PARTS
    )


class Remote(Lenient):
    """A remote of an entry."""

    type: Word = Field(default="", validation_alias=AliasChoices("type", "transport_type", "transportType"))
    url: Word
    headers: list[Any] | None = Field(default=None, max_length=MOST_PARTS)


def official(row: Mapping[str, Any], server: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the registry says of a row: beside the server (newer), in it (older), or directly in ``_meta``."""
    for holder in (row, server):
        meta = holder.get("_meta")
        if isinstance(meta, Mapping):
            own = meta.get(OFFICIAL)
            return own if isinstance(own, Mapping) else meta
    return {}
