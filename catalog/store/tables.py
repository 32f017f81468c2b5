"""The rows of the database: facts first, then judgements, which can be deleted and made again.

Text is Text where it is our own word or a hash, and AnyText where others wrote it.

Rows only: nothing outside this package sees them. A change here needs a revision in ``migrations/versions``; a test
compares the two.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, MetaData, Text, text
from sqlmodel import Field, SQLModel

from catalog.store.columns import AnyText, Json, Utc


class Row(SQLModel):
    """What all tables share: their own metadata, apart from any other SQLModel program in the process."""

    metadata: ClassVar[MetaData] = MetaData(
        # Constraints with names can be changed by later migrations; SQLite cannot drop one without.
        naming_convention={
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
        }
    )


class Server(Row, table=True):
    """Who a server is and how to reach it, as last known."""

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(sa_type=AnyText, unique=True)
    title: str = Field(sa_type=AnyText)
    origin: Any = Field(sa_type=Json, nullable=False)
    """``kind`` and the fields of that class of catalog.origin. Its version is the one
    asked for; what was run is on the observation."""
    product: str | None = Field(sa_type=AnyText)
    product_title: str | None = Field(sa_type=AnyText)
    publisher: str | None = Field(sa_type=AnyText)
    homepage: str | None = Field(sa_type=AnyText)
    repository: str | None = Field(sa_type=AnyText)
    environment: Any = Field(sa_type=Json, nullable=False)
    arguments: Any = Field(sa_type=Json, nullable=False)
    entries_as_of: int | None
    """The observation that last changed which entries are present; no foreign key, because SQLite cannot add one
    to a table that the other refers to."""
    judged_by: str | None = Field(sa_type=AnyText)
    """The ruleset of the latest judging; None before the first."""
    judgings: int = 0
    """How many times its entries were judged: what was read before the latest time may read otherwise now."""


class Crawl(Row, table=True):
    """One run over many servers. One that has not finished was killed or goes on; the same request resumes it."""

    id: int | None = Field(default=None, primary_key=True)
    request: str = Field(sa_type=AnyText)
    """What was asked for, in one canonical form."""
    started_at: datetime = Field(sa_type=Utc)
    finished_at: datetime | None = Field(sa_type=Utc)


class Definition(Row, table=True):
    """One tool definition as published, under the SHA-256 of its canonical JSON. Never changed."""

    hash: str = Field(sa_type=Text, primary_key=True)
    body: Any = Field(sa_type=Json, nullable=False)


class Observation(Row, table=True):
    """One attempt to look at one server. Append-only; ``id`` gives the order of recording, whatever the clocks say."""

    __table_args__ = (
        Index("ix_observation_server", "server_id", "id", "outcome"),
        Index("ix_observation_crawl", "crawl"),
    )

    id: int | None = Field(default=None, primary_key=True)
    server_id: int = Field(foreign_key="server.id")
    started_at: datetime = Field(sa_type=Utc)
    finished_at: datetime = Field(sa_type=Utc)
    outcome: str = Field(sa_type=Text)
    """``listed``, ``declared`` or ``not_listed``."""
    reason: str | None = Field(sa_type=Text)
    """Why the running server could not be asked; None where it was, or where there was nothing to run."""
    maybe_partial: bool
    detail: str = Field(sa_type=AnyText)
    hint: str = Field(sa_type=AnyText)
    version: str | None = Field(sa_type=AnyText)
    sandbox: str = Field(sa_type=AnyText)
    server_name: str = Field(sa_type=AnyText)
    server_version: str = Field(sa_type=AnyText)
    protocol_version: str = Field(sa_type=AnyText)
    rungs: Any = Field(sa_type=Json, nullable=False)
    problems: Any = Field(sa_type=Json, nullable=False)
    findings: Any = Field(sa_type=Json, nullable=False)
    package: Any = Field(sa_type=Json, nullable=True)
    """catalog.facts.PackageFacts; None where no package was run."""
    remote: Any = Field(sa_type=Json, nullable=True)
    """catalog.facts.RemoteFacts; None where the server is no remote one."""
    crawl: int | None
    """The crawl that made it; no foreign key, because SQLite cannot add one to a table that is there already."""


class Presence(Row, table=True):
    """An interval in which a server had an entry: one key, one definition, from one observation to another."""

    __table_args__ = (
        Index(
            "uq_presence_open",
            "server_id",
            "key_hash",
            unique=True,
            sqlite_where=text("closed_by IS NULL"),
            postgresql_where=text("closed_by IS NULL"),
        ),
        Index("ix_presence_definition", "server_id", "definition"),
    )

    id: int | None = Field(default=None, primary_key=True)
    server_id: int = Field(foreign_key="server.id")
    key: str = Field(sa_type=AnyText)
    key_hash: str = Field(sa_type=Text)
    """SHA-256 of the key: a server chooses the key's length, and PostgreSQL indexes at most 2,704 bytes."""
    definition: str = Field(sa_type=Text, foreign_key="definition.hash")
    provenance: str = Field(sa_type=Text)
    dispatch: Any = Field(sa_type=Json, nullable=True)
    """None for a tool that is called by its own name."""
    run: str = Field(sa_type=AnyText)
    """The rung that showed it when it was first seen."""
    opened_by: int = Field(foreign_key="observation.id")
    last_seen: int = Field(foreign_key="observation.id")
    closed_by: int | None = Field(foreign_key="observation.id")
    """The listing that no longer had it; None while present."""


class Judgement(Row, table=True):
    """What the rules say of one entry, in the context of its siblings; of one that is gone, what they last said.

    Derived: deleting it loses no fact. Only those of present entries can be made again.
    """

    presence_id: int = Field(primary_key=True, foreign_key="presence.id", sa_column_kwargs={"autoincrement": False})
    as_of: int = Field(foreign_key="observation.id")
    """``Server.entries_as_of`` when it was judged: another value there makes the judgement stale."""
    ruleset: str = Field(sa_type=AnyText)
    category: str = Field(sa_type=Text)
    also: Any = Field(sa_type=Json, nullable=False)
    severity: int
    recoverability: str = Field(sa_type=Text)
    inverse: str | None = Field(sa_type=AnyText)
    risk: int
    confidence: float
    traits: Any = Field(sa_type=Json, nullable=False)
    findings: Any = Field(sa_type=Json, nullable=False)
    evidence: Any = Field(sa_type=Json, nullable=False)
    first_ruleset: str = Field(sa_type=AnyText)
    """The first ruleset that judged it: what a change amounted to when it was seen, whatever later rules say."""
    first_category: str = Field(sa_type=Text)
    first_risk: int


# What statements are written with: columns are reached as SERVER.c.slug.
SERVER = Row.metadata.tables["server"]
CRAWL = Row.metadata.tables["crawl"]
DEFINITION = Row.metadata.tables["definition"]
OBSERVATION = Row.metadata.tables["observation"]
PRESENCE = Row.metadata.tables["presence"]
JUDGEMENT = Row.metadata.tables["judgement"]
