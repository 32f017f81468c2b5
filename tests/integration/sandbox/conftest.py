import pytest

from catalog.sandbox.bubblewrap import Bubblewrap


@pytest.fixture(scope="session")
def bubblewrap() -> Bubblewrap:
    return Bubblewrap.find()
