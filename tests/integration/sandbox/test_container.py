"""Images run by a container engine (a stand-in that takes its commands): what it is told, and that nothing is left."""

import asyncio
import contextlib
import json
import secrets
import sys
from pathlib import Path

import pytest

from catalog.errors import SandboxUnavailable
from catalog.install.base import InstallError
from catalog.install.image import ImageInstaller
from catalog.model import Reason
from catalog.origin import Image
from catalog.probe.base import ProbeLimits
from catalog.probe.listing import list_tools
from catalog.probe.stdio import StdioSession
from catalog.sandbox.base import MIB, Limits, Mount, Program
from catalog.sandbox.container import ContainerEngine
from catalog_testing.container_engine import IDENTIFIER, Engine, engine
from catalog_testing.crawling import SERVERS, processes_with, read_all, run

IMAGE = Image(reference="images.example/grove/orchard:1.2")
SERVER = (sys.executable, "-I", "-S", str(SERVERS / "server.py"))


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def docker(path: Path) -> Engine:
    """An engine whose containers run the fixture server."""
    return engine(path, SERVER)


def script(**behaviour: object) -> Program:
    return Program(argv=(IDENTIFIER, json.dumps(behaviour)))


def output(program: Program) -> str:
    """Return what a container prints until it ends, its last words after it."""

    async def text() -> str:
        async with ContainerEngine.find().start(program, Limits()) as process:
            printed = (await read_all(process)).decode()
            await process.ended()
        return printed + process.stderr_tail()

    return run(text())


def test_an_image_is_fetched_and_its_server_lists_its_tools(docker: Engine, tmp_path: Path) -> None:
    installer = ImageInstaller()

    async def look() -> tuple[list[str], str, str]:
        installed = await installer.install(IMAGE, tmp_path)
        program = Program(argv=(*installed.program.argv, json.dumps({"pages": [[{"name": "hello"}]]})))
        sandbox = await installer.engine()
        async with sandbox.start(program, Limits()) as process:
            listed = await list_tools(StdioSession(process, ProbeLimits()), ProbeLimits(), "0")
        return [entry.definition.name for entry in listed.entries], installed.version, sandbox.name

    names, version, sandbox = run(look())
    assert (names, version, sandbox) == (["hello"], "1.2", "docker")
    assert [words[0] for words in docker.told] == ["version", "pull", "image", "create", "start", "rm"]
    assert docker.commands("pull") == [["--quiet", IMAGE.reference]]
    (name,) = {words[-1] for words in (*docker.commands("start"), *docker.commands("rm"))}
    assert docker.commands("create")[0][:2] == ["--name", name]


def test_a_container_gets_no_network_no_mount_no_capability_and_limits(docker: Engine) -> None:
    output(script(exit=0))
    (words,) = docker.commands("create")
    options, image, arguments = words[: words.index(IDENTIFIER)], IDENTIFIER, words[words.index(IDENTIFIER) + 1 :]
    told = " ".join(options)
    for option in (
        "--network none",
        "--read-only",
        "--cap-drop ALL",
        "--security-opt no-new-privileges",
        "--pids-limit 256",
        f"--memory {2048 * MIB} --memory-swap {2048 * MIB}",
        "--cpus 2",
        "--pull never",
        "--rm",
        "--interactive",
        "--log-driver none",
        f"--tmpfs /tmp:rw,nosuid,nodev,size={128 * MIB}",
    ):
        assert option in told
    assert not {"-v", "--volume", "--mount", "--privileged", "--device", "-p", "--publish", "--env-file"} & set(options)
    assert (image, len(arguments)) == (IDENTIFIER, 1)


def test_values_of_variables_reach_the_container_and_no_command_line(path: Path) -> None:
    docker = engine(path, ("/usr/bin/env",))
    wanted = {"GROVE_TOKEN": "s3cret", "GOOGLE_KEY": "s3cret", "LDAP_URL": "s3cret", "GROVE_PROXY": "s3cret"}
    led_elsewhere = {"DOCKER_HOST": "tcp://evil", "HTTPS_PROXY": "evil", "PATH": "/evil", "LD_PRELOAD": "evil"}
    environment = {**wanted, "EVIL=x": "1", **led_elsewhere}
    lines = output(Program(argv=(IDENTIFIER,), environment=environment)).splitlines()
    given = dict(line.split("=", 1) for line in lines)
    assert {name: value for name, value in given.items() if value} == {"HOME": "/tmp", **wanted}
    assert all("s3cret" not in word and "evil" not in word for words in docker.told for word in words)


