"""The JSON Schema of the policy file, for editors and other programs; made from the types below, printed on demand.

The reader (catalog.policy.document) is written by hand, for it must be quick; a test holds the two together. The
schema cannot say that a condition's parameter must be one of the policy's, and takes ``1.0`` for a whole number.
"""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, Field, TypeAdapter, with_config
from typing_extensions import TypedDict

from catalog.policy.model import Scope, Window

TITLE = "Catalog policy file"

_STRICT = ConfigDict(extra="forbid", use_attribute_docstrings=True)

Scalar = str | float | bool
Pointer = Annotated[str, Field(pattern="^/", description="A JSON Pointer into the arguments, for example /params/ttl.")]


@with_config(_STRICT)
class Match(TypedDict):
    """The argument that selects an action of a dispatcher tool."""

    argument: str
    value: str


@with_config(_STRICT)
class Limit(TypedDict):
    """At most so many calls in a calendar window (UTC), or calls whose argument adds up to at most that."""

    max: Annotated[int, Field(ge=1)]
    window: Window
    scope: NotRequired[Scope]
    """Whose calls are counted together: every client's (server, the usual one), or one MCP session's."""
    sum_of: NotRequired[Pointer]
    """The number to add up instead of counting the call."""


@with_config(_STRICT)
class Presence(TypedDict):
    """An argument that must be there, or must not."""

    argument: Pointer
    operator: Literal["present", "absent"]
    optional: NotRequired[bool]


@with_config(_STRICT)
class Comparison(TypedDict):
    """What an argument must be: one of these values."""

    argument: Pointer
    operator: Literal["one_of", "at_most", "at_least", "within", "host_in"]
    values: list[Scalar]
    optional: NotRequired[bool]
    """Whether it also holds where the argument is absent."""


@with_config(_STRICT)
class ParameterComparison(TypedDict):
    """What an argument must be: one of the values of a parameter."""

    argument: Pointer
    operator: Literal["one_of", "at_most", "at_least", "within", "host_in"]
    parameter: str
    """The name of one of the policy's parameters."""
    optional: NotRequired[bool]
    """Whether it also holds where the argument is absent."""


Word = Literal["allow", "limit", "approve", "deny", "hide"]


class _Rule(TypedDict):
    key: str
    """The catalogue's entry that the rule is for."""
    tool: str
    """The tool's name in tools/call."""
    when: NotRequired[Match]
    """Left out for the tool itself."""
    conditions: NotRequired[list[Presence | Comparison | ParameterComparison]]
    """All must hold, else the call is denied."""
    taints: NotRequired[bool]
    """Whether its results can hold text of outsiders, after which a session is tainted."""
    after_taint: NotRequired[Word]
    """In a tainted session, what is decided at least."""
    reason: NotRequired[str]
    evidence: NotRequired[list[str]]
    """The classifier's rules that the decision rests on."""


@with_config(_STRICT)
class AllowRule(_Rule):
    """A tool or action that may be called."""

    decision: Literal["allow"]
    limits: NotRequired[Annotated[list[Limit], Field(max_length=0)]]


@with_config(_STRICT)
class LimitRule(_Rule):
    """A tool or action that may be called so often."""

    decision: Literal["limit"]
    limits: Annotated[list[Limit], Field(min_length=1)]


@with_config(_STRICT)
class OtherRule(_Rule):
    """A tool or action that a person is asked about (approve), or that is refused (deny) and not even listed (hide)."""

    decision: Literal["approve", "deny", "hide"]
    limits: NotRequired[list[Limit]]


@with_config(_STRICT)
class Parameter(TypedDict):
    """Values that only whoever uses the policy knows."""

    description: str
    values: NotRequired[list[str]]
    """None until they are filled in: then no call passes the conditions that use it."""


@with_config(ConfigDict(extra="allow"))
class Definition(TypedDict):
    """A tool's definition as tools/list shows it."""

    name: str


@with_config(_STRICT)
class VirtualTool(TypedDict):
    """An action of a dispatcher tool, shown as a tool of its own."""

    definition: Definition
    tool: str
    arguments: dict[str, str]
    """Those that select the action."""
    payload: NotRequired[str]
    """The argument that carries the action's own parameters."""


@with_config(_STRICT)
class Policy(TypedDict):
    """The rules for one server; whatever no rule names is denied."""

    rules: list[AllowRule | LimitRule | OtherRule]
    profile: NotRequired[str]
    resources: NotRequired[list[str]]
    """URIs that may be read; with * at the end, what begins so."""
    prompts: NotRequired[list[str]]
    """Names of prompts that may be used; with * at the end, what begins so."""
    definitions: NotRequired[dict[str, str]]
    """The SHA-256 of each tool's definition for which the rules were made."""
    parameters: NotRequired[dict[str, Parameter]]
    virtual_tools: NotRequired[list[VirtualTool]]


_File = TypedDict("_File", {"$schema": NotRequired[str]})  # a key that no name in a class can be


@with_config(_STRICT)
class PolicyFile(_File):
    """Policies by the name of their server."""

    version: Literal[1]
    servers: dict[str, Policy]


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the policy file."""
    made = TypeAdapter(PolicyFile).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": TITLE}
