"""Where a loop stands, for flat templates: what most templates ask of Jinja2's ``loop``, without its cost."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields

COUNTED = "_counted"
"""The name by which a flat template calls a `LoopCounter`."""

# Positions in loops up to this long are made once.
_KEPT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopPosition:
    """Where a loop stands."""

    index: int
    """From 1."""
    index0: int
    length: int
    first: bool
    last: bool


POSITION_FIELDS = frozenset(field.name for field in fields(LoopPosition))


class LoopCounter:
    """Counts through collections."""

    def __init__(self) -> None:
        self._kept = [_positions(length) for length in range(_KEPT)]

    def __call__(self, items: Collection[object]) -> Iterable[tuple[LoopPosition, object]]:
        """Return each item with its position. Raises: TypeError where ``items`` has no length."""
        length = len(items)
        return zip(self._kept[length] if length < _KEPT else _positions(length), items, strict=True)


def _positions(length: int) -> tuple[LoopPosition, ...]:
    return tuple(
        LoopPosition(index=index0 + 1, index0=index0, length=length, first=not index0, last=index0 == length - 1)
        for index0 in range(length)
    )
