"""A plot of growth as an SVG file: CPU seconds and peak memory over pages."""

from collections.abc import Sequence
from dataclasses import dataclass

_WIDTH, _HEIGHT = 640, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 60, 40, 45


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One build."""

    pages: int
    cpu: float
    """Seconds."""
    peak: float
    """MB."""


def plotted(points: Sequence[Point], title: str) -> str:
    """Return the plot, with its numbers as text for those who do not see it."""
    most_pages = max(point.pages for point in points)
    most_cpu = 1.1 * max(point.cpu for point in points)
    most_memory = 1.1 * max(point.peak for point in points)

    def place(pages: float, share: float) -> tuple[float, float]:
        x = _LEFT + (_WIDTH - _LEFT - _RIGHT) * pages / most_pages
        return round(x, 1), round(_HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * share, 1)

    said = "; ".join(f"{point.pages:,} pages: {point.cpu:.1f} CPU s, {point.peak:.0f} MB" for point in points)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        'font-family="sans-serif" font-size="12">',
        f"<title>{title}</title><desc>{said}</desc>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="20" font-size="14">{title}</text>',
        f'<path d="M{_LEFT} {_TOP}V{_HEIGHT - _BOTTOM}H{_WIDTH - _RIGHT}V{_TOP}" fill="none" stroke="#888"/>',
    ]
    for colour, side, anchor, most, unit, values in (
        ("#0b5cad", _LEFT - 6, "end", most_cpu, "s", [point.cpu for point in points]),
        ("#a34700", _WIDTH - _RIGHT + 6, "start", most_memory, "MB", [point.peak for point in points]),
    ):
        places = [place(point.pages, value / most) for point, value in zip(points, values, strict=True)]
        line = " ".join(f"{x},{y}" for x, y in places)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>' for x, y in places]
        parts += [
            f'<text x="{side}" y="{place(0, value / most)[1] + 4}" text-anchor="{anchor}" fill="{colour}">'
            f"{value:.0f} {unit}</text>"
            for value in (values if unit == "s" else values[-1:])
        ]
    for point in points:
        x, y = place(point.pages, 0)
        parts.append(f'<text x="{x}" y="{y + 18}" text-anchor="middle">{point.pages:,}</text>')
    below = "pages; blue: CPU seconds, brown: peak memory"
    parts.append(f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 8}" text-anchor="middle">{below}</text>')
    return "\n".join([*parts, "</svg>", ""])
