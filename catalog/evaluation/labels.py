"""Labels that people gave to tools: which categories and which controls a careful reviewer could defend."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from catalog.errors import InputError
from classifier.definition import Tool
from classifier.verdict import Category

Control = Literal["allow", "limit", "gate"]
"""What a prudent default does with an unattended call; to ask and to deny are both ``gate``."""


class Label(BaseModel):
    """The judgement of one or more reviewers on one tool."""

    model_config = ConfigDict(frozen=True, extra="ignore")  # files may say more than is scored: traits, notes

    category: Category | None = None
    """None where the reviewers differ."""
    acceptable: tuple[Category, ...] = Field(min_length=1)
    """Every category that a careful reviewer could defend."""
    control: Control | None = None
    control_ok: tuple[Control, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A tool, the server it is read in, and its label."""

    id: str
    server: str
    tool: Tool
    label: Label


class PackageLabel(Label):
    """A label of the project's own: it names the tool, whose text is looked up when it is evaluated."""

    package: str = Field(pattern=r"^pkg:(npm|pypi)/")
    """The package URL, with the version that was labelled."""
    tool: str
    """The tool's or the action's name."""
    half: Literal["open", "closed"] = "open"
    """Errors of the closed half are not looked at, so that its figures say what to expect elsewhere."""

    @property
    def unversioned(self) -> str:
        """Return the package URL without its version."""
        head, at, _ = self.package.rpartition("@")
        return head if at else self.package


@dataclass(frozen=True, slots=True, kw_only=True)
class NotLookedAt:
    """A label whose tool the catalogue does not hold."""

    label: PackageLabel
    reason: str


def parse_labels(text: str, source: str) -> Sequence[Labelled] | Sequence[PackageLabel]:
    """Read JSONL of labelled definitions, or of labels that name tools by package.

    Raises: InputError naming the line that is neither.
    """
    rows: list[tuple[int, Any]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                rows.append((number, json.loads(line)))
            except (ValueError, RecursionError) as error:
                raise InputError(f"{source}: line {number}: not JSON; write one labelled tool a line") from error
    if not rows:
        raise InputError(f"{source}: nothing in it; write one labelled tool a line (data/gold/README.md)")
    try:
        if all(isinstance(row, dict) and "package" in row for _, row in rows):
            return [PackageLabel.model_validate(row) for _, row in rows]
        return list(_labelled(rows, source))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{source}: {where}: {first['msg']}, not {first['input']!r:.60}; correct the label") from error


def _labelled(rows: Sequence[tuple[int, Any]], source: str) -> Iterator[Labelled]:
    for number, row in rows:
        tool = row.get("tool") if isinstance(row, dict) else None
        if not isinstance(tool, dict) or not isinstance(tool.get("name"), str) or "gold" not in row:
            raise InputError(
                f"{source}: line {number}: no labelled tool; a row has `server`, `tool` with a `name`, and `gold`"
            )
        server = str(row.get("server", ""))
        yield Labelled(
            id=str(row.get("id", f"{server}/{tool['name']}")),
            server=server,
            tool=Tool.from_json(tool),
            label=Label.model_validate(row["gold"]),
        )
