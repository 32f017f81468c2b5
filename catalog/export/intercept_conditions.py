"""Conditions on arguments as PolicyLayer Intercept states them: each must hold, and there is no *or*.

It compares numbers as floats, and anything else by how it prints: the number 5 is the text "5". A missing argument
fails every operator but ``exists``.
"""

from collections.abc import Iterator, Mapping, Sequence

from catalog.export.narrowed import EXACT, LISTED, bound, may_be_absent
from catalog.export.patterns import host_pattern, path_pattern
from catalog.export.texts import is_text, only_text
from catalog.policy.conditions import number, tokens
from catalog.policy.model import Condition, Operator, Scalar

Asked = Mapping[str, object]


def path(*names: str) -> str:
    """Return the path of an argument, outermost name first."""
    return ".".join(("args", *names))


def nameable(*names: str) -> bool:
    """Say whether a path means these names: a dot would be one name more."""
    return bool(names) and is_text(*names) and not any("." in name for name in names)


def selected(selector: str, values: Sequence[str]) -> Asked:
    """Return the condition that a selector is one of these texts."""
    return {"path": path(selector), "op": "in", "value": list(values)}


def asked(condition: Condition) -> Sequence[Asked]:
    """Return conditions that hold only where ``condition`` does; none where nothing such can be said."""
    at = path(*tokens(condition.argument))
    tests = list(_tests(condition))
    if not tests and may_be_absent(condition):
        tests = [("exists", False)]
    return [{"path": at, "op": op, "value": value} for op, value in tests]


def denied(condition: Condition) -> Iterator[str]:
    """Yield which calls are denied although the condition holds."""
    argument = condition.argument
    if may_be_absent(condition):
        if not list(_tests(condition)):
            yield f"{argument} is given"
            return
        yield f"{argument} is not given"
    if condition.operator is Operator.ONE_OF:
        said = _values(condition)
        yield from (f"{argument} is {one!r}" for one in condition.values if not any(one is other for other in said))
    if condition.operator in LISTED:
        yield f"{argument} is a list"


def _tests(condition: Condition) -> Iterator[tuple[str, object]]:
    match condition.operator:
        case Operator.PRESENT | Operator.ABSENT:
            yield "exists", condition.operator is Operator.PRESENT
        case Operator.ONE_OF:
            yield from _one_of(_values(condition))
        case Operator.AT_MOST | Operator.AT_LEAST:
            if (limit := bound(condition)) is not None:
                yield "lte" if condition.operator is Operator.AT_MOST else "gte", limit
        case Operator.WITHIN | Operator.HOST_IN:
            pattern = path_pattern if condition.operator is Operator.WITHIN else host_pattern
            if found := pattern([one for one in condition.values if isinstance(one, str) and is_text(one)]):
                yield "regex", found


def _one_of(values: Sequence[Scalar]) -> Iterator[tuple[str, object]]:
    numbers = [found for one in values if (found := number(one)) is not None]
    if numbers:  # these two fail for the text "5"
        yield "gte", min(numbers)
        yield "lte", max(numbers)
    if values:
        yield "in", list(values)


def _values(condition: Condition) -> Sequence[Scalar]:
    """Return the values that can be told from any other: the texts, or where there are none the numbers."""
    texts = [one for one in condition.values if isinstance(one, str) and is_text(one) and only_text(one)]
    return texts or [one for one in condition.values if (found := number(one)) is not None and abs(found) < EXACT]
