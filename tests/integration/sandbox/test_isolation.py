"""What a program in the sandbox can find out and reach: an intruder tries, and tells in its tools' descriptions."""

import json
import os
import secrets
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.probe.base import ProbeLimits
from catalog.probe.listing import list_tools
from catalog.probe.stdio import StdioSession
from catalog.sandbox import seccomp
from catalog.sandbox.base import MIB, Limits, Program, Sandbox
from catalog.sandbox.bubblewrap import HOME, Bubblewrap
from catalog_testing.crawling import python_program, run

LIMITS = Limits(scratch=8 * MIB, file_size=2 * MIB, open_files=64)

ABSENT = "No such file or directory"
READ_ONLY = "Read-only file system"


class Report:
    """What the intruder tells, by attempt."""

    def __init__(self, told: dict[str, str], secret: str, connections: int) -> None:
        self.told = told
        self.secret = secret
        self.connections = connections

    def value(self, attempt: str) -> Any:
        return json.loads(self.told[attempt])


async def _tools(sandbox: Sandbox, program: Program) -> dict[str, str]:
    async with sandbox.start(program, LIMITS) as process:
        listed = await list_tools(StdioSession(process, ProbeLimits()), ProbeLimits(), "0")
    return {entry.definition.name: entry.definition.tool.description for entry in listed.entries}


