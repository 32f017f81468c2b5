"""Read a Markdown table of actions or groups: the header says which column is what."""

from catalog.probe.dispatcher.action import Answer, Item, is_name
from catalog.probe.dispatcher.lines import MAX_LINE, MAX_LINES
from catalog.probe.dispatcher.parameters import parameters_of, schema_of

_NAMES = ("action", "operation", "command", "method", "name", "tool", "category", "group", "id")
_DESCRIPTIONS = ("description", "summary", "what it does", "purpose", "does", "meaning")
_PARAMETERS = ("parameters", "params", "arguments", "args", "inputs")
_REQUIRED = ("required", "required parameters")
_COUNTS = ("actions", "operations", "commands", "tools", "count")


def read_table(text: str) -> Answer:
    """Read the rows of every table in ``text``; nothing where there is none."""
    lines = [line[:MAX_LINE] for line in text.splitlines()[:MAX_LINES]]
    items: list[Item] = []
    unfit = 0
    for at, line in enumerate(lines):
        if at == 0 or not _is_rule(line) or "|" not in lines[at - 1]:
            continue
        header = [cell.lower() for cell in _cells(lines[at - 1])]
        for row in lines[at + 1 :]:
            if "|" not in row:
                break
            item = _row(header, _cells(row))
            if item is None:
                unfit += 1
            else:
                items.append(item)
    problems = (f"{unfit} rows of its table name something that cannot be sent as one word",) if unfit else ()
    return Answer(items=tuple(items), problems=problems)


def _row(header: list[str], cells: list[str]) -> Item | None:
    named = dict(zip(header, cells, strict=False))

    def cell(titles: tuple[str, ...]) -> str | None:
        return next((named[title] for title in titles if title in named), None)

    name = cell(_NAMES) if cell(_NAMES) is not None else cells[0]
    if not name or not is_name(name):
        return None
    told, needed = cell(_PARAMETERS) or cell(_REQUIRED), cell(_PARAMETERS) is None
    count = cell(_COUNTS) or ""
    description = cell(_DESCRIPTIONS)
    return Item(
        name=name,
        description=description if description is not None else "",
        schema=schema_of(list(parameters_of(told, required=needed))) if told else None,
        count=int(count) if count.isdecimal() and len(count) <= 6 else None,
    )


def _cells(line: str) -> list[str]:
    plain = line.replace("`", "").replace("**", "")
    return [cell.strip() for cell in plain.strip().strip("|").split("|")]


def _is_rule(line: str) -> bool:
    """Say whether a line is the one below a table's header: ``|---|:--|``."""
    return "--" in line and "|" in line and not set(line.strip()) - set("|:- ")
