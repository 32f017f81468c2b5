"""Compiled modules: made from a package's sources in a sandbox, shared by content, never taken from a package."""

import asyncio
import importlib.util
import marshal
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import uv

from catalog.install import bytecode, compile_worker
from catalog.install.base import Installed
from catalog.install.bytecode import Bytecode, read_missing
from catalog.install.environments import Environments
from catalog.install.layers import Layers
from catalog.install.pypi import PypiInstaller
from catalog.install.runtimes import own_python
from catalog.install.trees import read_tree
from catalog.origin import Package
from catalog.sandbox.base import Limits, Process, Program, Sandbox
from catalog.sandbox.bubblewrap import Bubblewrap
from catalog_testing.crawling import run, tools
from catalog_testing.crawling_packages import TINY_PYTHON, wheel

TAG = sys.implementation.cache_tag
SERVER = {"{name}/__init__.py": "", "{name}/server.py": TINY_PYTHON}


def add_server(wheels: Path, name: str, *requires: str, files: Mapping[str, str] | None = None) -> None:
    own = {path.format(name=name): text for path, text in SERVER.items()}
    wheel(wheels, name, "1.0", {**own, **(files or {})}, scripts={name: f"{name}.server:main"}, requires=requires)


def installer(sandbox: Sandbox, tmp_path: Path) -> PypiInstaller:
    made = Bytecode(Layers(tmp_path / "layers"), sandbox)
    return PypiInstaller(sandbox, uv.find_uv_bin(), Environments(tmp_path / "environments"), made)


def install(installs: PypiInstaller, name: str, tmp_path: Path) -> Installed:
    into = Path(tempfile.mkdtemp(dir=tmp_path))
    return run(installs.install(Package(ecosystem="pypi", name=name, version="1.0"), into))


def compiled(installed: Installed) -> list[str]:
    return sorted(path.name.split(".")[0] for path in installed.tree.rglob(f"__pycache__/*.{TAG}.pyc"))


def site_packages(installed: Installed) -> Path:
    return installed.tree / "lib" / f"python{own_python().version}" / "site-packages"


def install_again(installs: PypiInstaller, name: str, tmp_path: Path) -> Installed:
    """Return an environment that is used for the second time."""
    install(installs, name, tmp_path)
    return install(installs, name, tmp_path)


def provide(folder: Path, layers: Layers, sandbox: Sandbox) -> None:
    """Compile the sources in ``folder``, which stands for a site-packages."""
    run(compile_all(Bytecode(layers, sandbox), folder))


async def compile_all(one: Bytecode, folder: Path) -> None:
    await one.compile(folder, own_python(), await one.provide(folder, own_python(), read_tree(folder)))


