"""The number of entries over time as a small stepped line."""

from collections.abc import Sequence
from dataclasses import dataclass

from sitegen.changes import Size
from sitegen.words import count

_WIDTH = 240
_HEIGHT = 48
# Half a line's width, so that no stroke is cut at the edge.
_EDGE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparkline:
    """A line in a box of its own units."""

    width: int
    height: int
    points: str
    """As SVG's ``points`` wants them."""
    alternative: str
    """What the line shows, in words."""


def sparkline(sizes: Sequence[Size]) -> Sparkline | None:
    """Return the line through ``sizes``, the earliest first; None for fewer than two."""
    if len(sizes) < 2:
        return None
    first, last = sizes[0], sizes[-1]
    span = (last.at - first.at).total_seconds() or 1.0
    least, most = min(size.number for size in sizes), max(size.number for size in sizes)
    found: list[str] = []
    y = 0.0
    for size in sizes:
        x = round(_EDGE + (_WIDTH - 4 * _EDGE) * (size.at - first.at).total_seconds() / span, 1)
        if found:
            found.append(f"{x},{y}")
        y = round(_HEIGHT - _EDGE - (_HEIGHT - 2 * _EDGE) * (size.number - least) / ((most - least) or 1), 1)
        found.append(f"{x},{y}")
    found.append(f"{_WIDTH - _EDGE},{y}")
    between = f", between {least:,} and {most:,} on the way" if len(sizes) > 2 else ""
    return Sparkline(
        width=_WIDTH,
        height=_HEIGHT,
        points=" ".join(found),
        alternative=f"From {count(first.number, 'entry', 'entries')} on {first.at.date().isoformat()} "
        f"to {last.number:,} on {last.at.date().isoformat()}{between}",
    )
