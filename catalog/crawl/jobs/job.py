"""What stands in a job: one server, as versioned JSON text that is checked when it is written and when it is read.

Pure ASCII text: PostgreSQL's ``jsonb`` refuses NUL and lone surrogates. Values of variables and headers
(``catalog.target.Target``) have no place in it.
"""

import functools
import json
import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from catalog.model import ServerRef
from catalog.store.backlog import Entrant
from catalog.store.encoding import origin, server_columns

VERSION: Literal[1] = 1
"""A job of another version was written by another release; it is never guessed at."""

# Characters of a job's text. The longest of the curated servers takes 449; a command line may be long.
MOST_CHARACTERS = 64 * 1024

# The longest is a prefix, 80 characters of a name, and a hash.
_SLUG = re.compile(r"[a-z0-9-]{1,120}")


class JobError(Exception):
    """A server that cannot be put into a job, or a job's text that is none of ours; its text quotes little of it."""


class _Envelope(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1]
    server: dict[str, Any]


def entrant(server: ServerRef) -> Entrant:
    """Return ``server`` as it is put into the queue. Raises: JobError where it could not be read back."""
    text = _text(server)
    decode(text)
    return Entrant(slug=server.slug, text=text)


def decode(text: str) -> ServerRef:
    """Read the server in a job's text.

    Raises:
        JobError: it is too long, no JSON, of another version, or not exactly what ``entrant`` would write.
    """
    if len(text) > MOST_CHARACTERS:
        raise JobError(f"a job of {len(text):,} characters, more than {MOST_CHARACTERS:,}; leave this server out")
    try:
        value = json.loads(text)
        envelope = _Envelope.model_validate(value)
        server = _server(envelope.server)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise JobError(f"no job of version {VERSION} ({type(error).__name__}): {text[:80]!r}") from error
    if not _SLUG.fullmatch(server.slug):
        raise JobError(f"a job for {server.slug[:80]!r}, which is no slug")
    # Fields that nobody knows and values of another type are dropped or converted above: then it is another job.
    if json.loads(_text(server)) != value:
        raise JobError(f"a job for {server.slug!r} with more in it than version {VERSION} has")
    return server


def _text(server: ServerRef) -> str:
    envelope = {"version": VERSION, "server": server_columns(server)}
    return json.dumps(envelope, separators=(",", ":"))


def _server(value: dict[str, Any]) -> ServerRef:
    read: ServerRef = _adapter(ServerRef).validate_python(value | {"origin": origin(value["origin"])})
    # ``origin`` has chosen the class by the kind; here the fields of that class are checked.
    kind: Any = type(read.origin)
    _adapter(kind).validate_python(value["origin"])
    return read


@functools.cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
