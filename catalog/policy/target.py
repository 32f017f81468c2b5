"""What a target of policies is: a gateway or client whose own syntax a policy is written in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from catalog.policy.model import Operator, Policy, Window
from catalog.view import EntryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsupported:
    """A rule that a target cannot express, and the stricter one written in its place."""

    key: str
    wanted: str
    written: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFile:
    """One file of an export."""

    filename: str
    """What the target calls it, for example ``policy.json``; may name folders (``.claude/settings.json``)."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Policies in one target's syntax."""

    files: tuple[ExportFile, ...]
    """At least one; the first is the one that matters most."""
    unsupported: tuple[Unsupported, ...] = ()
    requires: tuple[str, ...] = ()
    """What a person must do, beside installing the files, for them to be enforced: a sentence each."""

    @classmethod
    def of(cls, filename: str, text: str, unsupported: Sequence[Unsupported] = ()) -> "Export":
        """Return an export of one file."""
        return cls(files=(ExportFile(filename=filename, text=text),), unsupported=tuple(unsupported))

    @property
    def text(self) -> str:
        """Return the text of the first file."""
        return self.files[0].text

    @property
    def filename(self) -> str:
        """Return the name of the first file."""
        return self.files[0].filename


@dataclass(frozen=True, slots=True, kw_only=True)
class Expresses:
    """What a target's syntax can say; whatever it cannot becomes stricter (catalog.policy.degrade)."""

    tools: bool = True
    """Rules on a tool as a whole."""
    arguments: bool
    """Rules on argument values, so on single actions of a dispatcher tool."""
    limits: bool
    """So many calls of a tool in a window."""
    approval: bool
    """Asking a person on each call."""
    hiding: bool = False
    """Leaving a tool out of the list, apart from denying it."""
    operators: frozenset[Operator] = frozenset()
    """Conditions on arguments, by what they ask."""
    nested: bool = False
    """Whether conditions reach into arguments that are objects."""
    taint: bool = False
    """Whether what ran before in a session counts."""
    sums: bool = False
    """Limits on what an argument adds up to."""
    approved_limits: bool = False
    """Limits on calls that a person approves."""
    windows: frozenset[Window] = frozenset({"minute", "hour", "day"})
    sessions: bool = False
    """Limits of a session's own calls."""


class Exporter(Protocol):
    """Writes policies for one target; one module each under catalog.export."""

    format: str
    """The name on the command line, for example ``policylayer``."""
    title: str
    """The product's name, for example ``PolicyLayer``."""
    expresses: Expresses

    def export(self, *policies: Policy) -> Export:
        """Write policies, one for each server, at least one.

        What cannot be expressed becomes stricter and is listed in ``unsupported``, never dropped, never looser.
        """
        ...


class Recommender(Protocol):
    """Turns judged entries into a policy."""

    def __call__(self, server: str, entries: Sequence[EntryRow]) -> Policy:
        """Return the recommended policy for the entries of one server."""
        ...
