"""``catalog site serve``: the site on this machine, and built again when something changes."""

import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from catalog_testing.commandline import PROGRAM, TIMEOUT, CommandLine
from catalog_testing.waiting import wait_until

TOOLS = [{"name": "count_apples", "description": "Counts the apples."}]
MORE = [*TOOLS, {"name": "fell_tree", "description": "Fells a tree."}]


@dataclass(frozen=True, slots=True)
class Served:
    """The running program."""

    address: str
    process: "subprocess.Popen[str]"

    def get(self, path: str) -> str:
        """Return what is at a path of the site."""
        with urlopen(f"{self.address}{path}", timeout=TIMEOUT) as answer:
            text: str = answer.read().decode()
        return text

    def stop(self) -> tuple[int, str, str]:
        """Press Ctrl-C; return the exit code and what the program said."""
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=TIMEOUT)
        return self.process.returncode, out, err


@contextmanager
def serve(cli: CommandLine, *arguments: str | Path) -> Iterator[Served]:
    """Serve a site on a free port; a test that fails leaves no process behind."""
    process = subprocess.Popen(
        [PROGRAM, "site", "serve", "--port", "0", *map(str, arguments)],
        env=dict(cli.environment),
        cwd=cli.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = next(line.split()[1] for line in process.stdout if line.startswith("Serving "))
        yield Served(address, process)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """A command line whose catalogue has one server with one tool."""
    command_line = CommandLine.at(tmp_path)
    recorded(command_line, TOOLS)
    return command_line


def recorded(cli: CommandLine, tools: object) -> None:
    """Put a list of tools into the catalogue, in place of the one before."""
    done = cli.run("import", "--server", "orchard", "-", stdin=json.dumps(tools))
    assert done.code == 0, done.err


def test_it_answers_on_this_machine_until_interrupted(cli: CommandLine) -> None:
    with serve(cli) as site:
        assert site.address.startswith("http://127.0.0.1:")
        assert "count_apples" in site.get("servers/orchard/count-apples/")
        with pytest.raises(HTTPError, match="404"):
            site.get("servers/nowhere/")
        code, out, err = site.stop()
    assert (code, "Stopped." in out, err) == (0, True, "")


def test_a_change_of_the_catalogue_is_on_the_site_and_open_pages_can_tell(cli: CommandLine, tmp_path: Path) -> None:
    with serve(cli, "-o", tmp_path / "out") as site:
        assert site.get("live/version") == "1"
        assert 'src="assets/live.js"' in site.get("index.html")
        assert "/live/version" in site.get("assets/live.js")
        recorded(cli, MORE)
        wait_until(lambda: site.get("live/version") == "2")
        assert "fell_tree" in site.get("servers/orchard/")
        assert "Fells a tree." in site.get("servers/orchard/fell-tree/")
        code, out, err = site.stop()
    assert (code, "Built again: " in out, err) == (0, True, "")
    assert (tmp_path / "out/servers/orchard/fell-tree/index.html").exists()


def test_a_template_with_an_error_leaves_the_old_site_and_says_why(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    template = tmp_path / "templates/404.html"
    template.write_text("one")
    (tmp_path / "site.toml").write_text('templates = "templates"\n')
    with serve(cli, "--site-config", tmp_path / "site.toml") as site:
        assert site.get("404.html") == "one"
        template.write_text("{{ page.colour }}")
        assert site.process.stderr is not None
        assert "has no attribute 'colour'" in site.process.stderr.readline()
        assert (site.get("live/version"), site.get("404.html")) == ("1", "one")
        template.write_text("three")
        wait_until(lambda: site.get("live/version") == "2")
        assert site.get("404.html") == "three"


def test_a_build_for_everybody_asks_for_no_version(cli: CommandLine, tmp_path: Path) -> None:
    assert cli.run("site", "build", "-o", "out").code == 0
    assert not (tmp_path / "out/assets/live.js").exists()
    assert "live" not in (tmp_path / "out/index.html").read_text()


def test_a_port_in_use_is_a_usage_error_in_one_line(cli: CommandLine) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        ran = cli.run("site", "serve", "--port", str(port))
    assert ran.code == 2
    assert f"port {port} cannot be used" in ran.err
    assert "Traceback" not in ran.err
