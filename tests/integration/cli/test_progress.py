"""How a crawl is shown: numbers that are right at every moment, and nothing of a server that acts on a terminal."""

import fcntl
import json
import os
import re
import struct
import subprocess
import termios
from pathlib import Path

import pytest

from catalog.cli.progress import crawl_progress
from catalog.crawl.events import Observed, PassedOver, Planned
from catalog.model import Changes
from catalog_testing.commandline import PROGRAM, TIMEOUT, CommandLine, write_server
from catalog_testing.samples import entry, listed_observation, server_ref

COLUMNS = 80

HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202e"

# What Rich itself sends: styles, the cursor hidden and shown, a line cleared, the cursor moved up.
OWN = re.compile(r"\x1b\[[0-9;]*m|\x1b\[\?25[lh]|\x1b\[2K|\x1b\[1A")


def observed(number: int) -> Observed:
    seen = listed_observation([entry("count_pears")], server=server_ref(slug=f"orchard-{number}"))
    return Observed(observation=seen, changes=Changes())


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make standard error count as a terminal of 80 columns."""
    for name, value in (("TTY_COMPATIBLE", "1"), ("TTY_INTERACTIVE", "1"), ("COLUMNS", str(COLUMNS))):
        monkeypatch.setenv(name, value)


def last_screen(text: str) -> str:
    """Return what was drawn last, without styles."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text.rpartition("━")[2])


def test_nothing_is_said_of_time_before_enough_servers_are_done(
    terminal: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with crawl_progress(12) as sink:
        for number in range(4):
            sink(observed(number))
    screen = last_screen(capsys.readouterr().err)
    assert "4 of 12 servers" in screen
    assert "4 listed" in screen
    assert "minute" not in screen


def test_the_time_left_counts_only_servers_that_are_looked_at(
    terminal: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with crawl_progress(100) as sink:
        for number in range(50):
            sink(PassedOver(server=server_ref(slug=f"known-{number}"), reason="1.4.0 is unchanged"))
        for number in range(4):
            sink(observed(number))
        between = capsys.readouterr().err
        sink(observed(4))
    screen = last_screen(capsys.readouterr().err)
    assert "left" not in between
    assert "55 of 100 servers" in screen
    assert "50 passed over · 5 listed" in screen
    assert "left" in screen


def test_a_stream_of_servers_is_never_given_a_time_left(terminal: None, capsys: pytest.CaptureFixture[str]) -> None:
    with crawl_progress(0) as sink:
        sink(Planned(servers=40))
        for number in range(9):
            sink(observed(number))
    shown = capsys.readouterr().err
    assert "9 of 40 known so far" in last_screen(shown)
    assert "left" not in shown


@pytest.mark.parametrize("style", ["plain", "json"])
def test_the_reason_for_passing_over_cannot_act_on_a_terminal(style: str, capsys: pytest.CaptureFixture[str]) -> None:
    with crawl_progress(1, "json" if style == "json" else "plain") as sink:
        sink(PassedOver(server=server_ref(), reason=f"{HOSTILE} is unchanged"))
    shown = capsys.readouterr().err
    assert "is unchanged" in shown
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)


def test_a_sync_in_a_terminal_fits_it_and_sends_nothing_of_the_servers(cli: CommandLine, tmp_path: Path) -> None:
    schema = {"type": "object"}
    orchard = write_server(
        tmp_path / "orchard", [{"name": "count_pears", "inputSchema": schema}, {"name": HOSTILE, "inputSchema": 7}]
    )
    broken = tmp_path / "broken" / "server.py"
    broken.parent.mkdir()
    broken.write_text(f"import sys\nsys.exit({HOSTILE!r} + ' no ' + 'pears ' * 50)\n", encoding="utf-8")
    config = tmp_path / "mcp.json"
    servers = {script.parent.name: {"command": "python3", "args": [str(script)]} for script in (orchard, broken)}
    config.write_text(json.dumps({"mcpServers": servers}), encoding="utf-8")
    code, shown = in_terminal(cli, "sync", "--config", str(config))
    assert code == 3
    assert "0 of 2 servers" in shown
    assert not set(OWN.sub("", shown)) & {"\x1b", "\x07", "\u202e"}
    table = OWN.sub("", shown.rpartition("Server")[2]).partition("was not listed")[0]
    assert max(len(line.rstrip("\r")) for line in table.split("\n")) <= COLUMNS
    assert "Rungs" not in shown


def in_terminal(cli: CommandLine, *arguments: str) -> tuple[int, str]:
    """Run ``catalog`` in a terminal of its own; return its exit code and all that it wrote."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    process = subprocess.Popen(
        [PROGRAM, *arguments],
        env={**cli.environment, "TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=cli.folder,
    )
    os.close(theirs)
    read = b""
    try:
        while piece := _read(ours):
            read += piece
        return process.wait(timeout=TIMEOUT), read.decode()
    finally:
        os.close(ours)
        process.kill()
        process.wait()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # how a terminal of Linux ends when nobody writes to it any more
        return b""
