"""Which calls a tool's own text says are for discovery: without arguments, or with a group alone.

A call counts only where one sentence says both how it is made and that it lists what there is.
"""

import itertools
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from classifier.definition import Tool

# Characters of the tool's texts that are searched.
TEXT_LENGTH = 20_000
# Sentences that tell of lists.
MAX_SENTENCES = 200
# Arguments whose descriptions are searched; who hides actions has few.
MAX_ARGUMENTS = 30

_SENTENCE = re.compile(r"[\n;]|[.!](?=\s|$)")
_TELLS = re.compile(
    r"\b(?:list|lists|listing|see|show|shows|discover|discovers|display|displays|get|gets|return|returns|browse|explore|"
    r"find out|learn|enumerate|enumerates|view|available)\b",
    re.I,
)
_WHAT = re.compile(
    r"\b(?:actions?|operations?|commands?|methods?|tools|categor(?:y|ies)|groups?|areas|modules|topics|functions|"
    r"capabilities|(?:required )?param(?:eter)?s)\b",
    re.I,
)
_NO_ARGUMENTS = re.compile(
    r"\b(?:no|without|zero)\s+(?:any\s+)?(?:arg(?:ument)?s?|param(?:eter)?s?|inputs?|values)\b"
    r"|\bempty (?:arguments|call|input)\b",
    re.I,
)
_OMITS = re.compile(
    r"\b(?:omit|omitted|omitting|leave (?:it )?(?:out|empty|blank)|without|if not (?:given|provided|set))\b", re.I
)
_ALONE = re.compile(r"\b(?:only|alone|just|by itself)\b", re.I)
_RUNS = re.compile(r"\b(?:execute|executes|run|runs|perform|performs|invoke|invokes)\b", re.I)
_KINDS = frozenset({"resource", "type", "kind"})
_NOT = re.compile(r"\b(?:not|never|don't|do not|cannot|can't)\b(?! (?:given|provided|set))", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Documented:
    """The discovery calls that a tool documents."""

    without: bool
    """A call without any arguments."""
    group: str | None
    """The argument that alone makes it list the actions of a group."""


def documented(tool: Tool, selector: str, others: Container[str]) -> Documented:
    """Return the calls that the tool's description, or those of its arguments, say are for discovery.

    None where the selector has a default: without a value it selects all the same. ``others`` are arguments that might
    select as well; they are no groups, whatever the text says, unless they name a kind of thing.
    """
    found = tool.input_schema.get("properties")
    members = dict(itertools.islice(found.items(), MAX_ARGUMENTS)) if isinstance(found, Mapping) else {}
    chooser = members.get(selector)
    if isinstance(chooser, Mapping) and chooser.get("default") not in (None, ""):
        return Documented(without=False, group=None)
    listed = tool.input_schema.get("required")
    required = {one for one in listed if isinstance(one, str)} if isinstance(listed, list) else set()
    texts = [tool.description]
    own = ""
    for name, member in members.items():
        said = member.get("description") if isinstance(member, Mapping) else None
        if isinstance(said, str):
            texts.append(said)
            own = said if name == selector else own
    sentences = list(itertools.islice((one for text in texts for one in _telling(text)), MAX_SENTENCES))
    without = not required and (
        any(_NO_ARGUMENTS.search(one) for one in sentences)
        or any(_OMITS.search(one) for one in _telling(own))
        or any(_OMITS.search(one) and _names(one, selector) for one in sentences)
    )
    group = next(
        (
            name
            for name, member in members.items()
            if name != selector
            and (name not in others or name.lower() in _KINDS)
            and required <= {name}
            and isinstance(member, Mapping)
            and member.get("type") in ("string", None)
            and any(_alone(one, name) and not _names(one, selector, joined=True) for one in sentences)
        ),
        None,
    )
    return Documented(without=without, group=group)


def _telling(text: str) -> Iterator[str]:
    """Yield the sentences that say that something lists what there is, and not that it does something."""
    for sentence in _SENTENCE.split(text[:TEXT_LENGTH]):
        if (
            _TELLS.search(sentence)
            and _WHAT.search(sentence)
            and not _RUNS.search(sentence)
            and not _NOT.search(sentence)
        ):
            yield sentence


def _alone(sentence: str, name: str) -> bool:
    """Say whether a sentence speaks of a call with ``name`` and nothing else."""
    if not _names(sentence, name):
        return False
    given = re.search(
        rf"\b(?:with|passing|giving|by)\s+(?:an?|the|one|its)?\s*['\"`]?{re.escape(name)}\b", sentence, re.I
    )
    return _ALONE.search(sentence) is not None or given is not None


def _names(sentence: str, name: str, *, joined: bool = False) -> bool:
    """Say whether a sentence names an argument; ``joined``, whether as one more that is given."""
    before = r"(?:\+|\band\b|\bplus\b|&)\s*(?:an?\s+)?['\"`]?" if joined else r"\b"
    return re.search(rf"{before}{re.escape(name)}\b", sentence, re.I) is not None
