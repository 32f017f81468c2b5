"""MCP bundles: fetched, checked, unpacked and run in the sandbox, with what their manifest says about starting them."""

import functools
import hashlib
import json
import ssl
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from catalog.errors import CatalogError
from catalog.install.base import Installed, InstallError
from catalog.install.bundle import BUNDLE_BYTES, BundleInstaller
from catalog.model import Reason
from catalog.origin import Bundle
from catalog.sandbox.base import Limits, Sandbox
from catalog.sandbox.bubblewrap import Bubblewrap
from catalog.sandbox.unconfined import Unconfined
from catalog_testing.certificates import loopback_tls
from catalog_testing.crawling import read_all, run, tools
from catalog_testing.crawling_packages import TINY_NODE, TINY_PYTHON
from catalog_testing.registry_api import Answer, RegistryApi, registry_api

PYTHON = {"type": "python", "entry_point": "server/main.py"}
PYTHON_CONFIG = {"command": "python", "args": ["${__dirname}/server/main.py"], "env": {}}
FILES = {"server/main.py": TINY_PYTHON, "index.js": TINY_NODE}


def manifest(server: Mapping[str, Any], **more: Any) -> str:
    return json.dumps({"manifest_version": "0.3", "name": "tiny", "version": "1.2.3", "server": server, **more})


def pack(path: Path, files: Mapping[str, str], *, signature: bytes = b"") -> Bundle:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    with path.open("ab") as file:
        file.write(signature)
    return Bundle(location=str(path))


def unpack(archive: Path, into: Path) -> None:
    """Stand in for the project's own, which bounds what comes out."""
    try:
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(into)
    except zipfile.BadZipFile as error:
        raise CatalogError(f"no archive: {error}") from error


@functools.cache
def trusted() -> ssl.SSLContext:
    """Read the authorities once: it takes as long as all else here."""
    return ssl.create_default_context()


def install(
    sandbox: Sandbox, bundle: Bundle, into: Path, tls: ssl.SSLContext | None = None, most_bytes: int = BUNDLE_BYTES
) -> Installed:
    into.mkdir()

    installer = BundleInstaller(
        sandbox,
        client=lambda: httpx.AsyncClient(verify=tls or trusted()),
        unpack=unpack,
        placeholder=lambda name: f"made-up-{name}",
        most_bytes=most_bytes,
    )
    return run(installer.install(bundle, into))


def refusal(sandbox: Bubblewrap, bundle: Bundle, into: Path, tls: ssl.SSLContext | None = None) -> InstallError:
    with pytest.raises(InstallError) as error:
        install(sandbox, bundle, into, tls)
    return error.value


def of(
    sandbox: Sandbox, folder: Path, server: Mapping[str, Any], files: Mapping[str, str] = FILES, **more: Any
) -> Installed:
    """Install a bundle with this ``server`` in its manifest."""
    bundle = pack(folder / "tiny.mcpb", {"manifest.json": manifest(server, **more), **files})
    return install(sandbox, bundle, folder / "into")


def refused(sandbox: Bubblewrap, folder: Path, server: Mapping[str, Any], **more: Any) -> InstallError:
    with pytest.raises(InstallError) as error:
        of(sandbox, folder, server, **more)
    return error.value


@pytest.mark.parametrize(
    "server",
    [
        {**PYTHON, "mcp_config": PYTHON_CONFIG},
        {**PYTHON, "mcp_config": {"command": "python3", "args": ["server/main.py"]}},
        PYTHON,
        {
            "type": "node",
            "entry_point": "index.js",
            "mcp_config": {"command": "node", "args": ["${__dirname}/index.js"]},
        },
        {"type": "node", "entry_point": "index.js"},
        {
            **PYTHON,
            "mcp_config": {
                "command": "server.exe",
                "platform_overrides": {"linux": PYTHON_CONFIG, "win32": {"command": "other.exe"}},
            },
        },
        {**PYTHON, "mcp_config": {**PYTHON_CONFIG, "command": "${__dirname}/venv/bin/python3.11"}},
    ],
)
def test_a_bundle_s_server_lists_its_tools(bubblewrap: Bubblewrap, tmp_path: Path, server: Mapping[str, Any]) -> None:
    installed = of(bubblewrap, tmp_path, server)
    assert installed.version == "1.2.3"
    assert installed.sources == (installed.tree,)
    assert tools(bubblewrap, installed) == ["hello"]


