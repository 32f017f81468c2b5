"""Our own policy file: what ``catalog hook`` and ``catalog gateway`` enforce, and nothing of it is lost."""

import json

from catalog.policy.model import Operator, Policy
from catalog.policy.target import Export, Expresses
from catalog.policy.writing import policies_json

EVERYTHING = Expresses(
    arguments=True,
    limits=True,
    approval=True,
    hiding=True,
    operators=frozenset(Operator),
    nested=True,
    taint=True,
    sums=True,
    approved_limits=True,
    sessions=True,
)


class JsonExporter:
    """Writes catalog-policy.json with the policies of all servers."""

    format = "json"
    title = "Catalog's own policy file"
    expresses = EVERYTHING

    def export(self, *policies: Policy) -> Export:
        """See `Exporter.export`."""
        return Export.of("catalog-policy.json", json.dumps(policies_json(policies), indent=2) + "\n")
