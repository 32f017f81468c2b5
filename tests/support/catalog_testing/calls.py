"""Random policies, and calls that hit them or just miss them."""

from collections.abc import Mapping

from hypothesis import strategies as st

from catalog.policy.model import Decision, Export, Limit, Match, Policy, Rule

TOOLS = ("truenas", "peek", "Peek", "*", 'quo"te', "p\u0435ek")
ACTIONS = ("ls", "LS", "rm", "5", "true", "[ls]", "nil", "tuč", "a b")
SELECTORS = ("action", "operation", "request.action")

Call = tuple[str, Mapping[str, object]]


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Draw a rule on a tool, more often on one of its actions."""
    tool = draw(st.sampled_from(TOOLS))
    selector = draw(st.sampled_from((None, "action", "action", "action", "operation", "request.action")))
    action = draw(st.sampled_from(ACTIONS))
    decision = draw(st.sampled_from(Decision))
    limits = st.builds(Limit, max=st.integers(1, 99), window=st.sampled_from(("minute", "minute", "hour", "day")))
    return Rule(
        tool=tool,
        when=(Match(argument=selector, value=action),) if selector else (),
        decision=decision,
        limit=draw(limits) if decision is Decision.LIMIT else None,
        reason="",
        key=f"{tool}/{selector}/{action}" if selector else tool,
    )


def policies() -> st.SearchStrategy[Policy]:
    """Draw policies; tools and actions may have several, contradicting rules."""
    return st.builds(lambda drawn: Policy(server="s", rules=tuple(drawn)), st.lists(rules(), max_size=12))


def _selections() -> st.SearchStrategy[object]:
    """Draw what a call may send as a selector: an action, or something that nearly is one."""
    actions = st.sampled_from(ACTIONS)
    near: st.SearchStrategy[object] = st.one_of(
        actions.map(str.upper),
        actions.map(lambda action: f" {action}"),
        actions.map(lambda action: [action]),
        actions.map(lambda action: {"action": action}),
        st.sampled_from((None, "", 5, 5.5, True, [], "unknown")),
    )
    return actions | near


@st.composite
def calls(draw: st.DrawFn, policy: Policy) -> Call:
    """Draw a call: mostly of a tool that the policy names, with selectors present, nearly right, nested or missing."""
    named = [rule.tool for rule in policy.rules]
    tool = draw(st.sampled_from((*named, *named, *TOOLS, "unknown")))
    arguments: dict[str, object] = {
        selector: draw(_selections()) for selector in SELECTORS if draw(st.sampled_from((True, False)))
    }
    if draw(st.booleans()):
        arguments["params"] = {"action": draw(_selections())}
    if draw(st.booleans()):
        arguments["request"] = {"action": draw(_selections())}
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
