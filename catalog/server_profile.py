"""A server as a whole: grade, flows, distribution and token cost, from what the view says of its entries."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.tokens import tokens_of
from catalog.view import EntryRow
from classifier.flows import Flow, Placed, flows
from classifier.grade import Grade, NotGraded, grade
from classifier.verdict import Category, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the tools of one server amount to."""

    grade: Grade | NotGraded
    flows: tuple[Flow, ...]
    risks: dict[Level, int]
    categories: dict[Category, int]
    tokens: int
    """What loading all tools costs in a model's context (catalog.tokens); actions are no definitions."""


def profile(entries: Sequence[EntryRow]) -> Profile:
    """Return the profile of one server. A dispatcher tool whose actions are known counts by its actions."""
    counted = calls(entries)
    verdicts = [entry.classification for entry in counted]
    allowed = flows(placed(entries))
    return Profile(
        grade=grade(verdicts, allowed),
        flows=allowed,
        risks={level: sum(one.risk is level for one in verdicts) for level in reversed(Level)},
        categories={category: sum(one.category is category for one in verdicts) for category in Category},
        tokens=sum(token_cost(entry) for entry in entries if entry.dispatch is None),
    )


def token_cost(entry: EntryRow) -> int:
    """Return what one entry's definition costs in tokens."""
    return tokens_of(entry.definition.raw)


def calls(entries: Sequence[EntryRow]) -> list[EntryRow]:
    """Return the entries that a call can mean: tools and actions, dispatcher tools left out."""
    dispatchers = {entry.dispatch.tool for entry in entries if entry.dispatch is not None}
    return [entry for entry in entries if entry.dispatch is not None or entry.key not in dispatchers]


def placed(entries: Sequence[EntryRow]) -> list[Placed]:
    """Return the calls with their verdicts, as flows look at them."""
    return [Placed(server=entry.server, key=entry.key, verdict=entry.classification) for entry in calls(entries)]
