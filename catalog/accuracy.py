"""How right the rules were when somebody last measured: data/knowledge/accuracy.json, made by scripts/accuracy.py."""

from collections.abc import Mapping
from datetime import date
from importlib.resources.abc import Traversable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

import knowledge
from catalog.errors import KnowledgeError

FILE = "accuracy.json"
"""The file's name below data/knowledge."""

Part = Annotated[float, Field(ge=0, le=1)]
Number = Annotated[int, Field(ge=0)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MeasuredShare(_Model):
    """A share of a number of tools, with its 95 % interval over servers."""

    count: Number
    of: Number
    low: Part
    high: Part

    @property
    def value(self) -> float:
        """Return the share; 0 of nothing is 0."""
        return self.count / self.of if self.of else 0.0


class MeasuredSet(_Model):
    """What was measured on one set of labelled tools."""

    title: str
    note: str
    """Where the labels come from, and whether rules were written with them in view; may be empty."""
    tools: Number
    servers: Number
    acceptable: MeasuredShare
    """Verdicts whose category a careful reviewer could defend."""
    unsafe: MeasuredShare
    """Called Read, of those that change something."""
    harsh: MeasuredShare
    """Called something else, of those that only read."""
    control_ok: MeasuredShare
    """Verdicts from which a defensible control follows."""
    macro_f1: Part


class MeasuredYardstick(_Model):
    """How often the rules and an independent source agree on reading or changing."""

    title: str
    actions: Number
    services: Number
    agreement: Part
    baseline: Part
    """What the first verb alone gets right."""


class FirstLook(_Model):
    """Figures of a set as they were before anybody had seen its errors."""

    what: str
    date: date
    commit: str
    figures: Mapping[str, float]
    """By the name that ``catalog evaluate`` gives the figure."""


class Accuracy(_Model):
    """Everything that was measured in one run."""

    day: date
    ruleset: str
    """The version of the rules that were measured."""
    sets: tuple[MeasuredSet, ...]
    folds: tuple[MeasuredSet, ...]
    """The first set again, judged with less: without what nothing on the other servers asks for."""
    yardsticks: tuple[MeasuredYardstick, ...]
    first_looks: tuple[FirstLook, ...]


def load_accuracy(file: Traversable | None = None) -> Accuracy | None:
    """Read the figures, the project's own unless another file is given; None where nobody has measured.

    Raises: KnowledgeError where the file is not valid.
    """
    file = file or knowledge.folder(FILE)
    if not file.is_file():
        return None
    try:
        return Accuracy.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise KnowledgeError(f"{file.name!r} is not valid: {error}; write it anew with scripts/accuracy.py") from error
