"""The decision ladder: what happens to calls at each risk, read from data/knowledge/policies."""

from collections.abc import Mapping
from functools import cache
from itertools import product
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from catalog.errors import KnowledgeError, UsageError
from catalog.policy.model import Decision, Limit, Operator, Window
from classifier.verdict import Category, Classification, Level
from knowledge import documents, parsed


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LimitData(_Data):
    """At most ``max`` calls in a calendar window."""

    max: int = Field(ge=1)
    window: Window


class Step(_Data):
    """One step of the ladder: the risk and the categories it is for, and what is decided."""

    risk: Literal["Low", "Medium", "High", "Critical"]
    categories: tuple[Category, ...] = Field(min_length=1)
    decision: Decision
    limit: LimitData | None = None

    @model_validator(mode="after")
    def _limit_belongs_to_limit(self) -> Self:
        bounded = self.limit is not None
        if self.decision is not Decision.APPROVE and (self.decision is Decision.LIMIT) != bounded:
            raise ValueError(
                "`limit` must be given exactly where the decision is `limit`; it may be where it is `approve`"
            )
        return self

    @property
    def bound(self) -> Limit | None:
        """Return the step's limit as the policy model writes it."""
        return Limit(max=self.limit.max, window=self.limit.window) if self.limit else None

    @property
    def bounds(self) -> tuple[Limit, ...]:
        """Return the step's limits; none or one."""
        return (self.bound,) if self.bound else ()


class Sum(_Data):
    """What an argument may add up to; the first of the names that a tool has counts."""

    arguments: tuple[str, ...] = Field(min_length=1)
    max: int = Field(ge=1)
    window: Window


class Bound(_Data):
    """A condition on each of the arguments with these names that a tool has."""

    arguments: tuple[str, ...] = Field(min_length=1)
    operator: Operator
    values: tuple[str | bool, ...] = ()
    parameter: str | None = None
    optional: bool = False


class Hardening(_Data):
    """What bounds the calls of every tool with a trait, whatever its risk."""

    trait: str
    limit: LimitData | None = None
    sum: Sum | None = None
    conditions: tuple[Bound, ...] = ()


class Ladder(_Data):
    """Every step of one profile, and what else it asks for."""

    ladder: tuple[Step, ...]
    distrusted: frozenset[str] = frozenset()
    """Findings on a definition with which no call goes unasked, whatever the risk."""
    traits: tuple[Hardening, ...] = ()
    parameters: dict[str, str] = {}
    """What the parameters of conditions are for, by name."""
    after_taint: Decision | None = None
    """What is decided at least, once a session has read text of outsiders, on what could carry out a toxic flow."""
    resources: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _parameters_are_known(self) -> Self:
        named = {bound.parameter for one in self.traits for bound in one.conditions if bound.parameter}
        if named != self.parameters.keys():
            raise ValueError(f"conditions name the parameters {sorted(named)}, not {sorted(self.parameters)}")
        return self

    @model_validator(mode="after")
    def _complete_and_in_order(self) -> Self:
        steps: dict[tuple[Level, Category], Step] = {}
        for step in self.ladder:
            for category in step.categories:
                place = (Level.from_label(step.risk), category)
                if place in steps:
                    raise ValueError(f"{step.risk} {category} stands in more than one step")
                steps[place] = step
        for level, category in product(Level, Category):
            if (level, category) not in steps:
                raise ValueError(f"no step is for {level.label} {category}")
            if level > Level.LOW:
                below = steps[Level(level - 1), category]
                if steps[level, category].decision.strictness < below.decision.strictness:
                    raise ValueError(f"{level.label} {category} is looser than {below.risk} {category}")
        return self

    def step(self, classification: Classification) -> Step:
        """Return the one step that is for this classification; a distrusted definition is asked about at least."""
        found = next(
            step
            for step in self.ladder
            if step.risk == classification.risk.label and classification.category in step.categories
        )
        distrusted = not self.distrusted.isdisjoint(classification.findings)
        if distrusted and found.decision.strictness < Decision.APPROVE.strictness:
            return found.model_copy(update={"decision": Decision.APPROVE, "limit": None})
        return found


def profiles() -> Mapping[str, str]:
    """Return the name and the YAML text of each profile."""
    return {path.removesuffix(".yaml"): text for path, text in documents("policies")}


def parse(text: str, where: str) -> Ladder:
    """Read one profile. Raises: KnowledgeError naming ``where`` if it is not a complete ladder."""
    try:
        return Ladder.model_validate(parsed(text))
    except (yaml.YAMLError, ValidationError) as error:
        raise KnowledgeError(f"{where} is not a valid decision ladder; correct it: {error}") from error


@cache
def load(profile: str) -> Ladder:
    """Return the ladder of a profile, read once. Raises: UsageError for an unknown one, KnowledgeError."""
    texts = profiles()
    if profile not in texts:
        raise UsageError(f"there is no policy profile {profile!r}; choose one of: {', '.join(texts)}")
    return parse(texts[profile], f"data/knowledge/policies/{profile}.yaml")
