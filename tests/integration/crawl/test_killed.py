"""A crawl that is killed goes on where it was: nothing is lost, nothing is done twice, nothing is left behind."""

import json
import os
import signal
import sqlite3
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from catalog_testing.commandline import PROGRAM, CommandLine
from catalog_testing.crawling import processes_with

SERVERS = 60

# Seconds until a command that hangs is ended, which fails its test; far more than any needs.
DEADLINE = 400

# A server in a shell starts in a few milliseconds. Its first argument names its one tool.
SHELL_SERVER = """
answer() { echo "{\\"jsonrpc\\":\\"2.0\\",\\"id\\":$1,\\"result\\":{$2}}"; }
read -r initialize
answer 1 '"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"orchard","version":"1"}'
read -r initialized
read -r list
answer 2 "\\"tools\\":[{\\"name\\":\\"count_$1\\",\\"description\\":\\"Counts.\\"},{\\"name\\":\\"delete_apples\\"}]"
read -r end
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """The same crawl of many servers, each time with a database and a cache of its own."""

    folder: Path
    mark: str
    """A word that the command line of each of its servers holds."""

    def command_line(self, name: str) -> CommandLine:
        """Return the program with data of its own."""
        home = self.folder / name
        home.mkdir(exist_ok=True)
        return CommandLine.at(home)

    @contextmanager
    def started(self, cli: CommandLine) -> "Iterator[subprocess.Popen[str]]":
        """Start the crawl; one that never ends is killed."""
        command = (PROGRAM, "sync", "--config", self.folder / "servers.json", "--jobs", "4", "--progress", "plain")
        with subprocess.Popen(
            [str(word) for word in command],
            env=dict(cli.environment),
            cwd=cli.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            too_late = threading.Timer(DEADLINE, process.kill)
            too_late.start()
            try:
                yield process
            finally:
                too_late.cancel()
                process.kill()

    def finished(self, cli: CommandLine) -> tuple[int, str]:
        """Let the crawl run to its end; return its exit code and what it said."""
        with self.started(cli) as process:
            _, said = process.communicate()
        return process.returncode, said


@pytest.fixture
def crawl(tmp_path: Path) -> Crawl:
    mark = f"orchard-{os.getpid()}-{tmp_path.parent.name}"
    script = tmp_path / "project" / "server.sh"
    script.parent.mkdir()
    script.write_text(SHELL_SERVER)
    servers = {f"s{n}": {"command": "/bin/sh", "args": [str(script), f"apples_{n}", mark]} for n in range(SERVERS)}
    (tmp_path / "servers.json").write_text(json.dumps({"mcpServers": servers}))
    return Crawl(folder=tmp_path, mark=mark)


def stop_amid(crawl: Crawl, cli: CommandLine, number: signal.Signals) -> tuple[int, str]:
    """Send the crawl a signal as soon as a third of it is recorded; return its exit code and what it said then."""
    with crawl.started(cli) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(f"[{SERVERS // 3}/"):
                break
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(number)
        said = process.stderr.read()
    _, alive = psutil.wait_procs(children, timeout=DEADLINE)
    assert alive == []
    assert processes_with(crawl.mark) == []
    return process.returncode, said


def rows(cli: CommandLine, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(cli.database)) as database:
        return database.execute(query).fetchall()


def work_folders(cli: CommandLine) -> Sequence[Path]:
    return list((Path(cli.environment["XDG_CACHE_HOME"]) / "mcp-catalog" / "work").iterdir())


FACTS = (
    "SELECT slug, title, origin, product, publisher, homepage, repository, environment, arguments FROM server",
    "SELECT hash, body FROM definition",
    "SELECT slug, o.outcome, reason, maybe_partial, detail, hint, version, sandbox, server_name, server_version,"
    " protocol_version, problems, findings, package, remote, json_extract(rungs, '$[0].name'), json_array_length(rungs)"
    " FROM observation o JOIN server s ON s.id = server_id",
    "SELECT slug, key, key_hash, definition, provenance, dispatch, run, opened_by = last_seen, closed_by,"
    " entries_as_of = opened_by FROM presence JOIN server s ON s.id = server_id",
    "SELECT slug, key, ruleset, category, also, severity, recoverability, inverse, risk, confidence, traits,"
    " j.findings, evidence, as_of = opened_by"
    " FROM judgement j JOIN presence p ON p.id = presence_id JOIN server s ON s.id = server_id",
    "SELECT request, finished_at IS NOT NULL FROM crawl",
)
"""What a database holds but for numbers of rows and times."""


def facts(cli: CommandLine) -> list[list[tuple[Any, ...]]]:
    return [sorted(rows(cli, query), key=repr) for query in FACTS]


def test_a_crawl_that_is_killed_ends_like_one_that_never_was(crawl: Crawl) -> None:
    killed, undisturbed = crawl.command_line("killed"), crawl.command_line("undisturbed")

    code, _ = stop_amid(crawl, killed, signal.SIGKILL)
    assert code == -signal.SIGKILL
    [(recorded,)] = rows(killed, "SELECT count(*) FROM observation")
    assert SERVERS // 3 <= recorded < SERVERS
    assert len(work_folders(killed)) == 1

    code, said = crawl.finished(killed)
    assert code == 0, said
    assert f"goes on: {recorded} servers are done" in " ".join(said.split())
    assert said.count(": passed over (seen before this crawl was interrupted)") == recorded
    assert work_folders(killed) == []

    code, said = crawl.finished(undisturbed)
    assert code == 0, said
    assert facts(killed) == facts(undisturbed)
    assert rows(killed, "SELECT count(*) FROM observation GROUP BY server_id") == [(1,)] * SERVERS
    assert processes_with(crawl.mark) == []


def test_a_crawl_that_is_interrupted_says_so_and_goes_on(crawl: Crawl) -> None:
    cli = crawl.command_line("interrupted")
    code, said = stop_amid(crawl, cli, signal.SIGINT)
    assert code == 130
    assert "interrupted; what was stored before is kept" in said
    assert "Traceback" not in said
    assert work_folders(cli) == []
    [(recorded,)] = rows(cli, "SELECT count(*) FROM observation")

    code, said = crawl.finished(cli)
    assert code == 0, said
    assert said.count("seen before this crawl was interrupted") == recorded
    assert rows(cli, "SELECT count(*) FROM observation GROUP BY server_id") == [(1,)] * SERVERS
