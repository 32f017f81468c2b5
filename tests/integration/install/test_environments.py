"""Unpacked packages are kept: used again while whole, never deleted in use, and bounded."""

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

import pytest
import uv

from catalog.install.base import NEWEST, Installed, InstallError, Resolution
from catalog.install.environments import Environments
from catalog.install.npm import NpmInstaller
from catalog.install.pypi import PypiInstaller
from catalog.install.runtimes import find_npm
from catalog.origin import Package
from catalog.sandbox.bubblewrap import Bubblewrap
from catalog_testing.crawling import run, tools
from catalog_testing.crawling_packages import TINY_NODE, TINY_PYTHON, Registry, wheel

MODULE = {"tiny_server/__init__.py": "", "tiny_server/server.py": TINY_PYTHON}
NO_CLIENT = "/nonexistent/uv"
DAY = 24 * 3600.0

needs_npm = pytest.mark.skipif(find_npm() is None, reason="npm is not installed here")


def add(wheels: Path, version: str = "1.0", name: str = "tiny-server") -> None:
    wheel(wheels, name, version, MODULE, scripts={name: "tiny_server.server:main"})


def pypi(version: str | None = None, name: str = "tiny-server") -> Package:
    return Package(ecosystem="pypi", name=name, version=version)


@pytest.fixture
def kept(tmp_path: Path) -> Environments:
    return Environments(tmp_path / "environments")


@pytest.fixture
def user(tmp_path: Path) -> Path:
    folder = tmp_path / "user"
    folder.mkdir()
    return folder


def install(
    sandbox: Bubblewrap,
    kept: Environments,
    package: Package,
    user: Path,
    *,
    client: str | None = None,
    resolution: Resolution = NEWEST,
) -> Installed:
    installer = PypiInstaller(sandbox, client or uv.find_uv_bin(), kept)
    return run(installer.install(package, user, resolution))


def test_a_version_that_is_kept_needs_no_client(
    bubblewrap: Bubblewrap, wheels: Path, kept: Environments, user: Path
) -> None:
    add(wheels)
    first = install(bubblewrap, kept, pypi("1.0"), user)
    again = install(bubblewrap, kept, pypi("1.0"), user, client=NO_CLIENT)
    assert again == first
    assert tools(bubblewrap, again) == ["hello"]


def test_the_newest_is_looked_up_and_then_found(
    bubblewrap: Bubblewrap, wheels: Path, kept: Environments, user: Path
) -> None:
    add(wheels)
    first = install(bubblewrap, kept, pypi(), user)
    assert install(bubblewrap, kept, pypi(), user).tree == first.tree
    add(wheels, "2.0")
    newer = install(bubblewrap, kept, pypi(), user)
    assert (newer.version, tools(bubblewrap, newer)) == ("2.0", ["hello"])
    assert install(bubblewrap, kept, pypi("1.0"), user, client=NO_CLIENT).tree == first.tree


def test_a_package_is_found_however_its_name_is_written(
    bubblewrap: Bubblewrap, wheels: Path, kept: Environments, user: Path
) -> None:
    add(wheels)
    first = install(bubblewrap, kept, pypi("1.0"), user)
    assert install(bubblewrap, kept, pypi("1.0", "Tiny_Server"), user, client=NO_CLIENT).tree == first.tree


def test_other_dependencies_are_another_environment(
    bubblewrap: Bubblewrap, wheels: Path, kept: Environments, user: Path
) -> None:
    add(wheels)
    bounded = Resolution(name="bounded", constraints=("x<2",))
    first = install(bubblewrap, kept, pypi("1.0"), user)
    other = install(bubblewrap, kept, pypi("1.0"), user, resolution=bounded)
    assert other.tree != first.tree
    assert install(bubblewrap, kept, pypi("1.0"), user, client=NO_CLIENT, resolution=bounded).tree == other.tree


def test_without_a_cache_all_lies_in_the_given_folder(bubblewrap: Bubblewrap, wheels: Path, user: Path) -> None:
    add(wheels)
    installed = run(PypiInstaller(bubblewrap, uv.find_uv_bin()).install(pypi("1.0"), user))
    assert installed.tree.is_relative_to(user)
    shutil.rmtree(user)
    user.mkdir()
    with pytest.raises(FileNotFoundError):
        run(PypiInstaller(bubblewrap, NO_CLIENT).install(pypi("1.0"), user))


