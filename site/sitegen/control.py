"""How to control a tool: the recommended policy in each target's syntax, and sentences derived from that policy."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import assert_never

from catalog.policy.model import PASSING, Decision, Rule
from catalog.policy.reason import rate
from catalog.policy.target import Export, Exporter, Unsupported
from sitegen.catalogue import CataloguedEntry, CataloguedServer, exported
from sitegen.ruleindex import RuleIndex
from sitegen.visible import visible_json
from sitegen.words import count, listed

# Lines of a file that a page shows unfolded for another target than the first.
_SHORT = 8

# A whole dispatcher tool can have hundreds of notes; the file itself is stricter in each of these places.
_MOST_NOTES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The policy for one target."""

    title: str
    file: str
    """The name of the file beside the page."""
    filename: str
    """What the target calls the file."""
    text: str
    """The file as shown: for JSON, hidden characters are escapes, so that a copy means the same as the file."""
    folded: bool
    """Whether a page shows it on demand only: a long file, not for the first target."""
    notes: tuple[str, ...]
    """Where the file is stricter than the recommendation, because the target cannot say it."""
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What is recommended for one entry."""

    rules: tuple[Rule, ...]
    effect: str
    """What the recommendation does."""
    rest: str
    """What the files do to everything else on the server."""
    others: str
    """What the policy of the whole server decides on everything else; empty where that lets nothing through."""
    asks: bool
    """Whether a target can ask a person; where none can, its file denies what a person should approve."""
    reason: str
    """Why; empty for a dispatcher tool, whose actions each have their own reason."""
    targets: tuple[Target, ...]
    files: Mapping[str, Export]
    """Each target's file, by its name beside the page."""

    @property
    def decision(self) -> Decision | None:
        """Return the one decision; None for a dispatcher tool, where each action has its own."""
        return self.rules[0].decision if len(self.rules) == 1 else None


def control(server: CataloguedServer, entry: CataloguedEntry, exporters: Sequence[Exporter]) -> Control:
    """Return the recommendation for one entry, cut out of the server's policy."""
    rules = rules_of(server, entry)
    files = exported(server.rules.only(entry.row.key), exporters)
    return Control(
        rules=rules,
        effect=effect(entry.label, rules),
        rest=_rest(server, rules),
        others=_others(server, rules),
        asks=any(exporter.expresses.approval for exporter in exporters),
        reason=rules[0].reason if len(rules) == 1 else "",
        targets=targets(server, exporters, files),
        files=files,
    )


def short_decisions(server: CataloguedServer) -> Mapping[str, str]:
    """Return what is decided for each entry in a word or two, by key: for tables of a whole server."""
    return {entry.row.key: short(rules_of(server, entry)) for entry in server.entries}


def rules_of(server: CataloguedServer, entry: CataloguedEntry) -> tuple[Rule, ...]:
    """Return the entry's own rule, or for a dispatcher tool the rules on its actions."""
    return server.rules.of(entry.row.key, entry.name, is_action=entry.row.dispatch is not None)


def targets(server: CataloguedServer, exporters: Sequence[Exporter], files: Mapping[str, Export]) -> tuple[Target, ...]:
    """Return exported policies, one for each exporter in their order, as a page shows them."""
    pairs = enumerate(zip(exporters, files.items(), strict=False))  # a server without tools has no file
    return tuple(_target(exporter, file, export, server, place) for place, (exporter, (file, export)) in pairs)


def _target(exporter: Exporter, file: str, export: Export, server: CataloguedServer, place: int) -> Target:
    notes = tuple(
        f"{_recommended(item, server.rules)}. {exporter.title} cannot say exactly that; "
        f"the file has in its place: {item.written} (stricter, never looser)."
        for item in export.unsupported[:_MOST_NOTES]
    )
    more = len(export.unsupported) - _MOST_NOTES
    return Target(
        title=exporter.title,
        file=file,
        filename=export.filename,
        text=visible_json(export.text) if export.filename.endswith(".json") else export.text,
        folded=place > 0 and export.text.count("\n") > _SHORT,
        notes=(*notes, f"The file is stricter in {count(more, 'more place')}.") if more > 0 else notes,
        steps=tuple(
            step.format(server=server.label, filename=export.filename, title=exporter.title)
            for step in _STEPS.get(exporter.format, _ANY_TARGET)
        ),
    )


