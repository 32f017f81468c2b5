"""What the style sheet promises: contrast and size."""

import re
from importlib.resources import files

import pytest

STYLES = files("sitegen").joinpath("static/site.css").read_text(encoding="utf-8")
SCRIPT = files("sitegen").joinpath("static/site.js").read_bytes()

# WCAG 2.2, success criterion 1.4.3: normal text.
AA = 4.5

PAIRS = [
    ("ink", "paper"), ("ink", "panel"), ("soft", "paper"), ("soft", "panel"), ("accent", "paper"), ("accent", "panel"),
    ("low", "low-tint"), ("medium", "medium-tint"), ("high", "high-tint"), ("critical", "critical-tint"),
    ("ink", "medium-tint"), ("ink", "high-tint"), ("ink", "mark"), ("medium", "paper"),
]  # fmt: skip


def colours(scheme: str) -> dict[str, str]:
    """Return the colours of a scheme; the dark one comes second in the file."""
    blocks = re.findall(r":root \{(.*?)\}", STYLES, re.DOTALL)
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", blocks[["light", "dark"].index(scheme)]))


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2.2, definitions)."""
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read_on_its_ground(scheme: str, text: str, ground: str) -> None:
    known = colours(scheme)
    brighter, darker = sorted((luminance(known[text]), luminance(known[ground])), reverse=True)
    assert (brighter + 0.05) / (darker + 0.05) >= AA


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("percent", re.findall(r"\.heat-\d \{ --shade: (\d+)%; \}", STYLES))
def test_numbers_can_be_read_on_every_shade_of_the_matrix(scheme: str, percent: str) -> None:
    known = colours(scheme)
    brighter, darker = sorted(
        (luminance(known["ink"]), luminance(mixed(known["accent"], known["paper"], int(percent) / 100))), reverse=True
    )
    assert (brighter + 0.05) / (darker + 0.05) >= AA


def mixed(colour: str, ground: str, part: float) -> str:
    """Return ``part`` of a colour on a ground, as CSS color-mix() does in srgb."""
    pairs = [(int(colour[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(part * one + (1 - part) * other):02x}" for one, other in pairs)


def test_style_and_script_stay_small() -> None:
    assert len(STYLES.encode()) <= 25_000
    assert len(SCRIPT) <= 8_000


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert "url(" not in STYLES
    assert "@import" not in STYLES
