"""What a program may use, and that nothing of it is left: whatever it forked, and however its crawler ended."""

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from catalog.sandbox.base import MIB, Limits, Process, Program, Sandbox
from catalog.sandbox.bubblewrap import Bubblewrap
from catalog.sandbox.process import MARK
from catalog.sandbox.unconfined import Unconfined
from catalog_testing.crawling import SERVERS, processes_with, python_program, read_all, run, scripted

SMALL = Limits(memory=160 * MIB, processes=20, scratch=4 * MIB)


@pytest.fixture(params=["bubblewrap", "unconfined"])
def sandbox(request: pytest.FixtureRequest, bubblewrap: Bubblewrap) -> Sandbox:
    return bubblewrap if request.param == "bubblewrap" else Unconfined()


@pytest.fixture
def mark() -> str:
    """A word that only the command lines of this test's processes hold."""
    return f"mark-{secrets.token_hex(8)}"


@asynccontextmanager
async def glutton(sandbox: Sandbox, appetite: str, mark: str) -> AsyncIterator[Process]:
    async with sandbox.start(python_program(sandbox, "glutton.py", appetite, mark), SMALL) as process:
        yield process


async def _until_it_is_stopped(sandbox: Sandbox, appetite: str, mark: str) -> str | None:
    async with glutton(sandbox, appetite, mark) as process:
        await process.ended()
        return process.breach


def test_a_fork_bomb_is_stopped(bubblewrap: Bubblewrap, mark: str) -> None:
    assert run(_until_it_is_stopped(bubblewrap, "forks", mark)) == "more than 20 processes"
    assert processes_with(mark) == []


def test_one_process_cannot_hold_more_than_its_memory(bubblewrap: Bubblewrap, mark: str) -> None:
    async def refused() -> tuple[bytes, str | None]:
        async with glutton(bubblewrap, "memory", mark) as process:
            return await read_all(process), process.breach

    said, breach = run(refused())
    if breach is None:
        word, held = said.split()
        assert word == b"refused"
        assert int(held) < SMALL.memory // MIB
    else:  # its libraries count as well, and the watch may look just before it is refused
        assert breach == "more than 160 MiB of memory"


@pytest.mark.parametrize("appetite", ["many", "shared"])
def test_memory_is_counted_over_the_whole_tree_and_of_every_kind(
    bubblewrap: Bubblewrap, mark: str, appetite: str
) -> None:
    assert run(_until_it_is_stopped(bubblewrap, appetite, mark)) == "more than 160 MiB of memory"
    assert processes_with(mark) == []


def test_a_stricter_limit_of_the_host_stays(bubblewrap: Bubblewrap) -> None:
    code = """
import asyncio, resource, sys
from catalog.sandbox.base import Limits, Program
from catalog.sandbox.bubblewrap import Bubblewrap
resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))
async def main():
    async with Bubblewrap.find().start(Program(argv=("/bin/sh", "-c", "ulimit -n")), Limits()) as process:
        print((await process.read(100)).decode())
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "200"


async def _survivors(sandbox: Sandbox, mark: str) -> list[psutil.Process]:
    """Start three children that left their session and ignore SIGTERM; return what was alive then."""
    async with glutton(sandbox, "survivors", mark) as process:
        for _ in range(3):
            await process.read(1)
        return processes_with(mark)


def test_children_that_changed_their_session_and_ignore_sigterm_are_gone(sandbox: Sandbox, mark: str) -> None:
    assert len(run(_survivors(sandbox, mark))) >= 4
    assert processes_with(mark) == []


def test_a_server_that_does_not_leave_when_its_input_closes_is_gone(sandbox: Sandbox, mark: str) -> None:
    async def start_and_leave() -> None:
        async with sandbox.start(scripted(sandbox, stubborn=True, before=["up"], name=mark), SMALL) as process:
            assert await process.read(100) == b"up\n"

    run(start_and_leave())
    assert processes_with(mark) == []


def test_a_cancelled_task_leaves_no_process(sandbox: Sandbox, mark: str) -> None:
    async def cancel_in_the_midst() -> int:
        up = asyncio.Event()

        async def look() -> None:
            async with glutton(sandbox, "survivors", mark) as process:
                for _ in range(3):
                    await process.read(1)
                up.set()
                await process.ended()

        task = asyncio.create_task(look())
        await up.wait()
        alive = len(processes_with(mark))
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        return alive

    assert run(cancel_in_the_midst()) >= 4
    assert processes_with(mark) == []


@pytest.mark.parametrize("turns", range(0, 12, 2))
def test_a_task_that_is_cancelled_while_it_starts_leaves_no_process(sandbox: Sandbox, mark: str, turns: int) -> None:
    async def cancel_early() -> None:
        async def look() -> None:
            async with glutton(sandbox, "survivors", mark) as process:
                await process.ended()

        task = asyncio.create_task(look())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    run(cancel_early())
    assert processes_with(mark) == []


def test_nothing_is_left_when_the_crawler_itself_is_killed(mark: str) -> None:
    """SIGKILL cannot be handled: the kernel must end the namespace with its parent."""
    code = """
