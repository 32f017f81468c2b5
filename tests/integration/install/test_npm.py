"""npm packages by the real npm from a registry on loopback: nothing of them runs outside the sandbox."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from catalog.install.base import Installed, InstallError
from catalog.install.npm import NpmInstaller
from catalog.install.runtimes import find_npm
from catalog.model import Reason
from catalog.origin import Package
from catalog.sandbox.bubblewrap import Bubblewrap
from catalog_testing.crawling import run, tools
from catalog_testing.crawling_packages import TINY_NODE, Registry, tarball

pytestmark = pytest.mark.skipif(find_npm() is None, reason="npm is not installed here")

FILES = {"index.js": TINY_NODE, "other.js": "process.exit(3)"}


def install(sandbox: Bubblewrap, into: Path, name: str = "tiny-server", version: str | None = None) -> Installed:
    into.mkdir()
    return run(NpmInstaller(sandbox).install(Package(ecosystem="npm", name=name, version=version), into))


def refusal(sandbox: Bubblewrap, into: Path, name: str = "tiny-server", version: str | None = None) -> InstallError:
    with pytest.raises(InstallError) as error:
        install(sandbox, into, name, version)
    return error.value


@pytest.mark.parametrize("name", ["tiny-server", "@scope/tiny-server"])
def test_a_package_is_fetched_and_its_server_lists_its_tools(
    bubblewrap: Bubblewrap, npm_registry: Registry, tmp_path: Path, name: str
) -> None:
    npm_registry.add_npm(name, "1.0.0", FILES, bin="index.js")
    installed = install(bubblewrap, tmp_path / "into", name)
    assert installed.version == "1.0.0"
    assert tools(bubblewrap, installed) == ["hello"]


def test_no_script_of_a_package_runs(bubblewrap: Bubblewrap, npm_registry: Registry, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    stages = ("preinstall", "install", "postinstall", "prepare", "prepublish", "dependencies")
    scripts = dict.fromkeys(stages, f"touch {marker}")
    npm_registry.add_npm("helper", "1.0.0", FILES, scripts=scripts)
    npm_registry.add_npm(
        "tiny-server", "1.0.0", FILES, bin="index.js", scripts=scripts, dependencies={"helper": "^1.0.0"}
    )
    installed = install(bubblewrap, tmp_path / "into")
    assert (installed.tree / "node_modules" / "helper").is_dir()
    assert not marker.exists()


@pytest.mark.parametrize(
    ("declared", "chosen"),
    [
        ({"other": "other.js", "tiny-server": "index.js"}, "index.js"),
        ({"other": "other.js", "my-mcp": "./index.js"}, "index.js"),
        ({"outside": "../../../outside.js", "inside": "index.js"}, "index.js"),
        ({"gone": "gone.js", "inside": "index.js"}, "index.js"),
    ],
)
def test_of_several_programs_the_server_s_is_chosen(
    bubblewrap: Bubblewrap, npm_registry: Registry, tmp_path: Path, declared: dict[str, str], chosen: str
) -> None:
    (tmp_path / "outside.js").write_text("")
    npm_registry.add_npm("tiny-server", "1.0.0", FILES, bin=declared)
    assert install(bubblewrap, tmp_path / "into").program.argv[-1] == f"/opt/package/node_modules/tiny-server/{chosen}"


@pytest.mark.parametrize("declared", [None, "../../x", {"x": 5}, {"x": "gone.js"}])
def test_a_package_without_a_program_of_its_own_is_no_server(
    bubblewrap: Bubblewrap, npm_registry: Registry, tmp_path: Path, declared: Any
) -> None:
    npm_registry.add_npm("tiny-server", "1.0.0", FILES, **({} if declared is None else {"bin": declared}))
    error = refusal(bubblewrap, tmp_path / "into")
    assert error.reason is Reason.NOT_MCP
    assert error.detail == "npm:tiny-server has no program (package.json 'bin') and no main module"


def test_a_package_without_a_program_is_started_by_its_main_module(
    bubblewrap: Bubblewrap, npm_registry: Registry, tmp_path: Path
) -> None:
    npm_registry.add_npm("tiny-server", "1.0.0", FILES, main="./index.js")
    assert install(bubblewrap, tmp_path / "into").program.argv[-1] == "/opt/package/node_modules/tiny-server/index.js"


@pytest.mark.parametrize("version", ["1.0.0\x1b[2J", "1.0.0 [bold]", "", "../..", "9" * 200])
def test_a_version_that_is_none_is_not_believed(
    bubblewrap: Bubblewrap, npm_registry: Registry, tmp_path: Path, version: str
) -> None:
    """The registry's answer and the package's own file are two texts."""
    own = json.dumps({"name": "tiny-server", "version": version, "bin": "index.js"})
    npm_registry.add_npm("tiny-server", "1.0.0", {**FILES, "package.json": own}, bin="index.js")
    error = refusal(bubblewrap, tmp_path / "into")
    assert error.reason is Reason.INSTALL_FAILED
    assert "\x1b" not in error.detail


@pytest.mark.parametrize("program", ["nul\0", "x" * 5000])
def test_a_program_that_no_path_can_name_is_none(
    bubblewrap: Bubblewrap, npm_registry: Registry, tmp_path: Path, program: str
) -> None:
    own = json.dumps({"name": "tiny-server", "version": "1.0.0", "bin": {"tiny-server": program}})
    npm_registry.add_npm("tiny-server", "1.0.0", {**FILES, "package.json": own}, bin="index.js")
    assert refusal(bubblewrap, tmp_path / "into").reason in (Reason.NOT_MCP, Reason.INSTALL_FAILED)


def test_an_unknown_package_is_not_found(bubblewrap: Bubblewrap, npm_registry: Registry, tmp_path: Path) -> None:
    error = refusal(bubblewrap, tmp_path / "into", "no-such-server")
    assert error.reason is Reason.NOT_FOUND
    assert error.detail == "npm:no-such-server is not in the npm registry that npm uses"
    assert set(npm_registry.asked) == {"/no-such-server"}


def test_an_unknown_version_is_not_found(bubblewrap: Bubblewrap, npm_registry: Registry, tmp_path: Path) -> None:
    npm_registry.add_npm("tiny-server", "1.0.0", FILES, bin="index.js")
    error = refusal(bubblewrap, tmp_path / "into", version="9.9.9")
    assert error.reason is Reason.NOT_FOUND
    assert error.detail == "the npm registry has no such version: npm:tiny-server@9.9.9"


def test_no_address_of_the_registry_is_told(bubblewrap: Bubblewrap, npm_registry: Registry, tmp_path: Path) -> None:
    npm_registry.add_npm("tiny-server", "1.0.0", FILES, bin="index.js")
    npm_registry.answers["/tiny-server/-/tiny-server-1.0.0.tgz"] = ("application/octet-stream", b"broken")
    error = refusal(bubblewrap, tmp_path / "into")
    assert error.reason is Reason.INSTALL_FAILED
    assert npm_registry.address.removeprefix("http://") not in error.detail


def test_a_dependency_from_a_repository_is_not_fetched(
    bubblewrap: Bubblewrap, npm_registry: Registry, tmp_path: Path
) -> None:
    """npm runs the git that the repository's own .npmrc names, although scripts are off."""
    marker = tmp_path / "ran"
    dependency, repository = tmp_path / "dependency", tmp_path / "repository"
    commit(dependency, {"package.json": '{"name": "deeper", "version": "1.0.0"}'})
    manifest = {
        "name": "helper",
        "version": "1.0.0",
        "scripts": {"prepare": f"touch {marker}"},
        "devDependencies": {"deeper": f"git+file://{dependency}"},
    }
    script = f'#!/bin/sh\ntouch {marker}\nexec git "$@"\n'
    commit(repository, {"package.json": json.dumps(manifest), ".npmrc": "git=./git.sh\n", "git.sh": script})
    npm_registry.add_npm(
        "tiny-server", "1.0.0", FILES, bin="index.js", dependencies={"helper": f"git+file://{repository}"}
    )
    error = refusal(bubblewrap, tmp_path / "into")
    assert (error.reason, error.detail) == (
        Reason.INSTALL_FAILED,
        "a dependency of npm:tiny-server comes from a git repository",
    )
    assert not marker.exists()