@pytest.fixture(scope="module")
def report(bubblewrap: Bubblewrap, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    secret = secrets.token_hex(16)
    planted = tmp_path_factory.mktemp("home") / ".ssh" / "id_ed25519"
    planted.parent.mkdir()
    planted.write_text(secret)
    abstract = f"\0catalog-{secret}"
    with (
        pytest.MonkeyPatch.context() as patch,
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.socket(socket.AF_UNIX) as unix_listener,
    ):
        patch.setenv("CATALOG_PLANTED", secret)
        unix_listener.bind(abstract)
        unix_listener.listen()
        targets = {
            "files": {
                "planted": str(planted),
                "shadow": "/etc/shadow",
                "passwd": "/etc/passwd",
                "machine": "/etc/machine-id",
                "parent's environment": f"/proc/{os.getpid()}/environ",
            },
            "folders": {
                "home": str(Path.home()),
                "checkout": str(Path(__file__).parent),
                "etc": "/etc",
                "tmp": "/tmp",
                "run": "/run",
                "var": "/var",
                "sys": "/sys",
                "own home": HOME,
            },
            "write": ["/", "/usr", "/usr/bin", "/etc", "/dev", "/opt/package", HOME],
            "port": listener.getsockname()[1],
            "socket": abstract,
        }
        program = python_program(bubblewrap, "intruder.py", json.dumps(targets), API_TOKEN=f"given-{secret}")
        told = run(_tools(bubblewrap, program))
        connections = 0
        for waiting in (listener, unix_listener):
            waiting.setblocking(False)
            try:
                waiting.accept()[0].close()
            except BlockingIOError:
                continue
            connections += 1
        yield Report(told, secret, connections)


@pytest.mark.parametrize("name", ["planted", "machine", "parent's environment"])
def test_a_file_of_the_host_is_not_there(report: Report, name: str) -> None:
    assert report.told[f"read {name}"] == ABSENT


@pytest.mark.parametrize("name", ["home", "checkout", "run", "var", "sys"])
def test_a_folder_of_the_host_is_not_there(report: Report, name: str) -> None:
    assert report.told[f"list {name}"] == ABSENT


def test_the_password_file_names_nobody_of_the_host(report: Report) -> None:
    assert report.value("read passwd") == "server:x:1000:1000:server:/home/server:/bin/sh\n"


def test_the_configuration_folder_holds_only_what_programs_need_to_start(report: Report) -> None:
    public = {"alternatives", "group", "hosts", "ld.so.cache", "ld.so.conf", "mime.types", "passwd", "ssl"}
    assert set(report.value("list etc")) - {"shadow"} <= public  # a decoy


def test_the_temporary_folder_is_empty_and_the_home_holds_only_decoys(report: Report) -> None:
    assert report.value("list tmp") == []
    assert report.value("list own home") == [".aws", ".git-credentials", ".netrc", ".ssh"]


def test_only_declared_variables_are_passed(report: Report) -> None:
    environment = report.value("environment")
    assert environment.pop("API_TOKEN") == f"given-{report.secret}"
    own = {"HOME", "PATH", "PWD", "LANG", "TMPDIR", "TERM", "NO_COLOR", "LD_LIBRARY_PATH", "LC_CTYPE"}
    assert set(environment) <= {*own, "PYTHONDONTWRITEBYTECODE"}
    assert report.secret not in str(environment)


def test_other_processes_are_not_visible(report: Report) -> None:
    processes = report.value("processes")
    programs = [words[0].rsplit("/", 1)[-1] for words in processes.values()]
    assert programs == ["bwrap", f"python{sys.version_info.major}.{sys.version_info.minor}"]


def test_no_command_line_tells_a_variable_s_value_or_a_path_of_the_host(report: Report) -> None:
    words = [word for words in report.value("processes").values() for word in words if not word.startswith("{")]
    assert not [word for word in words if report.secret in word or str(Path.home()) in word]


def test_it_inherits_no_open_file_but_its_three_streams(report: Report) -> None:
    listing_the_folder_opens_one_more = 3
    assert report.value("descriptors") == [0, 1, 2, listing_the_folder_opens_one_more]


def test_it_has_no_capability_and_can_gain_none(report: Report) -> None:
    status = report.value("status")
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert status["NoNewPrivs"] == "1"


def test_it_cannot_make_a_namespace_of_its_own_nor_mount(report: Report) -> None:
    assert report.told["user namespace"] == "No space left on device"
    assert report.told["mount"] == "Operation not permitted"


@pytest.mark.skipif(seccomp.program() is None, reason="there is no filter of system calls for this processor")
@pytest.mark.parametrize("kind", ["memory of no process", "shared memory of no process", "message queue"])
def test_it_can_hold_no_memory_that_no_limit_counts(report: Report, kind: str) -> None:
    assert report.told[kind] == "Function not implemented"


@pytest.mark.skipif(seccomp.program() is None, reason="there is no filter of system calls for this processor")
def test_its_system_calls_are_filtered(report: Report) -> None:
    filtering = "2"
    assert report.value("status")["Seccomp"] == filtering


def test_there_is_no_network_but_its_own_loopback(report: Report) -> None:
    assert report.value("interfaces") == ["lo"]
    assert report.told["outside by TCP"] == "Network is unreachable"
    assert report.told["outside by UDP"] == "Network is unreachable"


def test_no_name_can_be_resolved(report: Report) -> None:
    assert report.told["resolve"] == "unknown name"


def test_listeners_of_the_host_are_out_of_reach(report: Report) -> None:
    assert report.told["host loopback"] == "Connection refused"
    assert report.told["host abstract socket"] == "Connection refused"
    assert report.connections == 0


@pytest.mark.parametrize("folder", ["/", "/usr", "/usr/bin", "/etc", "/dev", "/opt/package"])
def test_nothing_but_its_scratch_can_be_written(report: Report, folder: str) -> None:
    assert report.told[f"write {folder}"] == READ_ONLY


def test_its_home_can_be_written(report: Report) -> None:
    assert report.value(f"write {HOME}") == "written"


def test_the_machine_s_name_is_hidden(report: Report) -> None:
    assert report.value("host name") == "sandbox"


def test_it_has_no_terminal(report: Report) -> None:
    assert report.told["terminal"] == "No such device or address"


def test_scratch_is_bounded(report: Report) -> None:
    for filled in report.value("fill").values():
        assert filled["error"] == "No space left on device"
        assert filled["bytes"] <= LIMITS.scratch


def test_one_written_file_is_bounded(report: Report) -> None:
    assert report.value("one file") == {"error": "File too large", "bytes": LIMITS.file_size}


def test_it_leaves_no_core_file_and_few_open_files(report: Report) -> None:
    assert report.value("core size") == [0, 0]
    assert report.value("open files") == [LIMITS.open_files, LIMITS.open_files]


def test_what_it_wrote_is_gone(report: Report) -> None:
    assert report.told["fill"]
    written = "planted-by-the-intruder"
    assert not [folder for folder in ("/", "/usr", "/etc", "/tmp", "/dev/shm") if (Path(folder) / written).exists()]
