"""What a hostile server tries fails, and each attempt is a finding; what ordinary servers do is none.

test_isolation.py has what a program can find out, test_lifetime.py what is left of it.
"""

import json
import os
import secrets
import signal
import socket
import threading
from pathlib import Path

import pytest

from catalog.facts import Finding, FindingKind
from catalog.sandbox.base import MIB, Limits, Process, Program, Sandbox
from catalog.sandbox.bubblewrap import HOME, Bubblewrap
from catalog_testing.crawling import processes_with, python_program, read_all, run

LIMITS = Limits(memory=512 * MIB, processes=20, scratch=8 * MIB, file_size=2 * MIB)

ABSENT = "No such file or directory"
READ_ONLY = "Read-only file system"


class Run:
    """What one program told of its attempts, and what the sandbox says about it."""

    def __init__(self, told: list[str], findings: tuple[Finding, ...]) -> None:
        self.told = told
        self.findings = findings

    def details(self, kind: FindingKind) -> list[str]:
        return [finding.detail for finding in self.findings if finding.kind is kind]


async def read_line(process: Process) -> bytes:
    """Return the first line of its output; without a line end where it ended before."""
    said = b""
    while not said.endswith(b"\n") and (chunk := await process.read(64 * 1024)):
        said += chunk
    return said


def tries(sandbox: Sandbox, *attempts: tuple[object, ...]) -> Run:
    """Let a program make ``attempts`` (name and arguments each); afterwards no process of it is left."""
    mark = f"mark-{secrets.token_hex(8)}"
    words = [json.dumps(attempt) for attempt in attempts]

    async def told() -> Run:
        program = python_program(sandbox, "intruder_attempts.py", *words, MARK_OF_TEST=mark)
        async with sandbox.start(program, LIMITS) as process:
            said = await read_line(process)
        return Run(json.loads(said) if said else [], process.findings())

    tried = run(told())
    assert processes_with(mark) == []
    return tried


@pytest.mark.parametrize(
    "path", ["/etc/shadow", "~/.ssh/id_rsa", "~/.ssh/id_ed25519", "~/.aws/credentials", "~/.netrc"]
)
def test_who_opens_a_secret_gets_a_decoy_and_a_finding(bubblewrap: Bubblewrap, path: str) -> None:
    tried = tries(bubblewrap, ("read", path))
    assert int(tried.told[0]) > 0
    assert tried.findings == (Finding(kind=FindingKind.SECRET_READ, detail=f"opened {path} (a decoy)"),)


def test_the_decoys_hold_nothing_of_the_host(bubblewrap: Bubblewrap) -> None:
    async def shadow() -> bytes:
        async with bubblewrap.start(Program(argv=("/bin/cat", "/etc/shadow")), LIMITS) as process:
            return await read_all(process)

    assert run(shadow()) == b"root:!:20000:0:99999:7:::\nserver:!:20000:0:99999:7:::\n"


def test_no_decoy_is_left_on_the_host_not_even_by_a_crawler_that_is_killed(
    bubblewrap: Bubblewrap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So there is none while the program runs; its own it sees all the same."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    async def opened_after_the_folder_went() -> tuple[Finding, ...]:
        waits = Program(argv=("/bin/sh", "-c", "echo up; read word; cat ~/.netrc"))
        async with bubblewrap.start(waits, LIMITS) as process:
            assert await process.read(100) == b"up\n"
            assert process.findings() == ()
            assert os.listdir(tmp_path) == []  # noqa: PTH208  # pathlib is no better in a coroutine
            await process.write(b"go\n")
            assert await process.read(100) == b"machine example.invalid login made-up password made-up\n"
            return process.findings()

    (finding,) = run(opened_after_the_folder_went())
    assert finding.detail == "opened ~/.netrc (a decoy)"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("host", "port", "detail"),
    [
        ("169.254.169.254", 80, "connect 169.254.169.254:80"),
        ("192.0.2.1", 443, "connect 192.0.2.1:443"),
        ("2001:db8::1", 443, "connect [2001:db8::1]:443"),
    ],
)
def test_an_address_outside_is_unreachable_and_told(bubblewrap: Bubblewrap, host: str, port: int, detail: str) -> None:
    tried = tries(bubblewrap, ("connect", host, port))
    assert tried.told == ["Network is unreachable"]
    assert tried.findings == (Finding(kind=FindingKind.NETWORK_ATTEMPT, detail=detail),)


