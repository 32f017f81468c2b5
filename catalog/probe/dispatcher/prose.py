"""Actions that a description lists for a selector argument that takes any text. Nothing is called.

Only a list that is complete by its own words counts: no examples, and no list that ends with "and so on".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from catalog.probe.dispatcher.action import is_name
from catalog.probe.dispatcher.lines import Line, candidate_lines, plain_lines
from catalog.probe.dispatcher.schema import argument_text
from classifier.definition import Tool
from classifier.operations import are_operations
from classifier.ruleset import Ruleset

# Characters of a description that are searched; of 4,573 real ones, few had more.
TEXT_LENGTH = 20_000
# Lists in one description that are looked at.
MAX_LISTS = 100
# Characters before a list that say what it is.
_BEFORE = 200

_VALUE = r"['\"]?[A-Za-z][\w./-]{0,79}['\"]?"
_SPACE = r"[ \t]*(?:\n[ \t]*)?"
_SEPARATOR = rf"(?:[ \t]*(?:,|\||;|/(?=[ \t])){_SPACE}(?:(?:and|or)[ \t]+)?|[ \t]+(?:and|or)[ \t]+)"
_TOLD = r"(?:[ \t]*\([^()]{0,300}\))?"
_LIST = rf"[(\[{{]?(?P<list>{_VALUE}{_TOLD}(?:{_SEPARATOR}{_VALUE}{_TOLD}){{1,300}})(?P<after>.{{0,12}})"
_WORDS = r"\b(?:actions?|operations?|commands?|methods?|values|options|one of|either|any of)\b"
_LEAD = r"[ \t]*(?:(?:are|is|supported|available|allowed)[ \t]*:?|:|=|(?=[(\[{]))[ \t]*"
_BEGIN = r"(?:^|[\n.;:!(\u2014\u2013-])[ \t]*"
_ALL = (
    r"(?:(?:available|supported|valid|allowed|possible|all|the|its|following|supports?|provides?|offers?)[ \t]+){0,3}"
)
_IN_DESCRIPTION = re.compile(rf"{_BEGIN}{_ALL}{_WORDS}{_LEAD}{_LIST}", re.I)
_IN_ARGUMENT = re.compile(
    rf"(?:{_BEGIN}|\b(?:be|of|are|is|either|use)[ \t]+|{_WORDS}[ \t]*{_LEAD}|{_WORDS}[ \t]+){_LIST}", re.I
)
"""An argument's own description needs no word that says that its values follow."""
_PARTIAL = re.compile(r"^[\s,]*(?:etc|\.\.\.|…|and more|and so on|among|/)", re.I)
_OPEN_ENDS = frozenset({"etc", "more", "others"})
_EXAMPLE = re.compile(
    r"\b(?:e\.g|eg|for example|for instance|such as|like|examples?|including|includes?|common(?:ly)?|typical(?:ly)?)\b",
    re.I,
)
_ONE = re.compile(rf"(?:^|{_SEPARATOR})(?P<value>{_VALUE})(?:[ \t]*\((?P<told>[^()]{{0,300}})\))?", re.I)


def listed_actions(tool: Tool, argument: str, ruleset: Ruleset) -> Mapping[str, str]:
    """Return the actions that the tool's description or the argument's lists, each with what is said of it.

    Empty where no list is found whose values are operations.
    """
    told = ((argument_text(tool, argument), _IN_ARGUMENT), (tool.description, _IN_DESCRIPTION))
    for text, pattern in ((text[:TEXT_LENGTH], pattern) for text, pattern in told):
        found: dict[str, str] = {}
        for values in islice((*_inline(text, pattern), *_blocks(text, tool)), MAX_LISTS):
            if len(values) > 1 and are_operations(tool, argument, list(values), ruleset):
                found.update({value: said for value, said in values.items() if not found.get(value)})
        if found:
            return found
    return {}


def descriptions(tool: Tool, values: Sequence[str]) -> Mapping[str, str]:
    """Return what the tool's description says of each of ``values`` in lists such as ``- create: …``."""
    wanted = set(values)
    found: dict[str, str] = {}
    for block in _blocks(tool.description[:TEXT_LENGTH], tool):
        # One word of several could be any word of the text.
        if len(wanted & block.keys()) > 1:
            found.update({value: said for value, said in block.items() if value in wanted and value not in found})
    return found


def _blocks(text: str, tool: Tool) -> Iterator[dict[str, str]]:
    """Yield each list of lines; what stands under "Example" is none, and neither is the list of the arguments."""
    members = tool.input_schema.get("properties")
    reserved = {tool.name.lower(), *(name.lower() for name in (members if isinstance(members, Mapping) else ()))}
    lines = plain_lines(text)
    candidates = list(candidate_lines(lines, reserved))
    block: dict[str, str] = {}
    for before, line in zip((None, *candidates), candidates, strict=False):
        if before is None or not _continues(before, line, lines):
            yield block
            block = {}
            heading = next((one for one in reversed(lines[: line.number]) if one.strip()), "")
            examples = _EXAMPLE.search(heading) is not None
        if not examples:
            block[line.name] = line.text.strip()
    yield block


def _continues(before: Line, line: Line, lines: list[str]) -> bool:
    """Say whether two lines are of one list: alike, and what is between them is empty or stands deeper."""
    between = lines[before.number + 1 : line.number]
    return line.shape == before.shape and all(_is_below(one, line.indent) for one in between)


def _is_below(line: str, indent: int) -> bool:
    return not line.strip() or len(line) - len(line.lstrip(" \t")) > indent


def _inline(text: str, pattern: re.Pattern[str]) -> Iterator[dict[str, str]]:
    """Yield each list in a sentence: ``Actions: create, list or delete``."""
    plain = text.replace("`", "'").replace("**", "").replace("e.g.", "eg")
    for match in islice(pattern.finditer(plain), MAX_LISTS):
        before = plain[max(0, match.start("list") - _BEFORE) : match.start("list")]
        clause = before[max(before.rfind(mark) for mark in "\n.;") + 1 :]
        if _EXAMPLE.search(clause) or _PARTIAL.match(match["after"]):
            continue
        values = _values(match["list"])
        last = next(reversed(values), "").lower()
        if last not in _OPEN_ENDS and not match["list"].endswith(".."):
            yield values


def _values(text: str) -> dict[str, str]:
    """Split ``'list' (all of them), 'get' or 'skip'`` into the values and what is said of each."""
    found: dict[str, str] = {}
    for match in _ONE.finditer(text):
        value = match["value"].strip("'\"").rstrip(".")
        if is_name(value):
            found[value] = (match["told"] or "").strip()
    return found
