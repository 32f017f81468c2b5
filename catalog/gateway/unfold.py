"""A dispatcher's actions as tools of their own: how they are listed, and what is called in their place."""

from collections.abc import Iterable, Mapping

from catalog.policy.model import REFUSING, Policy, VirtualTool

Json = Mapping[str, object]


class Unfolded:
    """The virtual tools of one policy."""

    def __init__(self, policy: Policy) -> None:
        """Take those whose actions the policy lets through, or leaves to a person."""
        open_targets = {
            (rule.tool, match.argument, match.value)
            for rule in policy.rules
            for match in rule.when
            if rule.decision not in REFUSING
        }
        self._tools: dict[str, VirtualTool] = {}
        for tool in policy.virtual_tools:
            if any((tool.tool, argument, value) in open_targets for argument, value in tool.arguments.items()):
                self._tools.setdefault(str(tool.definition["name"]), tool)
        self._unfolded = {tool.tool for tool in self._tools.values()}

    def __bool__(self) -> bool:
        """Say whether anything is unfolded."""
        return bool(self._tools)

    def listed(self, tools: Iterable[Json]) -> list[Json]:
        """Return a list of definitions with virtual tools in place of the dispatchers that they belong to."""
        found: list[Json] = []
        for tool in tools:
            if tool.get("name") in self._unfolded:
                found += [one.definition for one in self._tools.values() if one.tool == tool.get("name")]
            elif tool.get("name") not in self._tools:  # a server cannot take a virtual tool's name
                found.append(tool)
        return found

    def called(self, name: str, arguments: Json) -> tuple[str, Json]:
        """Return what a call of ``name`` is on the server's wire; any other tool's as it is."""
        tool = self._tools.get(name)
        if tool is None:
            return name, arguments
        if tool.payload is None:
            return tool.tool, {**arguments, **tool.arguments}
        return tool.tool, {**tool.arguments, **({tool.payload: arguments} if arguments else {})}
