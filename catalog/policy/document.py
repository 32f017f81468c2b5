"""The policy file: policies of one or several servers as JSON (written by catalog.policy.writing), read strictly.

Read by hand and not by a validation library: the hook program reads it on every call, within milliseconds. The
published JSON Schema is made from the types (catalog.policy.schema); a test holds the two together.
"""

import json
import math
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar

from catalog.policy.conditions import pointer
from catalog.policy.model import (
    Condition,
    Decision,
    Limit,
    Match,
    Operator,
    Parameter,
    Policy,
    Rule,
    Scope,
    VirtualTool,
    Window,
)

VERSION = 1

WINDOWS: tuple[Window, ...] = ("minute", "hour", "day")
SCOPES: tuple[Scope, ...] = ("server", "session")

Read = TypeVar("Read")
Word = TypeVar("Word", bound=StrEnum)
Literal = TypeVar("Literal")


class PolicyFileError(ValueError):
    """A policy file is not what it should be; says where and what, as a JSON Pointer and a sentence."""


def read_policies(text: str | bytes) -> Mapping[str, Policy]:
    """Return the policies of a policy file by their server's name, in its order.

    Raises: PolicyFileError for anything that is not exactly a policy file; unknown keys are errors.
    """
    file = _Object(read_json(text), "", {"version", "servers"}, {"$schema"})
    if (version := file.whole("version")) != VERSION:
        raise PolicyFileError(f"/version: must be {VERSION}, not {version!r}; another release wrote this file")
    file.optional_text("$schema")
    return file.named("servers", _policy)


