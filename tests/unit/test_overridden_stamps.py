"""A stamp of the catalogue with a person's decisions tells of those about its server."""

from datetime import date

from catalog.overrides import OverriddenView, Override
from catalog_testing.view import entry_row, memory_view, server_row

VIEW = memory_view((server_row("meadow"), [entry_row("mow")]), (server_row("orchard"), [entry_row("count")]))


def decision(*, value: str = "High", reason: str = "it is not what it says") -> Override:
    return Override(
        server="orchard",
        tool="count",
        field="severity",
        value=value,
        reason=reason,
        by="ana",
        date=date(2026, 11, 23),
        definition="0f1e2d3c4b5a",
    )


def test_decisions_change_the_stamp_of_their_own_server_only() -> None:
    plain = VIEW.stamps()
    decided = OverriddenView(VIEW, (decision(),)).stamps()

    assert list(decided) == list(plain)
    assert decided["meadow"] == plain["meadow"]
    assert decided["orchard"] != plain["orchard"]
    assert OverriddenView(VIEW, (decision(),)).stamps() == decided


def test_any_other_decision_is_another_stamp() -> None:
    made = [(), (decision(),), (decision(value="Low"),), (decision(reason="it drops them"),)]

    assert len({OverriddenView(VIEW, overrides).stamps()["orchard"] for overrides in made}) == len(made)
