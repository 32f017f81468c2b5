"""Collect what was found: one tool a name, the one with most detail, in the shape that tools/list has."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from catalog.model import Definition, Entry, Problem, Provenance
from catalog.probe.static.budget import Budget, OverBudgetError
from catalog.probe.static.source_tools import SourceTools, StaticLimits
from catalog.probe.static.values import TEXT_LENGTH
from classifier.definition import JsonObject, JsonValue

RUN = "declared"
"""The rung that an entry carries."""

_NAME = re.compile(r"[A-Za-z0-9_./-]{1,128}")
_LETTER = re.compile(r"[A-Za-z]")
_ANNOTATIONS = ("title", "readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")
_TEXT = 500
"""Characters of a problem's text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTool:
    """One declaration."""

    name: str
    description: str | None = None
    title: str | None = None
    schema: JsonObject | None = None
    """None where it was not understood."""
    annotations: JsonObject | None = None


def is_tool_name(text: object) -> bool:
    """Say whether a server could publish a tool under this name."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None and _LETTER.search(text) is not None


class Collector:
    """Holds what was found so far, within bounds."""

    def __init__(self, limits: StaticLimits) -> None:
        self._limits = limits
        self._tools: dict[str, FoundTool] = {}
        self._problems: list[Problem] = []
        self._more_problems = 0
        self.dynamic = False

    @property
    def full(self) -> bool:
        """Whether the cap of tools is reached."""
        return len(self._tools) >= self._limits.tools

    def add(self, tool: FoundTool, where: str) -> None:
        """Keep ``tool`` unless its name is none or a declaration with as much detail is there."""
        if not is_tool_name(tool.name):
            return
        before = self._tools.get(tool.name)
        if before is None:
            if not self.full:
                self._tools[tool.name] = tool
            return
        mine, theirs = _arguments(tool), _arguments(before)
        if mine and theirs and not mine & theirs:
            self.problem(where, f"{tool.name!r} is declared again with other arguments")
        if _detail(tool) > _detail(before):
            self._tools[tool.name] = tool

    def problem(self, where: str, message: str) -> None:
        """Note what was not read; notes beyond the cap are counted."""
        if len(self._problems) < self._limits.problems:
            self._problems.append(Problem(where=where[:_TEXT], message=message[:_TEXT]))
        else:
            self._more_problems += 1

    def result(self, files: int, words: frozenset[str]) -> SourceTools:
        """Return everything as one value."""
        problems = list(self._problems)
        if self._more_problems:
            problems.append(Problem(where="source", message=f"{self._more_problems} more problems like these"))
        return SourceTools(
            entries=tuple(
                Entry(definition=Definition(raw=_raw(tool)), provenance=Provenance.DECLARED, run=RUN)
                for tool in self._tools.values()
            ),
            problems=tuple(problems),
            files=files,
            dynamic=self.dynamic,
            words=words,
        )


def attempt(find: Callable[[], None], where: str, collector: Collector, budget: Budget) -> None:
    """Look at one place; where that costs too much, note it and go on. Raises: OverBudgetError for the whole file."""
    budget.begin_tool()
    try:
        find()
    except OverBudgetError as error:
        budget.check()
        collector.dynamic = True
        collector.problem(where, f"a tool was left out: {error}")


def _arguments(tool: FoundTool) -> frozenset[str]:
    properties = (tool.schema or {}).get("properties")
    return frozenset(properties) if isinstance(properties, Mapping) else frozenset()


def _detail(tool: FoundTool) -> tuple[bool, int, bool]:
    return bool(tool.description), len(_arguments(tool)), tool.schema is not None


def _raw(tool: FoundTool) -> JsonObject:
    raw: dict[str, JsonValue] = {"name": tool.name}
    if tool.title:
        raw["title"] = tool.title[:TEXT_LENGTH]
    if tool.description:
        raw["description"] = tool.description[:TEXT_LENGTH]
    raw["inputSchema"] = {"type": "object", **(tool.schema or {})}
    kept = {name: value for name in _ANNOTATIONS if (value := (tool.annotations or {}).get(name)) is not None}
    if kept:
        raw["annotations"] = kept
    return raw
