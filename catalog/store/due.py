"""Which servers have not been looked at for too long, read from what is stored."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from catalog.model import ServerRef
from catalog.origin import Bundle, Command, Origin, Recording, Remote, Source
from catalog.store.encoding import origin
from catalog.store.tables import OBSERVATION, SERVER


def due(connection: Connection, before: datetime) -> Sequence[ServerRef]:
    """Return the servers last looked at before ``before`` that any machine can reach, longest ago first."""
    seen = (
        select(OBSERVATION.c.server_id, func.max(OBSERVATION.c.finished_at).label("at"))
        .group_by(OBSERVATION.c.server_id)
        .subquery()
    )
    statement = select(SERVER).join(seen, seen.c.server_id == SERVER.c.id).where(seen.c.at < before).order_by(seen.c.at)
    known = ("slug", "title", "product", "product_title", "publisher", "homepage", "repository")
    servers = [
        ServerRef(
            **{name: getattr(row, name) for name in known},
            origin=origin(row.origin),
            environment=tuple(row.environment),
            arguments=tuple(row.arguments),
        )
        for row in connection.execute(statement)
    ]
    return [server for server in servers if is_anywhere(server.origin)]


def is_anywhere(origin: Origin) -> bool:
    """Say whether ``origin`` means the same on every machine: no path of one machine, nothing that cannot be asked."""
    match origin:
        case Command() | Source() | Recording():
            return False
        case Remote(typed=typed):
            return not typed
        case Bundle(location=location):
            return "://" in location
        case _:
            return True


def seen_since(connection: Connection, slug: str, moment: datetime) -> bool:
    """Say whether an attempt on the server ``slug`` that began after ``moment`` is stored."""
    statement = (
        select(OBSERVATION.c.id)
        .join(SERVER, SERVER.c.id == OBSERVATION.c.server_id)
        .where(SERVER.c.slug == slug, OBSERVATION.c.started_at > moment)
        .limit(1)
    )
    return connection.execute(statement).first() is not None
