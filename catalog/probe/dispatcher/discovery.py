"""Ask a dispatcher what is behind it by the calls that its own text, or a curator, says are for discovery.

No call ever has a value for the argument that selects an action; without it a dispatcher explains itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.model import Entry, Problem, Reason
from catalog.probe.base import ProbeError, ProbeLimits, RequestRefusedError, Session
from catalog.probe.dispatcher.action import Answer, Item, entry, is_name
from catalog.probe.dispatcher.answers import read_result
from catalog.probe.dispatcher.hints import Documented
from classifier.definition import JsonObject, Tool
from classifier.operations import are_operations, share_of_verbs
from classifier.ruleset import Ruleset

# Names of which most have a capital letter and fewer than this share a verb are a report ("Host: …"), no actions.
VERB_SHARE = 0.25


@dataclass(slots=True)
class Discovery:
    """The conversation with one dispatcher tool, and what came of it so far."""

    session: Session
    tool: Tool
    selector: str
    """The argument that selects an action. It is never sent."""
    payload: str | None
    calls: Documented
    ruleset: Ruleset
    limits: ProbeLimits
    vouched: bool = False
    """Whether a curator says that its answers list actions."""
    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    async def run(self) -> None:
        """Make the calls and keep what they tell. Raises: ProbeError when the server is gone or tells too much."""
        try:
            await self._look()
        finally:
            if not self.vouched and self._is_report():
                self._say(f"its discovery answers name {len(self.entries)} things that do not read like actions")
                self.entries.clear()

    async def _look(self) -> None:
        groups: Sequence[Item] = ()
        if self.calls.without:
            answer = await self.ask({})
            found = [item for item in answer.items if is_name(item.name)]
            if self.calls.group is None or self._are_actions(found):
                self._keep(found, None)
                self._say("its discovery answer names no action", unless=bool(found))
                return
            groups = found
        elif self.calls.group is not None:
            groups = self._groups_of_schema(self.calls.group)
        self._say("its discovery answer names no group of actions", unless=bool(groups) or not self.calls.without)
        self._say("its groups of actions are not known", unless=bool(groups) or self.calls.without)
        for group in groups[: self.limits.discovery_calls]:
            if self.calls.group is not None:
                await self._open(self.calls.group, group)
        left = len(groups) - self.limits.discovery_calls
        self._say(f"{left} groups of actions were not asked for; the list is partial", unless=left <= 0)

    async def ask(self, arguments: Mapping[str, str]) -> Answer:
        """Make one discovery call and read its answer; an empty one where it failed.

        Raises: ValueError for arguments that select an action.
        """
        if self.selector in arguments:
            raise ValueError(f"a discovery call must not select an action: {arguments!r}")
        params: JsonObject = {"name": self.tool.name, "arguments": dict(arguments)}
        try:
            result = await self.session.request("tools/call", params, seconds=self.limits.request_seconds)
        except RequestRefusedError as error:
            self._say(f"discovery failed: {error}")
            return Answer()
        answer = read_result(result, self._reserved())
        for problem in answer.problems:
            self._say(problem)
        return answer

    async def _open(self, argument: str, group: Item) -> None:
        answer = await self.ask({argument: group.name})
        found = [item for item in answer.items if is_name(item.name)]
        if group.count is not None and group.count != len(found):
            self._say(f"the group {group.name!r} says it has {group.count} actions and lists {len(found)}")
        elif not found:
            self._say(f"the group {group.name!r} lists no action")
        self._keep(found, group.name)

    def _keep(self, items: Sequence[Item], group: str | None) -> None:
        for item in items:
            of_group = group if group is not None else self._group_by_heading(item)
            selector = {self.selector: item.name}
            if of_group is not None and self.calls.group is not None:
                selector = {self.calls.group: of_group, **selector}
            self.entries.append(entry(self.tool, selector, self.payload, item))
        if len(self.entries) > self.limits.tools:
            del self.entries[self.limits.tools :]
            raise ProbeError(Reason.TOO_LARGE, f"more than {self.limits.tools} actions", "report it to the author")

    def _group_by_heading(self, item: Item) -> str | None:
        return item.section if self.calls.group is not None and is_name(item.section) else None

    def _are_actions(self, items: Sequence[Item]) -> bool:
        """Say whether the first answer lists actions already, though there are groups."""
        if any(item.count is not None for item in items):
            return False
        told = any(item.schema is not None for item in items)
        return told or are_operations(self.tool, self.selector, [item.name for item in items], self.ruleset)

    def _is_report(self) -> bool:
        """Say whether what was named is what a report is made of, for example of why the server cannot work."""
        names = [one.definition.name for one in self.entries]
        capitals = sum(name[0].isupper() for name in names)
        return 2 * capitals > len(names) and share_of_verbs(names, self.ruleset) < VERB_SHARE

    def _groups_of_schema(self, argument: str) -> Sequence[Item]:
        """Return the groups that the schema offers, where no call lists them."""
        members = self.tool.input_schema.get("properties")
        member = members.get(argument) if isinstance(members, Mapping) else None
        values = member.get("enum") if isinstance(member, Mapping) else None
        names = values if isinstance(values, list) else []
        return [Item(name=name) for name in dict.fromkeys(n for n in names if isinstance(n, str)) if is_name(name)]

    def _reserved(self) -> frozenset[str]:
        members = self.tool.input_schema.get("properties")
        names: Iterator[str] = iter(members if isinstance(members, Mapping) else ())
        return frozenset({self.tool.name.lower(), *(name.lower() for name in names)})

    def _say(self, message: str, *, unless: bool = False) -> None:
        if not unless:
            self.problems.append(Problem(where=self.tool.name, message=message))
