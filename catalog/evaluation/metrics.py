"""Figures of an evaluation: accuracy, F1, unsafe and harsh rates, calibration, each with how sure it is."""

import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from catalog.evaluation.judged import Judged
from classifier.verdict import Category

# Resamplings of the servers; the interval moves by less than 0.1 point with more.
RESAMPLINGS = 1_000
_Z = 1.96
"""Standard normal quantile of a 95 % interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of a count, with a 95 % interval."""

    of: int
    count: int
    low: float
    high: float
    """Bootstrap over servers, since tools of one server resemble each other; Wilson's interval for one server."""

    @property
    def value(self) -> float:
        """Return the share; 0 of nothing is 0."""
        return self.count / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Verdicts of one confidence: how many there are and how many are acceptable."""

    confidence: float
    tools: int
    acceptable: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All figures on one set of labelled tools."""

    tools: int
    servers: int
    acceptable: Share
    strict: Share
    """Of those whose reviewers agree on one category."""
    macro_f1: float
    """The mean of the four F1 values; a category that neither labels nor verdicts hold counts 0, as in score.py."""
    f1: dict[Category, float | None]
    confusion: dict[str, int]
    """``Write->Admin`` is labelled Write and judged Admin."""
    unsafe: Share
    """Called Read, of those that change something."""
    harsh: Share
    """Called something else, of those that only read."""
    control_ok: Share
    dangerous_allowed: Share
    """Allowed, of those that must be gated."""
    needless_gate: Share
    """Gated, of those whose only defensible control is to allow."""
    calibration: tuple[Bin, ...]
    calibration_error: float
    """Expected calibration error: the mean distance of confidence and acceptable share, by tools."""
    per_server: dict[str, tuple[int, int]]
    """Server to (tools, acceptable)."""


def figures(judged: Sequence[Judged]) -> Figures:
    """Compute every figure. Raises: ValueError on no tools at all."""
    if not judged:
        raise ValueError("no labelled tools, so there is nothing to compute")
    labelled = [one for one in judged if one.labelled.label.category is not None]
    confusion = Counter(f"{one.labelled.label.category}->{one.verdict.category}" for one in labelled)
    f1 = {category: _f1(category, labelled) for category in Category}
    bins = _bins(judged)
    per_server: dict[str, tuple[int, int]] = {}
    for one in judged:
        tools, good = per_server.get(one.labelled.server, (0, 0))
        per_server[one.labelled.server] = (tools + 1, good + one.acceptable)
    return Figures(
        tools=len(judged),
        servers=len(per_server),
        acceptable=_share(judged, lambda one: True, lambda one: one.acceptable),
        strict=_share(labelled, lambda one: True, lambda one: one.verdict.category == one.labelled.label.category),
        macro_f1=sum(value or 0 for value in f1.values()) / len(f1),
        f1=f1,
        confusion=dict(sorted(confusion.items())),
        unsafe=_share(judged, lambda one: Category.READ not in one.labelled.label.acceptable, lambda one: one.unsafe),
        harsh=_share(judged, lambda one: one.labelled.label.acceptable == (Category.READ,), lambda one: one.harsh),
        control_ok=_share(judged, lambda one: True, lambda one: one.controlled),
        dangerous_allowed=_share(
            judged, lambda one: one.labelled.label.control_ok == ("gate",), lambda one: one.dangerously_allowed
        ),
        needless_gate=_share(
            judged, lambda one: one.labelled.label.control_ok == ("allow",), lambda one: one.needlessly_gated
        ),
        calibration=bins,
        calibration_error=sum(abs(b.confidence * b.tools - b.acceptable) for b in bins) / len(judged),
        per_server=dict(sorted(per_server.items())),
    )


def _f1(category: Category, labelled: Sequence[Judged]) -> float | None:
    pairs = [(one.labelled.label.category is category, one.verdict.category is category) for one in labelled]
    hits = sum(label and verdict for label, verdict in pairs)
    misses = sum(label != verdict for label, verdict in pairs)
    return 2 * hits / (2 * hits + misses) if hits + misses else None


def _bins(judged: Sequence[Judged]) -> tuple[Bin, ...]:
    tools = Counter(one.verdict.confidence for one in judged)
    good = Counter(one.verdict.confidence for one in judged if one.acceptable)
    return tuple(Bin(confidence=level, tools=tools[level], acceptable=good[level]) for level in sorted(tools))


def _share(judged: Sequence[Judged], counted: Callable[[Judged], bool], hit: Callable[[Judged], bool]) -> Share:
    by_server: dict[str, tuple[int, int]] = {}
    for one in judged:
        if counted(one):
            count, of = by_server.get(one.labelled.server, (0, 0))
            by_server[one.labelled.server] = (count + hit(one), of + 1)
    count = sum(hits for hits, _ in by_server.values())
    of = sum(n for _, n in by_server.values())
    low, high = bootstrap(list(by_server.values())) if 0 < count < of and len(by_server) > 1 else wilson(count, of)
    return Share(of=of, count=count, low=low, high=high)


def wilson(count: int, of: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share (Wilson 1927); the whole range for a share of nothing."""
    if not of:
        return 0.0, 1.0
    share, z2 = count / of, _Z * _Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def bootstrap(groups: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """Return the 95 % percentile interval of a share over groups of (count, of), drawn with a fixed seed."""
    draw = random.Random(2_718)  # noqa: S311  # resampling, no secret
    shares: list[float] = []
    for _ in range(RESAMPLINGS):
        drawn = draw.choices(groups, k=len(groups))
        of = sum(n for _, n in drawn)
        shares.append(sum(hits for hits, _ in drawn) / of if of else 0.0)
    shares.sort()
    return shares[int(0.025 * RESAMPLINGS)], shares[int(0.975 * RESAMPLINGS)]
