"""Random policies, and calls that hit them or just miss them."""

from collections.abc import Mapping

from hypothesis import strategies as st

from catalog.policy.model import Decision, Limit, Match, Policy, Rule
from catalog.policy.target import Export

TOOLS = ("truenas", "peek", "Peek", "*", 'quo"te', "p\u0435ek")
ACTIONS = ("ls", "LS", "rm", "5", "true", "[ls]", "nil", "tuč", "a b")
SELECTORS = ("action", "operation", "request.action")

Call = tuple[str, Mapping[str, object]]


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Draw a rule on a tool, more often on one of its actions."""
    tool = draw(st.sampled_from(("truenas",) * 8 + TOOLS))  # rules must meet on one tool
    selector = draw(st.sampled_from((None, *["action"] * 12, "operation", "request.action")))
    action = draw(st.sampled_from(ACTIONS))
    decision = draw(st.sampled_from(Decision))
    limits = st.builds(Limit, max=st.integers(1, 99), window=st.sampled_from(("minute", "minute", "hour", "day")))
    return Rule(
        tool=tool,
        when=(Match(argument=selector, value=action),) if selector else (),
        decision=decision,
        limits=(draw(limits),) if decision is Decision.LIMIT else (),
        reason="",
        key=f"{tool}/{selector}/{action}" if selector else tool,
    )


def policies() -> st.SearchStrategy[Policy]:
    """Draw policies; tools and actions may have several, contradicting rules."""
    few, many = st.lists(rules(), max_size=3), st.lists(rules(), min_size=4, max_size=12)
    return (few | many).map(lambda drawn: Policy(server="s", rules=tuple(drawn)))


def _near(action: str) -> tuple[object, ...]:
    """Return the action's name, and what an engine could take for it."""
    printed_alike: object = {"5": 5, "true": True, "[ls]": ["ls"], "nil": None}.get(action, [action])
    return action, action, printed_alike, action.swapcase(), f" {action}", [action], {"action": action}


def _selections() -> st.SearchStrategy[object]:
    """Draw what a call may send as a selector: an action, or something that nearly is one, or is none."""
    near = st.sampled_from(ACTIONS).flatmap(lambda action: st.sampled_from(_near(action)))
    return near | st.sampled_from((None, "", 5.5, [], "unknown"))


@st.composite
def calls(draw: st.DrawFn, policy: Policy) -> Call:
    """Draw a call: mostly what a rule is for or nearly so, with other arguments beside it or nested; or any other."""
    tool = draw(st.sampled_from((*TOOLS, "unknown")))
    arguments: dict[str, object] = {}
    places = [*SELECTORS, "params", "request"]
    for place in draw(st.lists(st.sampled_from(places), max_size=2, unique=True)):
        selection = draw(_selections())
        arguments[place] = selection if place in SELECTORS else {"action": selection}
    if policy.rules and draw(st.sampled_from((True, True, True, False))):
        rule = draw(st.sampled_from(policy.rules))
        tool = rule.tool
        for match in rule.when:
            arguments[match.argument] = draw(st.sampled_from(_near(match.value)))
    return tool, arguments


def accounted_for(policy: Policy, export: Export, call: Call, got: Decision) -> bool:
    """Say whether ``unsupported`` owns up to ``got`` for the entries that the call is for.

    A call that no rule names is one for the tool itself. A null selector may be refused: targets disagree on it.
    """
    tool, arguments = call
    of_tool = [rule for rule in policy.rules if rule.tool == tool]
    chosen = {rule.key for rule in of_tool if all(arguments.get(match.argument) == match.value for match in rule.when)}
    owned = any(
        note.key in (chosen or {tool}) and note.written.startswith(_WRITTEN[got]) for note in export.unsupported
    )
    nulls = {argument for argument, value in arguments.items() if value is None}
    return owned or any(match.argument in nulls for rule in of_tool for match in rule.when)


_WRITTEN = {Decision.DENY: "deny", Decision.LIMIT: "limit", Decision.APPROVE: "approve", Decision.ALLOW: "never"}
"""How a note begins that owns up to a decision; nothing owns up to a call that is simply allowed."""