def test_nothing_but_the_environment_itself_is_kept(
    bubblewrap: Bubblewrap, wheels: Path, kept: Environments, user: Path
) -> None:
    add(wheels)
    installed = install(bubblewrap, kept, pypi(), user)
    assert sorted(path.name for path in installed.tree.parent.iterdir()) == ["environment.json", "tree", "uses"]
    assert sorted(path.name for path in kept.root.iterdir()) == sorted((installed.tree.parents[1].name, "lock"))


def test_a_failed_install_keeps_nothing(bubblewrap: Bubblewrap, wheels: Path, kept: Environments, user: Path) -> None:
    wheel(wheels, "tiny-server", "1.0", MODULE)  # a library
    with pytest.raises(InstallError):
        install(bubblewrap, kept, pypi(), user)
    assert [path.name for path in kept.root.iterdir() if path.is_dir()] == []


@pytest.mark.parametrize("damage", ["missing", "cut", "other", "tree"])
def test_a_damaged_environment_is_made_again(
    bubblewrap: Bubblewrap, wheels: Path, kept: Environments, user: Path, damage: str
) -> None:
    add(wheels)
    first = install(bubblewrap, kept, pypi("1.0"), user)
    stated = first.tree.parent / "environment.json"
    text = stated.read_text()
    if damage == "missing":
        stated.unlink()
    elif damage == "tree":
        shutil.rmtree(first.tree)
    else:
        stated.write_text(text[:40] if damage == "cut" else text.replace('"version":"1.0"', '"version":"0.9"'))
    again = install(bubblewrap, kept, pypi("1.0"), user)
    assert (again.version, tools(bubblewrap, again)) == ("1.0", ["hello"])
    assert stated.read_text() != text[:40]


def test_an_old_environment_is_made_again_and_its_user_keeps_it(
    bubblewrap: Bubblewrap, wheels: Path, kept: Environments, user: Path
) -> None:
    add(wheels)
    install(bubblewrap, kept, pypi("1.0"), user)
    aged = Environments(kept.root, most_age=0.0)
    with pytest.raises(FileNotFoundError):
        install(bubblewrap, aged, pypi("1.0"), user, client=NO_CLIENT)
    aged.prune()
    assert len(list(kept.root.glob("gone-*/tree"))) == 1
    shutil.rmtree(user)
    aged.prune()
    assert not list(kept.root.glob("gone-*"))


def test_two_installs_at_once_keep_one_environment(
    bubblewrap: Bubblewrap, wheels: Path, kept: Environments, tmp_path: Path
) -> None:
    add(wheels)
    folders = [Path(tempfile.mkdtemp(dir=tmp_path)) for _ in range(3)]

    async def at_once() -> list[Installed]:
        async with asyncio.TaskGroup() as group:
            # One each, as in processes of their own.
            tasks = [
                group.create_task(
                    PypiInstaller(bubblewrap, uv.find_uv_bin(), Environments(kept.root)).install(pypi("1.0"), folder)
                )
                for folder in folders
            ]
        return [task.result() for task in tasks]

    installed = run(at_once())
    assert len({one.tree for one in installed}) == 1
    assert len(list(kept.all())) == 1
    assert not list(kept.root.glob("making-*"))


