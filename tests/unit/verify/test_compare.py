"""An engine's decisions beside the reference evaluator's."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from catalog.policy.model import Decision
from catalog.policy.target import Export, Unsupported
from catalog.verify.base import Call, EngineUnavailable
from catalog.verify.compare import Standing, compare
from catalog.verify.proof import Proof, prove
from catalog_testing.policy import policy, rule

POLICY = policy(
    rule("peek", Decision.ALLOW),
    rule("make", Decision.LIMIT),
    rule("ask", Decision.APPROVE),
    rule("wipe", Decision.HIDE),
    rule("truenas", Decision.ALLOW, action="ls"),
)


def _stands(tool: str, got: Decision, *notes: Unsupported, arguments: dict[str, object] | None = None) -> Standing:
    call = Call(server="truenas", tool=tool, arguments=arguments or {}, kind="exact")
    report = compare(POLICY, Export.of("f", "", notes), [call], [got])
    return report.compared[0].standing


def _note(key: str, written: str) -> Unsupported:
    return Unsupported(key=key, wanted="", written=written)


@pytest.mark.parametrize(
    ("tool", "got"),
    [("peek", Decision.ALLOW), ("make", Decision.LIMIT), ("wipe", Decision.DENY), ("wipe", Decision.HIDE)],
)
def test_equal_is_equal_and_hiding_is_denying(tool: str, got: Decision) -> None:
    assert _stands(tool, got) is Standing.EQUAL


@pytest.mark.parametrize(
    ("tool", "got"),
    [
        ("wipe", Decision.APPROVE),
        ("ask", Decision.LIMIT),
        ("make", Decision.ALLOW),
        ("unknown", Decision.ALLOW),
    ],
)
def test_what_the_policy_does_not_let_through_or_wants_counted_is_looser(tool: str, got: Decision) -> None:
    assert _stands(tool, got) is Standing.LOOSER
    assert _stands(tool, got, _note(tool, f"{got}: so it is")) is Standing.LOOSER


def test_stricter_is_expected_where_the_export_says_so_of_the_entry() -> None:
    assert _stands("make", Decision.APPROVE, _note("make", "approve: it cannot count calls")) is Standing.LISTED
    assert _stands("make", Decision.DENY, _note("make", "deny")) is Standing.LISTED
    assert _stands("peek", Decision.LIMIT, _note("peek", "limit to 5 calls per hour")) is Standing.LISTED


@pytest.mark.parametrize(
    "notes",
    [(), (_note("peek", "deny"),), (_note("make", "approve: it cannot count calls"),), (_note("make", "denying"),)],
    ids=["none", "of another", "of another decision", "no word"],
)
def test_stricter_is_unexpected_where_nothing_says_so(notes: tuple[Unsupported, ...]) -> None:
    assert _stands("make", Decision.DENY, *notes) is Standing.STRICTER


def test_a_note_on_an_action_does_not_speak_for_the_tool() -> None:
    note = _note("truenas/ls", "deny: so")
    assert _stands("truenas", Decision.DENY, note, arguments={"action": "ls"}) is Standing.LISTED
    assert _stands("truenas", Decision.DENY, note) is Standing.STRICTER


def test_a_null_selector_may_be_refused() -> None:
    assert _stands("truenas", Decision.DENY, arguments={"action": None}) is Standing.LISTED


def test_a_report_counts_by_kind_and_tells_the_looser_calls_first() -> None:
    calls = [
        Call(server="truenas", tool=tool, arguments={}, kind=kind)
        for tool, kind in (("peek", "exact"), ("peek", "near"), ("wipe", "near"))
    ]
    report = compare(POLICY, Export.of("f", ""), calls, [Decision.ALLOW, Decision.DENY, Decision.ALLOW])
    assert report.kinds["near"] == {Standing.STRICTER: 1, Standing.LOOSER: 1}
    assert [one.call.tool for one in report.unexpected] == ["wipe", "peek"]


def test_an_engine_that_leaves_calls_out_proves_nothing() -> None:
    calls = [Call(server="truenas", tool="peek", arguments={}, kind="exact")] * 2
    with pytest.raises(ValueError, match="shorter"):
        compare(POLICY, Export.of("f", ""), calls, [Decision.ALLOW])


@dataclass(kw_only=True)
class _Engine:
    """Lets everything through, or cannot be asked, or refuses the export."""

    format: str = "policylayer"
    title: str = "An engine"
    obstacle: Exception | None = None

    def version(self) -> str:
        return "1"

    def decide(self, export: Export, calls: Sequence[Call]) -> Sequence[Decision]:
        if self.obstacle:
            raise self.obstacle
        return [Decision.ALLOW for _ in calls]


def _proof(obstacle: Exception | None) -> Proof:
    from catalog.export.policylayer import PolicyLayerExporter

    calls = [Call(server="truenas", tool="wipe", arguments={}, kind="exact")]
    (proof,) = prove(PolicyLayerExporter(), [_Engine(obstacle=obstacle)], POLICY, calls)
    return proof


def test_an_engine_that_cannot_be_asked_is_no_success() -> None:
    proof = _proof(EngineUnavailable("install it"))
    assert (proof.report, proof.not_asked, proof.failed) == (None, "install it", False)


def test_an_engine_that_refuses_the_export_fails_the_proof() -> None:
    assert _proof(ValueError("line 3")).failed
    assert _proof(ValueError()).failed


def test_an_engine_that_lets_through_what_is_denied_fails_the_proof() -> None:
    proof = _proof(None)
    assert proof.failed
    assert proof.report is not None
    assert proof.report.count(Standing.LOOSER) == 1
