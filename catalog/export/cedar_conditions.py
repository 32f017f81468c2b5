"""Conditions on arguments in Cedar, as ToolHive shows arguments to it.

Text, numbers and booleans are attributes ``arg_NAME``; of a list, an object and null there is only
``arg_NAME_present``. A number is a decimal of four places, cut off toward zero. A condition that cannot be evaluated
makes the whole policy fail, which in a permit is a refusal.
"""

import math
from collections.abc import Iterator

from catalog.export.narrowed import BOUNDS, LISTED, bound, may_be_absent
from catalog.export.texts import is_text
from catalog.policy.conditions import steps, tokens
from catalog.policy.model import Condition, Operator

ASKED = frozenset({Operator.PRESENT, Operator.ONE_OF, Operator.WITHIN, *BOUNDS})
"""Not ABSENT: a number too large for a decimal looks absent. Not HOST_IN: no pattern keeps to printable ASCII."""

_PLACES = 10_000
_LARGEST = 2**63 // _PLACES - 1


def literal(text: str) -> str:
    """Return a Cedar string literal: quotes, backslashes and all that is not printable ASCII as code points."""
    return f'"{_escaped(text)}"'


def asked(condition: Condition) -> str:
    """Return the expression that a condition on a top-level argument holds; a call without the argument is denied."""
    (name,) = tokens(condition.argument)
    sent = literal(f"arg_{name}")
    has, value = f"resource has {sent}", f"resource[{sent}]"
    match condition.operator:
        case Operator.ONE_OF:
            allowed = ", ".join(_scalar(one) for one in condition.values if _sayable(one))
            test = f"[{allowed}].contains({value})" if allowed else "false"
        case Operator.WITHIN:
            test = _within(value, condition)
        case Operator.AT_MOST | Operator.AT_LEAST:
            than = "lessThanOrEqual" if condition.operator is Operator.AT_MOST else "greaterThanOrEqual"
            most = _decimal(condition)
            test = "false" if most is None else f'{value}.{than}(decimal("{_written(most)}"))'
        case _:
            return has
    return f"{has} && {test}"


def denied(condition: Condition) -> Iterator[str]:
    """Yield which calls are denied although the condition holds."""
    argument = condition.argument
    if may_be_absent(condition):
        yield f"{argument} is not given"
    match condition.operator:
        case Operator.PRESENT:
            yield f"{argument} is a list or an object"
        case Operator.ONE_OF:
            yield from (f"{argument} is {one!r}" for one in condition.values if not _sayable(one))
        case Operator.WITHIN:
            yield f"{argument} has a step . or a doubled slash"
        case Operator.AT_MOST | Operator.AT_LEAST:
            exact, written = bound(condition), _decimal(condition)
            if written is None or exact is None or written != _cut(exact) or exact * _PLACES != written:
                beyond = "above" if condition.operator is Operator.AT_MOST else "below"
                said = "any number" if written is None else f"{beyond} {_written(written)}"
                yield f"{argument} is {said}"
        case _:
            return
    if condition.operator in LISTED:
        yield f"{argument} is a list"


def _sayable(value: object) -> bool:
    """Say whether ToolHive shows this value and no other alike; numbers are cut off, so that several look the same."""
    return isinstance(value, bool) or (isinstance(value, str) and is_text(value))


def _scalar(value: object) -> str:
    return literal(value) if isinstance(value, str) else str(value).lower()


def _within(value: str, condition: Condition) -> str:
    below: list[str] = []
    for one in condition.values:
        names = steps(one) if isinstance(one, str) and is_text(one) else None
        if names is None:
            continue
        start, *rest = names
        path = "/".join(("", *rest) if start == "/" else rest if start == "." else names)
        if path:
            below.append(f'{value} == {literal(path)} || {value} like "{_escaped(path, "*")}/*"')
        elif start == "/":
            below.append(f'{value} like "/*"')
        else:
            below.append(f'!({value} like "/*") && !({value} like "*:*")')
    refused = ("*\\\\*", "*\\u{0}*", "~*", ".*", "*/.*")
    return " && ".join((f"({' || '.join(below) or 'false'})", *(f'!({value} like "{one}")' for one in refused)))


def _decimal(condition: Condition) -> int | None:
    """Return the bound in ten-thousandths for which nothing passes that the condition refuses; None for no such.

    Whatever is just beyond the bound is cut off to the bound itself, or to what is next to it.
    """
    exact = bound(condition)
    if exact is None or abs(exact) >= _LARGEST:
        return None
    if condition.operator is Operator.AT_MOST:
        most = min(_cut(math.nextafter(exact, math.inf)) - 1, _cut(exact))
        # cedar-go has read "-0.5" as 0.5, since its whole part is not below 0.
        return -_PLACES if -_PLACES < most < 0 else most
    least = max(_cut(math.nextafter(exact, -math.inf)) + 1, _cut(exact))
    return 0 if -_PLACES < least < 0 else least


def _cut(number: float) -> int:
    return int(float(number) * _PLACES)


def _written(parts: int) -> str:
    whole, rest = divmod(abs(parts), _PLACES)
    return f"{'-' if parts < 0 else ''}{whole}.{rest:04d}"


def _escaped(text: str, marked: str = "") -> str:
    return "".join(
        f"\\{c}" if c in marked else c if c.isascii() and c.isprintable() and c not in '"\\' else f"\\u{{{ord(c):x}}}"
        for c in text
    )
