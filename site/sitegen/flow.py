"""A toxic flow of a server in words, and as a diagram: the tools in the order in which an attacker would use them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import assert_never

from classifier.flows import Flow, Kind, Leg, Step
from sitegen.catalogue import CataloguedEntry
from sitegen.visible import bounded, one_line, visible
from sitegen.words import capital, listed

# Characters of a tool's name that fit a box, and the diagram's measures in its own units: CSS pixels at full size.
_FITS = 28
_WIDTH = 260
_PADDING = 12
_LINE = 18
_GAP = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowStep:
    """What one tool contributes."""

    tool: str
    """Its name; empty where the client brings the step along."""
    to: str
    """Its page; empty where the client brings the step along."""
    legs: tuple[str, ...]
    """What happens, each as a clause: ``data is destroyed``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One box of a diagram."""

    y: int
    height: int
    heading: str
    lines: tuple[tuple[int, str], ...]
    """The baseline of each line, and its words."""
    arrow: int | None
    """Where the arrow to this box begins; None for the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowLine:
    """One flow, ready for a page."""

    title: str
    where: str
    """Whether the tools of this server are enough."""
    sureness: str
    steps: tuple[FlowStep, ...]
    width: int
    height: int
    boxes: tuple[Box, ...]
    alternative: str
    """What the diagram shows, in words."""


def flow_line(flow: Flow, entries: Mapping[str, CataloguedEntry]) -> FlowLine:
    """Return a flow for its server's page; ``entries`` are the server's own, by key."""
    steps = tuple(_step(key, list(group), entries) for key, group in groupby(flow.witness, key=lambda step: step.key))
    boxes = tuple(_boxes(steps))
    told = [f"{step.tool or 'the client'}: {listed(step.legs)}" for step in steps]
    return FlowLine(
        title=_TITLES[flow.name],
        where=_where(flow.kind),
        sureness=_sureness(flow.confidence),
        steps=steps,
        width=_WIDTH,
        height=boxes[-1].y + boxes[-1].height,
        boxes=boxes,
        alternative=f"{_TITLES[flow.name]}. {'; then '.join(told)}.",
    )


def _step(key: str, steps: Sequence[Step], entries: Mapping[str, CataloguedEntry]) -> FlowStep:
    entry = entries.get(key)
    name = (one_line(entry.name, 2 * _FITS) or "(no name)") if entry else ""
    return FlowStep(tool=name, to=entry.path if entry else "", legs=tuple(_LEGS[step.leg] for step in steps))


def _boxes(steps: Sequence[FlowStep]) -> list[Box]:
    boxes: list[Box] = []
    y = 0
    for step in steps:
        heading = y + _PADDING + _LINE - 4
        height = 2 * _PADDING + _LINE * (1 + len(step.legs))
        boxes.append(
            Box(
                y=y,
                height=height,
                heading=bounded(visible(step.tool), _FITS) or "what the client brings",
                lines=tuple(
                    (heading + _LINE * number, capital(words) if number == 1 else f"then {words}")
                    for number, words in enumerate(step.legs, 1)
                ),
                arrow=y - _GAP if boxes else None,
            )
        )
        y += height + _GAP
    return boxes


def _where(kind: Kind) -> str:
    match kind:
        case Kind.SELF_CONTAINED:
            return "One tool is enough for it."
        case Kind.ONE_SERVER:
            return "Tools of this server are enough for it."
        case Kind.CROSS_SERVER:
            return "It takes tools of several servers."
        case Kind.NEEDS_HOST:
            return "It takes something that reads the web too, which most clients bring along."
    assert_never(kind)


def _sureness(confidence: float) -> str:
    """Say how sure the least sure step is (classifier.flows.Flow.confidence)."""
    if confidence >= 0.9:
        return "Words and arguments of the definitions agree on it."
    if confidence >= 0.7:
        return "The words of the definitions say so."
    if confidence >= 0.5:
        return "The words of the definitions leave doubt."
    return "Only the server's own hints say so."


_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "leak": "Private data can leave on the word of an outsider",
        "destroy": "Data can be destroyed on the word of an outsider",
        "execute": "Code or commands can run on the word of an outsider",
        "persist": "Lasting access can be given on the word of an outsider",
        "spend": "Money can be spent on the word of an outsider",
        "spread": "An outsider's text can reach other people and agents",
    }
)

_LEGS: Mapping[Leg, str] = MappingProxyType(
    {
        Leg.UNTRUSTED: "text of outsiders comes in",
        Leg.PRIVATE: "private data is read",
        Leg.EXTERNAL: "something is sent outside",
        Leg.INTERNAL: "others get to read it",
        Leg.DESTROY: "data is destroyed",
        Leg.EXECUTE: "code or commands run",
        Leg.CREDENTIAL: "access is given",
        Leg.MONEY: "money moves",
    }
)