def test_nothing_of_the_user_s_environment_reaches_the_container(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOG_PLANTED", "secret")
    monkeypatch.setenv("https_proxy", "http://me:secret@proxy.example")
    engine(path, ("/usr/bin/env",))
    assert "secret" not in output(Program(argv=(IDENTIFIER,)))


@pytest.fixture
def mark() -> str:
    """A word that only the command lines of this test's processes hold."""
    return f"mark-{secrets.token_hex(8)}"


def test_a_server_that_does_not_leave_is_removed_with_its_container(docker: Engine, mark: str) -> None:
    async def start_and_leave() -> int:
        async with ContainerEngine.find().start(script(stubborn=True, before=["up"], name=mark), Limits()) as process:
            assert await process.read(100) == b"up\n"
            return len(processes_with(mark))

    assert run(start_and_leave()) >= 1
    assert processes_with(mark) == []
    assert len(docker.commands("rm")) == 1


@pytest.mark.parametrize("turns", [0, 2, 5, 10])
def test_a_task_that_is_cancelled_while_a_container_starts_leaves_none(docker: Engine, mark: str, turns: int) -> None:
    async def cancel_early() -> None:
        async def look() -> None:
            async with ContainerEngine(docker.state.parent / "docker").start(
                script(stubborn=True, name=mark), Limits()
            ) as one:
                await one.ended()

        task = asyncio.create_task(look())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    run(cancel_early())
    assert processes_with(mark) == []
    assert [path.name for path in docker.state.glob("catalog-*") if path.suffix != ".pid"] == []


def test_a_container_that_cannot_be_made_says_why(docker: Engine) -> None:
    docker.answers("create", code=125, stderr="Error response from daemon: no command specified")

    async def look() -> tuple[int, str]:
        async with ContainerEngine.find().start(script(), Limits()) as process:
            code = await process.ended()
        return code, process.stderr_tail()

    code, words = run(look())
    assert code == 125
    assert "no command specified" in words
    assert docker.commands("start") == []


def test_a_container_that_stays_is_an_error_that_says_how_to_remove_it(docker: Engine) -> None:
    docker.answers("rm", stderr="driver failed")
    with pytest.raises(SandboxUnavailable, match=r"did not remove .* \(driver failed\).*docker rm --force catalog-"):
        output(script(exit=0))


@pytest.mark.parametrize(
    "program",
    [
        Program(argv=(IDENTIFIER,), mounts=(Mount(source=Path("/etc"), target="/etc"),)),
        Program(argv=("--privileged", IDENTIFIER)),
    ],
)
def test_a_program_with_mounts_or_options_is_no_container(docker: Engine, program: Program) -> None:
    with pytest.raises(ValueError, match="without mounts"):
        output(program)
    assert docker.commands("create") == []


def refusal(installer: ImageInstaller, into: Path) -> InstallError:
    with pytest.raises(InstallError) as error:
        run(installer.install(IMAGE, into))
    return error.value


def test_without_an_engine_the_outcome_says_what_to_install(path: Path, tmp_path: Path) -> None:
    del path
    error = refusal(ImageInstaller(), tmp_path)
    assert error.reason is Reason.SANDBOX_UNAVAILABLE
    assert "neither docker nor podman was found" in error.detail
    assert error.hint.startswith("install Docker or Podman")


def test_an_engine_that_answers_with_an_error_is_quoted(docker: Engine, tmp_path: Path) -> None:
    docker.answers("version", stderr="Cannot connect to the daemon. Is it running?")
    error = refusal(ImageInstaller(), tmp_path)
    assert error.reason is Reason.SANDBOX_UNAVAILABLE
    assert "docker: Cannot connect to the daemon. Is it running?" in error.detail
    assert docker.commands("pull") == []


def test_an_engine_that_never_answers_is_left(docker: Engine, tmp_path: Path) -> None:
    docker.answers("version", hangs=True)
    error = refusal(ImageInstaller(find=lambda: ContainerEngine.find(seconds=0.2)), tmp_path)
    assert error.reason is Reason.SANDBOX_UNAVAILABLE
    assert "docker: no answer within 0.2 s" in error.detail


def test_podman_is_used_where_docker_does_not_answer(docker: Engine, path: Path) -> None:
    docker.answers("version")
    podman = engine(path, SERVER, name="podman")
    assert ContainerEngine.find().name == "podman"
    output(script(exit=0))
    assert len(podman.commands("create")) == 1


@pytest.mark.parametrize(
    ("stderr", "reason"),
    [
        ("Error response from daemon: manifest unknown", Reason.NOT_FOUND),
        ("pull access denied for x, repository does not exist or may require 'docker login'", Reason.NOT_FOUND),
        ("no space left on device", Reason.INSTALL_FAILED),
        ("", Reason.INSTALL_FAILED),
    ],
)
def test_an_image_that_cannot_be_fetched_has_its_reason(
    docker: Engine, tmp_path: Path, stderr: str, reason: Reason
) -> None:
    docker.answers("pull", stderr=f"{stderr} https://images.example/v2/secret/x")
    error = refusal(ImageInstaller(), tmp_path)
    assert error.reason is reason
    assert "secret" not in error.detail


def test_an_image_that_the_engine_does_not_name_is_not_run(docker: Engine, tmp_path: Path) -> None:
    docker.answers("image", code=0)
    assert "does not say which image" in refusal(ImageInstaller(), tmp_path).detail


@pytest.mark.parametrize(
    ("reference", "version"),
    [
        ("images.example:5000/x", "abababababab"),
        ("images.example:5000/x:2.0", "2.0"),
        (f"x@sha256:{'cd' * 32}", "cdcdcdcdcdcd"),
        (f"x:2@sha256:{'cd' * 32}", "2"),
    ],
)
def test_the_version_of_an_image_is_its_tag_or_what_it_is_known_by(
    docker: Engine, tmp_path: Path, reference: str, version: str
) -> None:
    del docker
    assert run(ImageInstaller().install(Image(reference=reference), tmp_path)).version == version
