"""Our own policy file, read back and decided by the reference evaluator: says that nothing is lost in writing it."""

from collections.abc import Sequence
from importlib.metadata import version

from catalog.policy.document import read_policies
from catalog.policy.evaluate import evaluate
from catalog.policy.model import Decision
from catalog.policy.target import Export
from catalog.verify.base import Call


class ReferenceEngine:
    """Decides as ``catalog hook`` and ``catalog gateway`` do, before anything is counted."""

    format = "json"
    title = "the reference evaluator, from the file"

    def version(self) -> str:
        """See `Engine.version`."""
        return version("mcp-catalog")

    def decide(self, export: Export, calls: Sequence[Call]) -> Sequence[Decision]:
        """See `Engine.decide`."""
        policies = read_policies(export.text)
        return [
            evaluate(policies[call.server], call.tool, call.arguments) if call.server in policies else Decision.DENY
            for call in calls
        ]
