"""Conditions on arguments in CEL, on arguments as JSON in Go: every number a double, every object a map.

``arguments`` is bound to a variable. Whatever cannot be evaluated is an error, and an error is no match, so that a
condition in a rule that allows fails closed.
"""

from collections.abc import Iterator, Sequence

from catalog.export.cel_text import literal, number
from catalog.export.narrowed import BOUNDS, EXACT, bound
from catalog.export.patterns import host_pattern, path_pattern
from catalog.export.texts import is_text
from catalog.policy import conditions as reference
from catalog.policy.conditions import tokens
from catalog.policy.model import Condition, Operator, Scalar

VARIABLE = "a"


def given(names: Sequence[str]) -> str:
    """Return the expression that an argument is there and not null; it never fails."""
    tests: list[str] = []
    value = VARIABLE
    for place, name in enumerate(names):
        if place:
            tests.append(f"type({value}) == map")
        tests.append(f"{literal(name)} in {value}")
        value = f"{value}[{literal(name)}]"
    return " && ".join((*tests, f"{value} != null"))


def value_of(names: Sequence[str]) -> str:
    """Return the expression of an argument's value."""
    return VARIABLE + "".join(f"[{literal(name)}]" for name in names)


def asked(condition: Condition) -> str:
    """Return the expression that a condition holds."""
    names = tokens(condition.argument)
    there, value = given(names), value_of(names)
    match condition.operator:
        case Operator.PRESENT:
            return f"({there})"
        case Operator.ABSENT:
            return f"!({there})"
        case _:
            test = _test(condition, value)
            return f"(!({there}) || {test})" if condition.optional else f"({there} && {test})"


def denied(condition: Condition) -> Iterator[str]:
    """Yield which calls are denied although the condition holds."""
    for one in condition.values:
        if condition.operator is Operator.ONE_OF and not _sayable(one):
            yield f"{condition.argument} is {one!r}"
        elif condition.operator in BOUNDS and (found := reference.number(one)) is not None and abs(found) >= EXACT:
            yield f"{condition.argument} is held to {one!r}"


def _test(condition: Condition, value: str) -> str:
    texts = [one for one in condition.values if isinstance(one, str) and is_text(one)]
    match condition.operator:
        case Operator.AT_MOST | Operator.AT_LEAST:
            limit = bound(condition)
            sign = "<=" if condition.operator is Operator.AT_MOST else ">="
            return "false" if limit is None else f"{value} {sign} {number(limit)}"
        case Operator.WITHIN:
            return _matches(value, path_pattern(texts))
        case Operator.HOST_IN:
            return _matches(value, host_pattern(texts))
        case _:
            allowed = ", ".join(_scalar(one) for one in condition.values if _sayable(one))
            return _each(value, f"i in [{allowed}]")


def _matches(value: str, pattern: str | None) -> str:
    return "false" if pattern is None else _each(value, f"i.matches({literal(pattern)})")


def _each(value: str, test: str) -> str:
    """Return the expression that the test holds of the value, or of each item where it is a list."""
    return f"(type({value}) == list ? {value} : [{value}]).all(i, {test})"


def _sayable(value: Scalar) -> bool:
    if isinstance(value, str):
        return is_text(value)
    found = reference.number(value)
    return isinstance(value, bool) or (found is not None and abs(found) < EXACT)


def _scalar(value: Scalar) -> str:
    if isinstance(value, str):
        return literal(value)
    return str(value).lower() if isinstance(value, bool) else number(value)
