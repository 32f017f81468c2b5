"""How to control a tool: the recommended policy in each target's syntax, and sentences derived from that policy."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import assert_never

from catalog.policy.model import PASSING, Decision, Rule
from catalog.policy.reason import rate, wish
from catalog.policy.target import Export, Exporter
from sitegen.catalogue import CataloguedEntry, CataloguedServer
from sitegen.exports import Exported, beside_tools, exported, own_format
from sitegen.ruleindex import RuleIndex
from sitegen.steps import steps
from sitegen.visible import one_line, visible_json
from sitegen.words import count, listed

HARDENED = "hardened-policy.json"
"""The stricter policy of a whole server, beside its page."""

# Characters of a file that a page shows: of the first target's, and of the others'.
_LONG = 12_000
_SHORT = 3_000

# Characters of what the stricter policy wants; names of arguments in it are the server's.
_WISH = 300

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
    others: tuple[tuple[str, str], ...]
    """The export's other files: the name beside the page, and what the target calls it."""
    text: str
    """The file as shown: for JSON, hidden characters are escapes, so that a copy means the same as the file. Empty
    where it is too long for a page."""
    folded: bool
    """Whether a page shows it on demand only: all but the first target's."""
    notes: tuple[str, ...]
    """Where the file is stricter than the recommendation, because the target cannot say it."""
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardened:
    """What the stricter policy wants of one entry."""

    wish: str
    """In a few words."""
    file: str
    """The whole server's, from the site's root."""
    text: str
    """Its rule as our own policy file has it; empty where the site has no such files."""


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
    """The first target, and our own format: what stands beside the page."""
    elsewhere: tuple[str, ...]
    """Targets whose files stand beside the server's page alone."""
    files: tuple[tuple[str, str], ...]
    """The targets' files: the name beside the page, and the text."""
    hardened: "Hardened | None"
    """None where the stricter policy, if there is one, says the same."""

    @property
    def decision(self) -> Decision | None:
        """Return the one decision; None for a dispatcher tool, where each action has its own."""
        return self.rules[0].decision if len(self.rules) == 1 else None


def control(server: CataloguedServer, entry: CataloguedEntry, exporters: Sequence[Exporter]) -> Control:
    """Return the recommendation for one entry, cut out of the server's policy."""
    rules = rules_of(server, entry)
    shown = beside_tools(exporters)
    exports = exported(server.rules.only(entry.row.key), shown)
    return Control(
        rules=rules,
        effect=effect(entry.label, rules),
        rest=_rest(server, rules),
        others=_others(server, rules),
        asks=any(exporter.expresses.approval for exporter in shown),
        reason=rules[0].reason if len(rules) == 1 else "",
        targets=targets(server, exports),
        elsewhere=tuple(one.title for one in exporters if one not in shown),
        files=tuple(file for one in exports for file in one.files()),
        hardened=_hardened(server, entry, rules, exporters),
    )


def _hardened(
    server: CataloguedServer, entry: CataloguedEntry, rules: Sequence[Rule], exporters: Sequence[Exporter]
) -> Hardened | None:
    index, key = server.hardened_rules, entry.row.key
    found = index.of(key, entry.name, is_action=entry.row.dispatch is not None) if index else ()
    if index is None or len(found) != 1 or len(rules) != 1 or _says(found[0]) == _says(rules[0]):
        return None
    text = own_format(index.only(key), exporters)
    return Hardened(
        wish=one_line(wish(found[0]), _WISH),
        file=server.path + HARDENED,
        text=visible_json(text) if text and len(text) <= _SHORT else "",
    )


def _says(rule: Rule) -> object:
    """Return what a rule decides, whatever its reason."""
    return rule.decision, rule.limits, rule.conditions, rule.after_taint


def short_decisions(server: CataloguedServer) -> Mapping[str, str]:
    """Return what is decided for each entry in a word or two, by key: for tables of a whole server."""
    return {entry.row.key: short(rules_of(server, entry)) for entry in server.entries}


def rules_of(server: CataloguedServer, entry: CataloguedEntry) -> tuple[Rule, ...]:
    """Return the entry's own rule, or for a dispatcher tool the rules on its actions."""
    return server.rules.of(entry.row.key, entry.name, is_action=entry.row.dispatch is not None)


def targets(server: CataloguedServer, exports: Sequence[Exported]) -> tuple[Target, ...]:
    """Return exported policies in their order, as a page shows them."""
    return tuple(_target(one, server, place) for place, one in enumerate(exports))


def _target(one: Exported, server: CataloguedServer, place: int) -> Target:
    exporter, export = one.exporter, one.export
    text = visible_json(export.text) if export.filename.endswith(".json") else export.text
    return Target(
        title=exporter.title,
        file=one.names[0],
        filename=export.filename,
        others=tuple((name, file.filename) for name, file in zip(one.names[1:], export.files[1:], strict=True)),
        text=text if len(text) <= (_SHORT if place else _LONG) else "",
        folded=place > 0,
        notes=_notes(export, exporter.title, server.rules),
        steps=steps(
            exporter.format,
            title=exporter.title,
            filename=PurePosixPath(export.filename).name,
            server=server.label,
            slug=server.row.slug,
        ),
    )


def _notes(export: Export, target: str, rules: RuleIndex) -> tuple[str, ...]:
    """Say where a file is stricter, once for all the entries that meet with the same."""
    alike: dict[tuple[bool, str, str], list[str]] = {}
    for item in export.unsupported:
        # An exporter's remark on a dispatcher tool itself is on asking it what it offers.
        alike.setdefault((rules.has(item.key), item.wanted, item.written), []).append(item.key)
    notes = [
        f"For {_few(keys) if of_entries else f'calls of {_few(keys)} that select no action'}, the recommendation is "
        f"“{wanted}”. {target} cannot say exactly that; the file has in its place: {written} (stricter, never looser)."
        for (of_entries, wanted, written), keys in alike.items()
    ]
    more = sum(map(len, list(alike.values())[_MOST_NOTES:]))
    return (*notes[:_MOST_NOTES], *([f"The file is stricter in {count(more, 'more place')}."] if more else []))


def _few(keys: Sequence[str]) -> str:
    return listed(keys) if len(keys) <= _FEW else f"{', '.join(keys[:_FEW])} and {len(keys) - _FEW} more"


# Entries that a note names.
_FEW = 3


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
