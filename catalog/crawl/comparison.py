"""Compare what a running server lists with what its source declares: tools that are hidden, declarations that are dead.

Reading source never understands everything, so both are claimed only where the rest agrees, and a hidden tool only
where its name is written nowhere.
"""

from collections.abc import Iterable, Sequence

from catalog.facts import Finding, FindingKind
from catalog.model import Entry, Provenance
from catalog.probe.static.source_tools import SourceTools
from catalog.probe.static.words import plain_word
from catalog.terminal import visible_name

MOST_FINDINGS = 50
"""Findings of one kind; the last one counts the others."""

UNDERSTOOD_FOR_HIDDEN = 0.8
"""Share of the listed tools that must be found in the source before one that is not counts as hidden."""

UNDERSTOOD_FOR_DEAD = 0.5
"""Share of the listed tools that must be found in the source before another declaration counts as dead."""

_NAME_LENGTH = 128

# Letters that a name has in common with a longer one before the rest is taken for a prefix that was put there.
_SHORTEST_TAIL = 4


def compare(live: Sequence[Entry], declared: SourceTools) -> tuple[Finding, ...]:
    """Return where the list of the running server and its source differ; nothing where the source was not understood.

    HIDDEN_TOOL: a listed tool that the source does not declare, where the source was read completely, computes no
    tool's name, declares at least 80 % of what is listed, and holds the tool's name nowhere, in no spelling of it.

    DEAD_DECLARATION: a declared tool that is not listed, where the source declares at least half of what is listed.
    Most are tools that a setting turns on.

    Names that differ by case, joints or something put before them are the same: servers change those when they run.
    """
    listed = _names(entry for entry in live if entry.provenance is Provenance.LIVE and entry.dispatch is None)
    written = _names(declared.entries)
    if not listed or not written:
        return ()
    missing = _without_partner(listed, written)
    understood = 1 - len(missing) / len(listed)
    findings: list[Finding] = []
    if understood >= UNDERSTOOD_FOR_HIDDEN and not declared.dynamic:
        hidden = [name for name in missing if not _is_mentioned(name, declared.words)]
        findings += _findings(FindingKind.HIDDEN_TOOL, "is listed, and its name is nowhere in the source", hidden)
    if understood >= UNDERSTOOD_FOR_DEAD:
        dead = _without_partner(written, listed)
        findings += _findings(FindingKind.DEAD_DECLARATION, "is declared in the source and not listed", dead)
    return tuple(findings)


def _names(entries: Iterable[Entry]) -> list[str]:
    return list(dict.fromkeys(entry.definition.name for entry in entries))


def _without_partner(names: Sequence[str], others: Sequence[str]) -> list[str]:
    """Return those of ``names`` that none of ``others`` stands for."""
    plain = {plain_word(other) for other in others}
    tails = {tail for other in others for tail in _tails(other)}
    return [
        name
        for name in names
        if plain_word(name) not in plain
        and plain_word(name) not in tails
        and not any(tail in plain for tail in _tails(name))
    ]


def _tails(name: str) -> list[str]:
    """Return what is left of ``name`` without what may have been put before it: ``notes_add`` gives ``add``."""
    starts = [index + 1 for index, character in enumerate(name[:_NAME_LENGTH]) if character in "_-./"]
    tails = [plain_word(name[start:]) for start in starts]
    return [tail for tail in tails if len(tail) >= _SHORTEST_TAIL]


def _is_mentioned(name: str, words: frozenset[str]) -> bool:
    """Say whether the source has the name, or each of its parts around a dot or a slash."""
    parts = [plain_word(part) for part in name[:_NAME_LENGTH].replace("/", ".").split(".")]
    return plain_word(name) in words or all(part in words for part in parts if part)


def _findings(kind: FindingKind, what: str, names: Sequence[str]) -> list[Finding]:
    shown = [Finding(kind=kind, detail=f"{visible_name(name[:_NAME_LENGTH])} {what}") for name in names[:MOST_FINDINGS]]
    if len(names) > MOST_FINDINGS:
        more = len(names) - MOST_FINDINGS + 1
        shown[-1] = Finding(kind=kind, detail=f"and {more} more: each {what}")
    return shown
