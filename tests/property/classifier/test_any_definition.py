"""Whatever a server sends: a verdict, and evidence that points at its own words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.rules import load_ruleset
from classifier.classify import classify_server
from classifier.definition import Tool
from classifier.fields import field_texts
from classifier.verdict import Recoverability, risk_of

RULESET = load_ruleset()

WORDS = [
    *sorted({word for verb in RULESET.lexicon.verbs for word in verb.split()})[::7],

    "the", "key", "token", "not", "without", "use", "instead", "disk", "user", "all", "\u017fcript", "\ufb01le",
    "\uff24\uff25\uff2c\uff25\uff34\uff25", "del\u200bete", "\u0130", "删除文件", "удалить", "a\u0301", "\ud800",
    "\x00", "\x1b[31m",
]  # fmt: skip
JOINTS = st.sampled_from(
    [" ", "_", "-", "", ". ", ", ", "\n", "\n\n- ", ": ", " (", ") ", "Args:\n", "\u202e", "\u00ad"]
)
PROSE = st.lists(st.tuples(st.sampled_from(WORDS), JOINTS), max_size=25).map(
    lambda parts: "".join(word + joint for word, joint in parts)
)
TEXT = st.one_of(PROSE, st.text(max_size=60))

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(
                st.sampled_from(
                    ["properties", "type", "enum", "anyOf", "allOf", "$ref", "$defs", "items", "if", "const"]
                ),
                TEXT,
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=20,
)
ROW = st.fixed_dictionaries(
    {},
    optional={
        "name": st.one_of(TEXT, JSON),
        "title": st.one_of(TEXT, JSON),
        "description": st.one_of(TEXT, JSON),
        "inputSchema": JSON,
        "outputSchema": JSON,
        "annotations": st.one_of(
            JSON, st.fixed_dictionaries({"readOnlyHint": st.booleans(), "destructiveHint": st.booleans()})
        ),
    },
)


@given(st.lists(ROW, min_size=1, max_size=4))
@settings(deadline=None, max_examples=150)
def test_every_definition_gets_a_verdict_whose_evidence_is_in_the_field_it_names(rows: list[dict[str, object]]) -> None:
    tools = [Tool.from_json(row) for row in rows]  # type: ignore[arg-type]  # arbitrary JSON is the point
    verdicts = classify_server(RULESET, tools)
    assert len(verdicts) == len(tools)
    for tool, verdict in zip(tools, verdicts, strict=True):
        assert verdict.evidence
        assert verdict.risk is risk_of(verdict.severity, verdict.recoverability)
        assert (verdict.inverse is not None) == (verdict.recoverability is Recoverability.R1)
        for one in verdict.evidence:
            assert any(one.text == text[one.start : one.end] for text in field_texts(tool, one.field)), one


@given(PROSE, PROSE)
@settings(deadline=None, max_examples=150)
def test_declaring_a_tool_harmless_never_lowers_its_risk(name: str, description: str) -> None:
    plain = Tool(name=name, description=description)
    hinted = Tool(name=name, description=description, annotations={"readOnlyHint": True, "destructiveHint": False})
    (without,), (with_hints,) = classify_server(RULESET, [plain]), classify_server(RULESET, [hinted])
    assert with_hints.risk >= without.risk
    assert with_hints.category is without.category


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        {"properties": {"x": {"$ref": "#"}}},
        {"$ref": "https://example.test/schema.json"},
        {"anyOf": [{"$ref": "#"}, {"$ref": "#"}], "properties": {"command": {"anyOf": [{"$ref": "#"}] * 50}}},
        {"properties": {f"p{number}": {"$ref": "#"} for number in range(300)}},
    ],
)
def test_a_schema_that_refers_to_itself_ends(schema: dict[str, object]) -> None:
    tool = Tool.from_json({"name": "list_things", "inputSchema": schema})  # type: ignore[dict-item]  # any JSON
    assert classify_server(RULESET, [tool])[0].category == "Read"


def test_a_schema_ten_thousand_levels_deep_ends() -> None:
    schema: dict[str, object] = {}
    for _ in range(10_000):
        schema = {"type": "object", "properties": {"deeper": schema}, "allOf": [schema]}
    tool = Tool.from_json({"name": "list_things", "inputSchema": schema})  # type: ignore[dict-item]  # any JSON
    assert classify_server(RULESET, [tool])[0].category == "Read"


def test_a_description_of_five_megabytes_ends() -> None:
    tool = Tool(name="list_things", description="never use this, (without [ e.g. \n- " * 150_000)
    assert classify_server(RULESET, [tool])[0].category == "Read"
