"""Random policies with all that a rule can say, calls that hit or just miss them, and random targets."""

from collections.abc import Mapping

from hypothesis import strategies as st

from catalog.policy.model import (
    Condition,
    Decision,
    Limit,
    Match,
    Operator,
    Parameter,
    Policy,
    Rule,
    Scalar,
    Scope,
    VirtualTool,
    Window,
)
from catalog.policy.target import Expresses

TOOLS = ("tool", "tool", "other", 'quo"te\n')
ACTIONS = ("ls", "rm", "LS")
NAMES = ("amount", "to", "params")
POINTERS = ("/amount", "/to", "/params/amount", "/params/to", "/a~1b")
VALUES: tuple[Scalar, ...] = ("a", "b", "5", "/srv", "a.example", 5, 5.5, 0, True, False)
WINDOWS: tuple[Window, ...] = ("minute", "hour", "day")
SCOPES: tuple[Scope, ...] = ("server", "session")
PARAMETER = "allowed"

Call = tuple[str, Mapping[str, object]]


@st.composite
def conditions(draw: st.DrawFn, filled: tuple[str, ...] = ("a", "/srv")) -> Condition:
    """Draw a condition that the policy file can say; ``filled`` are the values of the parameter."""
    operator = draw(st.sampled_from(Operator))
    takes_none = operator in {Operator.PRESENT, Operator.ABSENT}
    parameter = None if takes_none or draw(st.booleans()) else PARAMETER
    values: tuple[Scalar, ...] = () if takes_none else draw(st.lists(st.sampled_from(VALUES), max_size=3).map(tuple))
    return Condition(
        argument=draw(st.sampled_from(POINTERS)),
        operator=operator,
        values=values if parameter is None else filled,
        parameter=parameter,
        optional=draw(st.booleans()),
    )


@st.composite
def limits(draw: st.DrawFn) -> Limit:
    """Draw a limit, now and then on a sum or of a session."""
    return Limit(
        max=draw(st.integers(1, 99)),
        window=draw(st.sampled_from(WINDOWS)),
        scope=draw(st.sampled_from(SCOPES)),
        sum_of=draw(st.sampled_from((None, None, "/amount", "/params/amount"))),
    )


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Draw a rule on a tool, or on an action of it."""
    tool, action = draw(st.sampled_from(TOOLS)), draw(st.sampled_from((None, *ACTIONS)))
    decision = draw(st.sampled_from(Decision))
    fewest = 1 if decision is Decision.LIMIT else 0
    counted = () if decision is Decision.ALLOW else draw(st.lists(limits(), min_size=fewest, max_size=2))
    return Rule(
        tool=tool,
        when=() if action is None else (Match(argument="action", value=action),),
        decision=decision,
        limits=tuple(counted),
        conditions=tuple(draw(st.lists(conditions(), max_size=2))),
        taints=draw(st.booleans()),
        after_taint=draw(st.sampled_from((None, None, Decision.APPROVE, Decision.DENY))),
        reason=draw(st.sampled_from(("", "Because.\n“So”"))),
        evidence=tuple(draw(st.lists(st.sampled_from(("trait/a", "trait/b")), max_size=2))),
        key=tool if action is None else f"{tool}/{action}",
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Draw a policy; several rules may be on one tool or action, and contradict each other."""
    return Policy(
        server="s",
        rules=tuple(draw(st.lists(rules(), max_size=6))),
        parameters={PARAMETER: Parameter(description="What may be.", values=("a", "/srv"))},
    )


@st.composite
def whole_policies(draw: st.DrawFn) -> Policy:
    """Draw a policy with all that a policy file can hold, under any name."""
    drawn, text = draw(policies()), st.text(st.characters(codec=None), max_size=8)
    texts = st.lists(text, max_size=2).map(tuple)
    anything = st.recursive(st.none() | st.booleans() | st.integers() | text, lambda item: st.lists(item, max_size=2))
    virtual = st.builds(
        VirtualTool,
        definition=st.builds(lambda name, rest: {"name": name, "x": rest}, text, anything),
        tool=text,
        arguments=st.dictionaries(text, text, max_size=2),
        payload=st.none() | text,
    )
    return Policy(
        server=draw(text),
        rules=drawn.rules,
        profile=draw(text),
        resources=draw(texts),
        prompts=draw(texts),
        definitions=draw(st.dictionaries(text, text, max_size=2)),
        parameters=drawn.parameters,
        virtual_tools=tuple(draw(st.lists(virtual, max_size=2))),
    )


@st.composite
def calls(draw: st.DrawFn, policy: Policy) -> Call:
    """Draw a call: mostly of what a rule is for, with arguments that conditions and sums look at."""
    arguments = dict(draw(_arguments()))
    if draw(st.booleans()):
        arguments["params"] = draw(_arguments())
    if draw(st.booleans()):
        arguments["action"] = draw(st.sampled_from((*ACTIONS, None, 5, ["ls"])))
    tool = draw(st.sampled_from(TOOLS))
    if policy.rules and draw(st.sampled_from((True, True, True, False))):
        rule = draw(st.sampled_from(policy.rules))
        tool = rule.tool
        arguments |= {match.argument: match.value for match in rule.when}
    return tool, arguments


def _arguments() -> st.SearchStrategy[Mapping[str, object]]:
    values: tuple[object, ...] = (*VALUES, None, -1, ["a"], ["a", "z"], [], {}, "/srv/x", "../x", "http://a.example/x")
    return st.dictionaries(st.sampled_from(NAMES), st.sampled_from(values), max_size=3)


def targets() -> st.SearchStrategy[Expresses]:
    """Draw what a target can express."""
    able = st.booleans()
    return st.builds(
        Expresses,
        arguments=able,
        limits=able,
        approval=able,
        hiding=able,
        operators=st.frozensets(st.sampled_from(Operator)),
        nested=able,
        taint=able,
        sums=able,
        approved_limits=able,
        windows=st.frozensets(st.sampled_from(WINDOWS)),
        sessions=able,
    )