def test_a_datagram_names_its_address_when_it_is_sent(bubblewrap: Bubblewrap) -> None:
    tried = tries(bubblewrap, ("send", "192.0.2.1", 9))
    assert tried.told == ["Network is unreachable"]
    assert tried.details(FindingKind.NETWORK_ATTEMPT) == ["connect 192.0.2.1:9"]


def test_an_address_that_no_call_tells_is_counted_by_the_kernel(bubblewrap: Bubblewrap) -> None:
    tried = tries(bubblewrap, ("send message", "192.0.2.1", 9))
    assert tried.told == ["Network is unreachable"]
    assert tried.details(FindingKind.NETWORK_ATTEMPT) == ["tried an address outside, which the kernel does not name"]


def test_a_name_that_is_looked_up_is_told(bubblewrap: Bubblewrap) -> None:
    tried = tries(bubblewrap, ("look up", "example.com"))
    assert tried.told == ["unknown name"]
    assert tried.details(FindingKind.NETWORK_ATTEMPT) == ["look up a name: connect 127.0.0.1:53"]


def test_a_listener_on_the_host_s_loopback_sees_nothing_of_a_connection_that_is_told(bubblewrap: Bubblewrap) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        tried = tries(bubblewrap, ("connect", "127.0.0.1", port))
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert tried.told == ["Connection refused"]
    assert tried.details(FindingKind.NETWORK_ATTEMPT) == [f"connect 127.0.0.1:{port}"]


def test_sockets_of_the_host_are_out_of_reach_and_told(bubblewrap: Bubblewrap) -> None:
    name = f"catalog-{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"\0{name}")
        listener.listen()
        tried = tries(bubblewrap, ("connect unix", f"@{name}"), ("connect unix", "/var/run/docker.sock"))
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert tried.told == ["Connection refused", ABSENT]
    assert tried.details(FindingKind.NETWORK_ATTEMPT) == [
        f"connect to socket @{name}",
        "connect to socket /var/run/docker.sock",
    ]


@pytest.mark.parametrize("family", [socket.AF_VSOCK, socket.AF_ALG, socket.AF_PACKET])
def test_a_family_that_a_network_namespace_does_not_hold_back_is_refused(bubblewrap: Bubblewrap, family: int) -> None:
    assert tries(bubblewrap, ("family", family)).told == ["Address family not supported by protocol"]


@pytest.mark.parametrize(
    ("attempt", "detail"),
    [
        (("write", "/etc/intruder"), "open for writing /etc/intruder"),
        (("write", "/usr/bin/intruder"), "open for writing /usr/bin/intruder"),
        (("write", "/tmp/../etc/intruder"), "open for writing /etc/intruder"),
        (("write in", "/etc", "intruder"), "open for writing /etc/intruder"),
        (("write below", "/usr/lib", "intruder"), "open for writing /usr/lib/intruder"),
        (("mkdir", "/etc/intruder"), "make folder /etc/intruder"),
        (("remove", "/etc/passwd"), "remove /etc/passwd"),
        (("rename", "/tmp", "/etc/intruder"), "rename /etc/intruder"),
        (("link", "/tmp/x", "/etc/intruder"), "link /etc/intruder"),
        (("chmod", "/etc", 0o777), "change /etc"),
        (("truncate", "/etc/ld.so.cache", 0), "change /etc/ld.so.cache"),
    ],
)
def test_what_is_written_outside_scratch_is_refused_and_told(
    bubblewrap: Bubblewrap, attempt: tuple[object, ...], detail: str
) -> None:
    tried = tries(bubblewrap, attempt)
    refusals = {READ_ONLY, "Device or resource busy", "Invalid cross-device link"}
    assert set(tried.told) <= refusals
    assert tried.findings == (Finding(kind=FindingKind.WRITE_ATTEMPT, detail=detail),)
    assert not Path("/etc/intruder").exists()