def read_json(text: str | bytes) -> object:
    """Return what a JSON text says. Raises: PolicyFileError where it is none, or a key stands twice in one object."""
    try:
        data: object = json.loads(text, object_pairs_hook=_no_repeats, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        if isinstance(error, PolicyFileError):
            raise
        raise PolicyFileError(f"the file is not JSON: {error}") from error
    return data


class _Object:
    """A JSON object whose keys are known, and typed access to what stands under them."""

    def __init__(self, data: object, where: str, required: set[str], optional: set[str]) -> None:
        if not isinstance(data, dict):
            raise PolicyFileError(f"{where or 'the file'}: must be an object")
        known = required | optional
        if unknown := None if data.keys() <= known else data.keys() - known:
            listed = ", ".join(sorted(known))
            raise PolicyFileError(f"{where}{pointer(min(unknown))}: there is no such key; here there are: {listed}")
        if missing := None if required <= data.keys() else required - data.keys():
            raise PolicyFileError(f"{where or 'the file'}: the key {min(missing)!r} is missing")
        self.data, self.where = data, where

    def text(self, key: str) -> str:
        value = self.data[key]
        return value if isinstance(value, str) else _text(value, f"{self.where}/{key}")

    def optional_text(self, key: str) -> str | None:
        return self.text(key) if key in self.data else None

    def whole(self, key: str) -> int:
        value = self.data[key]
        if isinstance(value, bool) or not isinstance(value, int):
            raise PolicyFileError(f"{self.where}/{key}: must be a whole number, not {value!r}")
        return value

    def flag(self, key: str) -> bool:
        value = self.data.get(key, False)
        if not isinstance(value, bool):
            raise PolicyFileError(f"{self.where}/{key}: must be true or false, not {value!r}")
        return value

    def word(self, key: str, words: type[Word]) -> Word:
        text = self.text(key)
        try:
            return words(text)
        except ValueError:
            raise PolicyFileError(f"{self.where}/{key}: must be one of {', '.join(words)}, not {text!r}") from None

    def literal(self, key: str, words: tuple[Literal, ...]) -> Literal:
        value = self.data[key]
        for word in words:
            if word == value:
                return word
        raise PolicyFileError(f"{self.where}/{key}: must be one of {', '.join(map(str, words))}, not {value!r}")

    def items(self, key: str, read: Callable[[object, str], Read]) -> tuple[Read, ...]:
        if key not in self.data:
            return ()
        value = self.data[key]
        if not isinstance(value, list):
            raise PolicyFileError(f"{self.where}/{key}: must be a list")
        return tuple(read(item, f"{self.where}/{key}/{place}") for place, item in enumerate(value))

    def named(self, key: str, read: Callable[[str, object, str], Read]) -> dict[str, Read]:
        value = self.data.get(key, {})
        if not isinstance(value, dict):
            raise PolicyFileError(f"{self.where}/{key}: must be an object")
        return {name: read(name, item, f"{self.where}/{key}{pointer(name)}") for name, item in value.items()}


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise PolicyFileError(f"{where}: must be text, not {value!r}")
    return value


def _policy(server: str, data: object, where: str) -> Policy:
    optional = {"profile", "resources", "prompts", "definitions", "parameters", "virtual_tools"}
    read = _Object(data, where, {"rules"}, optional)
    parameters = read.named("parameters", _parameter)
    return Policy(
        server=server,
        rules=read.items("rules", lambda item, place: _rule(item, place, parameters)),
        profile=read.text("profile") if "profile" in read.data else "baseline",
        resources=read.items("resources", _text),
        prompts=read.items("prompts", _text),
        definitions=read.named("definitions", lambda _, item, place: _text(item, place)),
        parameters=parameters,
        virtual_tools=read.items("virtual_tools", _virtual_tool),
    )


def _parameter(_: str, data: object, where: str) -> Parameter:
    read = _Object(data, where, {"description"}, {"values"})
    return Parameter(description=read.text("description"), values=read.items("values", _text))


def _rule(data: object, where: str, parameters: Mapping[str, Parameter]) -> Rule:
    optional = {"when", "limits", "conditions", "taints", "after_taint", "evidence", "reason"}
    read = _Object(data, where, {"tool", "decision", "key"}, optional)
    when = (_match(read.data["when"], f"{where}/when"),) if "when" in read.data else ()
    try:
        return Rule(
            tool=read.text("tool"),
            when=when,
            decision=read.word("decision", Decision),
            limits=read.items("limits", _limit),
            conditions=read.items("conditions", lambda item, place: _condition(item, place, parameters)),
            taints=read.flag("taints"),
            after_taint=read.word("after_taint", Decision) if "after_taint" in read.data else None,
            reason=read.optional_text("reason") or "",
            evidence=read.items("evidence", _text),
            key=read.text("key"),
        )
    except PolicyFileError:
        raise
    except ValueError as error:
        raise PolicyFileError(f"{where}: {error}") from error


def _match(data: object, where: str) -> Match:
    read = _Object(data, where, {"argument", "value"}, set())
    return Match(argument=read.text("argument"), value=read.text("value"))


def _limit(data: object, where: str) -> Limit:
    read = _Object(data, where, {"max", "window"}, {"scope", "sum_of"})
    if (most := read.whole("max")) < 1:
        raise PolicyFileError(f"{where}/max: must be a whole number from 1, not {most!r}")
    sum_of = _pointer(read, "sum_of") if "sum_of" in read.data else None
    return Limit(
        max=most,
        window=read.literal("window", WINDOWS),
        scope=read.literal("scope", SCOPES) if "scope" in read.data else "server",
        sum_of=sum_of,
    )


def _condition(data: object, where: str, parameters: Mapping[str, Parameter]) -> Condition:
    read = _Object(data, where, {"argument", "operator"}, {"values", "parameter", "optional"})
    operator, parameter = read.word("operator", Operator), read.optional_text("parameter")
    takes_none = operator in {Operator.PRESENT, Operator.ABSENT}
    if takes_none and ("values" in read.data or parameter is not None):
        raise PolicyFileError(f"{where}: {operator} takes neither values nor a parameter")
    if not takes_none and ("values" in read.data) is (parameter is not None):
        raise PolicyFileError(f"{where}: {operator} takes either values or a parameter")
    if parameter is not None and parameter not in parameters:
        raise PolicyFileError(f"{where}/parameter: the policy has no parameter {parameter!r}")
    return Condition(
        argument=_pointer(read, "argument"),
        operator=operator,
        values=read.items("values", _scalar) if parameter is None else parameters[parameter].values,
        parameter=parameter,
        optional=read.flag("optional"),
    )


def _scalar(value: object, where: str) -> str | int | float | bool:
    if isinstance(value, float) and not math.isfinite(value):
        raise PolicyFileError(f"{where}: must be a number that fits, not {value!r}")  # 1e999
    if isinstance(value, str | int | float | bool):
        return value
    raise PolicyFileError(f"{where}: must be text, a number, true or false, not {value!r}")


def _pointer(read: _Object, key: str) -> str:
    text = read.text(key)
    if not text.startswith("/"):
        raise PolicyFileError(f"{read.where}/{key}: must be a JSON Pointer such as '/amount', not {text!r}")
    return text


def _virtual_tool(data: object, where: str) -> VirtualTool:
    read = _Object(data, where, {"definition", "tool", "arguments"}, {"payload"})
    definition = read.data["definition"]
    if not isinstance(definition, dict) or not isinstance(definition.get("name"), str):
        raise PolicyFileError(f"{where}/definition: must be an object with a name")
    return VirtualTool(
        definition=definition,
        tool=read.text("tool"),
        arguments=read.named("arguments", lambda _, item, place: _text(item, place)),
        payload=read.optional_text("payload"),
    )


def _no_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse an object in which a key stands twice: which of the two counts differs from reader to reader."""
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise PolicyFileError(f"the key {twice!r} stands twice in one object")
    return found


def _no_constant(text: str) -> None:
    raise PolicyFileError(f"the file is not JSON: {text} is no number there")
