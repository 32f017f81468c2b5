"""The rules of one server's policy by what they are for: a page of one tool must not read those of thousands."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from catalog.policy.model import Decision, Policy, Rule
from catalog.policy.selection import trimmed

Key = TypeVar("Key")


class RuleIndex:
    """Finds rules; each look-up costs what it finds."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._by_key = _grouped((rule.key, rule) for rule in policy.rules)
        self._by_tool = _grouped((rule.tool, rule) for rule in policy.rules)
        self._by_target = _grouped(((rule.tool, rule.when), rule) for rule in policy.rules)
        self._places = {id(rule): place for place, rule in enumerate(policy.rules)}
        self._decisions = Counter(rule.decision for rule in policy.rules)

    def has(self, key: str) -> bool:
        """Say whether there is a rule for the entry with this key."""
        return key in self._by_key

    def of(self, key: str, name: str, *, is_action: bool) -> tuple[Rule, ...]:
        """Return an entry's own rule, or for a dispatcher tool (by its ``name``) the rules on its actions."""
        own = self._by_key.get(key, ())
        if own or is_action:
            return tuple(own)
        return tuple(rule for rule in self._by_tool.get(name, ()) if rule.when)

    def only(self, key: str) -> Policy:
        """Return the policy for one entry, as catalog.policy.selection.only does."""
        chosen = {(rule.tool, rule.when) for rule in (*self._by_key.get(key, ()), *self._by_tool.get(key, ()))}
        chosen |= {(tool, ()) for tool, _ in chosen}
        rules = [rule for target in chosen for rule in self._by_target.get(target, ())]
        tools, definitions = {rule.tool for rule in rules}, self._policy.definitions
        few = replace(
            self._policy,
            rules=tuple(sorted(rules, key=lambda rule: self._places[id(rule)])),
            definitions={tool: definitions[tool] for tool in tools if tool in definitions},
        )
        return trimmed(few)

    def others(self, rules: Iterable[Rule]) -> Mapping[Decision, int]:
        """Return how often each decision is made by all rules but those for the entries that ``rules`` are for."""
        keys = {rule.key for rule in rules}
        own = Counter(rule.decision for key in keys for rule in self._by_key[key])
        return self._decisions - own


def _grouped(pairs: Iterable[tuple[Key, Rule]]) -> Mapping[Key, Sequence[Rule]]:
    found: defaultdict[Key, list[Rule]] = defaultdict(list)
    for key, rule in pairs:
        found[key].append(rule)
    return dict(found)
