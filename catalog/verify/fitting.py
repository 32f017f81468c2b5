"""Arguments that just meet a rule's conditions, and arguments that just miss one of them. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy

from catalog.policy.conditions import holds, tokens
from catalog.policy.model import Condition, Operator, Rule

Arguments = Mapping[str, object]


def fitting(rule: Rule, base: Arguments) -> dict[str, object]:
    """Return ``base`` with what the rule's conditions and sums ask for; where nothing can meet one, something near."""
    arguments = dict(deepcopy(base))
    for limit in rule.limits:
        if limit.sum_of is not None:
            _put(arguments, limit.sum_of, 1)
    for condition in rule.conditions:
        if condition.operator is Operator.ABSENT:
            _take(arguments, condition.argument)
        elif not holds(condition, arguments) or condition.optional:
            _put(arguments, condition.argument, _meeting(condition))
    return arguments


def missing(rule: Rule, base: Arguments) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield what a call tries, and its arguments, for each way of just missing or just meeting one condition."""
    whole = fitting(rule, base)
    for limit in rule.limits:
        if limit.sum_of is not None:
            for kind, value in _NO_SUMS:
                yield kind, _with(whole, limit.sum_of, value)
            yield "sum missing", _without(whole, limit.sum_of)
    for condition in rule.conditions:
        if condition.operator is Operator.ABSENT:
            yield "forbidden argument", _with(whole, condition.argument, "x")
            yield "forbidden argument, null", _with(whole, condition.argument, None)
            continue
        yield "argument missing", _without(whole, condition.argument)
        yield "argument null", _with(whole, condition.argument, None)
        for kind, value in _near(condition):
            yield kind, _with(whole, condition.argument, value)


def _meeting(condition: Condition) -> object:
    first: object = next(iter(condition.values), "x")
    match condition.operator:
        case Operator.WITHIN:
            return f"{str(first).rstrip('/')}/report.txt"
        case Operator.HOST_IN:
            return f"https://{first}/path"
        case _:
            return first


def _near(condition: Condition) -> Iterator[tuple[str, object]]:
    values = condition.values or ("x",)
    first = values[0]
    match condition.operator:
        case Operator.AT_MOST | Operator.AT_LEAST if isinstance(first, int | float) and not isinstance(first, bool):
            up = 1 if condition.operator is Operator.AT_MOST else -1
            most = max(v * up for v in values if isinstance(v, int | float)) * up
            yield "number at the bound", most
            yield "number past the bound", most + up
            yield "number just past the bound", most + up / 10_000
            yield "number far past the bound", up * 10**18
            yield "number as text", str(most)
            yield "number in a list", [most]
            yield "true for a number", True
        case Operator.ONE_OF:
            yield "one of, all of them in a list", list(values)
            yield "one of, and another in a list", [first, "another"]
            yield "one of, another", "another"
            yield "one of, other case", str(first).swapcase()
            yield "one of, in an object", {"value": first}
        case Operator.WITHIN:
            yield from _near_folder(str(first))
        case Operator.HOST_IN:
            yield from _near_host(str(first))
        case _:
            yield "argument is there", "x"
            yield "argument is empty", ""


def _near_folder(folder: str) -> Iterator[tuple[str, object]]:
    inside = folder.rstrip("/")
    yield "path: the folder itself", folder
    yield "path below the folder", f"{inside}/a/b.txt"
    yield "path with ..", f"{inside}/../secret"
    yield "path that begins alike", f"{inside}-other/b.txt"
    yield "path elsewhere", "/etc/passwd"
    yield "path to a hidden name", f"{inside}/.git/config"
    yield "path with a backslash", f"{inside}\\..\\secret"
    yield "path in other case", f"{inside.swapcase()}/b.txt"
    yield "paths, one elsewhere", [f"{inside}/b.txt", "/etc/passwd"]


def _near_host(host: str) -> Iterator[tuple[str, object]]:
    yield "host in other case", f"https://{host.upper()}/path"
    yield "host with a port", f"https://{host}:8443/path"
    yield "host after userinfo", f"https://{host}@evil.example/path"
    yield "host behind userinfo", f"https://someone@{host}/path"
    yield "host that begins alike", f"https://{host}.evil.example/path"
    yield "host that ends alike", f"https://evil-{host}/path"
    yield "host elsewhere", "https://evil.example/path"
    yield "host in the query", f"https://evil.example/?{host}"
    yield "host with a backslash", f"https://evil.example\\@{host}/path"
    yield "host of another scheme", f"file://{host}/path"
    yield "hosts, one elsewhere", [f"https://{host}/path", "https://evil.example/path"]


_NO_SUMS: Sequence[tuple[str, object]] = (("sum negative", -1), ("sum as text", "1"), ("sum true", True))


def _with(arguments: Arguments, pointer: str, value: object) -> dict[str, object]:
    changed = dict(deepcopy(arguments))
    _put(changed, pointer, value)
    return changed


def _without(arguments: Arguments, pointer: str) -> dict[str, object]:
    changed = dict(deepcopy(arguments))
    _take(changed, pointer)
    return changed


def _put(arguments: dict[str, object], pointer: str, value: object) -> None:
    """Set what a JSON Pointer names, with the objects on the way."""
    *way, last = tokens(pointer)
    place = arguments
    for name in way:
        inner = place.get(name)
        place[name] = inner if isinstance(inner, dict) else {}
        place = place[name]  # type: ignore[assignment]  # made an object in the line above
    place[last] = value


def _take(arguments: dict[str, object], pointer: str) -> None:
    *way, last = tokens(pointer)
    place: object = arguments
    for name in way:
        place = place.get(name) if isinstance(place, dict) else None
    if isinstance(place, dict):
        place.pop(last, None)