def test_libraries_in_the_bundle_are_found(bubblewrap: Bubblewrap, tmp_path: Path) -> None:
    files = {"server/main.py": "import tiny; tiny.main()", "server/lib/tiny.py": TINY_PYTHON, "more/x.py": ""}
    config = {**PYTHON_CONFIG, "env": {"PYTHONPATH": "more:server/lib:absent"}}
    installed = of(bubblewrap, tmp_path, {**PYTHON, "mcp_config": config}, files)
    assert installed.program.environment["PYTHONPATH"] == "/opt/package/more:/opt/package/server/lib:absent"
    assert tools(bubblewrap, installed) == ["hello"]


def test_a_program_that_the_bundle_brings_is_started(bubblewrap: Bubblewrap, tmp_path: Path) -> None:
    installed = of(
        bubblewrap, tmp_path, {"type": "binary", "entry_point": "bin/server"}, {"bin/server": "#!/bin/sh\necho $0"}
    )

    async def output() -> bytes:
        async with bubblewrap.start(installed.program, Limits()) as process:
            return await read_all(process)

    assert run(output()) == b"/opt/package/bin/server\n"


def test_without_a_sandbox_a_bundle_runs_where_it_is_unpacked(tmp_path: Path) -> None:
    installed = of(Unconfined(), tmp_path, {**PYTHON, "mcp_config": PYTHON_CONFIG})
    assert installed.program.argv[-1] == str(tmp_path / "into/package/server/main.py")
    assert tools(Unconfined(), installed) == ["hello"]


def test_a_signed_bundle_is_a_bundle(bubblewrap: Bubblewrap, tmp_path: Path) -> None:
    files = {"manifest.json": manifest(PYTHON), **FILES}
    bundle = pack(tmp_path / "tiny.mcpb", files, signature=b"MCPB_SIG_V1" + b"x" * 2000 + b"MCPB_SIG_END")
    assert tools(bubblewrap, install(bubblewrap, bundle, tmp_path / "into")) == ["hello"]


def test_the_older_name_of_the_manifest_s_version_is_understood(bubblewrap: Bubblewrap, tmp_path: Path) -> None:
    text = manifest(PYTHON).replace("manifest_version", "dxt_version")
    bundle = pack(tmp_path / "tiny.dxt", {"manifest.json": text, **FILES})
    assert install(bubblewrap, bundle, tmp_path / "into").version == "1.2.3"


def test_what_a_user_would_fill_in_gets_its_default_or_a_value_of_its_type(
    bubblewrap: Bubblewrap, tmp_path: Path
) -> None:
    options = {
        "token": {"type": "string", "title": "t", "description": "d", "sensitive": True, "required": True},
        "mode": {"type": "string", "default": "${HOME}/fast"},
        "folders": {"type": "directory", "multiple": True, "default": ["${HOME}/Desktop"]},
        "config": {"type": "file"},
        "most": {"type": "number", "min": 5},
        "size": {"type": "number", "default": 10},
        "quiet": {"type": "boolean"},
        "loud": {"type": "boolean", "default": True},
        "names": {"type": "string", "multiple": True, "default": ["a", "b"]},
        "sly": {"type": "string", "default": "${user_config.token}"},
    }
    keys = ("mode", "folders", "config", "most", "size", "quiet", "loud", "names", "sly")
    config = {
        "command": "python",
        "args": ["server/main.py", *(f"${{user_config.{key}}}" for key in keys), "--n=${user_config.names}", "${X}"],
        "env": {
            "GROVE_TOKEN": "${user_config.token}",
            "HEADER": "Bearer ${user_config.token}",
            "CACHE": "${HOME}${/}cache",
            "EVIL=x": "1",
            "UNKNOWN": "${user_config.unknown}",
        },
    }
    program = of(bubblewrap, tmp_path, {**PYTHON, "mcp_config": config}, user_config=options).program
    assert program.argv[1:] == (
        *("/opt/package/server/main.py", "/tmp/fast", "/tmp", "/dev/null", "5", "10", "false", "true", "a", "b"),
        *("${user_config.token}", "--n=a,b", "${X}"),
    )
    runtime = of(bubblewrap, _empty(tmp_path / "plain"), PYTHON).program.environment
    assert {name: value for name, value in program.environment.items() if name not in runtime} == {
        "GROVE_TOKEN": "made-up-GROVE_TOKEN",
        "HEADER": "Bearer made-up-token",
        "CACHE": "/tmp/cache",
        "UNKNOWN": "${user_config.unknown}",
    }


