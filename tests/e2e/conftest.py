"""One browser for each module of tests, and the site that most of them look at."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from catalog_testing.browser import chromium
from catalog_testing.built import Built, built
from catalog_testing.serving import served
from catalog_testing.showcase import showcase, showcase_options


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A site with pages of every kind."""
    return built(showcase(), tmp_path_factory.mktemp("showcase") / "out", showcase_options())


@pytest.fixture(scope="module")
def origin(site: Built) -> Iterator[str]:
    """The address of that site: a folder, as on most hosts of project pages."""
    with served(site.directory, "/catalog/") as address:
        yield address


@pytest.fixture
def copy(site: Built, tmp_path: Path) -> Path:
    """The site's home page with its style and script, in a folder of the test's own."""
    assets = tmp_path / "assets"
    assets.mkdir()
    for file in (site.directory / "assets").iterdir():
        (assets / file.name).write_bytes(file.read_bytes())
    (tmp_path / "index.html").write_bytes((site.directory / "index.html").read_bytes())
    return tmp_path
