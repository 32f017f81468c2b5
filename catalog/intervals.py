"""The intervals in which a server's entries had one definition each, and where those of one key meet, begin and end."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from catalog.model import Definition, Dispatch, Provenance
from catalog.steady import nameless
from classifier.verdict import Category, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What of a judgement a change tells; all None where there was none."""

    ruleset: str | None
    category: Category | None
    risk: Level | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A time in which an entry had one definition. Looks are numbered in the order of recording."""

    key: str
    definition: Definition
    provenance: Provenance
    dispatch: Dispatch | None
    opened: int
    """The look that showed it first."""
    last_seen: int
    closed: int | None
    """The look that no longer showed it; None while it is present."""
    first: Verdict
    """As it was first judged."""
    last: Verdict
    """As it was last judged; of a closed one, before it was closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is known of one server's past."""

    server: str
    """Its slug."""
    intervals: Sequence[Interval]
    looks: Mapping[int, datetime]
    """When each look that gave a list ended."""
    first_looks: Set[int]
    """The first list of the server itself and the first reading of its source: what they show was there before."""


Pair = tuple[Interval, Interval]
"""Before and after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What became of the entries from interval to interval."""

    by_key: Mapping[str, Sequence[Interval]]
    """In the order of time."""
    changed: Sequence[Pair]
    """Intervals of one key that meet."""
    renamed: Sequence[Pair]
    added: Sequence[Interval]
    removed: Sequence[tuple[Interval, int]]
    """With the look that no longer showed it."""


def steps(past: Past) -> Steps:
    """Return where the intervals of each key meet, begin and end."""
    by_key: dict[str, list[Interval]] = defaultdict(list)
    for one in sorted(past.intervals, key=lambda interval: interval.opened):
        by_key[one.key].append(one)
    changed: list[Pair] = []
    begun: dict[int, list[Interval]] = defaultdict(list)
    ended: dict[int, list[Interval]] = defaultdict(list)
    for of_key in by_key.values():
        if of_key[0].opened not in past.first_looks:
            begun[of_key[0].opened].append(of_key[0])
        for before, after in pairwise(of_key):
            if before.closed == after.opened:
                changed.append((before, after))
            elif before.closed is not None:
                ended[before.closed].append(before)
                begun[after.opened].append(after)
        if (closed := of_key[-1].closed) is not None:
            ended[closed].append(of_key[-1])
    renamed = {look: _renames(gone, begun[look]) for look, gone in ended.items() if look in begun}
    old = {(look, before.key) for look, pairs in renamed.items() for before, _ in pairs}
    new = {(look, after.key) for look, pairs in renamed.items() for _, after in pairs}
    return Steps(
        by_key=by_key,
        changed=changed,
        renamed=[pair for pairs in renamed.values() for pair in pairs],
        added=[one for look, ones in begun.items() for one in ones if (look, one.key) not in new],
        removed=[(one, look) for look, ones in ended.items() for one in ones if (look, one.key) not in old],
    )


def _renames(gone: Sequence[Interval], new: Sequence[Interval]) -> list[Pair]:
    """Pair what vanished with what appeared at one look where only the name differs.

    Actions are paired within one dispatcher, which may have been renamed itself: then they keep their own names.
    """
    tools = _alike(gone, new, lambda one: None if one.dispatch else _described(one))
    into = {before.key: after.key for before, after in tools}

    def own_name(one: Interval) -> Hashable:
        return one.dispatch and (
            dispatcher(one.dispatch),
            *one.dispatch.selector.values(),
            nameless(one.definition.raw),
        )

    def content(one: Interval) -> Hashable:
        described = _described(one)
        return one.dispatch and described and (dispatcher(one.dispatch), described)

    def dispatcher(dispatch: Dispatch) -> str:
        return into.get(dispatch.tool, dispatch.tool)

    moved = _alike(gone, new, own_name)
    settled = {one.key for pair in moved for one in pair}
    gone, new = ([one for one in side if one.key not in settled] for side in (gone, new))
    return [*tools, *moved, *_alike(gone, new, content)]


def _described(one: Interval) -> str | None:
    """Return what it says but for its name; None without a description: then it says too little to be known again."""
    description = one.definition.raw.get("description")
    return nameless(one.definition.raw) if isinstance(description, str) and description.strip() else None


def _alike(gone: Sequence[Interval], new: Sequence[Interval], identity: Callable[[Interval], Hashable]) -> list[Pair]:
    """Return the pairs of the same identity; where several share one, none is paired. None is no identity."""
    groups: dict[Hashable, tuple[list[Interval], list[Interval]]] = defaultdict(lambda: ([], []))
    for at, side in enumerate((gone, new)):
        for one in side:
            groups[identity(one)][at].append(one)
    groups.pop(None, None)
    return [(before[0], after[0]) for before, after in groups.values() if len(before) == len(after) == 1]
