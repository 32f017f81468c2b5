"""Read lists that are written as lines: ``name — description``, bulleted, numbered or indented, with parameters below.

Of several lists in one answer the longest counts; what stands deeper belongs to the item above it.
"""

import re
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass, field

from catalog.probe.dispatcher.action import Answer, Item
from catalog.probe.dispatcher.parameters import Parameter, parameter, parameters_of, schema_of

# Lines of one text that are looked at; a catalogue of 5,000 actions with their parameters stays below.
MAX_LINES = 20_000
# Characters of a line; parameters of one action, all in one line, take 2,000.
MAX_LINE = 10_000

# Words that begin a line with a colon and name nothing.
_LABEL = re.compile(
    r"required|optional|usage|notes?|warnings?|important|tips?|examples?|args?|arguments?|param(?:eter)?s?|returns?|raises"
    r"|description|type|default|inputs?|outputs?|categor(?:y|ies)|groups?|actions?|operations?|commands?|methods?|tools?"
    r"|available|total|see|https?|name|errors?|success|message|failed|failure|hint|reason|traceback",
    re.I,
)
_LINE = re.compile(
    r"(?P<indent>[ \t]*)(?P<bullet>(?:[-*•‣▪]|\d{1,4}[.)])[ \t]+)?(?P<quote>['\"]?)"
    r"(?P<name>[A-Za-z0-9_](?:[\w./-]|:(?=\w)){0,127})(?P=quote)"
    r"(?:(?P<signature>\([^()]{0,2000}\)))?(?:[ \t]+\((?P<remark>[^()]{0,200})\))?"
    r"(?P<separator>[ \t]*(?::|—|\u2013|→|=>|->)(?:[ \t]+|$)|[ \t]+--?[ \t]+|(?P<bare>[ \t]*$))(?P<text>.*)"
)
_COUNT = re.compile(
    r"(\d{1,6})\s+(?:[a-z]+\s+)?(?:actions?|operations?|commands?|tools?|methods?|items?|functions?)", re.I
)
_BULLET = re.compile(r"[ \t]*(?:[-*•‣▪]|\d{1,4}[.)])[ \t]+\S")
_HEADING = re.compile(
    r"[ \t]*(?:[-*•][ \t]+)?(?:#{1,6}[ \t]+(?P<marked>.{1,120})|(?P<plain>[A-Za-z0-9][^:]{0,119}):)[ \t]*$"
)
_PARAMETERS = re.compile(
    r"\s*[-*•]?\s*(?P<kind>required|optional|(?:input )?(?:parameters?|params?|arguments?|args?|inputs?))"
    r"(?:\s+(?:parameters?|params?|arguments?|args?))?\s*:\s*(?P<text>.*)$",
    re.I,
)
_SEPARATED = re.compile(r"[ \t](?:—|\u2013|--?)[ \t]|: ")
_NONE = frozenset({"none", "(none)", "-", "n/a", "no parameters"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line that could name an item."""

    number: int
    indent: int
    bulleted: bool
    name: str
    signature: str | None
    remark: str
    text: str
    listed: bool
    """Whether a dash or an arrow, and not a colon, stands before its text."""

    @property
    def shape(self) -> tuple[int, bool]:
        """Return what the lines of one list have in common."""
        return self.indent, self.bulleted


@dataclass(slots=True)
class _Open:
    """An item whose lines are still being read."""

    line: Line
    section: str
    said: list[str]
    parameters: list[Parameter] = field(default_factory=list)
    kind: str = ""
    """The label that its parameters stand under; empty before the first."""


def read_lines(text: str, reserved: Container[str]) -> Answer:
    """Read the longest list of ``text``; names in ``reserved`` (lower case) are no items: the tool's arguments."""
    lines = plain_lines(text)
    candidates = {line.number: line for line in candidate_lines(lines, reserved)}
    shapes = Counter(line.shape for line in candidates.values())
    if not shapes:
        return Answer()
    shape = max(shapes, key=lambda one: (shapes[one], one))
    if sum(map(bool, lines)) == 1 and shape == (0, False) and not next(iter(candidates.values())).listed:
        return Answer()  # one line such as "Unreachable: no route to host" is no list
    items: list[Item] = []
    unfit = 0
    current: _Open | None = None
    section = ""
    for number, line in enumerate(lines):
        candidate = candidates.get(number)
        if candidate is not None and candidate.shape == shape:
            items += _close(current)
            current = _Open(candidate, section, [candidate.text.strip()] if candidate.text.strip() else [])
            current.parameters += _signature(candidate.signature)
        elif current is not None and _indent(line) > shape[0] and line.strip():
            _continue(current, line)
        elif line.strip():
            unfit += _is_like(line, shape)
            items += _close(current)
            current = None
            if candidate is not None:
                section = candidate.name
            elif heading := _HEADING.match(line):
                section = (heading["marked"] or heading["plain"]).strip(" :")
    items += _close(current)
    problems = (f"{unfit} of its lines name something that cannot be sent as one word",) if unfit else ()
    return Answer(items=tuple(items), problems=problems)


def plain_lines(text: str) -> list[str]:
    """Return the lines of a text without the marks of emphasis and code that Markdown puts around names."""
    lines = text.replace("**", "").replace("`", "").splitlines()[:MAX_LINES]
    return [line[:MAX_LINE].rstrip() for line in lines]


def candidate_lines(lines: list[str], reserved: Container[str]) -> Iterator[Line]:
    """Yield the lines that could name an item, whatever list they belong to."""
    below: int | None = None
    for number, line in enumerate(lines):
        if below is not None and (not line.strip() or (_indent(line) >= below and _BULLET.match(line))):
            continue  # a parameter of the item above
        label = _PARAMETERS.match(line)
        below = _indent(line) if label is not None and not label["text"].strip() else None
        match = _LINE.match(line)
        if match is None or _LABEL.fullmatch(match["name"]) or match["name"].lower() in reserved:
            continue
        bulleted = match["bullet"] is not None
        if not bulleted and (match["bare"] is not None or not match["text"].strip()):
            continue  # one word by itself, or a heading such as "storage:"
        yield Line(
            number=number,
            indent=_indent(line),
            bulleted=bulleted,
            name=match["name"],
            signature=match["signature"],
            remark=match["remark"] or "",
            text=match["text"],
            listed=":" not in match["separator"],
        )


def _continue(item: _Open, line: str) -> None:
    """Take a line below an item: a label of parameters, one parameter of a list, or more of its description."""
    if label := _PARAMETERS.match(line):
        item.kind = label["kind"].lower()
        text = label["text"].strip()
        if text.lower() not in _NONE:
            item.parameters += parameters_of(text, required=item.kind == "required")
    elif item.kind:
        match = _LINE.match(line)
        if match is not None and match["bullet"] is not None:
            said = ", ".join(part for part in ((match["remark"] or "").strip(), match["text"].strip()) if part)
            item.parameters.append(parameter(match["name"], said, required=item.kind == "required"))
    else:
        item.said.append(line.strip())


def _close(item: _Open | None) -> Iterator[Item]:
    if item is not None:
        count = _COUNT.search(item.line.remark)
        yield Item(
            name=item.line.name,
            description="\n".join(item.said),
            schema=schema_of(item.parameters),
            count=int(count[1]) if count else None,
            section=item.section,
        )


def _signature(text: str | None) -> Iterator[Parameter]:
    """Read the brackets right behind a name: ``create(title, body?)``."""
    return parameters_of(text[1:-1], required=True) if text else iter(())


def _is_like(line: str, shape: tuple[int, bool]) -> bool:
    """Say whether a line stands in the list and looks like an item, but for its name."""
    if _indent(line) != shape[0] or _LINE.match(line) is not None:
        return False
    in_place = _BULLET.match(line) is not None if shape[1] else shape[0] > 0
    return in_place and _SEPARATED.search(line) is not None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))
