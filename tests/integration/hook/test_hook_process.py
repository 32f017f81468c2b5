"""The hook program as clients start it: a process of its own."""

import dataclasses
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from platformdirs import user_data_path

from catalog.hook.place import default_state
from catalog.hook.program import Reply
from catalog.policy.model import Condition, Decision, Limit, Operator, Policy
from catalog_testing import random_policies
from catalog_testing.commandline import PROGRAM, TIMEOUT
from catalog_testing.hooking import DIALECTS, asked, request, word, write_policies
from catalog_testing.policy import rule


def started(dialect: str, policy: Path, sent: object, *options: str) -> Reply:
    """Return what a process of its own replies; its state is kept beside the policy file."""
    data = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    given_ = ["--dialect", dialect, "--policy", str(policy), "--state", str(policy.parent / "process.db"), *options]
    ran = subprocess.run([PROGRAM, "hook", *given_], input=data, capture_output=True, check=False, timeout=TIMEOUT)
    return Reply(stdout=ran.stdout.decode().rstrip("\n"), stderr=ran.stderr.decode().rstrip("\n"), code=ran.returncode)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_process_replies_what_the_same_program_replies_in_this_process(tmp_path: Path, data: st.DataObject) -> None:
    policy = data.draw(random_policies.whole_policies())
    policy = dataclasses.replace(policy, server="s")
    tool, arguments = data.draw(random_policies.calls(policy))
    dialect = data.draw(st.sampled_from(DIALECTS))
    file = write_policies(tmp_path, policy)
    sent = request(dialect, "s", tool, arguments, session=data.draw(st.sampled_from((None, "a"))))
    assert started(dialect, file, sent) == asked(dialect, file, sent)
    for state in tmp_path.glob("*.db*"):
        state.unlink()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_process_denies_what_is_no_request(tmp_path: Path, dialect: str) -> None:
    file = write_policies(tmp_path, Policy(server="s", rules=()))
    for sent in (b"", b"\xff", b"[" * 100_000):
        assert started(dialect, file, sent) == asked(dialect, file, sent)


def test_a_process_reads_a_policy_with_everything_in_it(tmp_path: Path) -> None:
    host = Condition(argument="/url", operator=Operator.HOST_IN, values=("a.example",))
    sums = Limit(max=5, window="day", sum_of="/amount", scope="session")
    whole = dataclasses.replace(
        rule("pay", Decision.LIMIT, limit=sums), conditions=(host,), taints=True, after_taint=Decision.APPROVE
    )
    file = write_policies(tmp_path, Policy(server="s", rules=(whole,)))

    def say(amount: int, url: str) -> str:
        sent = request("claude-code", "s", "pay", {"amount": amount, "url": url})
        return word("claude-code", started("claude-code", file, sent))

    assert say(2, "https://b.example") == "deny"
    assert say(2, "https://a.example") == "allow"
    assert say(2, "https://a.example") == "ask"
    assert say(2, "https://a.example") == "deny"


def test_processes_that_run_at_once_keep_a_limit_exact(tmp_path: Path) -> None:
    limited = rule("mint", Decision.LIMIT, limit=Limit(max=5, window="day"))
    file = write_policies(tmp_path, Policy(server="s", rules=(limited,)))
    sent = request("claude-code", "s", "mint", {})
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda _: word("claude-code", started("claude-code", file, sent)), range(12)))
    assert sorted(said) == ["allow"] * 5 + ["deny"] * 7


def test_a_closed_input_is_denied(tmp_path: Path) -> None:
    file = write_policies(tmp_path, Policy(server="s", rules=()))
    command = f"exec {PROGRAM} hook --dialect claude-code --policy {file} <&-"
    ran = subprocess.run(["sh", "-c", command], capture_output=True, check=False, timeout=TIMEOUT)
    assert ran.returncode == 2
    assert ran.stderr


def test_it_loads_nothing_that_takes_long_to_load(tmp_path: Path) -> None:
    file = write_policies(tmp_path, Policy(server="s", rules=(rule("peek", Decision.ALLOW),)))
    script = (
        "import os, sys; sys.argv = ['catalog', 'hook', '--dialect', 'cursor', '--policy', sys.argv[1]];"
        "before, leave = set(sys.modules), os._exit;"
        "os._exit = lambda code: (print(*sorted(set(sys.modules) - before), file=sys.stderr, flush=True), leave(code));"
        "from catalog.start import main; main()"
    )
    sent = json.dumps(request("cursor", "s", "peek", {})).encode()
    ran = subprocess.run([sys.executable, "-c", script, str(file)], input=sent, capture_output=True, check=True)
    assert json.loads(ran.stdout)["permission"] == "allow"
    loaded = {name.split(".")[0] for name in ran.stderr.decode().split()}
    slow = {"inspect", "pathlib", "argparse", "typer", "rich", "pydantic", "yaml", "sqlite3", "asyncio", "importlib"}
    assert not slow & loaded


def test_help_has_examples_and_is_listed(tmp_path: Path) -> None:
    for arguments, expected in ((["--help"], "hook"), (["hook", "--help"], "--dialect cursor")):
        ran = subprocess.run([PROGRAM, *arguments], capture_output=True, check=True, cwd=tmp_path)
        assert expected in ran.stdout.decode()


def test_it_keeps_its_counters_in_the_user_s_data_folder() -> None:
    assert Path(default_state()) == user_data_path("mcp-catalog", appauthor=False) / "hook.db"
