"""A server's grade, from the distribution of risk and from the flows, with its reason."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from classifier.flows import SURE, Flow, Kind
from classifier.verdict import Classification, Level

Letter = Literal["A", "B", "C", "D", "F"]

# Shares of tools: a few risky tools on a broad server weigh less than on a narrow one.
FEW = 0.10
_LIES = frozenset({"poisoning", "shadowing", "hint-mismatch"})
_GRADED = frozenset({"leak", "destroy", "persist", "spend"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """How much an agent can do wrong with a server's tools: A little to F much, with definitions that mislead."""

    letter: Letter
    reason: str
    """One sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotGraded:
    """A server of which no tool is known."""

    reason: str = "no tools are known"


def grade(verdicts: Sequence[Classification], flows: Sequence[Flow]) -> Grade | NotGraded:
    """Grade one server by its tools and actions, a dispatcher tool whose actions are known left out."""
    if not verdicts:
        return NotGraded()
    sure = [one for one in flows if one.confidence >= SURE and one.kind in {Kind.SELF_CONTAINED, Kind.ONE_SERVER}]
    risks = Counter(one.risk for one in verdicts)
    severe = _severe(risks, len(verdicts), sure)
    if severe:
        lies = sorted({finding for one in verdicts for finding in one.findings} & _LIES)
        if lies:
            return Grade(letter="F", reason=f"{severe}, and definitions mislead ({', '.join(lies)})")
        return Grade(letter="D", reason=severe)
    serious = _serious(risks, len(verdicts), sure)
    if serious:
        return Grade(letter="C", reason=serious)
    if risks[Level.HIGH]:
        return Grade(letter="B", reason=f"{risks[Level.HIGH]} of {len(verdicts)} are of high risk, none critical")
    return Grade(letter="A", reason="nothing is above medium risk")


def _severe(risks: Counter[Level], count: int, sure: Sequence[Flow]) -> str:
    """Return what makes a server a D, or nothing."""
    executes = next((one for one in sure if one.name == "execute"), None)
    if executes is not None:
        return f"text of outsiders can reach {executes.witness[-1].key}, which runs anything"
    leaks = next((one for one in sure if one.name == "leak" and one.kind is Kind.SELF_CONTAINED), None)
    if leaks is not None:
        return f"{leaks.witness[0].key} alone can leak private data"
    critical = risks[Level.CRITICAL]
    return f"{critical} of {count} are of critical risk" if critical >= FEW * count else ""


def _serious(risks: Counter[Level], count: int, sure: Sequence[Flow]) -> str:
    """Return what makes a server a C, or nothing."""
    if risks[Level.CRITICAL]:
        return f"{risks[Level.CRITICAL]} of {count} are of critical risk"
    if risks[Level.HIGH] > FEW * count:
        return f"{risks[Level.HIGH]} of {count} are of high risk"
    flow = next((one for one in sure if one.name in _GRADED), None)
    if flow is None:
        return ""
    told = " and ".join(dict.fromkeys(step.key for step in flow.witness))
    return f"together, {told} allow the flow {flow.name!r}"
