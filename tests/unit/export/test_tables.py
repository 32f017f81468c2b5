"""Our own policy file and the table for people: nothing is lost, nothing runs."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from catalog.export.csv_table import COLUMNS, CsvExporter
from catalog.export.json_policy import JsonExporter
from catalog.policy.document import read_policies
from catalog.policy.model import Decision, Policy, Rule
from catalog.verify.engines.reference import ReferenceEngine
from catalog_testing.engines import surprises
from catalog_testing.policy import policy, rule
from catalog_testing.random_policies import whole_policies

ALLOW, LIMIT, _, DENY, _ = Decision


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@given(st.lists(whole_policies(), min_size=1, max_size=2, unique_by=lambda one: one.server))
def test_our_policy_file_holds_everything_of_every_policy(drawn: list[Policy]) -> None:
    export = JsonExporter().export(*drawn)
    assert export.filename == "catalog-policy.json"
    assert export.unsupported == ()
    export.text.encode()
    assert list(read_policies(export.text).values()) == drawn


def test_our_policy_file_decides_as_the_policy() -> None:
    one = policy(rule("peek", ALLOW), rule("truenas", LIMIT, action="ls"), rule("truenas", DENY, action='r"m\n'))
    assert surprises(JsonExporter(), ReferenceEngine(), one) == ()


def test_the_table_has_a_row_for_each_rule() -> None:
    ruled = Rule(
        tool="truenas",
        when=rule("truenas", ALLOW, action="ls").when,
        decision=LIMIT,
        limits=rule("x", LIMIT).limits,
        reason='It "reads", so.',
        evidence=("trait/a", "trait/b"),
        key="truenas/ls",
    )
    heading, row = _rows(CsvExporter().export(policy(ruled)).text)
    assert tuple(heading) == COLUMNS
    assert dict(zip(heading, row, strict=True)) == {
        "server": "truenas",
        "key": "truenas/ls",
        "tool": "truenas",
        "selector": "action",
        "value": "ls",
        "decision": "limit",
        "limits": "30 calls per minute of the server",
        "conditions": "",
        "taints": "",
        "after_taint": "",
        "reason": 'It "reads", so.',
        "evidence": "trait/a trait/b",
    }


def test_no_name_is_a_formula_a_second_row_or_hidden() -> None:
    names = (
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\uff1d1",
        "|x",
        'a","b',
        "a\nb",
        "a\0b",
        "\u202ex",
        "\ud800",
    )
    text = CsvExporter().export(policy(*(rule(name, ALLOW) for name in names))).text
    _, *rows = _rows(text)
    text.encode()
    assert [row[2] for row in rows] == [
        "'=1+1",
        "'+1",
        "'-1",
        "'@SUM(A1)",
        "\\t=1",
        "\\x0d=1",
        "'\uff1d1",
        "'|x",
        'a","b',
        "a\\nb",
        "a\\x00b",
        "\\u202ex",
        "\\ud800",
    ]
