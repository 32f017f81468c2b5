"""Whatever a user or a server gets wrong: one clear error, the documented exit code, no traceback."""

import json
import os
import resource
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from catalog_testing.commandline import PROGRAM, CommandLine, Ran, write_server

TOOL = {"name": "list_boxes", "description": "List all boxes.", "inputSchema": {"type": "object"}}


def one_clear_error(done: Ran) -> str:
    assert "Traceback" not in done.err
    assert done.err.startswith(("catalog: ", "Usage: "))
    return done.err


def test_an_unknown_target_suggests_what_was_meant(cli: CommandLine) -> None:
    done = cli.run("sync", "truenass")
    assert done.code == 2
    assert "'truenas'" in one_clear_error(done)


@pytest.mark.parametrize("target", ["pypi:", "npm:@scope", "pypi:a b", "npm:x@", "pypi:x@not a version"])
def test_a_malformed_package_target_says_what_to_write(cli: CommandLine, target: str) -> None:
    done = cli.run("sync", target)
    assert done.code == 2
    assert repr(target) in one_clear_error(done)


def test_sync_without_a_target_says_what_to_name(cli: CommandLine) -> None:
    done = cli.run("sync")
    assert done.code == 2
    assert "catalog sync truenas" in one_clear_error(done)


def test_an_empty_database_name_is_refused(cli: CommandLine) -> None:
    done = cli.run("--db", "", "list")
    assert done.code == 2
    assert "--db" in one_clear_error(done)


def test_a_variable_that_is_not_set_is_named(cli: CommandLine) -> None:
    done = cli.run("sync", "--env", "NO_SUCH_VARIABLE", "truenas")
    assert done.code == 2
    assert "NO_SUCH_VARIABLE" in one_clear_error(done)


def test_a_command_that_is_no_server_is_not_listed_and_says_why(cli: CommandLine) -> None:
    done = cli.run("sync", "--json", "--", "true")
    assert done.code == 3
    [observation] = json.loads(done.out)
    assert (observation["listed"], observation["reason"]) == (False, "not_mcp")
    assert observation["hint"]


def test_a_command_that_does_not_exist_is_not_listed(cli: CommandLine) -> None:
    done = cli.run("sync", "--json", "--", "no-such-command-anywhere")
    assert done.code == 3
    assert json.loads(done.out)[0]["reason"] == "not_found"


def test_a_command_that_looks_like_markup_is_listed_as_it_was_typed(cli: CommandLine) -> None:
    assert cli.run("sync", "--", "[/red]").code == 3
    assert "[/red]" in cli.run("list").out


def test_an_absent_server_suggests_how_to_add_it(cli: CommandLine) -> None:
    done = cli.run("show", "truenas-ws-mcp")
    assert done.code == 2
    assert "catalog sync truenas-ws-mcp" in one_clear_error(done)


@pytest.mark.parametrize("command", ["list", "doctor"])
def test_a_file_that_is_no_database_is_refused_and_left_alone(cli: CommandLine, tmp_path: Path, command: str) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("these are my notes, not a database, and long enough to have a header\n" * 20)
    before = file.read_bytes()
    done = cli.run("--db", file, command)
    assert done.code == 1
    assert "Traceback" not in done.err
    assert "notes.txt" in done.err + done.out
    assert file.read_bytes() == before


