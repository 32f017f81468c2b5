"""Compare what an engine does with each call with what the reference evaluator says. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from catalog.policy.evaluate import evaluate
from catalog.policy.model import Decision, Policy
from catalog.policy.target import Export, Unsupported
from catalog.verify.base import Call


class Standing(StrEnum):
    """How an engine's decision stands to the reference evaluator's."""

    EQUAL = "equal"
    LISTED = "listed"
    """Stricter, and the export's ``unsupported`` says so of the entry."""
    STRICTER = "stricter"
    """Stricter, and nothing says so."""
    LOOSER = "looser"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One call: what should be decided, and what was."""

    call: Call
    wanted: Decision
    got: Decision
    standing: Standing

    @property
    def unexpected(self) -> bool:
        """Say whether the export does not do what it says."""
        return self.standing in {Standing.STRICTER, Standing.LOOSER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one engine does with the calls of one policy."""

    compared: tuple[Compared, ...]

    def count(self, standing: Standing) -> int:
        """Return how many calls stand so."""
        return sum(one.standing is standing for one in self.compared)

    @property
    def unexpected(self) -> tuple[Compared, ...]:
        """Return the calls that are looser, or stricter without being listed; the looser ones first."""
        found = [one for one in self.compared if one.unexpected]
        return tuple(sorted(found, key=lambda one: one.standing is not Standing.LOOSER))

    @property
    def kinds(self) -> Mapping[str, Mapping[Standing, int]]:
        """Return how the calls of each kind stand."""
        counted: dict[str, Counter[Standing]] = {}
        for one in self.compared:
            counted.setdefault(one.call.kind, Counter())[one.standing] += 1
        return counted


def compare(policy: Policy, export: Export, calls: Sequence[Call], decisions: Sequence[Decision]) -> Report:
    """Return how ``decisions`` of an engine, one for each call in order, stand to the reference evaluator's.

    Raises: ValueError where there is not one decision for each call.
    """
    return Report(
        compared=tuple(_compared(policy, export, call, got) for call, got in zip(calls, decisions, strict=True))
    )


def _compared(policy: Policy, export: Export, call: Call, got: Decision) -> Compared:
    wanted = evaluate(policy, call.tool, call.arguments)
    got = Decision.DENY if got is Decision.HIDE else got  # of a call, the same
    if got is wanted:
        standing = Standing.EQUAL
    elif got.strictness < wanted.strictness:
        standing = Standing.LOOSER  # also where a call passes that should be counted and is not
    elif _null_selects(policy, call) or any(_owns_up(note.written, got) for note in _notes(policy, export, call)):
        standing = Standing.LISTED
    else:
        standing = Standing.STRICTER
    return Compared(call=call, wanted=wanted, got=got, standing=standing)


def _notes(policy: Policy, export: Export, call: Call) -> Iterator[Unsupported]:
    """Yield what the export could not say of the entries that a call is for; one that no rule names is the tool's."""
    keys = {
        rule.key
        for rule in policy.rules
        if rule.tool == call.tool and all(call.arguments.get(match.argument) == match.value for match in rule.when)
    }
    return (note for note in export.unsupported if note.key in (keys or {call.tool}))


def _owns_up(written: str, got: Decision) -> bool:
    """Say whether a note names this decision: its text begins with what was written instead."""
    word = written.partition(":")[0].split(" ")[0]
    return word in ({"deny", "hide"} if got is Decision.DENY else {str(got)})


def _null_selects(policy: Policy, call: Call) -> bool:
    """Say whether a selector is null: whether that is there or not is read differently, and may be refused."""
    nulls = {argument for argument, value in call.arguments.items() if value is None}
    return any(match.argument in nulls for rule in policy.rules if rule.tool == call.tool for match in rule.when)
