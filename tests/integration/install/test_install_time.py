"""Packages that try to run code or to write when they are installed: nothing of it happens outside the sandbox.

A source distribution that would have to be built, npm's scripts and repositories: test_pypi.py and test_npm.py.
"""

import base64
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest
import uv

from catalog.facts import Finding, FindingKind
from catalog.install.base import Installed, InstallError
from catalog.install.npm import NpmInstaller
from catalog.install.pypi import PypiInstaller
from catalog.install.runtimes import find_npm
from catalog.install.startup_code import startup_code
from catalog.origin import Package
from catalog.sandbox.base import Limits
from catalog.sandbox.bubblewrap import Bubblewrap
from catalog_testing.crawling import run, tools
from catalog_testing.crawling_packages import TINY_NODE, TINY_PYTHON, Registry, wheel

MODULE = {"tiny_server/__init__.py": "", "tiny_server/server.py": TINY_PYTHON}
START = "tiny_server.server:main"

needs_npm = pytest.mark.skipif(find_npm() is None, reason="npm is not installed here")


def install(sandbox: Bubblewrap, into: Path) -> Installed:
    into.mkdir(parents=True)
    installer = PypiInstaller(sandbox, uv.find_uv_bin())
    return run(installer.install(Package(ecosystem="pypi", name="tiny-server"), into))


def outcome(sandbox: Bubblewrap, into: Path) -> Installed | InstallError:
    """Return what came of it: which names a version of uv refuses is its own decision."""
    try:
        return install(sandbox, into)
    except InstallError as error:
        return error


def install_npm(sandbox: Bubblewrap, into: Path) -> Installed:
    into.mkdir(parents=True)
    return run(NpmInstaller(sandbox).install(Package(ecosystem="npm", name="tiny-server"), into))


def words(sandbox: Bubblewrap, installed: Installed) -> str:
    """Return what the installed server writes to its standard error."""

    async def said() -> str:
        async with sandbox.start(installed.program, Limits()) as process:
            await process.read(1)
        return process.stderr_tail()

    return run(said())


def names_below(folder: Path, name: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name == name]


def test_code_for_every_start_of_python_runs_in_the_sandbox_alone_and_is_told(
    bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path
) -> None:
    marker = tmp_path / "ran"
    code = "import sys; sys.stderr.write('{} ran\\n'); __import__('os').path.isdir({!r}) and open({!r}, 'w')"
    hooks = {
        "evil.pth": code.format("evil.pth", str(tmp_path), str(marker)) + "\n",
        "sitecustomize.py": code.format("sitecustomize", str(tmp_path), str(marker)) + "\n",
        "paths.pth": "/opt/elsewhere\n# import nothing\n",
    }
    start = "import sys; sys.stderr.write('server ran\\n'); sys.stdout.write('x')"
    module = {"tiny_server/__init__.py": "", "tiny_server/server.py": f"def main(): {start}"}
    wheel(wheels, "tiny-server", "1.0", {**hooks, **module}, scripts={"tiny-server": START})
    installed = install(bubblewrap, tmp_path / "into")
    assert startup_code(installed.tree, installed.sources) == (
        Finding(kind=FindingKind.INSTALL_CODE, detail="evil.pth runs at every start of Python"),
        Finding(kind=FindingKind.INSTALL_CODE, detail="sitecustomize.py runs at every start of Python"),
    )
    said = words(bubblewrap, installed)
    assert {"evil.pth ran", "sitecustomize ran", "server ran"} <= set(said.splitlines())
    assert not marker.exists()


@pytest.mark.parametrize(
    "name", ["-c", "--help", "name with spaces", "a;touch ran", "$(touch ran)", "`touch ran`", "ü"]
)
def test_a_console_script_of_any_name_starts_as_a_file(
    bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path, name: str
) -> None:
    wheel(wheels, "tiny-server", "1.0", MODULE, scripts={name: START})
    installed = install(bubblewrap, tmp_path / "into")
    assert installed.program.argv[0] == "/opt/package/bin/python"
    assert installed.program.argv[1].startswith("/opt/package/lib/")
    assert tools(bubblewrap, installed) == ["hello"]
    assert names_below(tmp_path, "ran") == []


@pytest.mark.parametrize("name", ["python", "python3"])
def test_a_console_script_that_would_be_the_interpreter_is_refused_or_starts_as_a_file(
    bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path, name: str
) -> None:
    wheel(wheels, "tiny-server", "1.0", MODULE, scripts={name: START})
    installed = outcome(bubblewrap, tmp_path / "into")
    if isinstance(installed, InstallError):
        assert "reserved name" in installed.detail
    else:
        assert installed.program.argv[0] == "/opt/package/bin/python"
        assert tools(bubblewrap, installed) == ["hello"]


