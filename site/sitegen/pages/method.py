"""The page on the method: how tools are classified, how right that is, and what it does not say."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from catalog.accuracy import Accuracy, MeasuredSet, MeasuredShare
from catalog.model import Provenance
from classifier.verdict import Level, Recoverability, risk_of
from sitegen.pages.base import Link
from sitegen.parts import Parts
from sitegen.provenance import provenance_words
from sitegen.words import capital, count

# What the figures of a first look mean, by their names in ``catalog evaluate``.
_FIGURES: Mapping[str, str] = MappingProxyType(
    {
        "acceptable": "category defensible",
        "unsafe": "called Read although it changes something",
        "harsh": "called something else although it only reads",
        "control_ok": "control defensible",
        "dangerous_allowed": "allowed although it must be gated",
        "needless_gate": "gated although it is harmless",
        "macro_f1": "macro-F1",
        "agreement": "agreement",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureLine:
    """What was measured on one set of tools: shares as people read them."""

    title: str
    note: str
    of: str
    """How many tools of how many servers."""
    acceptable: str
    unsafe: str
    harsh: str
    control: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstLookLine:
    """What was measured on a set before anybody had seen its errors."""

    what: str
    day: str
    figures: tuple[tuple[str, str], ...]
    """The name of a figure and its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyFigures:
    """How right the rules were when somebody measured."""

    day: str
    ruleset: str
    same_rules: str
    """A sentence: whether the verdicts of this site were made by the rules that were measured."""
    sets: tuple[FigureLine, ...]
    folds: tuple[FigureLine, ...]
    yardsticks: tuple[tuple[str, str], ...]
    """What was compared, and the result as a sentence."""
    first_looks: tuple[FirstLookLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodPage:
    """How we classify, and what we do not claim."""

    template: ClassVar[str] = "method.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    matrix: tuple[tuple[str, tuple[str, ...]], ...]
    """For each severity, the risk at R0, R1, R2 and R3."""
    provenances: tuple[tuple[str, str], ...]
    """How a tool can be known, and what pages say of it then."""
    rules: int
    """How many rules there are."""
    ruleset: str
    """Their version; empty where nobody says."""
    accuracy: AccuracyFigures | None
    """None where nobody has measured."""


def method_page(parts: Parts) -> MethodPage:
    """Gather the page on the method."""
    return MethodPage(
        path="method/",
        title="How tools are classified",
        summary="How a tool gets its category, severity and risk from its definition, how right that is, and what it "
        "does not say.",
        crumbs=(),
        matrix=tuple(
            (severity.label, tuple(risk_of(severity, recoverability).label for recoverability in Recoverability))
            for severity in Level
        ),
        provenances=tuple((capital(provenance.value), provenance_words(provenance)) for provenance in Provenance),
        rules=len(parts.rules),
        ruleset=parts.ruleset,
        accuracy=_accuracy(parts.accuracy, parts.ruleset) if parts.accuracy else None,
    )


def _accuracy(accuracy: Accuracy, ruleset: str) -> AccuracyFigures:
    return AccuracyFigures(
        day=accuracy.day.isoformat(),
        ruleset=accuracy.ruleset,
        same_rules=_same_rules(accuracy.ruleset, ruleset),
        sets=tuple(map(_line, accuracy.sets)),
        folds=tuple(map(_line, accuracy.folds)),
        yardsticks=tuple(
            (
                one.title,
                f"The same answer for {one.agreement:.2%} of {count(one.actions, 'action')} of "
                f"{count(one.services, 'service')}; the first verb alone gets {one.baseline:.2%} right.",
            )
            for one in accuracy.yardsticks
        ),
        first_looks=tuple(
            FirstLookLine(
                what=capital(look.what),
                day=look.date.isoformat(),
                figures=tuple((_FIGURES.get(name, name), f"{value:.2%}") for name, value in look.figures.items()),
            )
            for look in accuracy.first_looks
        ),
    )


def _same_rules(measured: str, ruleset: str) -> str:
    if not ruleset:
        return "By which rules the verdicts of this site were made is not recorded."
    if ruleset == measured:
        return "The verdicts of this site were made by the same rules."
    return (
        f"The verdicts of this site were made by other rules (version {ruleset}), "
        "for which the figures may be somewhat different."
    )


def _line(one: MeasuredSet) -> FigureLine:
    return FigureLine(
        title=one.title,
        note=one.note,
        of=f"{count(one.tools, 'tool')} of {count(one.servers, 'server')}",
        acceptable=_share(one.acceptable),
        unsafe=_share(one.unsafe),
        harsh=_share(one.harsh),
        control=_share(one.control_ok),
    )


def _share(one: MeasuredShare) -> str:
    return f"{one.value:.2%} ({one.low:.1%} to {one.high:.1%})"
