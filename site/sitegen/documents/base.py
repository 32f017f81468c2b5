"""What documents of several kinds share."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict  # pydantic reads typing's own only from Python 3.12 on

from catalog.model import Dispatch
from classifier.verdict import Level
from sitegen.changes import ChangeLine

# Whatever a schema does not name is an error: a reader can rely on it.
PUBLISHED = ConfigDict(extra="forbid", use_attribute_docstrings=True)

LevelName = Annotated[str, Field(json_schema_extra={"enum": [level.label for level in Level]})]
"""A severity or a risk as people write it."""


class ServerReference(TypedDict):
    """The server that a document belongs to."""

    slug: str
    """Its name in the catalogue; it never changes."""
    title: str
    """Untrusted."""
    path: str
    """Its page's folder from the site's root."""


class DispatchDocument(TypedDict):
    """How an action is reached on the wire."""

    tool: str
    """The tool that is called."""
    selector: dict[str, str]
    """The arguments that select the action, outermost first."""
    payload: str | None
    """The argument that carries the action's own parameters; null where they stand beside the selector."""


class TargetDocument(TypedDict):
    """A recommended policy in one target's syntax."""

    title: str
    """The product that reads it."""
    file: str
    """The file's path from the site's root."""
    filename: str
    """What the product calls the file."""
    others: tuple[str, ...]
    """The paths of the export's other files."""
    notes: tuple[str, ...]
    """Where the file is stricter than the recommendation, because the product cannot say it."""


class HistoryDocument(TypedDict):
    """One change of an entry of one server."""

    at: str
    """The day."""
    kind: str
    """added, removed, renamed, cosmetic, interface, risk-raised, risk-lowered; changed where the effect is unknown."""
    name: str
    """The entry's name after the change. Untrusted."""
    path: str | None
    """Its page's folder, or that of the page that says that it is gone; null where it has none."""
    sentence: str
    """What changed. It may quote a name of before."""
    risk: LevelName | None
    """After the change; null where it was never judged."""


def history(changes: Sequence[ChangeLine]) -> list[HistoryDocument]:
    """Return changes as they are published, in their order."""
    return [
        {
            "at": change.at,
            "kind": change.kind,
            "name": change.name,
            "path": change.to or None,
            "sentence": change.sentence,
            "risk": change.risk or None,
        }
        for change in changes
    ]


def dispatch_document(dispatch: Dispatch | None) -> DispatchDocument | None:
    """Return how an action is reached; None for a tool that is called by its own name."""
    if dispatch is None:
        return None
    return DispatchDocument(tool=dispatch.tool, selector=dict(dispatch.selector), payload=dispatch.payload)
