"""List the actions behind a dispatcher tool: by its schema, by its description, or by its documented discovery calls.

The first two cost no call. Discovery calls are made only with arguments that the tool's own text, or a discovery
profile (data/knowledge/servers), says are for discovery, and never with an action selected.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from catalog.model import DiscoveryProfile, Entry, Listed, Problem
from catalog.probe.base import ProbeError, ProbeLimits, Session
from catalog.probe.dispatcher.action import Item, entry
from catalog.probe.dispatcher.discovery import Discovery
from catalog.probe.dispatcher.hints import Documented, documented
from catalog.probe.dispatcher.prose import descriptions, listed_actions
from catalog.probe.dispatcher.schema import beside, free_text, offered, payload_of, selectors
from catalog.rules import load_ruleset
from classifier.definition import Tool
from classifier.operations import about
from classifier.ruleset import Ruleset
from classifier.words import tokens


async def expand(
    session: Session,
    listed: Listed,
    profiles: Sequence[DiscoveryProfile],
    limits: ProbeLimits,
    *,
    calls: bool = True,
) -> Listed:
    """Return ``listed`` with the actions behind its tools; a profile wins over what can be read without one.

    ``calls`` is False where discovery calls must not be made: the server is not in a sandbox. An answer that cannot be
    read, or none, is a problem on the result, never a reason to lose the tools.
    """
    found = _Found(limits)
    for tool_entry in listed.entries:
        # Reading takes milliseconds a tool; between two, time limits hold and other servers get their turn.
        await asyncio.sleep(0)
        tool = tool_entry.definition.tool
        profile = next((p for p in profiles if (p.server_name, p.tool) == (listed.server_name, tool.name)), None)
        await _expand(session, tool, profile, found, calls=calls)
    known = {one.key for one in listed.entries}
    return replace(
        listed,
        entries=(*listed.entries, *(one for key, one in found.entries.items() if key not in known)),
        problems=(*listed.problems, *found.problems),
    )


@dataclass(slots=True)
class _Found:
    """What all tools of one server hide, within its bounds."""

    limits: ProbeLimits
    entries: dict[str, Entry] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, tool: Tool, actions: Iterable[Entry]) -> None:
        """Keep the actions of one tool; the first of two with one key, and no more than a list may hold."""
        twice = 0
        for action in actions:
            if action.key in self.entries:
                twice += 1
            elif len(self.entries) >= self.limits.tools:
                self.say(tool, f"more than {self.limits.tools} actions; the rest was left out")
                break
            else:
                self.entries[action.key] = action
        if twice:
            self.say(tool, f"{twice} of its actions came twice; the first of each is kept")

    def say(self, tool: Tool, message: str) -> None:
        self.problems.append(Problem(where=tool.name, message=message))


async def _expand(
    session: Session, tool: Tool, profile: DiscoveryProfile | None, found: _Found, *, calls: bool
) -> None:
    """Find the actions of one tool by the best way that there is."""
    ruleset = load_ruleset()
    if profile is not None and calls:
        by_profile = Documented(without=True, group=profile.group)
        discovery = Discovery(
            session, tool, profile.selector, profile.payload, by_profile, ruleset, found.limits, vouched=True
        )
        await _discover(discovery, found)
        return
    offer = offered(tool, ruleset, found.limits.tools)
    for problem in offer.problems:
        found.say(tool, problem)
    if offer.actions:
        told = descriptions(tool, [one.item.name for one in offer.actions])
        found.add(
            tool,
            (
                entry(tool, one.selector, offer.payload, _described(one.item, told, tool, ruleset))
                for one in offer.actions
            ),
        )
        return
    choosers = selectors(tool, ruleset)
    for argument in choosers:
        if not free_text(tool, argument):
            continue
        hints = documented(tool, argument, choosers)
        told = listed_actions(tool, argument, ruleset)
        if told and hints.group is None:
            schema, payload = beside(tool, argument, ruleset)
            items = (Item(name=name, schema=schema) for name in told)
            found.add(
                tool,
                (entry(tool, {argument: one.name}, payload, _described(one, told, tool, ruleset)) for one in items),
            )
            return
        if calls and (hints.without or hints.group is not None):
            payload = payload_of(tool, {argument, hints.group}, ruleset)
            await _discover(Discovery(session, tool, argument, payload, hints, ruleset, found.limits), found)
            return


async def _discover(discovery: Discovery, found: _Found) -> None:
    """Make the discovery calls of one tool; what was told before a failure stays."""
    tool = discovery.tool
    try:
        await discovery.run()
    except ProbeError as error:
        discovery.problems.append(Problem(where=tool.name, message=f"discovery ended early: {error.detail}"))
    found.add(tool, discovery.entries)
    found.problems += discovery.problems


def _described(item: Item, told: Mapping[str, str], tool: Tool, ruleset: Ruleset) -> Item:
    """Return ``item`` with what is said of it; where nothing is, with the words of its name and of its tool's.

    "delete" alone does not say of what: behind ``manage_issue`` it is "Delete issue".
    """
    if said := item.description or told.get(item.name, ""):
        return replace(item, description=said)
    words = [word.word for word in tokens(item.name)] or [item.name]
    if len(words) == 1:
        words += [word for word in about(tool, ruleset).split() if word not in words]
    return replace(item, description=" ".join(words).capitalize())
