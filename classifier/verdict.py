"""What the classifier says of a tool: verdicts, each with the evidence that decided it."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Literal


class Category(StrEnum):
    """What a call does if it succeeds, at worst, with arguments that the tool's own schema allows."""

    READ = "Read"
    WRITE = "Write"
    DELETE = "Delete"
    ADMIN = "Admin"


class Level(IntEnum):
    """A severity or a risk, in order."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def label(self) -> str:
        """Return the level as people write it, for example ``Medium``."""
        return self.name.capitalize()

    @classmethod
    def from_label(cls, label: str) -> "Level":
        """Return the level that ``label`` names, in any case. Raises: KeyError for any other word."""
        return cls[label.upper()]


class Recoverability(StrEnum):
    """Whether what a call did can be undone, judged from the interface alone."""

    R0 = "R0"
    """No state changes and nothing secret is returned."""
    R1 = "R1"
    """An inverse tool on the same noun exists on the same server."""
    R2 = "R2"
    """Curable out of band: rotate, follow up, redeploy, wait."""
    R3 = "R3"
    """Irreversible or unbounded."""


Contribution = Literal["category", "trait", "severity", "recoverability", "finding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One reason: a rule that fired, and the words of the definition that made it fire."""

    rule: str
    """The rule's id, for example ``category/delete-verb``."""
    field: str
    """Where: ``name``, ``title``, ``description``, ``param:NAME``, ``value:NAME`` (a value that a
    parameter can take), ``default:NAME`` (its default, constant or an example), ``param-description:NAME``,
    ``output:NAME``, ``output-description:NAME``, ``annotation:NAME`` or ``sibling:KEY``."""
    start: int
    end: int
    """The span in that field's text, in characters; ``end`` is exclusive."""
    text: str
    """The words at the span, verbatim: untrusted, escape before showing."""
    contributes: Contribution
    value: str
    """What it says: a category, a trait, a level's label, R0 to R3, or a finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """The verdict on one tool, in the context of its server."""

    category: Category
    also: tuple[Category, ...] = ()
    """Secondary categories, for example Admin on a tool that mints credentials."""
    severity: Level
    recoverability: Recoverability
    inverse: str | None = None
    """The sibling tool that undoes this one; set exactly when ``recoverability`` is R1."""
    risk: Level
    confidence: float
    """0 to 1; never mixed into the risk."""
    traits: tuple[str, ...] = ()
    """Consequences such as ``credential-mint``, sorted."""
    findings: tuple[str, ...] = ()
    """Things wrong with the definition such as ``hint-mismatch``, sorted."""
    evidence: tuple[Evidence, ...] = ()
    """In the order in which it decided: category first."""


def risk_of(severity: Level, recoverability: Recoverability) -> Level:
    """Combine severity and recoverability (docs/risk-model.md, the matrix).

    Recoverable means one level less but never below Medium; irreversible one more; Low stays Low unless irreversible.
    """
    step = {Recoverability.R0: -1, Recoverability.R1: -1, Recoverability.R2: 0, Recoverability.R3: 1}[recoverability]
    shifted = Level(min(Level.CRITICAL, max(Level.LOW, severity + step)))
    return max(min(severity, Level.MEDIUM), shifted)
