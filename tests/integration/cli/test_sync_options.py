"""``catalog sync``: what is passed over, what is told, secrets, remote servers, registries, a machine in trouble."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from catalog_testing.commandline import PROGRAM, TIMEOUT, CommandLine, Ran, write_server
from catalog_testing.crawling_packages import TINY_PYTHON, Registry, registry, wheel
from catalog_testing.registry_api import Answer, RegistryApi, registry_api, row
from catalog_testing.remote_servers import serving

TOOL = {"name": "list_boxes", "description": "List all boxes.", "inputSchema": {"type": "object"}}

SECRET = "hunter2-hunter2"


@pytest.fixture
def index(cli: CommandLine, tmp_path: Path) -> Iterator["Index"]:
    with registry() as served:
        yield Index(served, cli, tmp_path)


class Index:
    """A package index on loopback that is all the program knows, and the program that uses it."""

    def __init__(self, served: Registry, cli: CommandLine, folder: Path) -> None:
        self.served = served
        self._cli = cli
        self._folder = folder

    def publish(self, version: str, tool: str = "hello") -> None:
        """Publish a release of ``tiny-server`` that lists ``tool``."""
        files = {"tiny_server/__init__.py": "", "tiny_server/server.py": TINY_PYTHON.replace('"hello"', repr(tool))}
        scripts = {"tiny-server": "tiny_server.server:main"}
        self.served.add_wheel(
            wheel(self._folder, "tiny-server", version, files, scripts=scripts), "2026-01-01T00:00:00Z"
        )

    def sync(self, *arguments: str) -> list[dict[str, Any]]:
        """Sync and return the outcomes; a failure of the program itself fails the test."""
        done = self.run(*arguments)
        assert done.code in (0, 3), done.err
        outcomes: list[dict[str, Any]] = json.loads(done.out)
        return outcomes

    def run(self, *arguments: str) -> Ran:
        """Run ``catalog sync --json`` with these arguments."""
        extra = {
            "UV_OFFLINE": "0",
            "UV_NO_CONFIG": "1",
            "UV_DEFAULT_INDEX": f"{self.served.address}/simple/",
            "UV_CACHE_DIR": str(self._folder / "uv"),
        }
        return self._cli.run("sync", "--json", *arguments, extra=extra)


def tables(cli: CommandLine) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table."""
    with closing(sqlite3.connect(cli.database)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: database.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


def holds(cli: CommandLine, text: str) -> list[str]:
    """Return the columns, and the files beside the database, that hold ``text``."""
    found = [f"{name}: {row}" for name, some in tables(cli).items() for row in some if text in repr(row)]
    files = [path for folder in ("data", "cache") for path in (cli.folder / folder).rglob("*") if path.is_file()]
    return found + [str(path) for path in files if text.encode() in path.read_bytes()]


def configured(cli: CommandLine, servers: Mapping[str, object], name: str = "servers.json") -> Path:
    file = cli.folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"mcpServers": servers}))
    return file


# What may be passed over.


def test_a_package_that_is_unchanged_is_passed_over_and_no_server_is_started(index: Index) -> None:
    index.publish("1.0")
    (first,) = index.sync("pypi:tiny-server")
    assert (first["outcome"], first["version"], first["entries"]) == ("listed", "1.0", ["hello"])

    (second,) = index.sync("pypi:tiny-server")
    assert (second["outcome"], second["note"], second["rungs"]) == ("passed_over", "1.0 is unchanged", [])

    (fresh,) = index.sync("--fresh", "pypi:tiny-server")
    assert (fresh["outcome"], fresh["version"]) == ("listed", "1.0")

    index.publish("1.1", tool="goodbye")
    (newer,) = index.sync("pypi:tiny-server")
    assert (newer["version"], newer["entries"]) == ("1.1", ["goodbye"])
    assert newer["changes"] == {"added": ["goodbye"], "changed": [], "removed": ["hello"]}


def test_what_was_seen_since_is_passed_over_without_asking_the_index(index: Index) -> None:
    index.publish("1.0")
    index.sync("pypi:tiny-server")
    index.publish("1.1")
    index.served.asked.clear()
    (passed,) = index.sync("--max-age", "1h", "pypi:tiny-server")
    assert passed["outcome"] == "passed_over"
    assert passed["note"].startswith("seen 20")
    assert index.served.asked == []
    (looked,) = index.sync("pypi:tiny-server")
    assert looked["version"] == "1.1"