def _recommended(item: Unsupported, rules: RuleIndex) -> str:
    if not rules.has(item.key):
        # An exporter's remark on the dispatcher tool itself: what becomes of asking it what it offers.
        return f"For calls of {item.key} that select no action, the recommendation is “{item.wanted}”"
    return f"For {item.key}, the recommendation is “{item.wanted}”"


def effect(name: str, rules: Sequence[Rule]) -> str:
    """Say what the rules of one entry do."""
    if not rules:
        return f"{name} is denied: no rule names it."
    if len(rules) > 1:
        return f"{name} reaches {count(len(rules), 'action')}: {decisions(rules)}."
    return _effect(name, rules[0])


def _effect(name: str, rule: Rule) -> str:
    match rule.decision:
        case Decision.ALLOW:
            return f"{name} may be called as often as an agent likes."
        case Decision.LIMIT:
            return f"{name} stays usable, with {bound(rule)}."
        case Decision.APPROVE:
            return f"A person should approve each call of {name}."
        case Decision.DENY:
            return f"{name} cannot be called."
        case Decision.HIDE:
            return f"{name} is not listed and cannot be called."
    assert_never(rule.decision)


def bound(rule: Rule) -> str:
    """Return the limit of a rule in words."""
    return f"at most {rate(rule.limit)}" if rule.limit else "a limited number of calls"


def decisions(rules: Sequence[Rule]) -> str:
    """Count what rules decide: ``110 allowed, 3 limited and 1 denied``."""
    return _counted(Counter(rule.decision for rule in rules))


def _counted(decided: Mapping[Decision, int]) -> str:
    return listed([f"{decided[decision]:,} {_PAST[decision]}" for decision in Decision if decided.get(decision)])


def short(rules: Sequence[Rule]) -> str:
    """Return what is decided for one entry in a word or two, for tables."""
    if len(rules) != 1:
        return "by action" if rules else "deny"
    limit = rules[0].limit
    if rules[0].decision is Decision.LIMIT and limit:
        return f"{limit.max} per {limit.window}"
    return str(rules[0].decision)


def reach(rule: Rule) -> str | None:
    """Say what a rule on an action matches on the wire, or what its file shuts; None for a tool's own rule."""
    if not rule.when:
        return None
    selected = listed([f"{match.argument} is “{match.value}”" for match in rule.when])
    if rule.decision not in PASSING:
        return (
            f"On the wire the call is named {rule.tool}, and its argument {selected}. "
            f"This file lets no other call of {rule.tool} through either, so it shuts {rule.tool} as a whole."
        )
    return (
        f"On the wire the call is named {rule.tool}; the rule matches where its argument {selected}. "
        "A rule named after the action alone would never match a call."
    )


def _rest(server: CataloguedServer, rules: Sequence[Rule]) -> str:
    """Say what the files of this page do to the rest of the server: whatever no rule names is denied."""
    if not any(rule.decision in PASSING for rule in rules):
        return f"On its own, this file lets no call to {server.label} through."
    return f"Everything else on {server.label} is denied by this file, because it names nothing else."


def _others(server: CataloguedServer, rules: Sequence[Rule]) -> str:
    others = server.rules.others(rules)
    if not any(decision in PASSING for decision in others):
        return ""
    return f"The recommendation for the whole server decides on the others too: {_counted(others)}."


_PAST: Mapping[Decision, str] = MappingProxyType(
    {
        Decision.ALLOW: "allowed",
        Decision.LIMIT: "limited",
        Decision.APPROVE: "left to a person's approval",
        Decision.DENY: "denied",
        Decision.HIDE: "hidden",
    }
)

_STEPS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "policylayer": (
            "Register {server} in {title}.",
            "Attach {filename} to the grant that your agents use for it. A grant without a policy denies every call.",
            "Point your MCP client at the gateway address of that grant, and remove the direct connection from it.",
            "Try one call that must pass and one that must not.",
        )
    }
)

_ANY_TARGET: Sequence[str] = (
    "Save {filename} where {title} reads its policies for {server}.",
    "Remove any connection from your MCP client that goes around {title}.",
    "Try one call that must pass and one that must not.",
)
