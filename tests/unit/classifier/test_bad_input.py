"""Whatever stands in a definition: a verdict that says how sure it is, and the other tools keep their verdicts."""

import json
from typing import Any

import pytest

from catalog.rules import load_ruleset
from classifier.classify import classify_server, classify_stream
from classifier.definition import Tool
from classifier.verdict import Category

RULESET = load_ruleset()


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def looping() -> dict[str, Any]:
    return {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}


ODD: dict[str, dict[str, Any]] = {
    "an empty name": {"name": ""},
    "no name": {},
    "no description": {"name": "zzgrf"},
    "a schema that is a list": {"name": "zzgrf", "inputSchema": [1, 2]},
    "a schema that is true": {"name": "zzgrf", "inputSchema": True},
    "properties that are a list": {"name": "zzgrf", "inputSchema": {"properties": ["a"]}},
    "a type that is a number": {"name": "zzgrf", "inputSchema": {"properties": {"a": {"type": 7}}}},
    "five million characters": {"name": "zzgrf", "description": "a " * 2_500_000},
    "a description of commas": {"name": "zzgrf", "description": "," * 100_000},
    "a description of brackets": {"name": "zzgrf", "description": "([" * 50_000},
    "a name of 100,000 characters": {"name": "x" * 100_000},
    "a name of 100,000 words": {"name": "get_" * 100_000},
    "a schema 300 deep": {"name": "zzgrf", "inputSchema": nested(300)},
    "10,000 arguments": {"name": "zzgrf", "inputSchema": {"properties": {f"a{n}": {} for n in range(10_000)}}},
    "an enum of 100,000": {"name": "zzgrf", "inputSchema": {"properties": {"action": {"enum": ["a"] * 100_000}}}},
    "references in a circle": {"name": "zzgrf", "inputSchema": looping()},
    "NUL and escapes": {"name": "zz\0gr\x1bf", "description": "\0"},
    "half a surrogate pair": {"name": "zz\ud800", "description": "\udfff"},
    "slashes and spaces": {"name": "zz/grf ../x"},
}


@pytest.mark.parametrize("raw", ODD.values(), ids=ODD)
def test_an_odd_definition_gets_a_doubtful_verdict(raw: dict[str, Any]) -> None:
    (verdict,) = classify_server(RULESET, [Tool.from_json(raw)])
    assert verdict.evidence
    assert verdict.confidence <= 0.75
    if not raw.get("name", "").startswith("get_"):
        assert verdict.category is Category.WRITE


@pytest.mark.parametrize("raw", ODD.values(), ids=ODD)
def test_its_neighbours_are_judged_as_without_it(raw: dict[str, Any]) -> None:
    others = [Tool(name="list_letters"), Tool(name="delete_letter", description="Delete a letter.")]
    alone = classify_server(RULESET, others)
    assert classify_server(RULESET, [*others, Tool.from_json(raw)])[:2] == alone


def test_two_tools_of_one_name_are_each_judged() -> None:
    one, two = classify_server(RULESET, [Tool(name="purge", description="Delete all rows."), Tool(name="purge")])
    assert {one.category, two.category} == {Category.DELETE}


def test_a_stream_is_judged_server_by_server_as_it_comes() -> None:
    asked: list[int] = []

    def servers() -> Any:
        for number in range(3):
            asked.append(number)
            yield [Tool(name="list_letters"), Tool(name=f"delete_letter_{number}")]

    judged = classify_stream(RULESET, servers())
    first = next(judged)
    assert asked == [0]
    assert [one.category for one in first] == [Category.READ, Category.DELETE]
    assert len(list(judged)) == 2


def test_every_odd_definition_survives_json() -> None:
    for raw in ODD.values():
        assert Tool.from_json(json.loads(json.dumps(raw))) == Tool.from_json(raw)
