"""What Open Policy Agent's language makes of an exported policy: another engine for Rego, with the program as it is."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from catalog.policy.model import Decision
from catalog.policy.target import Export
from catalog.verify.base import Call
from catalog.verify.engines.packages import installed, load
from catalog.verify.engines.wire import as_in_go, text_for

_PACKAGE = "lakera-regorus"


class RegoEngine:
    """Asks regorus, which runs in Python, in place of OPA."""

    format = "opa"
    title = "Rego (lakera-regorus)"

    def version(self) -> str:
        """See `Engine.version`."""
        return installed(_PACKAGE)

    def decide(self, export: Export, calls: Sequence[Call]) -> Sequence[Decision]:
        """See `Engine.decide`."""
        asked: dict[str, Policy] = {}
        decisions = []
        for call in calls:
            if call.server not in asked:
                asked[call.server] = Policy(export, call.server)
            policy = asked[call.server]
            params = {"name": call.tool, "arguments": call.arguments}
            decisions.append(policy.decides({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}))
        return decisions


class Policy:
    """The program and one server's data, loaded. Raises: ValueError where they cannot be read."""

    def __init__(self, export: Export, server: str) -> None:
        self._engine = load("lakera_regorus", _PACKAGE).Engine()
        try:
            self._engine.add_policy("policy.rego", text_for(export, "policy.rego", server) or "")
            self._engine.add_data_json(text_for(export, "data.json", server) or "{}")
        except RuntimeError as error:
            raise ValueError(f"the policy cannot be read: {error}") from error

    def decides(self, request: Mapping[str, Any]) -> Decision:
        """Return the decision on a request; what is undefined is denied."""
        found = self.value("decision", request)
        return Decision(found) if isinstance(found, str) else Decision.DENY

    def value(self, rule: str, request: Mapping[str, Any]) -> Any:
        """Return what a rule of the program comes to for a request; None where it is undefined or fails."""
        try:
            self._engine.set_input_json(json.dumps(as_in_go(request, precise=True), allow_nan=False))
            result = json.loads(self._engine.eval_query_as_json(f"data.catalog.authz.{rule}"))
        except (RuntimeError, ValueError):
            return None
        found = result.get("result") or [{"expressions": [{"value": None}]}]
        return found[0]["expressions"][0]["value"]
