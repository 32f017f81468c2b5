from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.sandbox.bubblewrap import Bubblewrap
from catalog_testing.crawling_packages import Registry, registry


@pytest.fixture(scope="session")
def bubblewrap() -> Bubblewrap:
    return Bubblewrap.find()


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that is all the packages uv can find."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    # An index that has nothing: otherwise a package made here is looked for in the user's, too.
    monkeypatch.setenv("UV_DEFAULT_INDEX", (tmp_path / "no-index").as_uri())
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    return folder


@pytest.fixture
def npm_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """A registry on loopback that is all npm knows."""
    (tmp_path / "npmrc").touch()
    monkeypatch.setenv("npm_config_userconfig", str(tmp_path / "npmrc"))
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm-cache"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with registry() as served:
        monkeypatch.setenv("npm_config_registry", served.address)
        yield served