def test_a_server_that_is_passed_over_counts_by_what_is_known_of_it(index: Index) -> None:
    assert index.run("pypi:absent-server").code == 3
    again = index.run("--max-age", "1h", "pypi:absent-server")
    assert [one["outcome"] for one in json.loads(again.out)] == ["passed_over"]
    assert again.code == 3
    index.publish("1.0")
    assert index.run("pypi:tiny-server").code == 0
    assert index.run("--max-age", "1h", "pypi:tiny-server").code == 0
    assert index.run("--max-age", "1h", "pypi:tiny-server", "pypi:absent-server").code == 3


def test_an_age_that_is_none_is_refused(cli: CommandLine) -> None:
    done = cli.run("sync", "--max-age", "soon", "truenas")
    assert done.code == 2
    assert "'soon'" in done.err


# What is told.


def test_progress_as_json_is_one_object_a_line_and_tells_everything(cli: CommandLine, tmp_path: Path) -> None:
    script = str(write_server(tmp_path / "project", [TOOL]))
    servers = {"good": {"command": "python3", "args": [script]}, "bad": {"command": "false"}}
    done = cli.run("sync", "--config", configured(cli, servers), "--progress", "json", "--max-age", "1h")
    assert done.code == 3
    events = [json.loads(line) for line in done.err.splitlines() if line.startswith("{")]
    by_server: dict[str, list[str]] = {}
    for event in events:
        by_server.setdefault(event["server"], []).append(event["event"])
    assert sorted(by_server.values()) == [["rung-started", "rung-ended", "observed"]] * 2
    (good, bad) = sorted((event for event in events if event["event"] == "observed"), key=lambda one: not one["listed"])
    assert good["entries"] == ["list_boxes"]
    assert (bad["listed"], bad["reason"]) == (False, "crashed")
    assert all(one["started_at"] <= one["finished_at"] for one in (good, bad))

    again = cli.run("sync", "--config", cli.folder / "servers.json", "--progress", "json", "--max-age", "1h")
    told = [json.loads(line) for line in again.err.splitlines() if line.startswith("{")]
    assert [event["event"] for event in told] == ["passed-over", "passed-over"]


def test_progress_acts_on_no_terminal(cli: CommandLine, tmp_path: Path) -> None:
    tool = {**TOOL, "name": "\x1b[31mred\u202e", "description": "\x07"}
    script = write_server(tmp_path / "project", [tool])
    for style in ("json", "plain"):
        done = cli.run("sync", "--progress", style, "--", "python3", script)
        assert done.code == 0
        assert "\x1b" not in done.out + done.err
        assert "\u202e" not in done.out + done.err


def test_a_style_of_progress_that_is_none_is_refused(cli: CommandLine) -> None:
    done = cli.run("sync", "--progress", "loud", "truenas")
    assert done.code == 2
    assert "'loud' is none of auto, plain, json, none" in done.err


def test_without_progress_only_what_is_wrong_is_told(cli: CommandLine, tmp_path: Path) -> None:
    script = write_server(tmp_path / "project", [TOOL])
    done = cli.run("sync", "--progress", "none", "--json", "--", "python3", script)
    assert (done.code, done.err) == (0, "")
    assert [one["entries"] for one in json.loads(done.out)] == [["list_boxes"]]


def test_the_report_says_what_the_crawl_amounts_to(cli: CommandLine, tmp_path: Path) -> None:
    needy = tmp_path / "needy" / "server.py"
    needy.parent.mkdir()
    honest = write_server(tmp_path / "project", [TOOL])
    needs = "import os, sys\nif 'BOX_TOKEN' not in os.environ:\n    sys.exit('BOX_TOKEN is required')\n"
    needy.write_text(needs + honest.read_text())
    servers = {
        "good": {"command": "python3", "args": [str(honest)]},
        "needy": {"command": "python3", "args": [str(needy)]},
        "bad": {"command": "false"},
    }
    report = tmp_path / "report.json"
    done = cli.run("sync", "--config", configured(cli, servers), "--report", report)
    assert done.code == 3
    said = json.loads(report.read_text())
    assert said["outcomes"] == {"listed": 2, "crashed": 1}
    assert said["rescued"] == {"placeholders": 1}
    assert len(said["slowest"]) == 3
    rungs = sorted(one["rungs"] for one in said["servers"])
    assert rungs == [["run:failed"], ["run:failed", "placeholders:ok"], ["run:ok"]]
    assert sum(len(one["added"]) for one in said["servers"]) == 2
    assert "rescued by" in done.out