def _empty(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    "server",
    [
        {"type": "uv", "entry_point": "server/main.py"},
        {**PYTHON, "mcp_config": {"command": "uvx", "args": ["tiny"]}},
        {"type": "node", "entry_point": "index.js", "mcp_config": {"command": "npx", "args": ["tiny"]}},
    ],
)
def test_a_bundle_that_would_fetch_what_it_needs_is_refused(
    bubblewrap: Bubblewrap, tmp_path: Path, server: Mapping[str, Any]
) -> None:
    error = refused(bubblewrap, tmp_path, server)
    assert error.reason is Reason.INSTALL_FAILED
    assert "which fetches what it needs" in error.detail
    assert "servers get no network" in error.hint


@pytest.mark.parametrize("command", ["/bin/sh", "bash", "../../../../bin/sh", "absent", "server", "${HOME}/x"])
def test_no_program_of_this_machine_is_started_but_an_interpreter(
    bubblewrap: Bubblewrap, tmp_path: Path, command: str
) -> None:
    error = refused(bubblewrap, tmp_path, {"type": "binary", "mcp_config": {"command": command, "args": ["-c", "id"]}})
    assert error.reason is Reason.INSTALL_FAILED
    assert "which is not in the bundle" in error.detail


def test_a_program_for_another_system_is_said(bubblewrap: Bubblewrap, tmp_path: Path) -> None:
    error = refused(bubblewrap, tmp_path, {"type": "binary", "entry_point": "a.exe"}, files={"a.exe": "MZ\x90"})
    assert "neither a Linux program nor a script" in error.detail


