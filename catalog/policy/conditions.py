"""Whether a condition holds of a call's arguments. What is not plainly what the condition asks for does not hold."""

import math
from collections.abc import Callable, Mapping

from catalog.policy.model import Condition, Operator, Scalar


def holds(condition: Condition, arguments: Mapping[str, object]) -> bool:
    """Say whether ``condition`` holds; a null argument counts as absent."""
    value = value_at(condition.argument, arguments)
    if condition.operator is Operator.PRESENT:
        return value is not None
    if condition.operator is Operator.ABSENT:
        return value is None
    if value is None:
        return condition.optional
    return _ASKED[condition.operator](value, condition.values)


def value_at(pointer: str, arguments: Mapping[str, object]) -> object:
    """Return what a JSON Pointer (RFC 6901) names among the arguments; None where nothing, or null, is there.

    Only objects are entered: an index into a list names nothing.
    """
    value: object = arguments
    for token in tokens(pointer):
        if not isinstance(value, Mapping):
            return None
        value = value.get(token)
    return value


def tokens(pointer: str) -> list[str]:
    """Return the names along a JSON Pointer, outermost first."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def pointer(*names: str) -> str:
    """Return the JSON Pointer that follows these names, outermost first."""
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)


def number(value: object) -> float | int | None:
    """Return a finite JSON number as it is, or None for anything else; true and false are no numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return value if math.isfinite(value) else None
    except OverflowError:  # an integer that no float can hold
        return None


def _one_of(value: object, values: tuple[Scalar, ...]) -> bool:
    return _each(value, lambda item: any(_same(item, allowed) for allowed in values))


def _same(value: object, allowed: Scalar) -> bool:
    if isinstance(value, bool) or isinstance(allowed, bool):
        return value is allowed
    return value == allowed


def _at_most(value: object, values: tuple[Scalar, ...]) -> bool:
    found, most = number(value), [number(one) for one in values]
    return found is not None and any(one is not None and found <= one for one in most)


def _at_least(value: object, values: tuple[Scalar, ...]) -> bool:
    found, least = number(value), [number(one) for one in values]
    return found is not None and any(one is not None and found >= one for one in least)


def _within(value: object, values: tuple[Scalar, ...]) -> bool:
    folders = [folder for one in values if isinstance(one, str) and (folder := steps(one)) is not None]
    return _each(value, lambda item: isinstance(item, str) and _is_below(steps(item), folders))


def steps(path: str) -> list[str] | None:
    """Return what a path starts from and the names along it, or None where it may lead elsewhere than it says.

    A relative path is below no absolute one, nor the other way round; nor is one with a drive or a scheme below either.
    Hidden names are out of bounds as well: ``.git`` or ``.mcp.json`` change what an agent's machine runs next.
    """
    if "\\" in path or "\0" in path or path.startswith("~"):
        return None
    names = [name for name in path.split("/") if name not in {"", "."}]
    if any(name.startswith(".") for name in names):
        return None
    if path.startswith("/"):
        return ["/", *names]
    # "C:/x" and "file:///x" are absolute to some, whatever they look like.
    return names if names and ":" in names[0] else [".", *names]


def _is_below(path: list[str] | None, folders: list[list[str]]) -> bool:
    return path is not None and any(path[: len(folder)] == folder for folder in folders)


def _host_in(value: object, values: tuple[Scalar, ...]) -> bool:
    hosts = {one.lower() for one in values if isinstance(one, str)}
    return _each(value, lambda item: isinstance(item, str) and _host(item) in hosts)


def _host(url: str) -> str | None:
    """Return the host of an http(s) URL, or None where two readers of it could disagree on the host."""
    from urllib.parse import urlsplit  # noqa: PLC0415  # the hook program starts without it

    if not url.isascii() or not url.isprintable() or any(character in url for character in "\\@ "):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host = parts.hostname
    if parts.scheme not in {"http", "https"} or host is None:
        return None
    # Text around the brackets of an address is passed over by some and read by others.
    address = parts.netloc.lower().removeprefix(f"[{host}]")
    return None if ":" in host and address.partition(":")[0] else host


def _each(value: object, asked: Callable[[object], bool]) -> bool:
    """Say whether ``asked`` holds of a value, or of every item of a list."""
    return all(map(asked, value)) if isinstance(value, list) else asked(value)


_ASKED: Mapping[Operator, Callable[[object, tuple[Scalar, ...]], bool]] = {
    Operator.ONE_OF: _one_of,
    Operator.AT_MOST: _at_most,
    Operator.AT_LEAST: _at_least,
    Operator.WITHIN: _within,
    Operator.HOST_IN: _host_in,
}
