"""A policy.json as PolicyLayer publishes them, read as a policy of ours: to see what it does, on any engine we have.

What the format documents and we have a word for is read; anything else is refused, since guessing could let a call
through (https://policylayer.com/docs/writing-policies).
"""

from collections.abc import Mapping

from catalog.policy.conditions import pointer
from catalog.policy.document import PolicyFileError, read_json
from catalog.policy.model import Condition, Decision, Limit, Operator, Policy, Rule, Scalar

_KEYS = frozenset({"version", "default", "hide", "all_tools", "tools"})


def is_policylayer(text: str | bytes) -> bool:
    """Say whether a file is meant as PolicyLayer's: it names a default, which ours does not.

    Raises: PolicyFileError where it is no JSON.
    """
    data = read_json(text)
    return isinstance(data, dict) and "default" in data and "servers" not in data


def read_policylayer(text: str | bytes, server: str) -> Policy:
    """Return the policy that a policy.json is for one server.

    Raises: PolicyFileError for what is not documented, or cannot be said in our words (a default of allow).
    """
    data = read_json(text)
    if not isinstance(data, dict) or not _KEYS.issuperset(data) or data.get("version") != "1":
        raise PolicyFileError("the file is no policy.json of version '1'")
    if data.get("default") != "deny":
        raise PolicyFileError("/default: only 'deny' can be enforced here; whatever is not named is denied")
    if _object(data.get("all_tools", {}), "/all_tools").get("limits"):
        raise PolicyFileError("/all_tools/limits: limits over all tools cannot be enforced here")
    tools = _object(data.get("tools", {}), "/tools")
    hidden = _texts(data.get("hide", []), "/hide")
    if "*" in hidden:
        return Policy(server=server, rules=())
    rules = [_rule(name, _object(body, f"/tools/{name}")) for name, body in tools.items() if name not in hidden]
    hides = [Rule(tool=name, decision=Decision.HIDE, reason="The policy hides it.", key=name) for name in hidden]
    return Policy(server=server, rules=(*rules, *hides))


def _rule(tool: str, body: Mapping[str, object]) -> Rule:
    where = f"/tools/{tool}"
    if tool == "*" or _is_more(body):
        raise PolicyFileError(f"{where}: only limits and deny_if can be enforced here")
    limits = tuple(_limit(_object(one, where), where) for one in _list(body.get("limits", []), f"{where}/limits"))
    conditions: list[Condition] = []
    for one in _list(body.get("deny_if", []), f"{where}/deny_if"):
        clauses = [
            _object(clause, where) for clause in _list(_object(one, where).get("conditions"), f"{where}/deny_if")
        ]
        if not clauses:
            return Rule(tool=tool, decision=Decision.DENY, reason="The policy denies every call of it.", key=tool)
        conditions.append(_outside(clauses, where))
    decision = Decision.LIMIT if limits else Decision.ALLOW
    reason = "The policy limits it." if limits else "The policy allows it."
    return Rule(tool=tool, decision=decision, limits=limits, conditions=tuple(conditions), reason=reason, key=tool)


def _is_more(body: Mapping[str, object]) -> bool:
    """Say whether a tool's part has anything besides what is read."""
    return bool(body.keys() - {"limits", "deny_if", "require"} or body.get("require"))


def _limit(data: Mapping[str, object], where: str) -> Limit:
    most, window = data.get("max"), data.get("window")
    if not isinstance(most, int) or isinstance(most, bool) or most < 1 or data.get("scope", "grant") != "grant":
        raise PolicyFileError(f"{where}/limits: a limit has a max from 1 and the scope 'grant'")
    match window:
        case "minute":
            return Limit(max=most, window="minute")
        case "hour":
            return Limit(max=most, window="hour")
        case "day":
            return Limit(max=most, window="day")
    raise PolicyFileError(f"{where}/limits: the window must be one of minute, hour, day, not {window!r}")


def _outside(clauses: list[Mapping[str, object]], where: str) -> Condition:
    """Return what must hold for a call not to be denied: the argument is absent, or on a list."""
    paths = {clause.get("path") for clause in clauses}
    path = next(iter(paths))
    operators = {clause.get("op"): clause.get("value") for clause in clauses}
    if len(paths) != 1 or not isinstance(path, str) or not path.startswith("args."):
        raise PolicyFileError(f"{where}/deny_if: conditions on several arguments at once cannot be enforced here")
    argument = pointer(*path.removeprefix("args.").split("."))
    match operators:
        case {"exists": True, "not_in": list(values), **rest} if not rest:
            return Condition(argument=argument, operator=Operator.ONE_OF, values=_scalars(values, where), optional=True)
        case {"exists": bool(there), **rest} if not rest:
            return Condition(argument=argument, operator=Operator.ABSENT if there else Operator.PRESENT)
    raise PolicyFileError(f"{where}/deny_if: only 'exists', alone or with 'not_in', can be enforced here")


def _scalars(values: list[object], where: str) -> tuple[Scalar, ...]:
    if not all(isinstance(value, str | int | float | bool) for value in values):
        raise PolicyFileError(f"{where}/deny_if: a list holds text, numbers, true and false")
    return tuple(value for value in values if isinstance(value, str | int | float | bool))


def _object(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise PolicyFileError(f"{where}: must be an object")
    return value


def _list(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise PolicyFileError(f"{where}: must be a list")
    return value


def _texts(value: object, where: str) -> list[str]:
    found = [one for one in _list(value, where) if isinstance(one, str)]
    if found != value:
        raise PolicyFileError(f"{where}: must be a list of texts")
    return found