def tree(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def pyc(folder: Path, name: str) -> Path:
    return folder / Path(name).parent / "__pycache__" / f"{Path(name).stem}.{TAG}.pyc"


def test_code_of_two_environments_is_compiled_and_code_of_one_is_not(
    bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path
) -> None:
    wheel(wheels, "helper", "1.0", {"helper/__init__.py": "", "helper/deep/__init__.py": "", "helper/work.py": "x = 1"})
    add_server(wheels, "one", "helper")
    add_server(wheels, "two", "helper")
    installs = installer(bubblewrap, tmp_path)
    assert compiled(install(installs, "one", tmp_path)) == []
    second = install(installs, "two", tmp_path)
    assert compiled(second) == ["__init__", "__init__", "work"]
    assert tools(bubblewrap, second) == ["hello"]


def test_all_of_an_environment_that_is_used_again_is_compiled(
    bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path
) -> None:
    wheel(wheels, "helper", "1.0", {"helper/__init__.py": "", "helper/work.py": "x = 1"})
    add_server(wheels, "one", "helper")
    installs = installer(bubblewrap, tmp_path)
    assert compiled(install(installs, "one", tmp_path)) == []
    again = install(installs, "one", tmp_path)
    assert compiled(again) == ["__init__", "__init__", "server", "work"]
    assert read_missing(again.tree.parent) == ()
    assert tools(bubblewrap, again) == ["hello"]


def test_a_compiled_module_is_what_python_makes_of_its_source(bubblewrap: Bubblewrap, tmp_path: Path) -> None:
    source = "# -*- coding: latin-1 -*-\ndef f():\n    return 'é'\n".encode("latin-1")
    folder = tree(tmp_path / "site", {"one/__init__.py": source})
    provide(folder, Layers(tmp_path / "layers"), bubblewrap)
    made = pyc(folder, "one/__init__.py").read_bytes()
    # PEP 552: hash-based, and nobody looks at the source again, whatever its date.
    assert made[:16] == importlib.util.MAGIC_NUMBER + b"\1\0\0\0" + importlib.util.source_hash(source)
    expected = compile(source, "<compiled>", "exec", dont_inherit=True)
    assert marshal.loads(made[16:]) == expected


def test_a_server_runs_its_compiled_modules(bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path) -> None:
    """Its source is changed behind its back: what it lists shows what ran."""
    files = {"one/words.py": "NAME = 'hello'\n", "one/server.py": TINY_PYTHON.replace('"hello"', "NAME")}
    files["one/server.py"] = "from one.words import NAME\n" + files["one/server.py"]
    add_server(wheels, "one", files=files)
    first = install_again(installer(bubblewrap, tmp_path), "one", tmp_path)
    source = site_packages(first) / "one" / "words.py"
    source.unlink()
    source.write_text("NAME = 'changed'\n")
    assert tools(bubblewrap, first) == ["hello"]


def test_compiled_modules_that_a_package_brings_are_not_used(
    bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path
) -> None:
    add_server(wheels, "one", files={f"one/__pycache__/server.{TAG}.pyc": "not Python's", "one/__pycache__/x": "x"})
    installs = installer(bubblewrap, tmp_path)
    first = install(installs, "one", tmp_path)
    assert not list(first.tree.rglob("__pycache__"))
    assert tools(bubblewrap, first) == ["hello"]
    again = install(installs, "one", tmp_path)
    assert len(compiled(again)) == 2
    assert "not Python's" not in {path.read_text("latin-1") for path in again.tree.rglob("*.pyc")}


def test_the_same_module_with_another_content_has_a_layer_of_its_own(bubblewrap: Bubblewrap, tmp_path: Path) -> None:
    """What a package says of itself does not matter: its files do."""
    layers = Layers(tmp_path / "layers")
    honest = tree(tmp_path / "honest", {"one/__init__.py": "", "one/a.py": "x = 1", "one-1.0.dist-info/RECORD": "same"})
    other = tree(tmp_path / "other", {"one/__init__.py": "", "one/a.py": "x = 2", "one-1.0.dist-info/RECORD": "same"})
    for folder in (honest, other):
        provide(folder, layers, bubblewrap)
        source = (folder / "one" / "a.py").read_bytes()
        assert pyc(folder, "one/a.py").read_bytes()[8:16] == importlib.util.source_hash(source)
    assert layers.count() == 2


def test_what_is_no_python_is_left_out_and_the_rest_is_compiled(bubblewrap: Bubblewrap, tmp_path: Path) -> None:
    broken: dict[str, str | bytes] = {
        "bad.py": "def",
        "nul.py": b"x = '\0'",
        "deep.py": "(" * 5000,
        "encoded.py": b"# coding: nonsense\n",
    }
    names: dict[str, str | bytes] = {f"one/{name}": content for name, content in broken.items()}
    folder = tree(tmp_path / "site", {"one/__init__.py": "", **names, "one/good.py": "x = 1"})
    provide(folder, Layers(tmp_path / "layers"), bubblewrap)
    assert sorted(path.name for path in folder.rglob("*.pyc")) == [f"__init__.{TAG}.pyc", f"good.{TAG}.pyc"]


class Broken:
    """A sandbox whose worker does ``what`` at a source with the word killer in it."""

    name = "broken"

    def __init__(self, inner: Sandbox, what: str, folder: Path) -> None:
        self.inner = inner
        text = Path(compile_worker.__file__).read_text(encoding="utf-8")
        first = '    """Return the content of a ``.pyc`` for ``source``; empty where it is not valid Python."""\n'
        assert first in text
        self.script = folder / "worker.py"
        self.script.write_text(text.replace(first, f"    if b'killer' in source:\n        {what}\n"))

    def place(self, source: Path, target: str) -> str:
        return self.inner.place(source, target)

    @asynccontextmanager
    async def start(self, program: Program, limits: Limits) -> AsyncIterator[Process]:
        *mounts, worker = program.mounts
        broken = replace(program, mounts=(*mounts, replace(worker, source=self.script)))
        async with self.inner.start(broken, limits) as process:
            yield process


@pytest.mark.parametrize(
    "what",
    ["__import__('os').abort()", "sys.exit()", "sys.stdout.buffer.write(bytes([255]) * 100)", "return bytes(10**6)"],
)
def test_a_source_that_breaks_the_compiler_is_left_out_and_the_rest_is_compiled(
    bubblewrap: Bubblewrap, tmp_path: Path, what: str
) -> None:
    folder = tree(tmp_path / "site", {"one/__init__.py": "", "one/a.py": "x = 'killer'", "one/b.py": "x = 1"})
    provide(folder, Layers(tmp_path / "layers"), Broken(bubblewrap, what, tmp_path))
    assert sorted(path.name for path in folder.rglob("*.pyc")) == [f"__init__.{TAG}.pyc", f"b.{TAG}.pyc"]


def test_a_source_that_never_compiles_ends_with_the_time_for_its_group(
    bubblewrap: Bubblewrap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bytecode, "COMPILE_SECONDS", 2.0)
    files = {"one/__init__.py": "", "one/a.py": "x = 'killer'", "one/b.py": "x = 1"}
    folder = tree(tmp_path / "site", {**files, "two/__init__.py": "x = 2"})
    provide(folder, Layers(tmp_path / "layers"), Broken(bubblewrap, "while True: pass", tmp_path))
    made = {str(path.relative_to(folder)).split("/__pycache__/")[0] for path in folder.rglob("*.pyc")}
    assert made == {"one", "two"}
    assert not pyc(folder, "one/a.py").exists()


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder on another file system."""
    folder = Path(tempfile.mkdtemp(dir="/dev/shm"))
    yield folder
    shutil.rmtree(folder)


def test_where_no_hard_link_leads_modules_are_copied(bubblewrap: Bubblewrap, tmp_path: Path, memory: Path) -> None:
    assert memory.stat().st_dev != tmp_path.stat().st_dev
    folder = tree(tmp_path / "site", {"one/__init__.py": "x = 1"})
    provide(folder, Layers(memory), bubblewrap)
    made = pyc(folder, "one/__init__.py")
    assert made.stat().st_nlink == 1
    assert made.read_bytes()[8:16] == importlib.util.source_hash(b"x = 1")
    assert [path.name for path in made.parent.iterdir()] == [made.name]


def test_two_that_compile_the_same_at_once_make_one_layer(bubblewrap: Bubblewrap, tmp_path: Path) -> None:
    layers = Layers(tmp_path / "layers")
    folders = [tree(tmp_path / name, {"one/__init__.py": "x = 1"}) for name in ("a", "b", "c")]

    async def at_once() -> None:
        async with asyncio.TaskGroup() as group:
            for folder in folders:
                # One each, as in processes of their own: they know nothing of each other.
                one = Bytecode(Layers(tmp_path / "layers"), bubblewrap)
                group.create_task(compile_all(one, folder))

    run(at_once())
    assert layers.count() == 1
    assert len({pyc(folder, "one/__init__.py").stat().st_ino for folder in folders}) == 1
    assert not list((tmp_path / "layers").rglob("*.new"))


def test_code_that_is_too_large_is_not_compiled(
    bubblewrap: Bubblewrap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bytecode, "GROUP_SOURCE", 100)
    folder = tree(tmp_path / "site", {"small/__init__.py": "x = 1", "large/__init__.py": "x = 1\n" * 100})
    provide(folder, Layers(tmp_path / "layers"), bubblewrap)
    assert [path.parent.parent.name for path in folder.rglob("*.pyc")] == ["small"]


def test_layers_that_no_environment_holds_are_deleted_and_others_stay(bubblewrap: Bubblewrap, tmp_path: Path) -> None:
    layers = Layers(tmp_path / "layers")
    kept, gone = tree(tmp_path / "a", {"one/__init__.py": "x = 1"}), tree(tmp_path / "b", {"two/__init__.py": "x = 2"})
    for folder in (kept, gone):
        provide(folder, layers, bubblewrap)
    shutil.rmtree(gone)
    assert layers.sweep(3600.0) == 0
    assert layers.sweep(0.0) == 1
    assert layers.count() == 1
    assert pyc(kept, "one/__init__.py").stat().st_nlink == 2


def test_a_layer_is_found_by_the_modules_of_a_namespace_too(bubblewrap: Bubblewrap, tmp_path: Path) -> None:
    """Distributions share the folder of a namespace package: each one is compiled by itself."""
    layers = Layers(tmp_path / "layers")
    for name, other in (("a", "x"), ("b", "y")):
        files = {"space/shared/__init__.py": "", f"space/{other}/__init__.py": "", "single.py": "x = 1"}
        provide(tree(tmp_path / name, files), layers, bubblewrap)
    assert layers.count() == 4
