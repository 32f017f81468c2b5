"""Python packages by the real uv from a folder of wheels: nothing of them runs outside the sandbox."""

import asyncio
import os
from pathlib import Path

import psutil
import pytest
import uv

from catalog.install.base import Installed, InstallError, Resolution
from catalog.install.pypi import PypiInstaller
from catalog.model import Reason
from catalog.origin import Package
from catalog.sandbox.bubblewrap import Bubblewrap
from catalog_testing.crawling import run, tools
from catalog_testing.crawling_packages import TINY_PYTHON, tarball, wheel

MODULE = {"tiny_server/__init__.py": "", "tiny_server/server.py": TINY_PYTHON}
START = "tiny_server.server:main"


def install(sandbox: Bubblewrap, into: Path, name: str = "tiny-server", version: str | None = None) -> Installed:
    into.mkdir()
    installer = PypiInstaller(sandbox, uv.find_uv_bin())
    return run(installer.install(Package(ecosystem="pypi", name=name, version=version), into))


def refusal(sandbox: Bubblewrap, into: Path, name: str = "tiny-server", version: str | None = None) -> InstallError:
    with pytest.raises(InstallError) as error:
        install(sandbox, into, name, version)
    return error.value


def test_a_package_is_fetched_and_its_server_lists_its_tools(
    bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path
) -> None:
    wheel(wheels, "tiny-server", "1.0", MODULE, scripts={"tiny-server": START})
    installed = install(bubblewrap, tmp_path / "into")
    assert installed.version == "1.0"
    assert [path.name for path in installed.sources] == ["tiny_server"]
    assert tools(bubblewrap, installed) == ["hello"]


def test_a_version_can_be_named(bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path) -> None:
    for version in ("1.0", "2.0"):
        wheel(wheels, "tiny-server", version, MODULE, scripts={"tiny-server": START})
    assert install(bubblewrap, tmp_path / "old", version="1.0").version == "1.0"
    assert install(bubblewrap, tmp_path / "new").version == "2.0"


def test_a_source_distribution_is_never_built(bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path) -> None:
    marker = tmp_path / "built"
    setup = f"open({str(marker)!r}, 'w')\nfrom setuptools import setup\nsetup(name='tiny-server', version='1.0')\n"
    metadata = "Metadata-Version: 2.1\nName: tiny-server\nVersion: 1.0\n"
    data = tarball({"setup.py": setup, "PKG-INFO": metadata}, "tiny_server-1.0")
    (wheels / "tiny_server-1.0.tar.gz").write_bytes(data)
    error = refusal(bubblewrap, tmp_path / "into")
    assert error.reason is Reason.INSTALL_FAILED
    assert "building from source would run its code" in error.hint
    assert not marker.exists()


def test_code_that_every_start_of_python_would_run_does_not_run_here(
    bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path
) -> None:
    marker = tmp_path / "ran"
    hooks = {
        "evil.pth": f"import pathlib; pathlib.Path({str(marker)!r}).touch()\n",
        "sitecustomize.py": f"open({str(marker)!r}, 'w')\n",
    }
    wheel(wheels, "tiny-server", "1.0", {**MODULE, **hooks}, scripts={"tiny-server": START})
    installed = install(bubblewrap, tmp_path / "into")
    assert list(installed.tree.rglob("evil.pth"))
    assert not marker.exists()


@pytest.mark.parametrize(
    ("scripts", "chosen"),
    [
        ({"other": START, "tiny-server": START, "mcp": START}, "tiny-server"),
        ({"other": START, "tiny_server": START}, "tiny_server"),
        ({"other": START, "serve-mcp-now": START, "run-mcp": START}, "run-mcp"),
        ({"only": START}, "only"),
    ],
)
def test_of_several_scripts_the_server_s_is_chosen(
    bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path, scripts: dict[str, str], chosen: str
) -> None:
    wheel(wheels, "tiny-server", "1.0", MODULE, scripts=scripts)
    installed = install(bubblewrap, tmp_path / "into")
    assert installed.program.argv[-1].rsplit("/", 1)[-1] == chosen


def test_a_package_without_a_script_runs_as_a_module(bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path) -> None:
    wheel(wheels, "tiny-server", "1.0", {**MODULE, "tiny_server/__main__.py": "from .server import main; main()"})
    installed = install(bubblewrap, tmp_path / "into")
    assert installed.program.argv[1:] == ("-m", "tiny_server")
    assert tools(bubblewrap, installed) == ["hello"]


def test_a_library_is_no_server(bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path) -> None:
    wheel(wheels, "tiny-server", "1.0", MODULE)
    error = refusal(bubblewrap, tmp_path / "into")
    assert error.reason is Reason.NOT_MCP
    assert "pypi:tiny-server has no console script" in error.detail


def test_a_script_of_a_dependency_is_not_taken_for_the_server(
    bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path
) -> None:
    wheel(wheels, "helper", "1.0", {"helper.py": ""}, scripts={"tiny-server": "helper:main"})
    wheel(wheels, "tiny-server", "1.0", MODULE, requires=["helper"])
    assert refusal(bubblewrap, tmp_path / "into").reason is Reason.NOT_MCP


def test_an_unknown_package_is_not_found(bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path) -> None:
    del wheels
    error = refusal(bubblewrap, tmp_path / "into", name="no-such-server")
    assert error.reason is Reason.NOT_FOUND
    assert error.detail == "pypi:no-such-server is not in the package index that uv uses"


