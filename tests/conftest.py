"""What holds for all tests; what asks for ``database_url`` or ``store`` runs on SQLite and on PostgreSQL."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from catalog.store.repository import Store


def pytest_configure() -> None:
    """Have no test fail for being slow, and Ctrl-C reach the programs that tests start.

    A busy machine can take seconds over the first value that Hypothesis draws. A shell that started the tests in the
    background had them ignore Ctrl-C.
    """
    settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("untimed")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a real PostgreSQL server, one for each process that runs tests."""
    from catalog_testing import database

    with database.postgresql_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database of the test's own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'catalog.db'}"
        return
    from catalog_testing import database

    with database.postgresql_database(request.getfixturevalue("postgresql_server")) as url:
        yield url


@pytest.fixture
def store(database_url: str) -> "Iterator[Store]":
    """An open, empty store."""
    from catalog.store.repository import Store

    with Store.open(database_url) as opened:
        yield opened
