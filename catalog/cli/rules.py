"""``catalog rules``: look at the rules, check them, and make the pages about them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.errors import CheckFailed, InputError, UsageError

if TYPE_CHECKING:
    from catalog.rulelint.finding import Vocabulary
    from classifier.rule import Example, Rule
    from classifier.ruleset import Ruleset
    from classifier.ruletest import ExampleRun

LIST_EPILOG = """\b
Examples:
  catalog rules list
  catalog rules list --says credential-mint
  catalog rules list --kind finding --json"""
SHOW_EPILOG = """\b
Examples:
  catalog rules show trait/code-exec
  catalog rules show trait/code-exec --json"""
LINT_EPILOG = """\b
Examples:
  catalog rules lint
  catalog rules lint ./my-rules --json

Exit codes: 0 clean, 1 something to correct, 2 usage."""
TEST_EPILOG = """\b
Examples:
  catalog rules test
  catalog rules test trait/code-exec
  catalog rules test --folder ./my-rules

Exit codes: 0 every rule does what its examples promise, 1 one does not, 2 usage."""
DOCS_EPILOG = """\b
Examples:
  catalog rules docs              (writes docs/rules.md and docs/rules/)
  catalog rules docs --check      (exit code 1 where a page is stale)"""

app = typer.Typer(help="Look at the rules, check them, and make the pages about them.", no_args_is_help=True)

Folder = Annotated[
    Path | None, typer.Option("--folder", metavar="DIR", help="A folder of rules; else those that ship.")
]


@app.command("list", epilog=LIST_EPILOG)
def list_rules(
    kind: Annotated[str, typer.Option(help="category, trait, severity, recoverability or finding.")] = "",
    says: Annotated[str, typer.Option(metavar="VALUE", help="Rules that say this, for example Delete.")] = "",
    folder: Folder = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the rules: what each finds and what it says."""
    from catalog.rulepages import said

    chosen = [
        rule
        for rule in _load(folder)[0].rules
        if rule.id.startswith(f"{kind}/" if kind else "")
        and (not says or any(says.lower() in said(one).lower() for one in rule.contributes))
    ]
    if json_:
        from catalog.cli.console import print_json

        print_json(
            [rule.model_dump(mode="json", include={"id", "status", "summary", "contributes"}) for rule in chosen]
        )
        return
    from rich.table import Table

    from catalog.cli.console import out

    table = Table(box=None, pad_edge=False)
    for column in ("Rule", "Finds", "Says"):
        table.add_column(column, overflow="fold")
    for rule in chosen:
        table.add_row(rule.id, rule.summary, "; ".join(said(one).replace("*", "") for one in rule.contributes))
    out().print(table)


