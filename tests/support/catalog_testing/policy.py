"""Small judged entries and policies for tests, in our own words."""

from catalog.model import Definition, Dispatch, Provenance
from catalog.policy.model import Decision, Limit, Match, Policy, Rule
from catalog.view import EntryRow
from catalog_testing.samples import NOON
from classifier.verdict import Category, Classification, Evidence, Level, Recoverability, risk_of

THIRTY_A_MINUTE = Limit(max=30, window="minute")


def judged(
    category: Category,
    severity: Level,
    recoverability: Recoverability,
    *,
    inverse: str | None = None,
    evidence: tuple[Evidence, ...] = (),
) -> Classification:
    """Return a classification whose risk follows from its axes."""
    return Classification(
        category=category,
        severity=severity,
        recoverability=recoverability,
        inverse=inverse,
        risk=risk_of(severity, recoverability),
        confidence=0.85,
        traits=tuple(sorted({item.value for item in evidence if item.contributes == "trait"})),
        evidence=evidence,
    )


READS = judged(Category.READ, Level.LOW, Recoverability.R0)
MINTS = judged(Category.WRITE, Level.HIGH, Recoverability.R1, inverse="api_key_delete")
REBOOTS = judged(Category.ADMIN, Level.HIGH, Recoverability.R2)
WIPES = judged(Category.DELETE, Level.CRITICAL, Recoverability.R3)


def row(name: str, classification: Classification, *, dispatch: Dispatch | None = None) -> EntryRow:
    """Return an entry that is present now: a tool, or with ``dispatch`` an action."""
    return EntryRow(
        server="truenas",
        key="/".join((dispatch.tool, *dispatch.selector.values())) if dispatch else name,
        definition=Definition(raw={"name": name, "inputSchema": {"type": "object"}}),
        provenance=Provenance.EXPANDED if dispatch else Provenance.LIVE,
        dispatch=dispatch,
        run="",
        first_seen=NOON,
        last_seen=NOON,
        classification=classification,
        ruleset="1",
    )


def action_row(name: str, classification: Classification, *, group: str = "system", tool: str = "truenas") -> EntryRow:
    """Return an action that is reached by ``category`` and ``action``."""
    dispatch = Dispatch(tool=tool, selector={"category": group, "action": name}, payload="params")
    return row(name, classification, dispatch=dispatch)


def rule(tool: str, decision: Decision, *, action: str | None = None, limit: Limit | None = None) -> Rule:
    """Return a rule on a tool, or on one action of it; LIMIT means 30 per minute unless said."""
    return Rule(
        tool=tool,
        when=() if action is None else (Match(argument="action", value=action),),
        decision=decision,
        limits=(limit or THIRTY_A_MINUTE,) if decision is Decision.LIMIT else (),
        reason="",
        key=tool if action is None else f"{tool}/{action}",
    )


def policy(*rules: Rule) -> Policy:
    """Return a policy of these rules."""
    return Policy(server="truenas", rules=rules)