def commit(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    for command in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "x")):
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *command], cwd=folder, check=True)


@pytest.mark.parametrize("kind", ["folder", "archive"])
def test_a_dependency_on_a_file_of_this_machine_is_not_fetched(
    bubblewrap: Bubblewrap, npm_registry: Registry, tmp_path: Path, kind: str
) -> None:
    private = tmp_path / "private"
    private.mkdir()
    (private / "package.json").write_text('{"name": "helper", "version": "1.0.0"}')
    (tmp_path / "private.tgz").write_bytes(tarball({"package.json": (private / "package.json").read_text()}, "package"))
    named = private if kind == "folder" else tmp_path / "private.tgz"
    npm_registry.add_npm("tiny-server", "1.0.0", FILES, bin="index.js", dependencies={"helper": f"file:{named}"})
    assert refusal(bubblewrap, tmp_path / "into").reason is Reason.INSTALL_FAILED


def test_a_dependency_from_an_address_of_its_own_is_not_fetched(
    bubblewrap: Bubblewrap, npm_registry: Registry, tmp_path: Path
) -> None:
    """It would let a package ask hosts of this network."""
    elsewhere = f"{npm_registry.address}/private/thing.tgz"
    npm_registry.add_npm("tiny-server", "1.0.0", FILES, bin="index.js", dependencies={"thing": elsewhere})
    error = refusal(bubblewrap, tmp_path / "into")
    assert error.reason is Reason.INSTALL_FAILED
    assert "an address of its own" in error.detail
    assert "/private/thing.tgz" not in npm_registry.asked


def test_the_files_of_a_package_that_cannot_be_installed_can_be_had(
    bubblewrap: Bubblewrap, npm_registry: Registry, tmp_path: Path
) -> None:
    npm_registry.add_npm("tiny-server", "1.0.0", FILES, dependencies={"nowhere": "^1"})
    (folder,) = run(NpmInstaller(bubblewrap).source(Package(ecosystem="npm", name="tiny-server"), tmp_path))
    assert (folder / "package" / "index.js").is_file()