def test_broken_json_to_classify_says_where_it_breaks(cli: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "tools.json"
    file.write_text('{"tools": [{"name": "a",}]}')
    done = cli.run("classify", file)
    assert done.code == 1
    assert "line 1" in one_clear_error(done)


def test_a_file_that_cannot_be_read_is_named(cli: CommandLine, tmp_path: Path) -> None:
    done = cli.run("classify", tmp_path / "absent.json")
    assert done.code in (1, 2)
    assert "absent.json" in one_clear_error(done)


def test_a_full_disk_is_one_clear_error_and_earlier_data_stays(cli: CommandLine, tmp_path: Path) -> None:
    small = write_server(tmp_path / "small", [TOOL])
    assert cli.run("sync", "--", "python3", small).code == 0
    large = write_server(
        tmp_path / "large", [{**TOOL, "name": f"list_{i}", "description": f"{i} " * 2000} for i in range(400)]
    )
    limit = cli.database.stat().st_size + 100_000

    def no_space_left() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        [PROGRAM, "sync", "--", "python3", str(large)],
        env=dict(cli.environment),
        preexec_fn=no_space_left,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert [row["tools"] for row in json.loads(cli.run("list", "--json").out)] == [1]


def test_ctrl_c_leaves_no_process_and_earlier_data_stays(cli: CommandLine, tmp_path: Path) -> None:
    listed = write_server(tmp_path / "listed", [TOOL])
    assert cli.run("sync", "--", "python3", listed).code == 0
    (tmp_path / "hanging").mkdir()
    hanging = tmp_path / "hanging" / "hanging_server.py"
    hanging.write_text(
        "import sys\nprint('started', file=sys.stderr, flush=True)\nsys.stdin.read()\nwhile True: pass\n"
    )
    process = subprocess.Popen(
        [PROGRAM, "sync", "--", "python3", str(hanging)],
        env=dict(cli.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for_descendant(process.pid, "hanging_server.py")
    descendants = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "interrupted" in err
    _, alive = psutil.wait_procs(descendants, timeout=10)
    assert not alive
    assert [row["tools"] for row in json.loads(cli.run("list", "--json").out)] == [1]


def wait_for_descendant(pid: int, word: str) -> None:
    """Wait until the server itself runs below ``pid``: neither a fork of ours nor bubblewrap."""
    parent = psutil.Process(pid)
    while parent.is_running() and parent.status() != psutil.STATUS_ZOMBIE:
        for child in parent.children(recursive=True):
            try:
                words = child.cmdline()
                if any(word in argument for argument in words) and not {"sync", "--unshare-all"} & set(words):
                    return
            except psutil.Error:
                continue
    pytest.fail("the command ended before its server started")


@pytest.mark.parametrize("secret", ["hunter2-hunter2", "HUNTER2_HUNTER2"])
def test_a_passed_secret_is_neither_stored_nor_printed(cli: CommandLine, tmp_path: Path, secret: str) -> None:
    """The second looks like the name of a variable that the server asks for."""
    (tmp_path / "telltale").mkdir()
    script = tmp_path / "telltale" / "server.py"
    script.write_text("import os, sys\nsys.exit('cannot log in with the required ' + os.environ['API_TOKEN'])\n")
    done = cli.run("sync", "--env", f"API_TOKEN={secret}", "--", "python3", script)
    assert done.code == 3
    assert "hunter2" not in (done.out + done.err).lower()
    assert "cannot log in with" in done.err
    assert b"hunter2" not in b"".join(p.read_bytes() for p in cli.database.parent.iterdir()).lower()


def test_two_versions_of_one_server_at_once_are_refused(cli: CommandLine) -> None:
    done = cli.run("sync", "pypi:tiny@1.0", "pypi:tiny@2.0")
    assert done.code == 2
    assert "'pypi:tiny@1.0' and 'pypi:tiny@2.0'" in one_clear_error(done)


def test_a_cache_that_cannot_be_written_is_our_trouble_and_not_the_server_s(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    script = write_server(tmp_path / "tools", [TOOL])
    done = cli.run("sync", "--", "python3", script, extra={"XDG_CACHE_HOME": str(tmp_path / "file")})
    assert done.code == 1
    assert "XDG_CACHE_HOME" in one_clear_error(done)
    assert cli.run("list").out == ""


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_output_that_cannot_be_written_is_one_clear_error(cli: CommandLine, options: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [PROGRAM, "list", "--known", *options],
            env=cli.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "No space left on device" in one_clear_error(Ran(code=done.returncode, out="", err=done.stderr))
    assert "Exception ignored" not in done.stderr


def test_an_error_acts_on_no_terminal(cli: CommandLine) -> None:
    done = cli.run("show", "\x1b[31mred")
    assert done.code == 2
    assert "\x1b" not in one_clear_error(done)


def test_a_stream_that_lacks_a_sign_shows_its_escape(cli: CommandLine) -> None:
    done = cli.run("sync", "--", "no-such-command", extra={"PYTHONIOENCODING": "ascii"})
    assert done.code == 3
    assert "\\u2192 check the spelling" in done.err


@pytest.mark.parametrize("identifier", ["NaN", "1e999"])
def test_an_id_that_json_cannot_hold_is_refused(cli: CommandLine, identifier: str) -> None:
    done = cli.run("classify", "--jsonl", "-", stdin=f'{{"id": {identifier}, "name": "list_boxes"}}')
    assert done.code == 1
    assert "`id`" in one_clear_error(done)


def test_nothing_else_of_the_callers_environment_reaches_a_server(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "curious").mkdir()
    script = tmp_path / "curious" / "server.py"
    script.write_text("import os, sys\nsys.exit('I see ' + ' '.join(sorted(os.environ)))\n")
    done = cli.run("sync", "--env", "SHOWN=1", "--", "python3", script, extra={"HIDDEN_FROM_SERVERS": "secret"})
    assert "SHOWN" in done.err
    assert "HIDDEN_FROM_SERVERS" not in done.err