BROKEN = {
    "no manifest": {},
    "no JSON": {"manifest.json": "{"},
    "too deep": {"manifest.json": "[" * 100_000},
    "no object": {"manifest.json": "[]"},
    "no server": {"manifest.json": '{"manifest_version": "0.3", "version": "1"}'},
    "no spec": {"manifest.json": manifest(PYTHON).replace("manifest_version", "x")},
    "unknown type": {"manifest.json": manifest({"type": "java"})},
    "nothing to start": {"manifest.json": manifest({"type": "python"})},
    "odd version": {"manifest.json": manifest(PYTHON).replace("1.2.3", "1.2\\u001b[2J")},
    "NUL": {"manifest.json": manifest({**PYTHON, "mcp_config": {**PYTHON_CONFIG, "env": {"A": "x\0--bind\0/\0/"}}})},
    "NUL in a default": {"manifest.json": manifest(PYTHON, user_config={"a": {"type": "string", "default": "\0"}})},
    "too many words": {"manifest.json": manifest({**PYTHON, "mcp_config": {**PYTHON_CONFIG, "args": ["x"] * 201}})},
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_manifest_is_an_install_failure(bubblewrap: Bubblewrap, tmp_path: Path, kind: str) -> None:
    bundle = pack(tmp_path / "tiny.mcpb", {**FILES, **BROKEN[kind]})
    error = refusal(bubblewrap, bundle, tmp_path / "into")
    assert error.reason is Reason.INSTALL_FAILED
    assert "manifest" in error.detail
    assert "\x1b" not in error.detail


@pytest.mark.parametrize(
    "more",
    [
        {"description": "x" * 2_000_000},
        {"user_config": {"a": {"type": "string", "default": "x" * 8000}}},
    ],
)
def test_a_manifest_without_measure_is_too_large(
    bubblewrap: Bubblewrap, tmp_path: Path, more: Mapping[str, Any]
) -> None:
    config = {**PYTHON_CONFIG, "args": ["${user_config.a}${user_config.a}"]}
    assert refused(bubblewrap, tmp_path, {**PYTHON, "mcp_config": config}, **more).reason is Reason.TOO_LARGE


def test_what_is_no_archive_cannot_be_unpacked(bubblewrap: Bubblewrap, tmp_path: Path) -> None:
    (tmp_path / "tiny.mcpb").write_text("no archive")
    error = refusal(bubblewrap, Bundle(location=str(tmp_path / "tiny.mcpb")), tmp_path / "into")
    assert error.detail.startswith("mcpb:tiny.mcpb cannot be unpacked: no archive")


def test_a_bundle_that_is_gone_is_not_found(bubblewrap: Bubblewrap, tmp_path: Path) -> None:
    error = refusal(bubblewrap, Bundle(location=str(tmp_path / "absent.mcpb")), tmp_path / "into")
    assert error.reason is Reason.NOT_FOUND
    assert str(tmp_path) not in error.detail


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The contexts of a server on loopback and of a client that trusts it."""
    server, certificate = loopback_tls(tmp_path_factory.mktemp("tls"))
    return server, ssl.create_default_context(cafile=str(certificate))


@pytest.fixture
def files(tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> Iterator[RegistryApi]:
    """A server of files over TLS: what it answers is scripted."""
    with registry_api(tls=tls[0]) as served:
        yield served


@pytest.fixture
def client_tls(tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> ssl.SSLContext:
    return tls[1]


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    pack(tmp_path / "content.mcpb", {"manifest.json": manifest(PYTHON), **FILES})
    return (tmp_path / "content.mcpb").read_bytes()


def test_a_bundle_is_fetched_also_where_its_address_redirects_and_its_hash_is_checked(
    bubblewrap: Bubblewrap, files: RegistryApi, client_tls: ssl.SSLContext, content: bytes, tmp_path: Path
) -> None:
    files.faults = [Answer(status=302, headers={"Location": "/elsewhere?signed=1"}), Answer(body=content)]
    bundle = Bundle(location=f"{files.address}/tiny.mcpb", sha256=hashlib.sha256(content).hexdigest())
    installed = install(bubblewrap, bundle, tmp_path / "into", client_tls)
    assert [asked["path"] for asked in files.asked] == ["/tiny.mcpb", "/elsewhere"]
    assert tools(bubblewrap, installed) == ["hello"]
    assert [path.name for path in (tmp_path / "into").iterdir()] == ["package"]


def test_a_file_with_another_hash_is_never_unpacked(
    bubblewrap: Bubblewrap, files: RegistryApi, client_tls: ssl.SSLContext, content: bytes, tmp_path: Path
) -> None:
    files.faults = [Answer(body=content)]
    bundle = Bundle(location=f"{files.address}/tiny.mcpb", sha256="0" * 64)
    error = refusal(bubblewrap, bundle, tmp_path / "into", client_tls)
    assert error.reason is Reason.INSTALL_FAILED
    assert "is not the file that was announced" in error.detail
    assert not (tmp_path / "into" / "package").exists()


def test_a_file_without_an_end_is_not_kept_past_its_cap(
    bubblewrap: Bubblewrap, files: RegistryApi, client_tls: ssl.SSLContext, tmp_path: Path
) -> None:
    files.faults = [Answer(endless=True)]
    bundle, cap = Bundle(location=f"{files.address}/tiny.mcpb"), 2 * 1024 * 1024
    with pytest.raises(InstallError) as error:
        install(bubblewrap, bundle, tmp_path / "into", client_tls, cap)
    assert error.value.reason is Reason.TOO_LARGE
    assert error.value.detail.endswith("/tiny.mcpb has more than 2 MiB")
    assert (tmp_path / "into" / "bundle.mcpb").stat().st_size <= cap


REFUSALS = {
    Reason.NOT_FOUND: (Answer(status=404), Answer(status=410)),
    Reason.UNREACHABLE: (Answer(status=403), Answer(status=500)),
    Reason.INSTALL_FAILED: (
        Answer(status=302, headers={"Location": "http://127.0.0.1/x"}),
        Answer(status=302, headers={"Location": "file:///etc/passwd"}),
    ),
}


@pytest.mark.parametrize("reason", REFUSALS)
def test_each_refusal_has_its_reason_and_tells_no_query(
    bubblewrap: Bubblewrap, files: RegistryApi, client_tls: ssl.SSLContext, tmp_path: Path, reason: Reason
) -> None:
    for number, answer in enumerate(REFUSALS[reason]):
        files.faults = [answer]
        bundle = Bundle(location=f"{files.address}/x.mcpb?key=secret")
        error = refusal(bubblewrap, bundle, tmp_path / str(number), client_tls)
        assert error.reason is reason
        assert "secret" not in error.detail


def test_redirects_in_a_circle_end(
    bubblewrap: Bubblewrap, files: RegistryApi, client_tls: ssl.SSLContext, tmp_path: Path
) -> None:
    files.script = lambda _: Answer(status=302, headers={"Location": "/again"})
    error = refusal(bubblewrap, Bundle(location=f"{files.address}/x"), tmp_path / "into", client_tls)
    assert "redirects more than 5 times" in error.detail


def test_a_server_whose_certificate_nobody_trusts_gives_nothing(
    bubblewrap: Bubblewrap, files: RegistryApi, tmp_path: Path
) -> None:
    error = refusal(bubblewrap, Bundle(location=f"{files.address}/x"), tmp_path / "into")
    assert error.reason is Reason.UNREACHABLE
    assert "certificate" in error.detail
