"""``catalog doctor``: does this machine have what Catalog needs, and what is in use."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

EPILOG = """\b
Examples:
  catalog doctor
  catalog --db postgresql://localhost/catalog doctor --json

Exit codes: 0 all that is needed is there, 1 something is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    state: Literal["ok", "missing", "optional"]
    detail: str


def doctor(json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Say what is in use here: Python, uv, Node.js, sandbox, database, and where each package was imported from."""
    checks = [_python(), _uv(), _node(), _npm(), _sandbox(), _database(), *_packages(), _rules()]
    if json_:
        from catalog.cli.console import print_json

        print_json([{"name": c.name, "state": c.state, "detail": c.detail} for c in checks])
    else:
        _print(checks)
    if any(check.state == "missing" for check in checks):
        raise typer.Exit(1)


def _print(checks: list[Check]) -> None:
    from rich.table import Table
    from rich.text import Text

    from catalog.cli.console import out

    styles = {"ok": "green", "missing": "bold red", "optional": "yellow"}
    table = Table(box=None, pad_edge=False, show_header=False)
    for check in checks:
        table.add_row(check.name, Text(check.state, style=styles[check.state]), Text(check.detail))
    out().print(table)


def _python() -> Check:
    return Check(name="Python", state="ok", detail=f"{sys.version.split()[0]} at {sys.executable}")


def _uv() -> Check:
    from catalog.errors import CatalogError
    from catalog.install.runtimes import find_uv

    try:
        uv = find_uv()
    except CatalogError as error:
        return Check(name="uv", state="missing", detail=str(error))
    return Check(name="uv", state="ok", detail=f"{_version(uv)} at {uv}")


def _node() -> Check:
    from catalog.install.npm import NODE_HINT
    from catalog.install.runtimes import find_node

    node = find_node()
    if node is None:
        return Check(name="Node.js", state="optional", detail=f"not found, so no npm servers: {NODE_HINT}")
    return Check(name="Node.js", state="ok", detail=f"{_version(str(node))} at {node}")


def _npm() -> Check:
    from catalog.install.npm import NODE_HINT
    from catalog.install.runtimes import find_npm

    npm = find_npm()
    if npm is None:
        return Check(name="npm", state="optional", detail=f"not found, so no npm servers: {NODE_HINT}")
    return Check(name="npm", state="ok", detail=" ".join(npm))


def _sandbox() -> Check:
    from catalog.errors import SandboxUnavailable
    from catalog.sandbox.bubblewrap import Bubblewrap

    try:
        sandbox = Bubblewrap.find()
    except SandboxUnavailable as error:
        return Check(name="sandbox", state="missing", detail=str(error))
    return Check(name="sandbox", state="ok", detail=f"{_version(str(sandbox.executable))} at {sandbox.executable}")


def _database() -> Check:
    from catalog.cli.wiring import open_store
    from catalog.errors import StoreError

    try:
        with open_store() as store:
            return Check(name="database", state="ok", detail=f"{store.place} ({len(store.servers())} servers)")
    except StoreError as error:
        return Check(name="database", state="missing", detail=str(error))


def _packages() -> list[Check]:
    from importlib import import_module

    found = []
    for name in ("catalog", "classifier", "sitegen", "knowledge"):
        file = import_module(name).__file__
        found.append(Check(name=name, state="ok", detail=str(Path(file).parent) if file else "built in"))
    return found


def _rules() -> Check:
    from catalog.rules import load_ruleset

    ruleset = load_ruleset()
    return Check(name="rules", state="ok", detail=f"{len(ruleset.rules)} rules, version {ruleset.version}")


def _version(program: str) -> str:
    import subprocess

    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not start ({error})"
    return (done.stdout or done.stderr).strip().splitlines()[0] if done.stdout or done.stderr else "?"
