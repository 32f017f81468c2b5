"""When a call of a tool passes, as a formula for targets that know *and* and *or*."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.policy.model import PASSING, Condition
from catalog.policy.surface import Surface

Conditions = tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A call passes where all of ``own`` hold and each selector is absent or null, or one of its values whose
    conditions hold."""

    tool: str
    own: Conditions
    selectors: Mapping[str, Mapping[str, Conditions]]
    """For each argument that selects actions, the values that may pass and what must hold for each."""

    @property
    def simple(self) -> bool:
        """Say whether every call of the tool passes."""
        return not self.own and not self.selectors

    def plain(self, selector: str) -> tuple[str, ...]:
        """Return the values of a selector that pass without conditions."""
        return tuple(value for value, conditions in self.selectors[selector].items() if not conditions)

    def conditional(self, selector: str) -> Mapping[str, Conditions]:
        """Return the values of a selector that pass under conditions."""
        return {value: conditions for value, conditions in self.selectors[selector].items() if conditions}


def terms(surface: Surface) -> Terms | None:
    """Return when calls of a tool pass; None where none does."""
    if surface.decision not in PASSING:
        return None
    selectors: dict[str, dict[str, Conditions]] = {}
    for argument, decisions in surface.selectors.items():
        passing = {value for value, decision in decisions.items() if decision in PASSING}
        selectors[argument] = {value: () for value in decisions if value in passing}
    for rule in surface.rules:
        for match in rule.when:
            values = selectors[match.argument]
            if match.value in values:
                values[match.value] = tuple(dict.fromkeys((*values[match.value], *rule.conditions)))
    own = tuple(dict.fromkeys(one for rule in surface.rules if not rule.when for one in rule.conditions))
    return Terms(tool=surface.tool, own=own, selectors=selectors)
