"""A catalogue that makes a page of every kind: tools of every decision, actions, history, removed tools, failures."""

from dataclasses import replace
from datetime import timedelta

from catalog.model import Definition, Reason
from catalog.view import ChangeKind, ChangeRow, Effect, EntryRow, RemovedRow, ServerRow
from catalog_testing.view import (
    LOOKED_AT,
    MemoryView,
    dispatching,
    entry_row,
    evidence,
    memory_view,
    orchard,
    server_row,
    verdict,
)
from classifier.verdict import Category, Level, Recoverability
from sitegen.parts import ExtraPage, SiteOptions

# More rows than a table has without a filter.
BINS = 30

LATER = LOOKED_AT + timedelta(days=2)


def showcase() -> MemoryView:
    """Return servers of every kind, with a history."""
    listed = memory_view(orchard(), dispatching(), granary(), long_words(), unreachable(), empty())
    return replace(listed, changes={"orchard": _changes()}, gone={"orchard": _gone()})


def showcase_options() -> SiteOptions:
    """Return options that add what a publisher can add."""
    return SiteOptions(
        report_url="mailto:keepers@orchard.example?subject={tool}",
        footer="Kept by the keepers.",
        extra_pages=(
            ExtraPage(slug="help", title="Help", markdown="# Help\n\nAsk the *keepers*.\n\n- early\n- often\n"),
        ),
    )


def granary() -> tuple[ServerRow, list[EntryRow]]:
    """Return a server with so many tools that its table has a filter; ``bin_burn`` alone is Critical."""
    counts = [entry_row(f"bin_count_{number:02}", description=f"Counts bin {number}.") for number in range(BINS - 1)]
    burns = verdict(
        Category.DELETE,
        Level.CRITICAL,
        Recoverability.R3,
        evidence=(evidence("category/delete-verb", "name", "burn", "category", "Delete", start=4),),
    )
    return server_row("granary", product=None), [*counts, entry_row("bin_burn", burns, description="Burns a bin.")]


def long_words() -> tuple[ServerRow, list[EntryRow]]:
    """Return a server whose words are longer than a phone is wide."""
    return server_row("long", title="t" * 200, product=None), [
        entry_row(
            "n" * 300,
            description="w" * 2_000,
            properties={
                "p" * 200: {"type": "string", "default": "d" * 200, "enum": ["e" * 200, "f"], "description": "x" * 500}
            },
        )
    ]


def unreachable() -> tuple[ServerRow, list[EntryRow]]:
    """Return a server that never gave a list."""
    return server_row("gatehouse", reason=Reason.NEEDS_CREDENTIALS, product=None), []


def empty() -> tuple[ServerRow, list[EntryRow]]:
    """Return a server that offers no tool."""
    return server_row("meadow", product=None), []


def _definition(name: str, description: str) -> Definition:
    return Definition(raw={"name": name, "description": description, "inputSchema": {"type": "object"}})


def _changes() -> list[ChangeRow]:
    makes = _definition("key_make", "Make a key.")
    return [
        ChangeRow(
            server="orchard",
            key="key_make",
            at=LATER,
            kind=ChangeKind.CHANGED,
            effect=Effect.RISK_RAISED,
            before=makes,
            after=_definition("key_make", "Make a key that opens every gate."),
            category=Category.WRITE,
            risk=Level.HIGH,
            risk_before=Level.LOW,
        ),
        ChangeRow(server="orchard", key="key_list", at=LATER, kind=ChangeKind.ADDED, after=makes, risk=Level.LOW),
        ChangeRow(server="orchard", key="gate_open", at=LATER, kind=ChangeKind.REMOVED, before=makes, risk=Level.HIGH),
        ChangeRow(
            server="orchard", key="key_drop", at=LATER, kind=ChangeKind.RENAMED, before=makes, new_key="key_revoke"
        ),
    ]


def _gone() -> list[RemovedRow]:
    return [
        RemovedRow(
            server="orchard",
            key=key,
            definition=_definition(key, "Opens a gate."),
            dispatch=None,
            first_seen=LOOKED_AT,
            last_seen=LOOKED_AT,
            removed_at=LATER,
            new_key=new_key,
            category=Category.ADMIN,
            risk=Level.HIGH,
        )
        for key, new_key in (("gate_open", None), ("key_drop", "key_revoke"))
    ]
