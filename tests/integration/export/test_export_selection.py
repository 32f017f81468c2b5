"""What ``catalog export`` is about: which servers, under which names, and how little of them is let through."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from catalog.cli import app
from catalog.errors import CatalogError, InputError, UsageError
from catalog.export.registry import exporters
from catalog.policy.document import read_policies
from catalog.policy.evaluate import evaluate
from catalog.policy.model import Decision, Policy


def _run(*arguments: str, exit_code: int = 0) -> tuple[str, str]:
    """Return what the command prints on stdout and stderr."""
    result = CliRunner().invoke(app, ["export", *arguments], catch_exceptions=False)
    assert result.exit_code == exit_code
    return result.stdout, result.stderr


def _policies(*arguments: str, exit_code: int = 0) -> Mapping[str, Policy]:
    """Return the policies that the command writes in our own format."""
    return read_policies(_run(*arguments, "--format", "json", exit_code=exit_code)[0])


def _lines(text: str) -> str:
    """Return what a table or a note says, whatever the width of the terminal."""
    return " ".join(text.split())


@pytest.mark.usefixtures("database")
def test_a_server_goes_by_the_name_that_its_client_has_for_it() -> None:
    assert list(_policies("flat", "--as", 'na"s\n')) == ['na"s\n']


@pytest.mark.usefixtures("database")
def test_a_product_is_every_server_of_it_that_was_listed() -> None:
    stdout, stderr = _run("fruit", "flat", "pear", "--format", "json")
    assert list(read_policies(stdout)) == ["pear", "plum", "flat"]
    assert "never listed, so left out of fruit: quince" in stderr


@pytest.mark.usefixtures("database")
def test_several_files_are_printed_each_under_its_name_or_written_into_a_folder(tmp_path: Path) -> None:
    stdout, _ = _run("flat", "behind")
    assert [line for line in stdout.splitlines() if line.startswith("==>")] == [
        "==> flat.policy.json <==",
        "==> behind.policy.json <==",
    ]
    with pytest.raises(UsageError, match=r"2 files; name a folder: -o .*/out/"):
        _run("flat", "behind", "-o", str(tmp_path / "out"))
    assert _run("flat", "behind", "-o", f"{tmp_path}/out/")[0] == ""
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["behind.policy.json", "flat.policy.json"]


@pytest.mark.usefixtures("database")
def test_only_some_categories_or_names_leave_everything_else_denied() -> None:
    kept = _policies("flat", "behind", "--only", "read, delete", "--allow", "orchard/reboot,api_key_create")
    assert {rule.key for rule in kept["flat"].rules} == {"peek", "api_key_create", "wipe"}
    assert {rule.key for rule in kept["behind"].rules} == {
        "orchard/ls",
        "orchard/api_key_create",
        "orchard/reboot",
        "orchard/wipe",
    }
    assert evaluate(kept["flat"], "reboot", {}) is Decision.DENY
    assert evaluate(kept["flat"], "wipe", {}) is Decision.DENY
    assert evaluate(kept["behind"], "orchard", {"action": "reboot"}) is Decision.APPROVE


@pytest.mark.usefixtures("database")
def test_a_parameter_that_is_not_filled_in_is_told_and_one_that_is_is_held_to() -> None:
    stdout, stderr = _run("pear", "--profile", "hardened", "--format", "json")
    assert "allowed_hosts has no values, so calls of pick_pear that need one are denied" in _lines(stderr)
    assert evaluate(read_policies(stdout)["pear"], "pick_pear", {"url": "http://a.example"}) is Decision.DENY
    filled, stderr = _run(
        "pear", "--profile", "hardened", "--set", "allowed_hosts=a.example,b.example", "--format", "json"
    )
    assert stderr == ""
    for host, decision in (("a.example", Decision.LIMIT), ("b.example", Decision.LIMIT), ("c.example", Decision.DENY)):
        assert evaluate(read_policies(filled)["pear"], "pick_pear", {"url": f"http://{host}"}) is decision


@pytest.mark.usefixtures("database")
def test_the_taint_rule_comes_with_any_profile() -> None:
    (plain,), (watched,) = _policies("pear")["pear"].rules, _policies("pear", "--taint")["pear"].rules
    assert (plain.taints, plain.after_taint) == (False, None)
    assert (watched.taints, watched.after_taint) == (True, Decision.APPROVE)


@pytest.mark.usefixtures("database")
def test_a_log_becomes_the_least_privilege_and_what_it_would_refuse_is_told(tmp_path: Path) -> None:
    log = tmp_path / "calls.jsonl"
    lines = [
        {"tool": "orchard", "arguments": {"action": "ls"}},
        {"tool": "orchard", "arguments": {"action": "wipe"}},
        {"time": "t", "server": "nas", "method": "tools/call", "tool": "orchard", "selected": {"action": "reboot"}},
    ]
    log.write_text("\n".join(map(json.dumps, lines)) + "\n{torn")
    stdout, stderr = _run("behind", "--as", "nas", "--from-log", str(log), "--format", "json")
    policy = read_policies(stdout)["nas"]
    assert {rule.key for rule in policy.rules} == {"orchard/ls", "orchard/wipe", "orchard/reboot"}
    assert evaluate(policy, "orchard", {"action": "api_key_create"}) is Decision.DENY
    assert "line 4: Expecting" in stderr
    printed = json.loads(_run("behind", "--as", "nas", "--from-log", str(log), "--format", "json", "--json")[0])
    assert [(one["line"], one["decision"]) for one in printed["stopped"]] == [(2, "deny"), (3, "approve")]
    assert "not covered" in printed["notes"][0]


@pytest.mark.usefixtures("database")
def test_a_log_that_cannot_be_read_or_shows_nothing_lets_nothing_through(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="cannot read the log"):
        _run("flat", "--from-log", str(tmp_path / "none.jsonl"))
    (tmp_path / "empty.jsonl").write_text("")
    stdout, stderr = _run("flat", "--from-log", str(tmp_path / "empty.jsonl"), "--format", "json")
    assert read_policies(stdout)["flat"].rules == ()
    assert "shows no call of a tool" in stderr


@pytest.mark.usefixtures("database")
def test_a_clients_configuration_is_exported_under_its_own_names_and_what_is_unknown_is_denied(tmp_path: Path) -> None:
    config = tmp_path / "mcp.json"
    servers = {
        "my files\n": {"command": "npx", "args": ["-y", "@farm/flat@1.4.0"], "env": {"KEY": "s3cret"}},
        "odd": {"command": "npx", "args": ["-y", "never-heard-of"]},
        "broken": {"comand": "x"},
        "off": {"command": "x", "disabled": True},
    }
    config.write_text(json.dumps({"mcpServers": servers}))
    stdout, stderr = _run("--client-config", str(config), "--format", "json", exit_code=3)
    found = read_policies(stdout)
    assert {name: len(policy.rules) for name, policy in found.items()} == {"my files\n": 4, "odd": 0, "broken": 0}
    assert "never listed, so all of it is denied: 'odd'" in stderr
    assert "catalog sync --config" in stderr
    assert "s3cret" not in stdout + stderr


@pytest.mark.usefixtures("database")
def test_actions_are_unfolded_on_request() -> None:
    policy = _policies("behind", "--unfold", "--allow", "ls,reboot")["behind"]
    assert {str(one.definition["name"]) for one in policy.virtual_tools} == {"ls", "reboot"}


@pytest.mark.usefixtures("database")
def test_resources_and_prompts_are_let_through_on_request_alone() -> None:
    assert _policies("flat", "--profile", "observe", "--only", "read")["flat"].resources == ()
    policy = _policies("flat", "--allow-resources", "file:///srv/*", "--allow-prompts", "greet")["flat"]
    assert (policy.resources, policy.prompts) == (("file:///srv/*",), ("greet",))


@pytest.mark.usefixtures("database")
def test_a_server_without_tools_is_denied_and_that_is_told() -> None:
    stdout, stderr = _run("empty")
    assert json.loads(stdout) == {"version": "1", "default": "deny"}
    assert "empty offers no tool, so everything is denied" in stderr


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("format_", exporters())
def test_hostile_names_and_hundreds_of_tools_are_exported_to_every_target(format_: str, tmp_path: Path) -> None:
    hostile = "../../e\x1b[31m\u202e'\"\\"
    stdout, stderr = _run("hostile", "--as", hostile, "--format", format_)
    assert "\x1b" not in stderr
    assert stdout
    _run("hostile", "behind", "--format", format_, "-o", f"{tmp_path}/out/")
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


@pytest.mark.usefixtures("database")
def test_a_dry_run_shows_what_would_change_and_writes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "policy.json"
    stdout, _ = _run("flat", "-o", str(target), "--dry-run")
    assert '+  "default": "deny",' in stdout
    assert not target.exists()
    _run("flat", "-o", str(target))
    assert "nothing changes" in _run("flat", "-o", str(target), "--dry-run")[0]


@pytest.mark.usefixtures("database")
def test_what_is_in_a_clients_settings_stays_and_what_changes_is_shown(tmp_path: Path) -> None:
    settings = tmp_path / ".claude/settings.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"model": "opus", "permissions": {"allow": ["Bash(ls)"]}}))
    words = ("flat", "--format", "claude-code", "-o", str(tmp_path), "--merge")
    before = settings.read_text()
    shown, _ = _run(*words, "--dry-run")
    assert "mcp__flat__peek" in shown
    assert settings.read_text() == before
    _run(*words)
    merged = json.loads(settings.read_text())
    assert merged["model"] == "opus"
    assert {"Bash(ls)", "mcp__flat__peek"} <= set(merged["permissions"]["allow"])
    assert "settings.json: nothing changes" in _run(*words)[0]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(("text", "mode"), [("{broken", 0o644), ("{}", 0o444)])
def test_broken_or_read_only_settings_are_left_as_they_are(text: str, mode: int, tmp_path: Path) -> None:
    settings = tmp_path / ".claude/settings.json"
    settings.parent.mkdir()
    settings.write_text(text)
    settings.chmod(mode)
    with pytest.raises(InputError, match=r"settings\.json"):
        _run("flat", "--format", "claude-code", "-o", str(tmp_path), "--merge")
    assert settings.read_text() == text


@pytest.mark.usefixtures("database")
def test_a_file_that_is_not_made_for_merging_is_replaced_and_that_is_told(tmp_path: Path) -> None:
    target = tmp_path / "policy.json"
    target.write_text("mine")
    shown, stderr = _run("flat", "-o", str(target), "--merge")
    assert "-mine" in shown
    assert "is not made for merging: it is replaced as a whole" in _lines(stderr)