@pytest.mark.parametrize("name", ["../../evil", "/evil", "../../../../../bin/evil", "..", "."])
def test_a_console_script_that_climbs_out_of_its_folder_writes_nothing_there(
    bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path, name: str
) -> None:
    wheel(wheels, "tiny-server", "1.0", MODULE, scripts={name: START, "tiny-server": START})
    into = tmp_path / "deep" / "into"
    installed = outcome(bubblewrap, into)
    if isinstance(installed, Installed):
        assert tools(bubblewrap, installed) == ["hello"]
    outside = [path for path in names_below(tmp_path, "evil") if not path.is_relative_to(into)]
    assert outside == []
    assert not Path("/evil").exists()
    inside = [path for path in names_below(into, "evil") if "site-packages" not in path.parts]
    assert inside == []


def test_a_line_end_in_a_script_s_name_makes_no_second_one(
    bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path
) -> None:
    wheel(wheels, "tiny-server", "1.0", MODULE, scripts={"one\n[other]\ntiny-server": START})
    with pytest.raises(InstallError):
        install(bubblewrap, tmp_path / "into")


@pytest.mark.parametrize(
    "value", [f"{START};touch ran", "os:system('touch ran')", "tiny_server.server:main\n#!/bin/sh"]
)
def test_what_a_script_starts_is_not_run_when_it_is_installed(
    bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path, value: str
) -> None:
    wheel(wheels, "tiny-server", "1.0", MODULE, scripts={"tiny-server": value})
    outcome(bubblewrap, tmp_path / "into")
    assert names_below(tmp_path, "ran") == []


@pytest.mark.parametrize("scheme", ["data", "scripts"])
@pytest.mark.parametrize("climb", ["../../../../../../escaped", "../../../../bin/python"])
def test_data_of_a_wheel_that_climbs_out_writes_nothing_there(
    bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path, scheme: str, climb: str
) -> None:
    member = f"tiny_server-1.0.data/{scheme}/{climb}"
    wheel(wheels, "tiny-server", "1.0", {**MODULE, member: "#!python\n"}, scripts={"tiny-server": START})
    into = tmp_path / "deep" / "into"
    installed = outcome(bubblewrap, into)
    if isinstance(installed, Installed):
        assert tools(bubblewrap, installed) == ["hello"]
        assert (installed.tree / "bin" / "python").is_symlink()
    assert [path for path in names_below(tmp_path, "escaped") if "site-packages" not in path.parts] == []


def test_a_wheel_cannot_bring_a_configuration_of_the_environment(
    bubblewrap: Bubblewrap, wheels: Path, tmp_path: Path
) -> None:
    """``pyvenv.cfg`` says which Python runs: it is ours."""
    files = {**MODULE, "tiny_server-1.0.data/data/pyvenv.cfg": "home = /tmp\n"}
    wheel(wheels, "tiny-server", "1.0", files, scripts={"tiny-server": START})
    installed = install(bubblewrap, tmp_path / "into")
    assert (installed.tree / "pyvenv.cfg").read_text() != "home = /tmp\n"
    assert tools(bubblewrap, installed) == ["hello"]


def test_files_of_code_for_every_start_are_read_within_bounds(tmp_path: Path) -> None:
    packages = tmp_path / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "long.pth").write_bytes(b"x\n" * 40_000 + b"import os\n")
    (packages / "late.pth").write_bytes(b"\xef\xbb\xbfimport os\r")
    (packages / "a\x1b[2J\n.pth").write_text("import\tos\n")
    (packages / "link.pth").symlink_to("/dev/zero")
    (packages / "sitecustomize").mkdir()
    (packages / "below").mkdir()
    (packages / "below" / "no.pth").write_text("import os\n")
    assert [finding.detail for finding in startup_code(tmp_path)] == [
        r"a\x1b[2J\n.pth runs at every start of Python",
        "late.pth runs at every start of Python",
        "link.pth could not be read; Python may run what it says",
        "long.pth is longer than 64 KiB; its end was not read",
        "sitecustomize runs at every start of Python",
    ]
    for number in range(100):
        (packages / f"many-{number}.pth").write_text("import os\n")
    findings = startup_code(tmp_path)
    assert len(findings) == 50
    assert findings[-1].detail == "56 more files with code for every start"


