"""``catalog site`` through the real program."""

import json
import signal
import socket
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

import pytest

from catalog.settings import database_url
from catalog.store.repository import Store
from catalog_testing.commandline import PROGRAM, TIMEOUT, CommandLine
from catalog_testing.samples import entry, listed_observation


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """Return a command line whose catalogue has one server with two tools."""
    command_line = CommandLine.at(tmp_path)
    command_line.database.parent.mkdir(parents=True)
    with Store.open(database_url(str(command_line.database))) as store:
        store.record(listed_observation([entry("count_apples"), entry("delete_crate", description="Deletes a crate.")]))
    return command_line


def test_build_writes_the_site_and_says_what_it_made(cli: CommandLine, tmp_path: Path) -> None:
    ran = cli.run("site", "build", "--check")
    assert (ran.code, ran.err) == (0, "")
    assert "1 server and 2 tools and actions" in ran.out
    assert str(tmp_path / "catalog-site" / "index.html") in ran.out
    assert (tmp_path / "catalog-site/servers/orchard/delete-crate/policy.json").exists()


def test_build_prints_json_for_programs(cli: CommandLine, tmp_path: Path) -> None:
    ran = cli.run("site", "build", "-o", tmp_path / "out", "--check", "--json")
    assert ran.code == 0
    report = json.loads(ran.out)
    assert (report["servers"], report["entries"], report["problems"]) == (1, 2, [])
    assert report["output"] == str(tmp_path / "out")


def test_an_empty_catalogue_builds_a_site_and_says_how_to_fill_it(tmp_path: Path) -> None:
    ran = CommandLine.at(tmp_path).run("site", "build", "--check")
    assert ran.code == 0
    assert "catalog sync truenas" in ran.out


def test_a_directory_of_somebody_else_is_a_usage_error_in_one_line(cli: CommandLine, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "thesis.txt").write_text("mine")
    ran = cli.run("site", "build", "-o", theirs)
    assert ran.code == 2
    assert "was not written by catalog" in ran.err
    assert "Traceback" not in ran.err
    assert [path.name for path in theirs.iterdir()] == ["thesis.txt"]


def test_serve_answers_on_this_machine_until_interrupted(cli: CommandLine) -> None:
    with subprocess.Popen(
        [PROGRAM, "site", "serve", "--port", "0"],
        env=dict(cli.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        address = next(line.split()[1] for line in process.stdout if line.startswith("Serving "))
        assert address.startswith("http://127.0.0.1:")
        with urlopen(f"{address}servers/orchard/count-apples/", timeout=TIMEOUT) as answer:
            assert b"count_apples" in answer.read()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 0
    assert "Stopped." in out
    assert "Traceback" not in err


def test_a_port_in_use_is_a_usage_error_in_one_line(cli: CommandLine) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        ran = cli.run("site", "serve", "--port", str(port))
    assert ran.code == 2
    assert f"port {port} cannot be used" in ran.err
    assert "Traceback" not in ran.err
