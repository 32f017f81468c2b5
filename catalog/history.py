"""What changed of one server's entries, and which of them are gone: rows for pages, told from intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from catalog.intervals import Interval, Past, steps
from catalog.model import Provenance
from catalog.steady import is_same_interface, is_same_tool
from catalog.view import ChangeKind, ChangeRow, Effect, RemovedRow
from classifier.verdict import Level


def history(past: Past) -> list[ChangeRow]:
    """Return the changes, the latest first, then by key. From declared to listed is no change where the key stays."""
    found = steps(past)
    rows = [(pair[1].opened, _change(past, *pair)) for pair in found.changed if _is_change(*pair)]
    rows += [(pair[1].opened, _rename(past, *pair)) for pair in found.renamed]
    rows += [(one.opened, _addition(past, one)) for one in found.added]
    rows += [(look, _removal(past, one, look)) for one, look in found.removed]
    return [row for _, row in sorted(rows, key=lambda row: (-row[0], row[1].key))]


def removed(past: Past) -> list[RemovedRow]:
    """Return the entries that the server no longer has, by key."""
    found = steps(past)
    renamed = {(before.key, before.closed): after for before, after in found.renamed}
    rows = []
    for key in sorted(found.by_key):
        first, last = found.by_key[key][0], found.by_key[key][-1]
        if last.closed is not None:
            rows.append(
                RemovedRow(
                    server=past.server,
                    key=key,
                    definition=last.definition,
                    dispatch=last.dispatch,
                    first_seen=past.looks[first.opened],
                    last_seen=past.looks[last.last_seen],
                    removed_at=past.looks[last.closed],
                    new_key=_present_key(last, renamed, found.by_key),
                    category=last.last.category,
                    risk=last.last.risk,
                )
            )
    return rows


def _present_key(
    last: Interval, renamed: Mapping[tuple[str, int | None], Interval], by_key: Mapping[str, Sequence[Interval]]
) -> str | None:
    """Return the key under which a removed entry is present now, following its renames; None where it is not."""
    while (after := renamed.get((last.key, last.closed))) is not None:
        last = after
        for following in by_key[after.key]:
            if following.opened == last.closed:
                last = following
    return last.key if by_key[last.key][-1].closed is None else None


def _is_change(before: Interval, after: Interval) -> bool:
    if before.provenance != after.provenance and Provenance.DECLARED in {before.provenance, after.provenance}:
        return False  # source says less than the server itself: what differs need not have changed
    return before.dispatch != after.dispatch or not is_same_tool(before.definition.raw, after.definition.raw)


def _change(past: Past, before: Interval, after: Interval) -> ChangeRow:
    return ChangeRow(
        server=past.server,
        key=after.key,
        at=past.looks[after.opened],
        kind=ChangeKind.CHANGED,
        effect=_effect(before, after),
        before=before.definition,
        after=after.definition,
        category=after.first.category,
        risk=after.first.risk,
        risk_before=_risk_before(before, after),
    )


def _rename(past: Past, before: Interval, after: Interval) -> ChangeRow:
    row = _change(past, before, after)
    return replace(row, kind=ChangeKind.RENAMED, effect=None, key=before.key, new_key=after.key)


def _addition(past: Past, one: Interval) -> ChangeRow:
    return ChangeRow(
        server=past.server,
        key=one.key,
        at=past.looks[one.opened],
        kind=ChangeKind.ADDED,
        after=one.definition,
        category=one.first.category,
        risk=one.first.risk,
    )


def _removal(past: Past, one: Interval, look: int) -> ChangeRow:
    return ChangeRow(
        server=past.server,
        key=one.key,
        at=past.looks[look],
        kind=ChangeKind.REMOVED,
        before=one.definition,
        category=one.last.category,
        risk=one.last.risk,
    )


def _effect(before: Interval, after: Interval) -> Effect | None:
    earlier, later = _risk_before(before, after), after.first.risk
    if earlier is None or later is None:
        return None
    if earlier != later:
        return Effect.RISK_RAISED if later > earlier else Effect.RISK_LOWERED
    same = before.dispatch == after.dispatch and is_same_interface(before.definition.raw, after.definition.raw)
    return Effect.COSMETIC if same else Effect.INTERFACE


def _risk_before(before: Interval, after: Interval) -> Level | None:
    """Return the earlier risk where the same rules judged both definitions: else the rules may be all that changed."""
    return before.last.risk if before.last.ruleset == after.first.ruleset else None
