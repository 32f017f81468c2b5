"""What a database driver's error means to a person, and what to do next.

Only the driver's own words are shown: SQLAlchemy's message repeats the statement with its values, hostile text.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy.exc import DBAPIError, OperationalError

from catalog.errors import StoreError

_FULL: Final = "The disk is full: free some space and try again. What was stored before is untouched."
_ELSEWHERE: Final = "or name another place with --db."

# https://sqlite.org/rescode.html: extended codes such as SQLITE_READONLY_DIRECTORY begin with their primary code.
_SQLITE: Final[Mapping[str, str]] = {
    "SQLITE_NOTADB": f"The file is not a database: check the name, {_ELSEWHERE}",
    "SQLITE_CORRUPT": f"The file is damaged: restore it from a backup, {_ELSEWHERE}",
    "SQLITE_FULL": _FULL,
    "SQLITE_IOERR": "The disk cannot be read or written: check that it has space and works, then try again.",
    "SQLITE_READONLY": f"It cannot be written: make the file and its folder writable, {_ELSEWHERE}",
    "SQLITE_PERM": f"Access is denied: make the file and its folder writable, {_ELSEWHERE}",
    "SQLITE_CANTOPEN": f"It cannot be opened: check that it is a file in a folder that you may write to, {_ELSEWHERE}",
    "SQLITE_BUSY": "Another program has been writing to it for too long: try again when that is done.",
    "SQLITE_LOCKED": "Another program has been writing to it for too long: try again when that is done.",
    "SQLITE_TOOBIG": "A value is larger than SQLite can hold: use PostgreSQL, or leave the server out.",
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html: a whole code, or its class of two characters.
_POSTGRESQL: Final[Mapping[str, str]] = {
    "53100": _FULL,
    "53": "The server has no resources left: try again later, or raise its limits.",
    "08": "The connection broke: check that the server runs, then try again.",
    "57": "The server shut down or cancelled the work: check that it runs, then try again.",
    "28": "It refuses the user or the password: check the URL.",
    "3D": "There is no such database: create it, or check its name in the URL.",
    "42501": "The user lacks a privilege: grant it, or connect as the owner of the tables.",
    "25006": f"It is read-only: connect to the primary server, {_ELSEWHERE}",
    "40": "Another program changed the same rows: try again.",
    "55": "Another program holds it: try again when that is done.",
}
_UNREACHABLE: Final = "It cannot be reached: check that the server runs, and the names and the password in the URL."


def explain(error: DBAPIError, place: str) -> StoreError | None:
    """Return what to tell the user of an error at ``place``, or None where it is a mistake in this program."""
    advice = _advice(error)
    if advice is None:
        return None
    said = " ".join(str(error.orig).split())[:300]
    return StoreError(f"The database {place} cannot be used. {advice} ({said})")


def _advice(error: DBAPIError) -> str | None:
    name: str | None = getattr(error.orig, "sqlite_errorname", None)
    if name is not None:
        return next((advice for code, advice in _SQLITE.items() if name.startswith(code)), None)
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2])
    # psycopg gives no code where there was no connection to begin with, or where it was lost.
    return _UNREACHABLE if isinstance(error, OperationalError) else None
