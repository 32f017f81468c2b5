"""Which arguments of a tool's calls pass, as patterns that together say exactly what the tool's rules do. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from catalog.export.gemini_patterns import ASKED, LONGEST, absent, all_of, asked, chunks, values_of
from catalog.policy.evaluate import strictest
from catalog.policy.model import PASSING, REFUSING, Condition, Decision
from catalog.policy.surface import Surface

Chunk = tuple[Decision, tuple[Condition, ...], Sequence[str]]
"""Values of a selector with the same decision and conditions, as many as fit one pattern."""

_AROUND = 24
"""Characters around a list of values, or around a whole pattern."""


def passing(surface: Surface) -> Iterator[tuple[Decision, str | None]]:
    """Yield each way in which a call passes or is asked about: what is decided, and for which arguments (None: any).

    No two of them match the same call, so their order does not matter.
    """
    own = [one for rule in surface.rules if not rule.when for one in rule.conditions]
    for chosen in product(*choices(surface)):
        pairs = list(zip(surface.selectors, chosen, strict=True))
        sent = [(argument, chunk) for argument, chunk in pairs if chunk is not None]
        decision = _decision(surface, [chunk for _, chunk in sent])
        if decision not in REFUSING:
            found = [values_of(argument, values) for argument, (_, _, values) in sent]
            unsent = [absent(argument) for argument, chunk in pairs if chunk is None]
            conditions = [*own, *(one for _, (_, conditions, _) in sent for one in conditions)]
            yield decision, all_of(found, [*unsent, *map(asked, conditions)])


def choices(surface: Surface) -> list[list[Chunk | None]]:
    """Return, for each selector, what a call that passes can have there; None: nothing."""
    room = room_for(surface)
    return [[None, *_chunks(surface, argument, room)] for argument in surface.selectors]


def room_for(surface: Surface) -> int:
    """Return how many characters each selector's list of values may have in one pattern; below 1, none."""
    own = {one for rule in surface.rules if not rule.when for one in rule.conditions}
    most = sum(max(map(_length, _conditions(surface, argument).values())) for argument in surface.selectors)
    fixed = _AROUND + _length(own) + most + sum(len(absent(argument)) + _AROUND for argument in surface.selectors)
    return (LONGEST - fixed) // max(1, len(surface.selectors))


def _decision(surface: Surface, sent: Sequence[Chunk]) -> Decision:
    if not sent and surface.own is None:
        return Decision.ALLOW if surface.decision in PASSING else Decision.DENY
    return strictest([*([] if surface.own is None else [surface.own]), *(decision for decision, _, _ in sent)])


def _chunks(surface: Surface, argument: str, room: int) -> Iterator[Chunk]:
    alike: dict[tuple[Decision, tuple[Condition, ...]], list[str]] = {}
    conditions_of = _conditions(surface, argument)
    for value, decision in surface.selectors[argument].items():
        if decision not in REFUSING:
            alike.setdefault((decision, conditions_of[value]), []).append(value)
    for (decision, conditions), values in alike.items():
        for some in chunks(values, room):
            yield decision, conditions, some


def _conditions(surface: Surface, argument: str) -> Mapping[str, tuple[Condition, ...]]:
    """Return what all rules on each value of a selector ask."""
    found: dict[str, tuple[Condition, ...]] = {}
    for rule in surface.rules:
        for match in rule.when:
            if match.argument == argument:
                found[match.value] = tuple(dict.fromkeys((*found.get(match.value, ()), *rule.conditions)))
    return found


def _length(conditions: Iterable[Condition]) -> int:
    can_be_asked = (one for one in conditions if one.operator in ASKED and one.argument.count("/") == 1)
    return sum(len(asked(one)) for one in can_be_asked)
