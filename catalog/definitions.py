"""Which values of a list of tools are definitions: each is looked at by itself, so that a bad one costs no other."""

import math
from collections.abc import Mapping, Sequence

from catalog.model import Definition, Entry, Problem, Provenance
from classifier.definition import JsonValue

# Characters of a tool's name that are accepted; the specification recommends at most 128.
NAME_LENGTH = 512

# Levels of nesting in a definition that are accepted; real ones stay below 30, and Python's own limit is near 1,000.
DEPTH = 200


def collect_tools(
    tools: Sequence[JsonValue],
    entries: dict[str, Entry],
    problems: list[Problem],
    *,
    where: str,
    provenance: Provenance,
    run: str = "",
) -> None:
    """Add the definitions among ``tools`` to ``entries`` by key, and what is none, or comes twice, to ``problems``.

    ``where`` names the list in the problems, for example ``page 2``.
    """
    for index, raw in enumerate(tools):
        place = f"{where}, tools[{index}]"
        wrong = _what_is_wrong(raw)
        if wrong or not isinstance(raw, Mapping):
            problems.append(Problem(where=place, message=wrong or "not an object"))
            continue
        entry = Entry(definition=Definition(raw=raw), provenance=provenance, run=run)
        if entry.key in entries:
            problems.append(Problem(where=place, message=f"the name {entry.key[:80]!r} came twice; the first is kept"))
        else:
            entries[entry.key] = entry


def _what_is_wrong(raw: JsonValue) -> str | None:
    """Return why ``raw`` is no tool definition, or None. Only what makes it unusable counts; oddities are kept."""
    if not isinstance(raw, Mapping):
        return "not an object"
    name = raw.get("name")
    if not isinstance(name, str) or not name:
        return "no name"
    if len(name) > NAME_LENGTH:
        return f"a name of {len(name)} characters"
    if not isinstance(raw.get("inputSchema", {}), Mapping):
        return f"the inputSchema of {name[:80]!r} is not an object"
    why = unfit(raw)
    return f"{name[:80]!r} {why}" if why else None


def unfit(value: JsonValue, depth: int = DEPTH) -> str | None:
    """Return why ``value`` could be read but not be written again, or None: too deep, or no number of JSON's."""
    level: list[JsonValue] = [value]
    for _ in range(depth):
        deeper: list[JsonValue] = []
        for one in level:
            if isinstance(one, Mapping):
                deeper += one.values()
            elif isinstance(one, list):
                deeper += one
            elif isinstance(one, float) and not math.isfinite(one):
                return "holds a number that JSON cannot hold"
        if not deeper:
            return None
        level = deeper
    return f"is nested more than {depth} levels deep"
