"""Whatever the policy and the call: the exported document is never looser than the reference evaluator."""

from hypothesis import given, settings

from catalog.export.policylayer import PolicyLayerExporter
from catalog.verify.compare import compare
from catalog.verify.engines.policylayer import DIALECTS, Document, PolicyLayerEngine, decide
from catalog_testing.differential import Case, cases, unexpected


@settings(max_examples=25, deadline=None)  # a busy machine is no fault of the policy
@given(case=cases())
def test_an_export_is_never_looser_and_equal_but_for_what_it_lists(case: Case) -> None:
    assert unexpected(PolicyLayerExporter(), PolicyLayerEngine(), case) == ()
    policy, calls = case
    export = PolicyLayerExporter().export(policy)
    document = Document.model_validate_json(export.text)
    for dialect in DIALECTS:
        decisions = [decide(document, call.tool, call.arguments, dialect) for call in calls]
        assert compare(policy, export, calls, decisions).unexpected == ()
