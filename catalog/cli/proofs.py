"""How the command line tells what engines make of exported policies."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.verify.compare import Compared
    from catalog.verify.proof import Proof


def proof_json(proof: "Proof") -> dict[str, object]:
    """Return one proof as JSON, with every call that is not as expected."""
    report = proof.report
    about: dict[str, object] = {
        "format": proof.format,
        "engine": proof.engine,
        "version": proof.version,
        "server": proof.server,
        "profile": proof.profile,
        "unsupported": proof.refinements,
        "not_asked": proof.not_asked or None,
        "refused": proof.refused or None,
    }
    if report is not None:
        from catalog.verify.compare import Standing

        counts: dict[str, object] = {str(standing): report.count(standing) for standing in Standing}
        kinds = {kind: {str(key): value for key, value in of.items()} for kind, of in report.kinds.items()}
        unexpected = [
            {
                "kind": one.call.kind,
                "tool": one.call.tool,
                "arguments": one.call.arguments,
                "wanted": str(one.wanted),
                "got": str(one.got),
                "standing": str(one.standing),
            }
            for one in report.unexpected
        ]
        about |= {"calls": len(report.compared), **counts, "kinds": kinds, "unexpected": unexpected}
    return about


def print_proofs(proofs: "Sequence[Proof]") -> None:
    """Print a table of proofs; on stderr what was not asked and the first calls that are not as expected."""
    from rich.table import Table
    from rich.text import Text

    from catalog.cli.console import notes, out
    from catalog.terminal import visible
    from catalog.verify.compare import Standing

    table = Table(box=None, pad_edge=False)
    for heading in ("Format", "Engine", "Server", "Profile"):
        table.add_column(heading, overflow="fold")
    for heading in ("Calls", "Equal", "Listed", "Stricter", "Looser"):  # as in --json: listed is stricter, and said so
        table.add_column(heading, justify="right", no_wrap=True)
    console = notes()
    for proof in proofs:
        counts = ["-"] * 5
        if proof.report is not None:
            counts = [str(len(proof.report.compared)), *(str(proof.report.count(standing)) for standing in Standing)]
        about = (proof.format, f"{proof.engine or '-'} {proof.version}".strip(), proof.server, proof.profile)
        table.add_row(*(Text(visible(part)) for part in about), *counts)
    out().print(table)
    for proof in proofs:
        if proof.not_asked:
            console.print(f"not asked: {visible(proof.format)}: {visible(proof.not_asked)}", markup=False)
        if proof.refused:
            console.print(f"refused: {visible(proof.format)}: {visible(proof.refused)}", markup=False)
        unexpected = proof.report.unexpected if proof.report else ()
        for one in unexpected[:_UNEXPECTED]:
            console.print(f"{visible(proof.format)}, {visible(proof.server)}: {_told(one)}", markup=False)
        if len(unexpected) > _UNEXPECTED:
            console.print(f"{visible(proof.format)}: and {len(unexpected) - _UNEXPECTED} more (--json)", markup=False)


_UNEXPECTED = 10
"""Calls that are told for one engine and server; ``--json`` has all."""


def _told(one: "Compared") -> str:
    import json

    from catalog.terminal import visible, visible_name

    call = f"{visible_name(one.call.tool)} {visible(json.dumps(one.call.arguments)[:_SHOWN])}"
    return f"{one.standing}: {call} ({one.call.kind}): {one.got}, but {one.wanted} is wanted"


_SHOWN = 120
"""Characters of a call's arguments that are told; ``--json`` has all."""