def test_many_files_beside_its_own_code_are_one_finding(bubblewrap: Bubblewrap) -> None:
    tried = tries(bubblewrap, ("write many", "/opt/package", 30))
    assert tried.told == [READ_ONLY]
    (finding,) = tried.findings
    assert finding.detail == "write below /opt/package (30 times, first /opt/package/file-0)"


def test_what_ordinary_servers_do_is_no_finding(bubblewrap: Bubblewrap) -> None:
    tried = tries(
        bubblewrap,
        ("write", "~/log"),
        ("write", "/tmp/log"),
        ("write", "/dev/shm/log"),
        ("write", "/dev/null"),
        ("mkdir", f"{HOME}/.cache"),
        ("mkdir", "/home"),
        ("read", "~/.config/settings.json"),
        ("signal", 1, 0),
        ("signal own child",),
    )
    assert tried.told == [*["null"] * 5, "File exists", ABSENT, "null", "null"]
    assert tried.findings == ()


@pytest.mark.parametrize("number", [1, -1])
def test_a_signal_to_processes_that_are_not_its_own_does_nothing_and_is_told(
    bubblewrap: Bubblewrap, number: int
) -> None:
    tried = tries(bubblewrap, ("signal", number, signal.SIGTERM))
    target = "process 1" if number == 1 else "every process"
    assert tried.findings[0] == Finding(kind=FindingKind.PROCESS_ATTEMPT, detail=f"signal 15 to {target}")


def test_a_process_of_the_host_cannot_be_signalled(bubblewrap: Bubblewrap) -> None:
    """The test's own process, which would end."""
    tried = tries(bubblewrap, ("signal", os.getpid(), signal.SIGKILL))
    assert tried.told == ["No such process"]
    assert tried.details(FindingKind.PROCESS_ATTEMPT) == [
        f"signal 9 to process {os.getpid()}, which is not in the sandbox"
    ]


@pytest.mark.parametrize("number", range(3))
def test_a_process_of_the_host_cannot_be_traced_nor_its_memory_be_touched(bubblewrap: Bubblewrap, number: int) -> None:
    # Made here: the number of this process is another in each worker of the test run.
    me = os.getpid()
    attempts: list[tuple[tuple[object, ...], str]] = [
        (("trace", me), f"trace process {me}"),
        (("read memory", me), f"open the memory of process {me}"),
        (("write", f"/proc/{me}/mem"), f"open for writing /proc/{me}/mem"),
    ]
    attempt, detail = attempts[number]
    tried = tries(bubblewrap, attempt)
    assert set(tried.told) <= {ABSENT, "No such process"}
    assert tried.findings == (Finding(kind=FindingKind.PROCESS_ATTEMPT, detail=detail),)


def test_the_first_process_may_do_no_more_than_the_program_and_touching_it_is_told(bubblewrap: Bubblewrap) -> None:
    """They have the same user, so that the kernel lets one trace the other: it must gain nothing by that."""
    tried = tries(bubblewrap, ("rights", 1), ("rights", "self"), ("trace", 1), ("read memory", 1))
    assert json.loads(tried.told[0]) == json.loads(tried.told[1])
    assert tried.details(FindingKind.PROCESS_ATTEMPT) == ["trace process 1", "open the memory of process 1"]


