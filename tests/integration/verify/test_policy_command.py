"""``catalog policy`` on a real store."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from catalog.errors import InputError, UsageError
from catalog.policy.model import Decision, Policy, Rule
from catalog.policy.schema import schema
from catalog.policy.target import Export
from catalog.policy.writing import policies_json
from catalog.verify.base import Call, EngineUnavailable
from catalog.verify.engines import registry
from catalog_testing.policy import rule
from catalog_testing.policy_commands import Ran


def _file(folder: Path, *rules: Rule, server: str = "flat") -> Path:
    path = folder / "policy.json"
    path.write_text(json.dumps(policies_json([Policy(server=server, rules=rules)])), encoding="utf-8")
    return path


def test_one_call_is_simulated_against_the_recommended_policy() -> None:
    ran = Ran("simulate", "behind", "--tool", "orchard", "--arguments", '{"action": "api_key_create"}', "--json")
    (one,) = ran.json
    assert (ran.code, one["decision"], one["rules"]) == (0, "limit", ["orchard/api_key_create"])
    assert one["limits"] == [{"max": 30, "window": "minute", "counts": 1}]
    assert "api_key_create" in one["reason"]


def test_calls_from_a_file_are_counted_over_their_times(tmp_path: Path) -> None:
    calls = tmp_path / "calls.jsonl"
    lines = [{"tool": "api_key_create", "time": 1_800_000_000 + second} for second in (*range(31), 60)]
    calls.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    decisions = [one["decision"] for one in Ran("simulate", "flat", calls, "--json").json]
    assert decisions == ["limit"] * 30 + ["deny", "limit"]


def test_calls_come_from_stdin_and_those_of_other_servers_are_left_out(tmp_path: Path) -> None:
    stdin = '{"server": "flat", "tool": "peek"}\n{"server": "other", "tool": "peek"}\n'
    ran = Ran("simulate", _file(tmp_path, rule("peek", Decision.ALLOW)), "-", stdin=stdin)
    assert ran.out.count("peek {}") == 1
    assert "1 calls are for other servers" in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("flat",),
        ("flat", "calls.jsonl", "--tool", "peek"),
        ("flat", "--tool", "peek", "--arguments", "{"),
        ("flat", "--tool", "peek", "--arguments", "[]"),
        ("flat", "--tool", "peek", "--set", "nothing"),
        ("flat", "--tool", "peek", "--set", "unknown=x"),
        ("silent", "--tool", "peek"),
        ("nobody", "--tool", "peek"),
    ],
)
def test_what_cannot_be_simulated_is_a_usage_error(arguments: Sequence[str]) -> None:
    with pytest.raises(UsageError):
        Ran("simulate", *arguments)


def test_a_good_policy_file_is_checked_without_a_word_of_doubt(tmp_path: Path) -> None:
    ran = Ran("check", _file(tmp_path, rule("peek", Decision.ALLOW)), "--strict")
    assert (ran.code, ran.err) == (0, "")
    assert "1 rule for 1 server, 0 doubts" in ran.out


def test_a_name_that_the_server_does_not_have_is_a_warning_with_the_nearest(tmp_path: Path) -> None:
    path = _file(tmp_path, rule("api_key_creat", Decision.ALLOW))
    ran = Ran("check", path)
    assert ran.code == 0
    assert "the nearest is 'api_key_create'" in ran.err
    assert Ran("check", path, "--strict").code == 1


def test_names_of_a_server_that_is_not_in_the_catalogue_are_said_not_to_be_checked(tmp_path: Path) -> None:
    ran = Ran("check", _file(tmp_path, rule("x", Decision.ALLOW), server="nobody"), "--json")
    assert ran.json == {"doubts": [], "not_in_catalogue": ["nobody"]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ('{"version": 1, "servers": {"s": {"rules": [], "rule": []}}}', "/servers/s/rule: there is no such key"),
        (
            '{"version": 1, "servers": {"s": {"rules": [{"key": "k", "tool": "t", "decision": "ok"}]}}}',
            "must be one of",
        ),
    ],
)
def test_what_is_no_policy_file_says_where(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "policy.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        Ran("check", path)


def test_the_schema_that_is_printed_is_the_one_that_is_tested() -> None:
    assert Ran("schema").json == schema()


class _Open:
    """An engine that lets everything through."""

    format = "policylayer"
    title = "Open door"

    def version(self) -> str:
        return "1"

    def decide(self, export: Export, calls: Sequence[Call]) -> Sequence[Decision]:
        return [Decision.ALLOW for _ in calls]


class _Absent(_Open):
    """An engine that is not installed."""

    def version(self) -> str:
        raise EngineUnavailable("pip install it")


def _engine(monkeypatch: pytest.MonkeyPatch, engine: type[_Open]) -> None:
    monkeypatch.setattr(registry, "engines", lambda _: (engine(),))


def test_an_engine_that_lets_through_what_is_denied_fails_the_verification(monkeypatch: pytest.MonkeyPatch) -> None:
    _engine(monkeypatch, _Open)
    ran = Ran("verify", "flat", "--format", "policylayer", "--json")
    (proof,) = ran.json
    assert (ran.code, proof["engine"], proof["stricter"]) == (1, "Open door", 0)
    assert proof["looser"] == len(proof["unexpected"]) > 0
    assert {
        "kind": "exact",
        "tool": "wipe",
        "arguments": {},
        "wanted": "deny",
        "got": "allow",
        "standing": "looser",
    } in (proof["unexpected"])
    assert "looser: wipe {} (exact): allow, but deny is wanted" in Ran("verify", "flat", "--format", "policylayer").err


def test_an_engine_that_cannot_be_asked_is_said_and_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    _engine(monkeypatch, _Absent)
    ran = Ran("verify", "flat", "behind", "--format", "policylayer")
    assert ran.code == 3
    assert ran.err.count("not asked: policylayer: pip install it") == 2


def test_an_unknown_format_is_a_usage_error_that_names_those_there_are() -> None:
    with pytest.raises(UsageError, match="toolhive"):
        Ran("verify", "flat", "--format", "tolhive")
