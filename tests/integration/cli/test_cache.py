"""``catalog cache``: what is kept is told, and deleted unless it is in use."""

import json
import os
import shutil
from pathlib import Path

import pytest
import uv

from catalog.install.bytecode import Bytecode
from catalog.install.cache import PackageCache
from catalog.install.pypi import PypiInstaller
from catalog.origin import Package
from catalog.sandbox.bubblewrap import Bubblewrap
from catalog_testing.commandline import CommandLine
from catalog_testing.crawling import run
from catalog_testing.crawling_packages import TINY_PYTHON, wheel


@pytest.fixture
def user(cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One package that is kept, in use as long as this folder exists."""
    files = {"tiny_server/__init__.py": "", "tiny_server/server.py": TINY_PYTHON}
    wheel(tmp_path, "tiny-server", "1.0", files, scripts={"tiny-server": "tiny_server.server:main"})
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setenv("UV_DEFAULT_INDEX", (tmp_path / "no-index").as_uri())
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    sandbox = Bubblewrap.find()
    cache = PackageCache(Path(cli.environment["XDG_CACHE_HOME"]) / "mcp-catalog")
    bytecode = Bytecode(cache.layers, sandbox)
    installer = PypiInstaller(sandbox, uv.find_uv_bin(), cache.environments, bytecode)
    folder = tmp_path / "user"
    folder.mkdir()
    for _ in range(2):  # the second use has all compiled
        run(installer.install(Package(ecosystem="pypi", name="tiny-server"), folder))
    return folder


def test_an_empty_cache_is_told_and_pruned_as_one(cli: CommandLine) -> None:
    told = json.loads(cli.run("cache", "info", "--json").out)
    assert told["counts"] == {"environments": 0, "in_use": 0, "packages": 0, "layers": 0}
    assert told["bytes"]["total"] == {"apparent": 0, "real": 0}
    for command in ("prune", "clean"):
        assert json.loads(cli.run("cache", command, "--json").out)["deleted"] == 0


def test_what_is_kept_is_told_with_what_it_takes(cli: CommandLine, user: Path) -> None:
    told = json.loads(cli.run("cache", "info", "--json").out)
    assert told["counts"] == {"environments": 1, "in_use": 1, "packages": 1, "layers": 1}
    for size in told["bytes"].values():
        assert size["apparent"] > 0
        assert size["real"] > 0
    assert told["folder"].endswith("mcp-catalog")
    shutil.rmtree(user)
    assert "1 of 1 packages, 0 in use" in cli.run("cache", "info").out


@pytest.mark.parametrize("command", [("prune", "--keep-mib", "0"), ("prune", "--idle-days", "0"), ("clean",)])
def test_what_is_in_use_stays_until_it_is_not(cli: CommandLine, user: Path, command: tuple[str, ...]) -> None:
    assert "deleted 0 environments" in cli.run("cache", *command).out
    assert json.loads(cli.run("cache", "info", "--json").out)["counts"]["layers"] == 1
    shutil.rmtree(user)
    assert json.loads(cli.run("cache", *command, "--json").out)["left"] == 0
    assert json.loads(cli.run("cache", "info", "--json").out)["counts"]["environments"] == 0


def test_a_fresh_environment_is_not_pruned(cli: CommandLine, user: Path) -> None:
    shutil.rmtree(user)
    assert json.loads(cli.run("cache", "prune", "--json").out)["left"] == 1


@pytest.mark.parametrize("option", [("--keep-mib", "-1"), ("--idle-days", "-1"), ("--idle-days", "soon")])
def test_a_bound_that_is_none_is_refused(cli: CommandLine, option: tuple[str, str]) -> None:
    assert cli.run("cache", "prune", *option).code == 2


def test_the_cache_is_tidied_once_a_day_by_itself(cli: CommandLine, user: Path) -> None:
    shutil.rmtree(user)
    cache = PackageCache(Path(cli.environment["XDG_CACHE_HOME"]) / "mcp-catalog")
    ((folder, _),) = cache.environments.all()
    os.utime(folder / "environment.json", (0, 0))
    cache.tidy()
    assert not list(cache.environments.all())
    left_over = cache.environments.root / "gone-x"
    left_over.mkdir()
    cache.tidy()
    assert left_over.exists()