@needs_npm
def test_scripts_that_npm_would_run_are_told(bubblewrap: Bubblewrap, npm_registry: Registry, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    scripts = dict.fromkeys(("preinstall", "postinstall", "prepare", "test"), f"touch {marker}")
    npm_registry.add_npm("tiny-server", "1.0.0", {"index.js": TINY_NODE}, bin="index.js", scripts=scripts)
    installed = install_npm(bubblewrap, tmp_path / "into")
    assert [finding.detail for finding in startup_code(installed.tree, installed.sources)] == [
        "the npm script postinstall, which was not run",
        "the npm script preinstall, which was not run",
        "the npm script prepare, which was not run",
    ]
    assert tools(bubblewrap, installed) == ["hello"]
    assert not marker.exists()


@needs_npm
def test_a_package_that_npm_would_build_is_told_and_not_built(
    bubblewrap: Bubblewrap, npm_registry: Registry, tmp_path: Path
) -> None:
    marker = tmp_path / "ran"
    files = {"index.js": TINY_NODE, "binding.gyp": f"{{'variables': {{'x': '<!(touch {marker})'}}}}"}
    npm_registry.add_npm("tiny-server", "1.0.0", files, bin="index.js")
    installed = install_npm(bubblewrap, tmp_path / "into")
    (finding,) = startup_code(installed.tree, installed.sources)
    assert finding.detail == "binding.gyp, by which npm would build, which was not done"
    assert not marker.exists()


@needs_npm
@pytest.mark.parametrize("name", ["node", "../../../../evil", "-e"])
def test_an_npm_program_of_any_name_starts_by_its_file(
    bubblewrap: Bubblewrap, npm_registry: Registry, tmp_path: Path, name: str
) -> None:
    npm_registry.add_npm("tiny-server", "1.0.0", {"index.js": TINY_NODE}, bin={name: "index.js"})
    into = tmp_path / "deep" / "into"
    installed = install_npm(bubblewrap, into)
    assert installed.program.argv[-1] == "/opt/package/node_modules/tiny-server/index.js"
    assert tools(bubblewrap, installed) == ["hello"]
    outside = [path for path in names_below(tmp_path, "evil") if "node_modules" not in path.parts]
    assert outside == []


def serve_archive(registry: Registry, members: Mapping[str, tarfile.TarInfo | str]) -> None:
    """Serve the package tiny-server with ``members`` (a text, or a member without content) and a right hash."""
    manifest = {"name": "tiny-server", "version": "1.0.0", "bin": "index.js"}
    registry.add_npm("tiny-server", "1.0.0", {})
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        own = {"package/package.json": json.dumps(manifest), "package/index.js": TINY_NODE}
        for name, content in {**own, **members}.items():
            if isinstance(content, str):
                member = tarfile.TarInfo(name)
                member.size, member.mode = len(content.encode()), 0o755
                archive.addfile(member, io.BytesIO(content.encode()))
            else:
                content.name = name
                archive.addfile(content)
    data = buffer.getvalue()
    location = "/tiny-server/-/tiny-server-1.0.0.tgz"
    registry.answers[location] = ("application/octet-stream", data)
    kind, document = registry.answers["/tiny-server"]
    answer = json.loads(document)
    answer["versions"]["1.0.0"] |= manifest
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
    answer["versions"]["1.0.0"]["dist"]["integrity"] = integrity
    registry.answers["/tiny-server"] = (kind, json.dumps(answer).encode())


def link(kind: bytes, target: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo("x")
    member.type, member.linkname = kind, target
    return member


@needs_npm
def test_an_npm_archive_that_climbs_out_or_brings_links_writes_nothing_outside(
    bubblewrap: Bubblewrap, npm_registry: Registry, tmp_path: Path
) -> None:
    private = tmp_path / "private"
    private.write_text("private")
    serve_archive(
        npm_registry,
        {
            "package/../../../../escaped": "x",
            "/escaped": "x",
            "package/symbolic": link(tarfile.SYMTYPE, str(private)),
            "package/hard": link(tarfile.LNKTYPE, str(private)),
            "package/folder": link(tarfile.SYMTYPE, str(tmp_path)),
            "package/folder/escaped": "x",
            "package/device": link(tarfile.FIFOTYPE, ""),
        },
    )
    into = tmp_path / "deep" / "into"
    installed = install_npm(bubblewrap, into)
    assert tools(bubblewrap, installed) == ["hello"]
    assert [path for path in names_below(tmp_path, "escaped") if not path.is_relative_to(installed.tree)] == []
    assert not Path("/escaped").exists()
    own = {path.name: path for path in installed.sources[0].iterdir()}
    assert not [path for path in own.values() if path.is_symlink()]
    assert {"symbolic", "hard", "device"} & own.keys() == set()
