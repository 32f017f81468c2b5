"""Labelled tools with the classifier's verdicts: what figures are computed from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from catalog.evaluation.labels import Control, Labelled
from catalog.policy.model import Decision
from catalog.policy.recommend import decide
from classifier.classify import classify_server
from classifier.definition import EMPTY
from classifier.ruleset import Ruleset
from classifier.verdict import Category, Classification


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One labelled tool and what the classifier says of it."""

    labelled: Labelled
    verdict: Classification
    control: Control

    @property
    def acceptable(self) -> bool:
        """Say whether a careful reviewer could defend the category."""
        return self.verdict.category in self.labelled.label.acceptable

    @property
    def unsafe(self) -> bool:
        """Say whether a tool that changes something was called Read."""
        return self.verdict.category is Category.READ and not self.acceptable

    @property
    def harsh(self) -> bool:
        """Say whether a tool that only reads was called something else."""
        return self.verdict.category is not Category.READ and self.labelled.label.acceptable == (Category.READ,)

    @property
    def controlled(self) -> bool:
        """Say whether a careful reviewer could defend the recommended control."""
        return self.control in self.labelled.label.control_ok

    @property
    def dangerously_allowed(self) -> bool:
        """Say whether a tool that must be gated was let through."""
        label = self.labelled.label
        return label.control == "gate" and label.control_ok == ("gate",) and self.control == "allow"

    @property
    def needlessly_gated(self) -> bool:
        """Say whether a tool whose only defensible control is to allow was gated."""
        return self.labelled.label.control_ok == ("allow",) and self.control == "gate"


def judge_labelled(rows: Sequence[Labelled], ruleset: Ruleset, *, with_hints: bool = False) -> list[Judged]:
    """Judge the tools, those of one server in each other's light; annotations are left out unless ``with_hints``."""
    servers: dict[str, list[int]] = {}
    for position, row in enumerate(rows):
        servers.setdefault(row.server, []).append(position)
    found: dict[int, Judged] = {}
    for positions in servers.values():
        tools = [rows[position].tool for position in positions]
        if not with_hints:
            tools = [replace(tool, annotations=EMPTY) for tool in tools]
        for position, verdict in zip(positions, classify_server(ruleset, tools), strict=True):
            found[position] = Judged(labelled=rows[position], verdict=verdict, control=_control(decide(verdict)))
    return [found[position] for position in range(len(rows))]


def _control(decision: Decision) -> Control:
    match decision:
        case Decision.ALLOW:
            return "allow"
        case Decision.LIMIT:
            return "limit"
        case Decision.APPROVE | Decision.DENY | Decision.HIDE:
            return "gate"
