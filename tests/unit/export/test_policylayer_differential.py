"""Whatever the policy and the call: the exported document is never looser than the reference evaluator."""

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.export.policylayer import PolicyLayerExporter
from catalog.policy.evaluate import evaluate
from catalog.policy.model import Policy
from catalog_testing.calls import accounted_for, calls, policies
from catalog_testing.policylayer import STRICT, Dialect, Document, decide

DIALECTS = (
    STRICT,
    Dialect(compares_printed=True),
    Dialect(null_is_absent=True),
    Dialect(not_in_holds_for_absent=True),
    Dialect(compares_printed=True, null_is_absent=True, not_in_holds_for_absent=True),
)


@settings(max_examples=500, deadline=None)  # a busy machine is no fault of the policy
@given(policy=policies(), data=st.data())
def test_an_export_is_never_looser_and_equal_but_for_what_it_lists(policy: Policy, data: st.DataObject) -> None:
    export = PolicyLayerExporter().export(policy)
    document = Document.model_validate_json(export.text)
    call = data.draw(calls(policy))
    wanted = evaluate(policy, *call)
    for dialect in DIALECTS:
        got = decide(document, *call, dialect)
        assert got.strictness >= wanted.strictness
        assert got is wanted or accounted_for(policy, export, call, got)
