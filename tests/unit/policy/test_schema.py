"""The published JSON Schema and the reader of policy files take the same documents."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.policy.document import PolicyFileError, read_policies
from catalog.policy.schema import schema
from catalog.policy.writing import policies_json
from catalog_testing.random_policies import whole_policies

VALIDATOR = jsonschema.Draft202012Validator(schema())

DOCUMENTS = st.lists(whole_policies(), min_size=1, max_size=1).map(policies_json)

# Values that stand where another belongs. No whole number with a point: the schema takes 1.0 for 1.
WRONG: st.SearchStrategy[Any] = st.sampled_from(
    (
        None,
        True,
        False,
        0,
        1,
        -1,
        2.5,
        "",
        "/a",
        "x",
        "allow",
        "limit",
        "deny",
        "hour",
        "present",
        "one_of",
        [],
        {},
        ["x"],
    )
)
KEYS = ("version", "$schema", "values", "parameter", "limits", "conditions", "scope", "sum_of", "payload", "unknown")


def _places(value: object) -> list[Any]:
    """Return every object and list in a document."""
    inside: list[Any] = [value] if isinstance(value, dict | list) else []
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return inside + [place for one in below for place in _places(one)]


@st.composite
def _mutated(draw: st.DrawFn) -> object:
    """Draw a document in which one to three things are another, missing, or one too many."""
    document = json.loads(json.dumps(draw(DOCUMENTS)))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(_places(document)))
        if isinstance(place, dict):
            key = draw(st.sampled_from((*place, *KEYS)))
            if draw(st.booleans()):
                place.pop(key, None)
            else:
                place[key] = deepcopy(draw(WRONG))
        elif place and draw(st.booleans()):
            place.pop()
        else:
            place.append(deepcopy(draw(WRONG)))
    return document


def _reads(document: object) -> str:
    """Return why the reader refuses a document; nothing where it takes it."""
    try:
        read_policies(json.dumps(document))
    except PolicyFileError as error:
        return str(error)
    return ""


@given(DOCUMENTS)
@settings(max_examples=50, deadline=None)
def test_the_schema_takes_every_policy_file_that_is_written(document: object) -> None:
    assert _reads(document) == ""
    VALIDATOR.validate(document)


@given(_mutated())
@settings(max_examples=150, deadline=None)
def test_the_schema_and_the_reader_refuse_the_same_documents(document: object) -> None:
    refused = _reads(document)
    if "the policy has no parameter" in refused:
        return  # a schema cannot look up a name elsewhere in the document
    assert VALIDATOR.is_valid(document) is (refused == ""), refused


def test_the_schema_is_a_schema_that_refuses_unknown_keys_by_name() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    (error,) = VALIDATOR.iter_errors({"version": 1, "servers": {"s": {"rules": [], "rule": []}}})
    assert "'rule'" in error.message


def test_the_schema_in_the_docs_is_the_one_that_the_command_prints() -> None:
    published = Path(__file__).parents[3] / "docs/policy.schema.json"
    assert json.loads(published.read_text()) == schema(), "catalog policy schema > docs/policy.schema.json"
