"""What changed, as sentences, and how many entries there were over time."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from catalog.model import Definition
from catalog.policy.recommend import recommend
from catalog.view import ChangeKind, ChangeRow, Effect
from catalog_testing.view import LOOKED_AT, entry_row, server_row
from classifier.verdict import Level
from sitegen.catalogue import CataloguedEntry, CataloguedServer
from sitegen.changes import change_lines, entry_changes, sizes
from sitegen.sparkline import sparkline

DAY = timedelta(days=1)


def change(kind: ChangeKind, key: str = "pick", days: int = 0, **facts: object) -> ChangeRow:
    row: dict[str, object] = {"before": Definition(raw={"name": key}), "after": Definition(raw={"name": key}), **facts}
    return ChangeRow(server="orchard", key=key, at=LOOKED_AT + days * DAY, kind=kind, **row)  # type: ignore[arg-type]


def server(*names: str, history: Sequence[ChangeRow] = ()) -> CataloguedServer:
    rows = [entry_row(name) for name in names]
    entries = tuple(
        CataloguedEntry(row=row, tool=row.definition.tool, server=server_row(), path=f"servers/orchard/{row.key}/")
        for row in rows
    )
    return CataloguedServer(
        row=server_row(),
        path="servers/orchard/",
        entries=entries,
        policy=recommend("orchard", rows),
        exports=(),
        history=tuple(history),
    )


@pytest.mark.parametrize(
    ("row", "kind", "sentence"),
    [
        (change(ChangeKind.ADDED, before=None), "added", "Added."),
        (change(ChangeKind.REMOVED, after=None), "removed", "Removed."),
        (
            change(ChangeKind.CHANGED, effect=Effect.COSMETIC),
            "cosmetic",
            "Other words; the parameters and the verdict stayed the same.",
        ),
        (
            change(ChangeKind.CHANGED, effect=Effect.INTERFACE, risk=Level.LOW, risk_before=Level.LOW),
            "interface",
            "Other parameters, results or hints; the risk stayed Low.",
        ),
        (
            change(ChangeKind.CHANGED, effect=Effect.RISK_RAISED, risk=Level.HIGH, risk_before=Level.LOW),
            "risk-raised",
            "The risk rose from Low to High.",
        ),
        (
            change(ChangeKind.CHANGED, effect=Effect.RISK_LOWERED, risk=Level.LOW, risk_before=Level.HIGH),
            "risk-lowered",
            "The risk fell from High to Low.",
        ),
        (change(ChangeKind.CHANGED), "changed", "Its definition changed."),
    ],
)
def test_each_kind_of_change_is_a_sentence(row: ChangeRow, kind: str, sentence: str) -> None:
    (line,) = change_lines([row], {"pick": "servers/orchard/pick/"})
    assert (line.kind, line.sentence) == (kind, sentence)
    assert (line.at, line.name, line.to) == ("2026-11-20", "pick", "servers/orchard/pick/")


def test_a_renamed_entry_leads_to_its_new_page_and_says_what_it_was_called() -> None:
    row = change(ChangeKind.RENAMED, key="grab", after=Definition(raw={"name": "pick"}), new_key="pick")
    (line,) = change_lines([row], {"grab": "servers/orchard/grab/", "pick": "servers/orchard/pick/"})
    assert (line.name, line.to) == ("pick", "servers/orchard/pick/")
    assert line.sentence == "Renamed; it was called grab, with the same definition."
    assert entry_changes(server("pick", history=[row]), "pick") == (row,)
    assert entry_changes(server("pick", history=[row]), "plant") == ()


def test_the_number_of_entries_is_counted_back_from_today() -> None:
    history = [
        change(ChangeKind.REMOVED, "plant", days=9),
        change(ChangeKind.ADDED, "pick", days=5),
        change(ChangeKind.ADDED, "pack", days=5),
        change(ChangeKind.CHANGED, "pack", days=7),
    ]
    found = sizes(server("pick", "pack", history=history))
    assert [(size.at - LOOKED_AT, size.number) for size in found] == [(0 * DAY, 1), (5 * DAY, 3), (9 * DAY, 2)]
    line = sparkline(found)
    assert line is not None
    assert line.alternative == "From 1 entry on 2026-11-20 to 2 on 2026-11-29, between 1 and 3 on the way"
    assert line.points.startswith("3.0,45.0 ")
    assert line.points.count(",") == 6


def test_where_the_number_never_changed_there_is_no_line() -> None:
    assert sizes(server("pick", history=[change(ChangeKind.CHANGED, days=3)])) == ()
    assert sparkline(()) is None