def test_no_environment_that_it_can_read_holds_anything_of_the_caller_s(
    bubblewrap: Bubblewrap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To read leaves no trace: so there must be nothing to be read."""
    secret = secrets.token_hex(16)
    monkeypatch.setenv("CATALOG_PLANTED", secret)
    (told,) = tries(bubblewrap, ("environments",)).told
    assert "HOME=/home/server" in told
    assert secret not in told
    assert str(Path.home()) not in told.replace(HOME, "")


def test_keys_of_the_caller_and_its_terminal_are_out_of_reach(bubblewrap: Bubblewrap) -> None:
    tried = tries(bubblewrap, ("session keyring",), ("type on the terminal",))
    assert tried.told == ["Function not implemented", "Inappropriate ioctl for device"]


def test_scratch_that_is_filled_is_bounded_and_told(bubblewrap: Bubblewrap) -> None:
    tried = tries(bubblewrap, ("fill", "/tmp"))
    assert tried.told == ["No space left on device"]
    assert tried.findings == (Finding(kind=FindingKind.LIMIT, detail="filled /tmp (8 MiB)"),)
    assert list(Path("/tmp").glob("full*")) == []


def test_a_file_that_grows_too_large_is_told(bubblewrap: Bubblewrap) -> None:
    tried = tries(bubblewrap, ("too large", "/tmp/large"))
    assert tried.findings == (Finding(kind=FindingKind.LIMIT, detail="wrote more than 2 MiB to a file"),)


def test_a_fork_bomb_is_told(bubblewrap: Bubblewrap) -> None:
    async def findings() -> tuple[Finding, ...]:
        async with bubblewrap.start(python_program(bubblewrap, "glutton.py", "forks"), LIMITS) as process:
            await process.ended()
            return process.findings()

    assert run(findings()) == (Finding(kind=FindingKind.LIMIT, detail="more than 20 processes"),)


@pytest.mark.parametrize("way", ["stay", "stay busy"])
def test_a_server_that_does_not_leave_is_killed_and_told(bubblewrap: Bubblewrap, way: str) -> None:
    tried = tries(bubblewrap, (way,))
    assert tried.findings == (Finding(kind=FindingKind.STAYED, detail="did not end after its input closed"),)


def test_a_process_that_outlives_its_parent_is_killed_and_told(bubblewrap: Bubblewrap) -> None:
    tried = tries(bubblewrap, ("detach",))
    assert tried.told == ["null"]
    assert tried.findings == (Finding(kind=FindingKind.STAYED, detail="processes whose parent is gone: 1"),)


def test_what_a_program_says_by_its_attempts_is_bounded_and_cleaned(bubblewrap: Bubblewrap) -> None:
    loud = f"/etc/\x1b[2J\u202e\n{'x' * 240}"
    tried = tries(bubblewrap, ("write", loud), ("write many", "/etc", 100))
    assert tried.told == [READ_ONLY, READ_ONLY]
    assert len(tried.findings) == 50
    assert tried.findings[0].detail.startswith(r"open for writing /etc/\x1b[2J\u202e\nxxx")
    assert {len(finding.detail) for finding in tried.findings[:1]} == {200}
    assert tried.findings[-1].detail == "52 more findings left out"


def test_findings_can_be_read_while_it_runs(bubblewrap: Bubblewrap) -> None:
    async def while_it_runs() -> tuple[Finding, ...]:
        word = json.dumps(("read", "~/.netrc"))
        async with bubblewrap.start(python_program(bubblewrap, "intruder_attempts.py", word), LIMITS) as process:
            await read_line(process)
            return process.findings()

    assert run(while_it_runs()) == (Finding(kind=FindingKind.SECRET_READ, detail="opened ~/.netrc (a decoy)"),)


def test_where_the_kernel_tells_no_calls_the_isolation_is_the_same(bubblewrap: Bubblewrap) -> None:
    plain = Bubblewrap(bubblewrap.executable)
    tried = tries(plain, ("write", "/etc/intruder"), ("connect", "192.0.2.1", 443), ("read", "~/.netrc"))
    assert tried.told[:2] == [READ_ONLY, "Network is unreachable"]
    assert tried.details(FindingKind.WRITE_ATTEMPT) == []
    assert tried.details(FindingKind.NETWORK_ATTEMPT) == ["tried an address outside, which the kernel does not name"]
    assert tried.details(FindingKind.SECRET_READ) == ["opened ~/.netrc (a decoy)"]


def test_a_run_leaves_no_open_file_and_no_thread_behind(bubblewrap: Bubblewrap) -> None:
    tries(bubblewrap, ("write", "/etc/intruder"))
    before = sorted(path.name for path in Path("/proc/self/fd").iterdir())
    tries(bubblewrap, ("write", "/etc/intruder"), ("detach",))
    assert sorted(path.name for path in Path("/proc/self/fd").iterdir()) == before
    assert not [thread for thread in threading.enumerate() if thread.name == "catalog-watch"]
