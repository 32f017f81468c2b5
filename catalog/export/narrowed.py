"""Rules that a target can say for most calls only: which of them it denies beyond the policy."""

from collections.abc import Callable, Iterable, Iterator

from catalog.policy.conditions import number
from catalog.policy.model import REFUSING, Condition, Operator, Policy, Rule
from catalog.policy.reason import wish
from catalog.policy.target import Unsupported

EXACT = 2**53
"""Below this, whole numbers are the same in programs that keep every number as a float."""

LISTED = frozenset({Operator.ONE_OF, Operator.WITHIN, Operator.HOST_IN})
"""Operators that hold of a list where they hold of each item."""

BOUNDS = frozenset({Operator.AT_MOST, Operator.AT_LEAST})


def may_be_absent(condition: Condition) -> bool:
    """Say whether a condition on a value also holds where no value is given."""
    return condition.optional and condition.operator not in {Operator.PRESENT, Operator.ABSENT}


def narrowed(policy: Policy, denies: Callable[[Rule], Iterable[str]]) -> Iterator[Unsupported]:
    """Yield a note on each rule that lets calls pass which the target does not.

    ``denies`` says which, for example ``/to is a list``.
    """
    for rule in policy.rules:
        if rule.decision not in REFUSING and (which := tuple(dict.fromkeys(denies(rule)))):
            yield Unsupported(key=rule.key, wanted=wish(rule), written=f"deny where {', or '.join(which)}")


def bound(condition: Condition) -> float | int | None:
    """Return the number that a bound comes to: of several, any may hold. None where no number, or none exactly."""
    numbers = [found for one in condition.values if (found := number(one)) is not None and abs(found) < EXACT]
    return max(numbers, default=None) if condition.operator is Operator.AT_MOST else min(numbers, default=None)
