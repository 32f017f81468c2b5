"""Envoy AI Gateway's size limits: which tools' expressions fit into its rules."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from catalog.export.cel_conditions import VARIABLE, asked, given, value_of
from catalog.export.cel_text import LONGEST, lists, literal, several
from catalog.export.terms import Conditions, Terms

MOST_RULES = 32
"""Rules of one MCPRoute."""

_TOOL = "request.mcp.tool"
_PARAMS = "request.mcp.params"
_BOUND = f"[has({_PARAMS}.arguments) ? {_PARAMS}.arguments : {{}}].exists({VARIABLE}, "
_PART = LONGEST // 2


@dataclass(slots=True)
class Rules:
    """The rules of one route, filled as tools come; expressions of several tools of a server share a rule."""

    filled: list[tuple[str, list[str]]] = field(default_factory=list)
    """The server of each rule, and the expressions of which one must hold."""

    def fit(self, server: str, expressions: Sequence[str]) -> bool:
        """Put expressions into rules, all or none; say whether they fit."""
        kept = [(owner, list(others)) for owner, others in self.filled]
        for expression in expressions:
            for owner, others in kept:
                if owner == server and len(_cel(owner, [*others, expression])) <= LONGEST:
                    others.append(expression)
                    break
            else:
                if len(kept) == MOST_RULES or len(_cel(server, [expression])) > LONGEST:
                    return False
                kept.append((server, [expression]))
        self.filled = kept
        return True

    def cel(self) -> Iterator[str]:
        """Yield the expression of each rule."""
        return (_cel(owner, others) for owner, others in self.filled)


def names(tools: Sequence[str]) -> Iterator[tuple[Sequence[str], str]]:
    """Yield tools of which every call passes, with the expression that lets them; many at a time."""
    for part in lists(tools, _PART):
        yield part, f"{_TOOL} in {several(part)}"


def expressions(found: Terms) -> Sequence[str]:
    """Return expressions of which one holds where a call of the tool passes."""
    own = [asked(condition) for condition in found.own]
    if len(found.selectors) == 1:
        (selector,) = found.selectors
        return [_of_tool(found.tool, [*own, f"({one})"]) for one in _joined(_alternatives(found, selector))]
    selected = [f"({' || '.join(_alternatives(found, selector))})" for selector in found.selectors]
    return [_of_tool(found.tool, [*own, *selected])]


def _of_tool(tool: str, tests: Sequence[str]) -> str:
    # Without params it is no call: by the same rules, Envoy leaves tools out of lists.
    return f"{_TOOL} == {literal(tool)} && ({_PARAMS} == null || {_BOUND}{' && '.join(tests)}))"


def _alternatives(found: Terms, selector: str) -> Iterator[str]:
    there, value = given([selector]), value_of([selector])
    yield f"!({there})"
    for part in lists(found.plain(selector), _PART):
        yield f"({there} && {value} in {several(part)})"
    for action, conditions in found.conditional(selector).items():
        yield f"({there} && {value} == {literal(action)} && {_all(conditions)})"


def _joined(alternatives: Iterable[str]) -> Iterator[str]:
    """Yield the alternatives, as many together as a rule has room for beside those of other tools."""
    part = ""
    for one in alternatives:
        if part and len(part) + len(one) > _PART:
            yield part
            part = ""
        part = f"{part} || {one}" if part else one
    yield part


def _all(conditions: Conditions) -> str:
    return " && ".join(map(asked, conditions))


def _cel(server: str, alternatives: Sequence[str]) -> str:
    one_of = " || ".join(f"({one})" for one in alternatives)
    return f'request.mcp.method == "tools/call" && request.mcp.backend == {literal(server)} && ({one_of})'
