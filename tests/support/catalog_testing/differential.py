"""An exporter held against an engine: policies and calls of every kind, decision by decision."""

from hypothesis import strategies as st

from catalog.policy.model import Policy
from catalog.policy.target import Exporter
from catalog.verify.base import Call, Engine
from catalog.verify.calls import derive
from catalog.verify.compare import Compared, compare
from catalog_testing import calls as names
from catalog_testing import random_policies as arguments

Case = tuple[Policy, tuple[Call, ...]]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a policy (about odd names, or about arguments), and calls that hit its rules or just miss them."""
    about_names = draw(st.booleans())
    policy = draw(names.policies() if about_names else arguments.policies())
    drawn = [draw(names.calls(policy) if about_names else arguments.calls(policy)) for _ in range(3)]
    random = (Call(server=policy.server, tool=tool, arguments=sent, kind="random") for tool, sent in drawn)
    return policy, (*random, *derive(policy, near=2))


def unexpected(exporter: Exporter, engine: Engine, case: Case) -> tuple[Compared, ...]:
    """Return the calls on which the engine is looser than the policy, or stricter without the export saying so."""
    policy, calls = case
    export = exporter.export(policy)
    return compare(policy, export, calls, engine.decide(export, calls)).unexpected
