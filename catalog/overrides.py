"""Overrides: what a person decided about a tool, which wins over the classifier until the definition changes.

The file is YAML and the person's own: rows are added at its end, and nothing else in it is ever rewritten. Stored
facts and judgements stay as they are; overrides are applied when they are read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from catalog.errors import InputError
from catalog.model import canonical_json
from catalog.view import AppliedOverride, CatalogView, ChangeRow, EntryRow, RemovedRow, ServerRow
from classifier.dispatcher import with_actions
from classifier.verdict import Category, Classification, Evidence, Level, Recoverability, risk_of

RULE = "override"
"""What evidence names where a person has decided."""

OverrideField = Literal["category", "severity", "recoverability", "trait"]


class Override(BaseModel):
    """One row of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    server: str = Field(min_length=1)
    tool: str = Field(min_length=1)
    """The entry's key, or its name."""
    field: OverrideField
    value: str
    """A category, a level, R0 to R3; for a trait, its name to add it or ``-NAME`` to take it away."""
    reason: str = Field(min_length=1)
    by: str = Field(min_length=1)
    date: date
    definition: str = Field(pattern=r"^[0-9a-f]{12,64}$")
    """The beginning of the hash of the definition that the person looked at."""

    @model_validator(mode="after")
    def _is_a_value_of_its_field(self) -> Self:
        allowed: Mapping[str, Sequence[str]] = {
            "category": tuple(Category),
            "severity": tuple(level.label for level in Level),
            "recoverability": tuple(Recoverability),
        }
        choices = allowed.get(self.field)
        if choices is not None and self.value not in choices:
            raise ValueError(f"{self.value!r} is no {self.field}: write one of {', '.join(choices)}")
        if not self.value.strip("-"):
            raise ValueError("a trait has a name")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """An override that says nothing, or that was made for another definition."""

    override: Override
    message: str


def read_overrides(file: Path) -> tuple[Override, ...]:
    """Return the rows of the file; none where there is no file. Raises: InputError naming the row that is wrong."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise InputError(f"cannot read {str(file)!r}: {error.strerror}; correct CATALOG_OVERRIDES") from error
    try:
        rows = yaml.safe_load(text) or []
    except yaml.YAMLError as error:
        raise InputError(f"{str(file)!r} is not YAML ({' '.join(str(error).split())}); correct it there") from error
    if not isinstance(rows, list):
        raise InputError(f"{str(file)!r} is no list of overrides; each row begins with a dash (catalog overrides add)")
    found: list[Override] = []
    for number, row in enumerate(rows, 1):
        try:
            override = Override.model_validate(row)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise InputError(f"{str(file)!r}: row {number}: {where}: {first['msg']}; correct it there") from error
        if any(_subject(one) == _subject(override) for one in found):
            raise InputError(f"{str(file)!r}: row {number} decides what an earlier row decides; leave one out")
        found.append(override)
    return tuple(found)


def _subject(one: Override) -> tuple[str, str, str, str]:
    return one.server, one.tool, one.field, one.value.lstrip("-") if one.field == "trait" else ""


def as_yaml(override: Override) -> str:
    """Return one row as it is added to the file."""
    return yaml.safe_dump([override.model_dump(mode="json")], sort_keys=False, allow_unicode=True)


@dataclass(frozen=True, slots=True)
class OverriddenView:
    """The catalogue with a person's decisions in force."""

    view: CatalogView
    overrides: tuple[Override, ...]

    def servers(self) -> Sequence[ServerRow]:
        """See CatalogView."""
        return self.view.servers()

    def server(self, slug: str) -> ServerRow | None:
        """See CatalogView."""
        return self.view.server(slug)

    def entries(self, server: str) -> Sequence[EntryRow]:
        """See CatalogView; verdicts are those of the overrides where there are any."""
        mine = [one for one in self.overrides if one.server == server]
        entries = self.view.entries(server)
        return apply(entries, mine) if mine else entries

    def stamps(self) -> Mapping[str, str]:
        """See CatalogView; the stamp of a server that a person decided about tells of those decisions, too."""
        by_server: dict[str, list[str]] = {}
        for one in self.overrides:
            by_server.setdefault(one.server, []).append(one.model_dump_json())
        return {
            slug: sha256(canonical_json([stamp, by_server[slug]]).encode()).hexdigest() if slug in by_server else stamp
            for slug, stamp in self.view.stamps().items()
        }

    def history(self, server: str) -> Sequence[ChangeRow]:
        """See CatalogView; verdicts are the classifier's own: nobody decided about a change."""
        return self.view.history(server)

    def removed(self, server: str) -> Sequence[RemovedRow]:
        """See CatalogView; verdicts are the classifier's own."""
        return self.view.removed(server)


