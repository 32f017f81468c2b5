"""A table of all rules for people and spreadsheets (CSV, RFC 4180); nothing enforces it."""

import csv
import io
from collections.abc import Sequence

from catalog.export.json_policy import EVERYTHING
from catalog.policy.model import Policy, Rule
from catalog.policy.reason import demand, rate
from catalog.policy.target import Export
from catalog.terminal import visible_name

COLUMNS = (
    "server",
    "key",
    "tool",
    "selector",
    "value",
    "decision",
    "limits",
    "conditions",
    "taints",
    "after_taint",
    "reason",
    "evidence",
)

_FORMULA = tuple("=+-@|%\uff1d\uff0b\uff0d\uff20\t\r\n")
"""Beginnings that a spreadsheet may take for a formula, full-width ones included."""


class CsvExporter:
    """Writes catalog-policy.csv: a row for each rule of all servers."""

    format = "csv"
    title = "CSV table"
    expresses = EVERYTHING

    def export(self, *policies: Policy) -> Export:
        """See `Exporter.export`."""
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for policy in policies:
            writer.writerows(map(_cell, _row(policy, rule)) for rule in policy.rules)
        return Export.of("catalog-policy.csv", text.getvalue())


def _row(policy: Policy, rule: Rule) -> Sequence[str]:
    match = rule.when[0] if rule.when else None
    return (
        policy.server,
        rule.key,
        rule.tool,
        match.argument if match else "",
        match.value if match else "",
        str(rule.decision),
        "; ".join(f"{rate(limit)} of the {limit.scope}" for limit in rule.limits),
        "; ".join(map(demand, rule.conditions)),
        "yes" if rule.taints else "",
        str(rule.after_taint or ""),
        rule.reason,
        " ".join(rule.evidence),
    )


def _cell(text: str) -> str:
    """Return text that a spreadsheet shows as it is: hidden characters written out, and no formula."""
    shown = visible_name(text)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
