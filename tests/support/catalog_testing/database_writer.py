"""A process of its own that writes to a store, for tests of what two processes do at once and what a kill leaves.

Run as ``python -m catalog_testing.database_writer URL MODE``; it answers on stdout and waits for a line on stdin.
"""

import sys
from importlib import import_module

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

from catalog.store.repository import Store
from catalog_testing.samples import entry, listed_observation, server_ref

ROUNDS = 6
SHARED = [f"shared_{number}" for number in range(30)]


def meet() -> None:
    """Tell the test that this process is where it should be, and wait until the test lets it go on."""
    sys.stdout.write("here\n")
    sys.stdout.flush()
    sys.stdin.readline()


def record_at_once(url: str, own: str) -> None:
    """Record the same server and one of its own, in turns, with entries that come and go and definitions in common."""
    meet()
    with Store.open(url) as store:
        for turn in range(ROUNDS):
            # Processes that are in the same turn bring the same new definitions, each in its own order.
            shared = [entry(name, description=f"Turn {turn}.") for name in SHARED]
            store.record(listed_observation(shared if len(own) % 2 else shared[::-1], server=server_ref(slug=own)))
            changing = [entry(f"only_{own}_{turn}"), entry("both", description=f"{own} {turn}"), entry("same")]
            store.record(listed_observation(changing, server=server_ref(slug="common")))


def stop_inside(url: str, statement: str) -> None:
    """Record a changed listing and stop inside its transaction, when the last ``statement`` has been executed."""

    def pause(_connection: Connection, _cursor: object, executed: str, *_others: object) -> None:
        if executed.startswith(statement):
            meet()

    with Store.open(url) as store:
        event.listen(Engine, "after_cursor_execute", pause)
        store.record(listed_observation([entry("plant_tree"), entry("count_apples", description="New.")], day=1))


def open_at_once(url: str) -> None:
    """Open the database at the same moment as others do."""
    import_module("alembic.command")  # so that the processes meet in the database, not in the import
    meet()
    Store.open(url).close()


if __name__ == "__main__":
    match sys.argv[1:]:
        case [address, "record", server]:
            record_at_once(address, server)
        case [address, "stop", statement]:
            stop_inside(address, statement)
        case [address, "open"]:
            open_at_once(address)