def test_a_report_that_cannot_be_written_is_one_clear_error_and_the_crawl_is_kept(
    cli: CommandLine, tmp_path: Path
) -> None:
    script = write_server(tmp_path / "project", [TOOL])
    done = cli.run("sync", "--report", tmp_path / "absent" / "report.json", "--", "python3", script)
    assert done.code == 1
    assert "absent/report.json' cannot be written" in done.err
    assert [one["tools"] for one in json.loads(cli.run("list", "--json").out)] == [1]


# Secrets.

TELLTALE = """
import json, os, sys
print("I know " + os.environ.get("BOX_TOKEN", "nothing"), file=sys.stderr)
TOOLS = [{"name": "list_boxes", "description": "Lists what " + os.environ.get("BOX_TOKEN", "nobody") + " may see"}]
"""


@pytest.mark.parametrize("leave", [True, False])
@pytest.mark.parametrize("way", ["--config", "--clients"])
def test_a_secret_of_a_client_reaches_its_server_with_the_users_leave_and_nothing_else(
    cli: CommandLine, tmp_path: Path, way: str, leave: bool
) -> None:
    honest = write_server(tmp_path / "project", [TOOL]).read_text()
    script = tmp_path / "project" / "telltale.py"
    script.write_text(TELLTALE + honest.replace("TOOLS = ", "IGNORED = "))
    entry = {"command": "python3", "args": [str(script)], "env": {"BOX_TOKEN": SECRET}}
    where = "home/.cursor/mcp.json" if way == "--clients" else "servers.json"
    file = configured(cli, {"boxes": entry}, where)
    report = tmp_path / "report.json"
    words = [*([way] if way == "--clients" else [way, file]), *(["--use-secrets"] if leave else [])]
    done = cli.run("sync", *words, "--report", report, "--progress", "json")

    assert done.code == 0, done.err
    (listed,) = json.loads(cli.run("list", "--json").out)
    # A server that has it says so, and what it says is kept without it.
    assert ("Lists what *** may see" in repr(tables(cli)["definition"])) == leave
    for text in (done.out, done.err, report.read_text(), cli.run("show", listed["slug"], "list_boxes").out):
        assert SECRET not in text
    assert holds(cli, SECRET) == []
    assert holds(cli, "list_boxes") != []


# Remote servers.


def test_a_header_reaches_the_server_that_was_typed_and_is_kept_nowhere(cli: CommandLine, tmp_path: Path) -> None:
    def gated(exchange: Any) -> None:
        if exchange.received.headers.get("authorization") == f"Bearer {SECRET}":
            exchange.mcp("list_boxes", f"open_{SECRET}")
        else:
            exchange.whole(b"", "text/plain", 401)

    report = tmp_path / "report.json"
    with serving(gated) as here:
        refused = cli.run("sync", here.url())
        listed = cli.run(
            *("sync", here.url(), "--header", f"Authorization: Bearer {SECRET}", "--report", report, "--json"),
            *("--progress", "json"),
        )
    assert refused.code == 3
    assert "gated" in refused.out
    assert listed.code == 0, listed.err
    (outcome,) = json.loads(listed.out)
    assert outcome["entries"][0] == "list_boxes"
    for text in (listed.out, listed.err, report.read_text()):
        assert SECRET not in text
    assert holds(cli, SECRET) == []


# Registries.


@pytest.fixture
def api() -> Iterator[RegistryApi]:
    with registry_api() as served:
        yield served


def package(identifier: str, version: str = "1.0") -> dict[str, Any]:
    return {
        "packages": [
            {
                "registryType": "pypi",
                "identifier": identifier,
                "version": version,
                "transport": {"type": "stdio"},
                "packageArguments": [{"type": "positional", "value": "stdio"}],
            }
        ]
    }


def test_a_registry_is_read_to_its_end_and_its_servers_are_looked_at(
    index: Index, api: RegistryApi, cli: CommandLine
) -> None:
    index.publish("1.0")
    api.rows = [
        row("com.example/boxes", **package("tiny-server")),
        row("com.example/copy", **package("mseep-tiny-server")),
        row("com.example/gone", **package("tiny-server"), status="deleted"),
        row("com.example/local", remotes=[{"type": "streamable-http", "url": "http://127.0.0.1:9/mcp"}]),
        row("com.example/template", remotes=[{"type": "sse", "url": "https://{host}/mcp"}]),
    ]
    done = index.run("--registry", api.address, "--progress", "plain")
    outcomes = {one["origin"]: one for one in json.loads(done.out)}
    assert done.code == 3, done.err
    boxes = outcomes.pop("pypi:tiny-server@1.0")
    assert (boxes["outcome"], boxes["entries"]) == ("listed", ["hello"])
    copy = outcomes.pop("pypi:mseep-tiny-server@1.0")
    assert copy["outcome"] == "passed_over"
    (local,) = outcomes.values()
    # An address from data that leads into this machine is not followed.
    assert local["outcome"] == "not_listed"
    assert "template" in done.err
    assert len(json.loads(cli.run("list", "--json").out)) == 2