def apply(entries: Sequence[EntryRow], overrides: Sequence[Override]) -> list[EntryRow]:
    """Return the entries of one server with the overrides in force.

    A dispatcher tool becomes as strong as an action that was made stronger; it does not become weaker by an action that
    was made weaker, since its own verdict without that action is not known here.
    """
    found = [_applied(entry, [one for one in overrides if one.tool in {entry.key, entry.name}]) for entry in entries]
    changed = {entry.key: entry.classification for entry in found if entry.overrides and entry.dispatch is not None}
    by_tool: dict[str, dict[str, Classification]] = {}
    for entry in found:
        if entry.key in changed and entry.dispatch is not None:
            by_tool.setdefault(entry.dispatch.tool, {})[entry.key] = entry.classification
    return [
        replace(entry, classification=with_actions(entry.classification, by_tool[entry.key]))
        if entry.key in by_tool
        else entry
        for entry in found
    ]


def check(overrides: Sequence[Override], view: CatalogView) -> list[Trouble]:
    """Return the overrides that name nothing, or that were made for a definition that has changed."""
    found: list[Trouble] = []
    for one in overrides:
        entries = [entry for entry in view.entries(one.server) if one.tool in {entry.key, entry.name}]
        if not entries:
            known = "has no such tool" if view.server(one.server) else "is not in the catalogue"
            found.append(Trouble(override=one, message=f"{one.server!r} {known}: correct or remove the row"))
        elif any(not _current(one, entry) for entry in entries):
            message = "the definition has changed since: look at it again, then give the row its new hash and date"
            found.append(Trouble(override=one, message=message))
    return found


def _current(override: Override, entry: EntryRow) -> bool:
    return entry.definition.hash.startswith(override.definition)


def _applied(entry: EntryRow, overrides: Sequence[Override]) -> EntryRow:
    verdict = entry.classification
    applied: list[AppliedOverride] = []
    for one in overrides:
        changed = _changed(verdict, one)
        outdated = not _current(one, entry)
        in_force = not outdated or (changed.risk, changed.severity) > (verdict.risk, verdict.severity)
        if in_force:
            verdict = changed
        applied.append(
            AppliedOverride(
                field=one.field,
                value=one.value,
                reason=one.reason,
                by=one.by,
                date=one.date,
                outdated=outdated,
                in_force=in_force,
            )
        )
    return replace(entry, classification=verdict, overrides=tuple(applied)) if applied else entry


def _changed(verdict: Classification, one: Override) -> Classification:
    severity, recoverability, category, traits = (
        verdict.severity,
        verdict.recoverability,
        verdict.category,
        set(verdict.traits),
    )
    if one.field == "category":
        category = Category(one.value)
    elif one.field == "severity":
        severity = Level.from_label(one.value)
    elif one.field == "recoverability":
        recoverability = Recoverability(one.value)
    elif one.value.startswith("-"):
        traits.discard(one.value[1:])
    else:
        traits.add(one.value)
    evidence = Evidence(
        rule=RULE,
        field=f"{RULE}:{one.by}",
        start=0,
        end=len(one.reason),
        text=one.reason,
        contributes=one.field,
        value=one.value,
    )
    return replace(
        verdict,
        category=category,
        also=tuple(also for also in verdict.also if also is not category),
        severity=severity,
        recoverability=recoverability,
        inverse=verdict.inverse if recoverability is Recoverability.R1 else None,
        risk=risk_of(severity, recoverability),
        confidence=1.0 if one.field == "category" else verdict.confidence,
        traits=tuple(sorted(traits)),
        evidence=(evidence, *verdict.evidence),
    )
