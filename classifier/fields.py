"""The text of each field that evidence can point into."""

from collections.abc import Iterator

from classifier.definition import Tool
from classifier.schema import properties


def field_texts(tool: Tool, field: str) -> Iterator[str]:
    """Yield the texts that evidence of ``field`` may quote: one, or for ``value:`` each value of the argument."""
    kind, _, name = field.partition(":")
    if kind == "name":
        yield tool.name
    elif kind == "title":
        yield tool.title
    elif kind == "description":
        yield tool.description
    elif kind == "annotation":
        yield "true" if tool.hint(name) else "false"
    elif kind == "value":
        for one in properties(tool.input_schema):
            if one.name == name:
                yield from one.values
                yield one.description
    else:
        yield name