@app.command(epilog=SHOW_EPILOG)
def show(
    rule_id: Annotated[str, typer.Argument(metavar="ID", help="A rule, for example trait/code-exec.")],
    folder: Folder = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show one rule: what it looks for and why, what it says, and how its examples are judged now."""
    from classifier.ruletest import run_examples

    ruleset = _load(folder)[0]
    rule = _find(ruleset, rule_id)
    runs = list(run_examples(ruleset, rule))
    if json_:
        from catalog.cli.console import print_json

        print_json(rule.model_dump(mode="json", exclude_defaults=True) | {"judged": [_run_json(run) for run in runs]})
        return
    from rich.markdown import Markdown

    from catalog.cli.console import out
    from catalog.rulepages import page
    from catalog.terminal import visible

    console = out()
    console.print(Markdown(page(rule, ruleset).split("\n## It finds")[0]))
    for title, promised in (("It finds", True), ("It leaves alone", False)):
        console.print(f"\n{title}", style="bold")
        for run in runs:
            if run.promised is promised:
                verdict = run.verdict
                console.print(
                    f"  {visible(run.example.name)}: {verdict.category}, {verdict.risk.label}"
                    + ("" if run.kept else "  (not as promised)"),
                    markup=False,
                )


@app.command(epilog=LINT_EPILOG)
def lint(
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="A folder of rules.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check the rule files: names of products, words that can never match, examples that show nothing."""
    from catalog.rulelint import CHECKS
    from catalog.rulelint import lint as run_lint

    ruleset, texts = _load(folder)
    # A user's folder borrows what it lacks from the rules that ship; only its own files are to be corrected.
    own = None if folder is None else {path.relative_to(folder).as_posix() for path in folder.rglob("*.yaml")}
    found = [one for one in run_lint(ruleset, texts, _vocabulary(texts)) if own is None or one.path in own]
    if json_:
        from dataclasses import asdict

        from catalog.cli.console import print_json

        print_json([asdict(one) for one in found])
    else:
        for one in found:
            typer.echo(f"{one.path}:{one.line}: {one.level}: {one.message} [{one.check}]")
        typer.echo(f"{len(ruleset.rules)} rules, {len(CHECKS)} checks each: {len(found)} to correct", err=True)
    if any(one.level == "error" for one in found):
        raise typer.Exit(1)


@app.command("test", epilog=TEST_EPILOG)
def run_tests(
    rule_id: Annotated[str, typer.Argument(metavar="[ID]", help="One rule (default: all).")] = "",
    folder: Folder = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Judge every example and counterexample, and say which rule does not do what it promises."""
    from classifier.ruletest import run_examples

    ruleset = _load(folder)[0]
    rules = [_find(ruleset, rule_id)] if rule_id else list(ruleset.rules)
    runs = [run for rule in rules for run in run_examples(ruleset, rule)]
    broken = [run for run in runs if not run.kept]
    if json_:
        from catalog.cli.console import print_json

        print_json({"examples": len(runs), "broken": [_run_json(run) for run in broken]})
    else:
        for run in broken:
            wanted = "was to fire and did not" if run.promised else "was not to fire and did"
            typer.echo(f"{run.rule.id}: {wanted} on {_example_text(run.example)}")
        typer.echo(f"{len(runs)} examples of {len(rules)} rules: {len(broken)} not as promised", err=True)
    if broken:
        raise typer.Exit(1)


@app.command(epilog=DOCS_EPILOG)
def docs(
    target: Annotated[Path, typer.Option("--to", metavar="DIR", help="The folder of the documentation.")] = Path(
        "docs"
    ),
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail where a page is stale.")] = False,
) -> None:
    """Write the pages about the rules from the rule files."""
    from catalog.rulepages import pages

    wanted = pages(_load(None)[0])
    kept = {path.relative_to(target).as_posix() for path in (target / "rules").rglob("*.md")}
    stale = [path for path, text in wanted.items() if not _same(target / path, text)] + sorted(kept - set(wanted))
    if check:
        if stale:
            raise CheckFailed(f"{len(stale)} stale pages about rules, first {stale[0]!r}: run catalog rules docs")
        return
    for path in sorted(kept - set(wanted)):
        (target / path).unlink()
    for path, text in wanted.items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_text(text, encoding="utf-8")
    typer.echo(f"{len(wanted)} pages below {target}, {len(stale)} of them changed", err=True)


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _load(folder: Path | None) -> "tuple[Ruleset, dict[str, str]]":
    """Return the rules and their texts by path; a folder without a lexicon uses the one that ships."""
    from catalog.rules import load_ruleset, parse_rules
    from knowledge import documents

    shipped = dict(documents("rules"))
    if folder is None:
        return load_ruleset(), shipped
    if not folder.is_dir():
        raise InputError(f"{str(folder)!r} is no folder; name one that holds rule files")
    texts = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.yaml")}
    if not texts:
        raise InputError(f"{str(folder)!r} holds no .yaml file; rules are KIND/NAME.yaml below it")
    needed = {path: text for path, text in shipped.items() if path.startswith("lexicon/") or _is_base(path)}
    return parse_rules((needed | texts).items(), str(folder)), needed | texts


def _is_base(path: str) -> bool:
    """Say whether every ruleset needs this rule: what a verb usually means, and what is not understood."""
    return path.removeprefix("category/") in {
        "reads.yaml",
        "writes.yaml",
        "deletes.yaml",
        "administers.yaml",
        "unknown-operation.yaml",
    }


def _find(ruleset: "Ruleset", rule_id: str) -> "Rule":
    from difflib import get_close_matches

    rule = ruleset.by_id.get(rule_id)
    if rule is None:
        close = get_close_matches(rule_id, ruleset.by_id, 1)
        raise UsageError(
            f"no rule {rule_id!r}" + (f"; did you mean {close[0]!r}?" if close else "; see catalog rules list")
        )
    return rule


def _vocabulary(texts: dict[str, str]) -> "Vocabulary":
    import yaml
    from spellchecker import SpellChecker

    from catalog.origin import Package
    from catalog.rulelint.finding import Vocabulary
    from catalog.sources.known import load_known_servers

    english = SpellChecker(language="en").word_frequency.dictionary
    terms = yaml.safe_load(texts["lexicon/terms.yaml"])
    names: set[str] = set()
    for server in load_known_servers().servers:
        stated = (server.slug, server.title, server.product, server.product_title, server.publisher)
        names |= {_name(one) for one in stated if one}
        if isinstance(server.origin, Package):
            names.add(_name(server.origin.name))
    return Vocabulary(ordinary=lambda word: word in english, terms=terms, names=frozenset(names - {""}))


def _name(text: str) -> str:
    """Return a name as a rule would write it: lower case words, "MCP" and "server" left out."""
    import re

    words = re.findall(r"[a-z0-9]+", text.lower().rpartition("/")[2])
    return " ".join(word for word in words if word not in {"mcp", "server"})


def _run_json(run: "ExampleRun") -> dict[str, object]:
    from catalog.cli.verdicts import verdict_json

    return {
        "rule": run.rule.id,
        "example": run.example.model_dump(mode="json", exclude_defaults=True),
        "promised": run.promised,
        "fired": run.fired,
        **verdict_json(run.verdict),
    }


def _example_text(example: "Example") -> str:
    import json

    return json.dumps(example.model_dump(mode="json", exclude_defaults=True))