def test_an_unknown_version_is_not_found(bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path) -> None:
    wheel(wheels, "tiny-server", "1.0", MODULE, scripts={"tiny-server": START})
    error = refusal(bubblewrap, tmp_path / "into", version="9.9")
    assert error.reason is Reason.NOT_FOUND
    assert error.detail == "the package index has no such version: pypi:tiny-server@9.9"


def test_a_missing_dependency_is_an_install_failure(bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path) -> None:
    wheel(wheels, "tiny-server", "1.0", MODULE, scripts={"tiny-server": START}, requires=["no-such-library"])
    error = refusal(bubblewrap, tmp_path / "into")
    assert error.reason is Reason.INSTALL_FAILED
    assert "no-such-library" in error.detail


def test_a_wheel_that_is_none_is_an_install_failure(bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path) -> None:
    (wheels / "tiny_server-1.0-py3-none-any.whl").write_bytes(b"no archive")
    assert refusal(bubblewrap, tmp_path / "into").reason is Reason.INSTALL_FAILED


def test_a_wheel_that_climbs_out_of_its_folder_writes_nothing_there(
    bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path
) -> None:
    wheel(wheels, "tiny-server", "1.0", {**MODULE, "../../../../escaped": "x"}, scripts={"tiny-server": START})
    (tmp_path / "deep").mkdir()
    installed = install(bubblewrap, tmp_path / "deep" / "into")
    assert tools(bubblewrap, installed) == ["hello"]
    assert not list(tmp_path.rglob("escaped"))


def test_an_install_that_is_cancelled_stops_its_client(bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path) -> None:
    """A program that tells its number and never ends stands in for uv."""
    del wheels
    numbers = tmp_path / "numbers"
    os.mkfifo(numbers)
    client = tmp_path / "uv"
    client.write_text(f"#!/bin/sh\necho $$ > {numbers}\nexec tail -f /dev/null\n")
    client.chmod(0o755)
    (tmp_path / "into").mkdir()

    async def cancel() -> list[int]:
        installer = PypiInstaller(bubblewrap, str(client))
        task = asyncio.create_task(installer.install(Package(ecosystem="pypi", name="x"), tmp_path / "into"))
        started = await asyncio.to_thread(numbers.read_text)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return list(map(int, started.split()))

    started = run(cancel())
    assert started
    assert not [number for number in started if psutil.pid_exists(number)]


def chosen(sandbox: Bubblewrap, into: Path, resolution: Resolution) -> Installed:
    into.mkdir()
    package = Package(ecosystem="pypi", name="tiny-server")
    return run(PypiInstaller(sandbox, uv.find_uv_bin()).install(package, into, resolution))


def names(installed: Installed) -> set[str]:
    return {path.name.split("-")[0] for path in installed.tree.rglob("*.dist-info")}


def test_dependencies_without_a_wheel_are_named_and_can_be_left_out(
    bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path
) -> None:
    wheel(wheels, "tiny-server", "1.0", MODULE, scripts={"tiny-server": START}, requires=["plough", "spade"])
    wheel(wheels, "spade", "1.0", {"spade.py": ""})
    metadata = "Metadata-Version: 2.1\nName: plough\nVersion: 1.0\n"
    (wheels / "plough-1.0.tar.gz").write_bytes(tarball({"setup.py": "", "PKG-INFO": metadata}, "plough-1.0"))
    error = refusal(bubblewrap, tmp_path / "into")
    assert error.lacking == ("plough",)
    installed = chosen(bubblewrap, tmp_path / "again", Resolution(name="without:plough", omitted=error.lacking))
    assert names(installed) == {"tiny_server", "spade"}
    assert tools(bubblewrap, installed) == ["hello"]


def test_a_package_that_is_a_source_distribution_itself_lacks_nothing_that_could_be_left_out(
    bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path
) -> None:
    metadata = "Metadata-Version: 2.1\nName: tiny-server\nVersion: 1.0\n"
    (wheels / "tiny_server-1.0.tar.gz").write_bytes(tarball({"setup.py": "", "PKG-INFO": metadata}, "tiny_server-1.0"))
    assert refusal(bubblewrap, tmp_path / "into").lacking == ()


def test_a_package_that_it_forgot_to_name_can_be_added(bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path) -> None:
    wheel(wheels, "tiny-server", "1.0", MODULE, scripts={"tiny-server": START})
    wheel(wheels, "mcp", "1.0", {"mcp.py": ""})
    installed = chosen(bubblewrap, tmp_path / "into", Resolution(name="with:mcp", also=("mcp",)))
    assert names(installed) == {"tiny_server", "mcp"}


def test_the_files_of_a_package_can_be_had_without_its_dependencies(
    bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path
) -> None:
    wheel(wheels, "tiny-server", "1.0", MODULE, scripts={"tiny-server": START}, requires=["nowhere-to-be-found"])
    installer, package = PypiInstaller(bubblewrap, uv.find_uv_bin()), Package(ecosystem="pypi", name="tiny-server")
    (folder,) = run(installer.source(package, tmp_path))
    assert (folder / "tiny_server" / "server.py").is_file()
    missing = Package(ecosystem="pypi", name="not-there")
    (tmp_path / "other").mkdir()
    assert run(installer.source(missing, tmp_path / "other")) == ()
