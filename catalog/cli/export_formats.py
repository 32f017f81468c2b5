"""The targets that ``catalog export`` knows, and what each can express."""

from typing import TYPE_CHECKING

from catalog.errors import UsageError

if TYPE_CHECKING:
    from catalog.policy.target import Exporter, Expresses


def exporter(name: str) -> "Exporter":
    """Return the exporter of a format. Raises: UsageError naming all of them."""
    from catalog.export.registry import exporters

    known = exporters()
    if name not in known:
        raise UsageError(f"there is no format {name!r}; choose one of: {', '.join(known)}")
    return known[name]


def list_formats(*, as_json: bool) -> None:
    """Print every format with its abilities."""
    from rich.table import Table

    from catalog.cli.console import out, print_json
    from catalog.export.registry import exporters

    known = exporters().values()
    if as_json:
        print_json([{"format": one.format, "title": one.title, **_abilities(one.expresses)} for one in known])
        return
    table = Table(box=None, pad_edge=False)
    # What a person must type, and words that would be cut in the middle, keep their width.
    table.add_column("Format", no_wrap=True)
    table.add_column("Target", min_width=len("agentgateway"))
    for heading in ("Actions", "Conditions", "Limits", "Approval", "Taint"):
        table.add_column(heading, no_wrap=True)
    for one in known:
        can = one.expresses
        limits = f"yes{', sums' if can.sums else ''}" if can.limits else "-"
        able = (_mark(can.arguments), _conditions(can), limits, _mark(can.approval), _mark(can.taint))
        table.add_row(one.format, one.title, *able)
    out().print(table)


def _mark(able: object) -> str:
    return "yes" if able else "-"


def _conditions(can: "Expresses") -> str:
    """Return whether a target can ask conditions of arguments; which ones of some, ``--json`` tells."""
    from catalog.policy.model import Operator

    if not can.operators:
        return "-"
    return "all" if can.nested and can.operators == set(Operator) else "some"


def _abilities(expresses: "Expresses") -> dict[str, object]:
    from dataclasses import asdict

    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in asdict(expresses).items()}
