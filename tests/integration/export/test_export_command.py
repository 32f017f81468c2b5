"""``catalog export`` on a real store."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from catalog.cli import app
from catalog.errors import CatalogError, UsageError


def _run(*arguments: str, exit_code: int = 0) -> tuple[str, str]:
    """Return what the command prints on stdout and stderr."""
    result = CliRunner().invoke(app, ["export", *arguments], catch_exceptions=False)
    assert result.exit_code == exit_code
    return result.stdout, result.stderr


@pytest.mark.usefixtures("database")
def test_one_tool_is_printed_as_its_policy_and_nothing_else() -> None:
    stdout, stderr = _run("flat", "--tool", "api_key_create")
    assert json.loads(stdout)["tools"]["api_key_create"]["limits"][0]["max"] == 30
    assert stderr == ""


@pytest.mark.usefixtures("database")
def test_what_a_target_cannot_express_is_told_on_stderr_alone() -> None:
    stdout, stderr = _run("flat")
    assert list(json.loads(stdout)["tools"]) == ["api_key_create", "peek", "reboot"]
    assert json.loads(stdout)["hide"] == ["wipe"]
    assert "approve" in stderr
    assert "reboot" in stderr


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", ["ls", "orchard/ls"])
def test_an_action_by_name_or_key_is_a_condition_on_the_wire_tool(name: str) -> None:
    document = json.loads(_run("behind", "--tool", name)[0])
    assert list(document["tools"]) == ["orchard"]
    assert document["tools"]["orchard"]["deny_if"][0]["conditions"][1]["value"] == ["ls"]


@pytest.mark.usefixtures("database")
def test_a_dispatcher_tool_is_exported_with_all_of_its_actions() -> None:
    assert _run("behind", "--tool", "orchard")[0] == _run("behind")[0]


@pytest.mark.usefixtures("database")
def test_json_has_the_policy_its_filename_and_every_note() -> None:
    printed = json.loads(_run("flat", "--json")[0])
    assert printed["policy"] == json.loads(_run("flat")[0])
    assert printed["filename"] == "policy.json"
    assert [note["key"] for note in printed["unsupported"]] == ["reboot"]


@pytest.mark.usefixtures("database")
def test_a_file_is_replaced_as_a_whole_and_nothing_is_printed(tmp_path: Path) -> None:
    target = tmp_path / "policy.json"
    target.write_text("older")
    stdout, _ = _run("flat", "-o", str(target))
    assert (stdout, target.read_text()) == ("", _run("flat")[0])
    assert [path.name for path in tmp_path.iterdir() if "policy" in path.name] == ["policy.json"]


@pytest.mark.usefixtures("database")
def test_a_device_is_written_to_and_not_replaced() -> None:
    _run("flat", "-o", "/dev/null")
    assert Path("/dev/null").is_char_device()


@pytest.mark.usefixtures("database")
def test_a_place_that_cannot_be_written_is_named_in_the_error(tmp_path: Path) -> None:
    read_only = tmp_path / "read-only.json"
    read_only.write_text("mine")
    read_only.chmod(0o444)
    for place in (tmp_path / "missing" / "policy.json", read_only, read_only / "policy.json"):
        with pytest.raises(CatalogError, match="-o") as refusal:
            _run("flat", "-o", str(place))
        assert repr(str(place)) in str(refusal.value)
    assert read_only.read_text() == "mine"


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["flatt"], "Did you mean 'flat'"),
        (["flat", "--tool", "api_key_creat"], "Did you mean 'api_key_create'"),
        (["flat", "--format", "policy-layer"], "choose one of: policylayer"),
        (["silent"], "'silent' has never been listed"),
        (["silent", "flat"], "'silent' has never been listed"),
        ([], "name a server"),
        (["flat", "--tool", ""], "'flat' has no tool ''"),
        (["flat", "behind", "--allow", "peek,lss"], "no tool 'lss'. Did you mean 'ls'"),
        (["flat", "--only", "reed"], "'reed' is none of read, write, delete, admin"),
        (["flat", "--profile", "harsh"], "choose one of: baseline"),
        (["flat", "--set", "allowed_hosts=a"], "'baseline' has no parameter 'allowed_hosts'"),
        (["flat", "--set", "allowed_hosts"], "write NAME=VALUE"),
        (["flat", "behind", "--as", "nas"], "--as names one server, and there are 2"),
        (["flat", "--client-config", "x.json"], "leave out SERVER"),
        (["flat", "--merge"], "need a place: -o FILE"),
        (["flat", "--allow-resources", "file://*/x"], r"\* stands at the end"),
    ],
)
def test_what_cannot_be_understood_is_a_usage_error_that_says_what_to_do(arguments: list[str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        _run(*arguments)


def test_the_formats_are_listed_without_a_server() -> None:
    assert "PolicyLayer" in _run("--format", "list")[0]
    listed = json.loads(_run("--format", "list", "--json")[0])
    assert {"format": "policylayer", "title": "PolicyLayer"}.items() <= listed[0].items()