import asyncio, sys
from catalog_testing.crawling import python_program
from catalog.sandbox.base import Limits
from catalog.sandbox.bubblewrap import Bubblewrap
async def main():
    sandbox = Bubblewrap.find()
    async with sandbox.start(python_program(sandbox, "glutton.py", "survivors", sys.argv[1]), Limits()) as process:
        for _ in range(3):
            await process.read(1)
        print("up", flush=True)
        await process.ended()
asyncio.run(main())
"""
    environment = {**os.environ, "PYTHONPATH": str(SERVERS.parent.parent)}
    with subprocess.Popen(
        [sys.executable, "-c", code, mark], stdout=subprocess.PIPE, env=environment, text=True
    ) as crawler:
        assert crawler.stdout is not None
        assert crawler.stdout.readline() == "up\n"
        alive = [process for process in processes_with(mark) if process.pid != crawler.pid]
        crawler.send_signal(signal.SIGKILL)
    assert len(alive) >= 4
    psutil.wait_procs(alive, timeout=20)
    assert processes_with(mark) == []


def test_the_last_words_are_kept_and_bounded(sandbox: Sandbox) -> None:
    async def words() -> str:
        program = scripted(sandbox, stderr="first\n" + "x" * 100_000 + "\nlast words\n", exit=3)
        async with sandbox.start(program, SMALL) as process:
            assert await process.ended() == 3
        return process.stderr_tail()

    kept = run(words())
    assert kept.endswith("x\nlast words\n")
    assert len(kept) <= 16 * 1024


def test_a_program_that_is_not_there_says_so_in_the_sandbox(bubblewrap: Bubblewrap) -> None:
    async def words() -> tuple[int, str]:
        async with bubblewrap.start(Program(argv=("/opt/package/bin/absent",)), SMALL) as process:
            code = await process.ended()
        return code, process.stderr_tail()

    code, told = run(words())
    assert code != 0
    assert "/opt/package/bin/absent: No such file" in told


def test_without_a_sandbox_the_environment_is_clean_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOG_PLANTED", "secret")

    async def environment() -> list[str]:
        async with Unconfined().start(Program(argv=("/usr/bin/env",), environment={"GIVEN": "1"}), SMALL) as process:
            return (await read_all(process)).decode().splitlines()

    names = {line.partition("=")[0] for line in run(environment())}
    assert names == {"HOME", "LANG", "PATH", "GIVEN", MARK}


def test_without_a_sandbox_the_home_is_empty_and_thrown_away() -> None:
    async def home() -> str:
        program = Program(argv=("/bin/sh", "-c", "cd; pwd; ls -A; touch left-behind"))
        async with Unconfined().start(program, SMALL) as process:
            return (await read_all(process)).decode().strip()

    folder = run(home())
    assert "\n" not in folder
    assert not Path(folder).exists()


def test_without_a_sandbox_a_home_that_the_user_passes_on_costs_no_other_process_of_it(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}

    async def serve() -> None:
        async with Unconfined().start(Program(argv=("/usr/bin/env",), environment=home), SMALL) as process:
            await read_all(process)

    with subprocess.Popen(["/usr/bin/cat"], env=home, stdin=subprocess.PIPE) as bystander:
        run(serve())
        assert bystander.stdin is not None
        bystander.stdin.close()
        assert bystander.wait() == 0
