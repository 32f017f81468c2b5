"""What documents of several kinds share."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import ConfigDict, Field

from catalog.model import Dispatch
from classifier.verdict import Level

# Whatever a schema does not name is an error: a reader can rely on it.
PUBLISHED = ConfigDict(extra="forbid", use_attribute_docstrings=True)

LevelName = Annotated[str, Field(json_schema_extra={"enum": [level.label for level in Level]})]
"""A severity or a risk as people write it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerReference:
    """The server that a document belongs to."""

    slug: str
    """Its name in the catalogue; it never changes."""
    title: str
    """Untrusted."""
    path: str
    """Its page's folder from the site's root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchDocument:
    """How an action is reached on the wire."""

    tool: str
    """The tool that is called."""
    selector: dict[str, str]
    """The arguments that select the action, outermost first."""
    payload: str | None
    """The argument that carries the action's own parameters; null where they stand beside the selector."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetDocument:
    """A recommended policy in one target's syntax."""

    title: str
    """The product that reads it."""
    file: str
    """The file's path from the site's root."""
    filename: str
    """What the product calls the file."""
    notes: tuple[str, ...]
    """Where the file is stricter than the recommendation, because the product cannot say it."""


def dispatch_document(dispatch: Dispatch | None) -> DispatchDocument | None:
    """Return how an action is reached; None for a tool that is called by its own name."""
    if dispatch is None:
        return None
    return DispatchDocument(tool=dispatch.tool, selector=dict(dispatch.selector), payload=dispatch.payload)