def test_what_a_registry_withdraws_is_recorded_once_and_its_tools_stay(
    index: Index, api: RegistryApi, cli: CommandLine
) -> None:
    index.publish("1.0")
    api.rows = [row("com.example/boxes", **package("tiny-server"), updated="2026-01-01T00:00:00Z")]
    assert index.run("--registry", api.address).code == 0
    before = tables(cli)["server"]
    api.rows = [row("com.example/boxes", **package("tiny-server"), status="deleted", updated="2026-02-01T00:00:00Z")]
    for _ in range(2):
        index.run("--registry", api.address, "--since", "2026-01-15")
    (server,) = json.loads(cli.run("list", "--json").out)
    shown = json.loads(cli.run("show", server["slug"], "--json").out)
    assert [entry["name"] for entry in shown["entries"]] == ["hello"]
    assert tables(cli)["server"] == before
    observations = tables(cli)["observation"]
    assert len(observations) == 2
    assert "its publisher or the registry has withdrawn it" in repr(observations[1])


def test_a_registry_that_never_ends_is_an_error_and_what_came_before_is_stored(
    index: Index, api: RegistryApi, cli: CommandLine
) -> None:
    index.publish("1.0")
    page = {"servers": [row("com.example/boxes", **package("tiny-server"))], "metadata": {"nextCursor": "again"}}
    api.script = lambda asked: Answer(headers={"Content-Type": "application/json"}, body=json.dumps(page).encode())
    done = index.run("--registry", api.address)
    assert done.code == 1
    assert "Traceback" not in done.err
    assert "catalog: " in done.err
    assert [one["tools"] for one in json.loads(cli.run("list", "--json").out)] == [1]


def test_a_registry_is_named_or_it_is_a_usage_error(cli: CommandLine) -> None:
    done = cli.run("sync", "--registry")
    assert done.code == 2
    assert "CATALOG_REGISTRY_URL" in done.err
    bad = cli.run("sync", "--registry", "https://registry.example", "--since", "yesterday")
    assert bad.code == 2
    assert "'yesterday'" in bad.err


# A machine in trouble.


def test_an_index_that_cannot_be_reached_is_no_fault_of_the_package(cli: CommandLine, tmp_path: Path) -> None:
    """Nothing listens on the discard port of loopback."""
    extra = {"UV_OFFLINE": "0", "UV_NO_CONFIG": "1", "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple/"}
    done = cli.run("sync", "--json", "pypi:tiny-server", extra={**extra, "UV_CACHE_DIR": str(tmp_path / "uv")})
    assert done.code == 3
    (outcome,) = json.loads(done.out)
    assert outcome["reason"] == "unreachable"
    assert done.err.count("unreachable, again in") == 1


def test_a_cache_on_a_full_disk_is_told_and_costs_no_other_server(cli: CommandLine, tmp_path: Path) -> None:
    script = str(write_server(tmp_path / "project", [TOOL]))
    files = {"tiny_server/__init__.py": "", "tiny_server/data.py": f"X = {'x' * 300_000!r}\n"}
    wheel(tmp_path, "tiny-server", "1.0", files, scripts={"tiny-server": "tiny_server.data:main"})
    servers = {
        "good": {"command": "python3", "args": [script]},
        "large": {"command": "uvx", "args": ["tiny-server"]},
    }
    assert cli.run("list").code == 0
    limited = (
        "import os, resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (250_000, 250_000))\n"
        "os.execv(sys.argv[1], sys.argv[1:])\n"
    )
    extra = {
        "UV_NO_CONFIG": "1",
        "UV_FIND_LINKS": str(tmp_path),
        "UV_DEFAULT_INDEX": (tmp_path / "no-index").as_uri(),
        "UV_CACHE_DIR": str(tmp_path / "uv"),
    }
    config = configured(cli, servers)
    done = subprocess.run(
        [sys.executable, "-c", limited, PROGRAM, "sync", "--json", "--config", str(config)],
        env={**cli.environment, **extra},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    outcomes = {one["origin"]: one for one in json.loads(done.stdout)}
    large = outcomes.pop("pypi:tiny-server")
    assert large["outcome"] == "not_listed"
    assert large["hint"]
    (good,) = outcomes.values()
    assert good["entries"] == ["list_boxes"]
