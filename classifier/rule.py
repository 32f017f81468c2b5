"""A rule as its file states it. See CONTRIBUTING.md, "Add a rule"."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from classifier.definition import Tool
from classifier.verdict import Category

Status = Literal["stable", "experimental"]
"""An experimental rule shows its evidence but does not change the verdict."""

Words = tuple[str, ...]

TESTS = (
    "parameters", "verb", "noun", "object", "says", "first", "param", "flag", "free", "omitted", "output", "hint",
    "hidden", "text", "default", "action", "also", "joined", "nominal", "sibling", "category", "trait",
)  # fmt: skip
"""The kinds of fact a rule can ask for; each names a list of words, of which one is enough."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Condition(_Model):
    """What a rule asks for. Everything that is stated must hold; in a list of words one is enough.

    A word may be a phrase ("api key") or a group of the lexicon ("$credential").
    """

    verb: Words = ()
    """The tool's verb: of its name, or the one its description begins with."""
    noun: Words = ()
    """A word of the tool's name (plural or singular), the verb left out."""
    object: Words = ()
    """Like ``noun``, or in the object of the description's verb."""
    first: Words = ()
    """In the first sentence of the description, outside negations and asides."""
    says: Words = ()
    """Anywhere in what the description says of the tool itself, outside negations and asides."""
    param: Words = ()
    """A parameter of this name (snake_case)."""
    flag: Words = ()
    """A boolean parameter of this name."""
    free: Words = ()
    """A parameter of this name that takes free text: no enum, constant, format or pattern."""
    omitted: Words = ()
    """``unlimited``: a parameter whose description says that there is no limit when it is left out."""
    output: Words = ()
    """A property of the output schema of this name."""
    hint: Words = ()
    """An annotation and its value, for example ``readOnlyHint:true``."""
    hidden: Words = ()
    """Characters that a reader cannot see, in ``name``, ``title``, ``description`` or ``argument``: anywhere in what
    the schemas say."""
    text: Words = ()
    """A pattern (RE2 syntax, in any case) that any text of the definition matches, negations and asides included.
    Where it has a group ``tool``, that must name no tool of this server."""
    default: Words = ()
    """A pattern (RE2 syntax, in any case) that a parameter's default, constant or example matches."""
    action: Words = ()
    """The category of an action that a selector argument offers."""
    also: Words = ()
    """A verb with which a later sentence begins: "Triggers a build."."""
    joined: Words = ()
    """A verb that a conjunction joins to the first, in name or description: "Lists entries and purges them"."""
    nominal: Words = ()
    """``result``: the description begins by naming what comes back; ``phrase``: it is a noun phrase without a verb."""
    sibling: Words = ()
    """``inverse``: another tool of the server undoes this one."""
    parameters: Words = ()
    """``none`` or ``some``."""
    category: Words = ()
    """The category already decided."""
    trait: Words = ()
    """A trait already found."""
    all: tuple["Condition", ...] = ()
    any: tuple["Condition", ...] = ()
    none: tuple["Condition", ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> "Condition":
        if not any((self.all, self.any, *(getattr(self, test) for test in TESTS))):
            raise ValueError("a condition needs at least one test besides 'none': add words to look for")
        return self

    def words(self) -> Iterator[tuple[str, Words]]:
        """Yield each test that is stated, with its words."""
        for test in TESTS:
            if stated := getattr(self, test):
                yield test, stated


class Contribution(_Model):
    """What a rule adds to the verdict when it fires; exactly one of the keys, ``force`` going with ``category``."""

    category: Category | None = None
    force: Literal["usual", "meaning", "effect", "otherwise", "fallback"] = "meaning"
    """``usual``: what the verb means when nothing else is known. ``meaning``: what it means with these words around it,
    in place of the usual. ``effect``: what happens as well: it raises the category and never lowers it. ``otherwise``:
    counts only where there is no verb. ``fallback``: where nothing at all says what the tool does."""
    also: Category | None = None
    """A secondary category."""
    trait: str | None = None
    severity: Literal["Low", "Medium", "High", "Critical"] | None = None
    """At least this severe."""
    recoverability: Literal["R0", "R1", "R2", "R3"] | None = None
    finding: str | None = None
    confidence: float | None = Field(default=None, ge=0, le=1)
    """The verdict is at most this sure."""

    @model_validator(mode="after")
    def _is_one_thing(self) -> "Contribution":
        stated: list[object] = [self.category, self.also, self.trait, self.severity, self.recoverability, self.finding]
        stated.append(self.confidence)
        if sum(value is not None for value in stated) != 1:
            raise ValueError(
                "a contribution is one of category, also, trait, severity, recoverability, finding, confidence"
            )
        return self


class Example(_Model):
    """A small tool definition in the project's own words."""

    name: str
    description: str = ""
    title: str = ""
    input: Mapping[str, Any] = Field(default_factory=dict)
    """Properties of the input schema: a JSON Schema type, or a whole property schema."""
    output: Mapping[str, Any] = Field(default_factory=dict)
    annotations: Mapping[str, Any] = Field(default_factory=dict)
    siblings: Words = ()
    """Names of other tools of the same server."""

    def tool(self) -> Tool:
        """Return the definition as a server would publish it."""
        return Tool(
            name=self.name,
            title=self.title,
            description=self.description,
            input_schema=_schema(self.input),
            output_schema=_schema(self.output),
            annotations=self.annotations,
        )

    def server(self) -> list[Tool]:
        """Return the tool followed by its siblings."""
        return [self.tool(), *(Tool(name=name) for name in self.siblings)]


def _schema(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    stated = {name: {"type": value} if isinstance(value, str) else value for name, value in properties.items()}
    return {"type": "object", "properties": stated} if stated else {}


class Rule(_Model):
    """One fact about a tool that words can show, and what it means for the verdict."""

    id: str
    status: Status
    summary: str
    """What the rule finds, in one line."""
    why: str
    match: Condition
    contributes: tuple[Contribution, ...] = Field(min_length=1)
    examples: tuple[Example, ...] = Field(min_length=1)
    counterexamples: tuple[Example, ...] = Field(min_length=1)
    references: Words = ()