def test_pruning_takes_the_least_recently_used_and_never_one_in_use(
    bubblewrap: Bubblewrap, wheels: Path, kept: Environments, tmp_path: Path
) -> None:
    users = {}
    for name in ("first", "second", "third"):
        add(wheels, name=name)
        users[name] = tmp_path / f"user-{name}"
        users[name].mkdir()
        stated = install(bubblewrap, kept, pypi("1.0", name), users[name]).tree.parent / "environment.json"
        os.utime(stated, (1000 + len(users), 1000 + len(users)))
    for name in ("second", "third"):
        shutil.rmtree(users[name])
    size = max(stated.size.real for _, stated in kept.all())
    pruned = kept.prune(2 * size + size // 2, idle_seconds=float("inf"))
    assert (pruned.environments, pruned.left) == (1, 2)
    assert sorted(stated.key.name for _, stated in kept.all()) == ["first", "third"]
    assert kept.prune(0).left == 1
    assert [stated.key.name for _, stated in kept.all()] == ["first"]


def test_more_than_may_be_kept_is_pruned_by_the_next_install(
    bubblewrap: Bubblewrap, wheels: Path, kept: Environments, tmp_path: Path
) -> None:
    small = Environments(kept.root, most_bytes=1)
    for name in ("first", "second"):
        add(wheels, name=name)
        folder = tmp_path / f"user-{name}"
        folder.mkdir()
        install(bubblewrap, small, pypi("1.0", name), folder)
        if name == "first":
            assert [stated.key.name for _, stated in kept.all()] == ["first"]
        shutil.rmtree(folder)
    install(bubblewrap, small, pypi("1.0", "second"), tmp_path)
    assert [stated.key.name for _, stated in kept.all()] == ["second"]


def test_what_killed_processes_left_is_swept(kept: Environments) -> None:
    for name in ("making-old", "making-new", "gone-x"):
        (kept.root / name / "tree").mkdir(parents=True)
    os.utime(kept.root / "making-old", (0, 0))
    kept.prune()
    assert [path.name for path in kept.root.iterdir()] == ["making-new"]


def test_what_a_package_says_of_itself_is_kept_with_the_hash_of_its_files(
    bubblewrap: Bubblewrap,
    wheels: Path,
    kept: Environments,
    user: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add(wheels)
    first = install(bubblewrap, kept, pypi(), user).facts
    assert first is not None
    assert (first.purl, first.version) == ("pkg:pypi/tiny-server@1.0", "1.0")
    other = install(bubblewrap, Environments(user / "other"), pypi("1.0"), user).facts
    assert other == first
    monkeypatch.setenv("UV_CACHE_DIR", str(user / "other-cache"))
    wheel(wheels, "tiny-server", "1.0", {**MODULE, "tiny_server/x.py": ""}, scripts={"x": "tiny_server.server:main"})
    changed = install(bubblewrap, Environments(user / "changed"), pypi("1.0"), user).facts
    assert changed is not None
    assert changed.sha256 != first.sha256


def test_the_newest_versions_of_many_are_asked_for_together(
    bubblewrap: Bubblewrap, wheels: Path, kept: Environments, user: Path
) -> None:
    for name in ("first", "second", "Third.One"):
        add(wheels, name=name)
    installer = PypiInstaller(bubblewrap, uv.find_uv_bin(), kept)
    names = ("first", "no-such-server", "second", "Third.One")
    found = run(installer.newest_of_many([pypi(name=name) for name in names]))
    assert found == {"first": "1.0", "second": "1.0", "Third.One": "1.0"}
    assert run(installer.newest(pypi(name="first"))) == "1.0"
    assert run(installer.newest(pypi(name="no-such-server"))) is None
    first = run(installer.install(pypi(name="first"), user))
    add(wheels, "2.0", "first")
    # What was asked for just now is not asked again.
    assert run(installer.install(pypi(name="first"), user)).tree == first.tree


@needs_npm
def test_an_npm_package_that_is_kept_needs_no_registry(
    bubblewrap: Bubblewrap, npm_registry: Registry, kept: Environments, user: Path
) -> None:
    npm_registry.add_npm("@scope/tiny", "1.0.0", {"index.js": TINY_NODE}, bin="index.js", license="MIT")
    installer = NpmInstaller(bubblewrap, kept)
    first = run(installer.install(Package(ecosystem="npm", name="@scope/tiny"), user))
    npm_registry.asked.clear()
    again = run(installer.install(Package(ecosystem="npm", name="@scope/tiny", version="1.0.0"), user))
    assert again == first
    assert npm_registry.asked == []
    assert tools(bubblewrap, again) == ["hello"]
    assert again.facts is not None
    assert (again.facts.licence, again.facts.publisher) == ("MIT", "@scope")


@needs_npm
def test_a_newer_npm_package_is_noticed(
    bubblewrap: Bubblewrap, npm_registry: Registry, kept: Environments, user: Path
) -> None:
    package = Package(ecosystem="npm", name="tiny")
    for version in ("1.0.0", "2.0.0"):
        npm_registry.add_npm("tiny", version, {"index.js": TINY_NODE}, bin="index.js")
        assert run(NpmInstaller(bubblewrap, kept).install(package, user)).version == version


@needs_npm
def test_the_newest_versions_of_many_npm_packages_are_asked_for_together(
    bubblewrap: Bubblewrap, npm_registry: Registry
) -> None:
    for name in ("tiny", "@scope/tiny"):
        npm_registry.add_npm(name, "1.0.0", {"index.js": TINY_NODE}, bin="index.js")
    packages = [Package(ecosystem="npm", name=name) for name in ("tiny", "no-such-server", "@scope/tiny")]
    installer = NpmInstaller(bubblewrap)
    assert run(installer.newest_of_many(packages)) == {"tiny": "1.0.0", "@scope/tiny": "1.0.0"}
    npm_registry.asked.clear()
    assert run(installer.newest(packages[0])) == "1.0.0"
    assert npm_registry.asked == []
    assert run(installer.newest(packages[1])) is None
