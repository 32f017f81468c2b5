from collections.abc import Iterator

import pytest
from procrastinate.schema import SchemaManager

from catalog.store.backlog import Backlog
from catalog.store.repository import Store
from catalog_testing.database import postgresql_database


@pytest.fixture
def url(postgresql_server: str) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database."""
    with postgresql_database(postgresql_server) as found:
        yield found


@pytest.fixture
def backlog(url: str) -> Iterator[Backlog]:
    """An empty queue."""
    with Backlog.open(url, SchemaManager.get_schema) as opened:
        yield opened


@pytest.fixture
def stored(url: str) -> Iterator[Store]:
    """The store in the queue's database."""
    with Store.open(url) as opened:
        yield opened
