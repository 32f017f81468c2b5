"""What stands in a job: one server, as versioned JSON text that is checked when it is written and when it is read.

Pure ASCII text: PostgreSQL's ``jsonb`` refuses NUL and lone surrogates. Values of variables and headers
(``catalog.target.Target``) have no place in it.
"""

import functools
import json
import re
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from catalog.model import ServerRef
from catalog.store.backlog import Entrant
from catalog.store.encoding import origin, server_columns

VERSION: Literal[1] = 1
"""A job of another version was written by another release; it is never guessed at."""

# Characters of a job's text. The longest server of the curated ones has 600; a command line may be long.
MOST_CHARACTERS = 64 * 1024

# Characters of a slug: a prefix, 80 of a name, a hash.
LONGEST_SLUG = 120

_SLUG = re.compile(r"[a-z0-9]+(?:-+[a-z0-9]+)*")


class JobError(Exception):
    """A server that cannot be put into a job, or a job's text that is none of ours; its text quotes little of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One server to look at."""

    server: ServerRef


class _Envelope(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1]
    server: dict[str, Any]


def entrant(job: Job) -> Entrant:
    """Return ``job`` as it is put into the queue. Raises: JobError where its server is none that can be read back."""
    text = _text(job)
    decode(text)
    return Entrant(slug=job.server.slug, text=text)


def decode(text: str) -> Job:
    """Read a job's text.

    Raises:
        JobError: it is too long, no JSON, of another version, or not exactly what ``entrant`` would write.
    """
    if len(text) > MOST_CHARACTERS:
        raise JobError(f"a job of {len(text):,} characters, more than {MOST_CHARACTERS:,}; leave this server out")
    try:
        value = json.loads(text)
        envelope = _Envelope.model_validate(value)
        job = Job(server=_server(envelope.server))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise JobError(f"no job of version {VERSION} ({type(error).__name__}): {text[:80]!r}") from error
    slug = job.server.slug
    if len(slug) > LONGEST_SLUG or not _SLUG.fullmatch(slug):
        raise JobError(f"a job for {slug[:80]!r}, which is no slug")
    # Fields that nobody knows and values of another type are dropped or converted above: then it is another job.
    if json.loads(_text(job)) != value:
        raise JobError(f"a job for {slug!r} with more in it than version {VERSION} has")
    return job


def _text(job: Job) -> str:
    envelope = {"version": VERSION, "server": server_columns(job.server)}
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
