"""``catalog export`` on a real store."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from catalog.cli import app
from catalog.errors import CatalogError, UsageError
from catalog.model import Entry, Provenance
from catalog.rules import load_ruleset
from catalog.settings import database_url
from catalog.store.repository import Store
from catalog_testing.policy import MINTS, READS, REBOOTS, WIPES
from catalog_testing.samples import action, entry, listed_observation, not_listed_observation, server_ref
from classifier.verdict import Classification

FLAT: dict[str, Classification] = {"peek": READS, "api_key_create": MINTS, "reboot": REBOOTS, "wipe": WIPES}


def _judge(store: Store, slug: str, verdicts: dict[str, Classification]) -> None:
    assert store.judge(store.present(slug), load_ruleset().version, verdicts)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue of a flat server, a dispatcher, and one that was never listed."""
    path = tmp_path / "catalog.db"
    monkeypatch.setenv("CATALOG_DATABASE_URL", str(path))
    dispatched = ["ls", "api_key_create", "reboot", "wipe"]
    behind: list[Entry] = [entry("orchard", provenance=Provenance.LIVE), *map(action, dispatched)]
    with Store.open(database_url(str(path))) as store:
        store.record(listed_observation([entry(name) for name in FLAT], server=server_ref(slug="flat")))
        _judge(store, "flat", FLAT)
        store.record(listed_observation(behind, server=server_ref(slug="behind")))
        verdicts = dict(zip(dispatched, (READS, MINTS, REBOOTS, WIPES), strict=True))
        _judge(store, "behind", {"orchard": WIPES} | {f"orchard/{name}": verdicts[name] for name in dispatched})
        store.record(not_listed_observation(server=server_ref(slug="silent")))


def _run(*arguments: str) -> tuple[str, str]:
    """Return what the command prints on stdout and stderr."""
    result = CliRunner().invoke(app, ["export", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
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
    for place in (tmp_path, tmp_path / "missing" / "policy.json"):
        with pytest.raises(CatalogError, match="Choose another place with -o"):
            _run("flat", "-o", str(place))


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["flatt"], "Did you mean 'flat'"),
        (["flat", "--tool", "api_key_creat"], "Did you mean 'api_key_create'"),
        (["flat", "--format", "policy-layer"], "choose one of: policylayer"),
        (["silent"], "'silent' has never been listed"),
        ([], "name a server"),
    ],
)
def test_what_cannot_be_understood_is_a_usage_error_that_says_what_to_do(arguments: list[str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        _run(*arguments)


def test_the_formats_are_listed_without_a_server() -> None:
    assert "PolicyLayer" in _run("--format", "list")[0]
    listed = json.loads(_run("--format", "list", "--json")[0])
    assert {"format": "policylayer", "title": "PolicyLayer"}.items() <= listed[0].items()
