"""The text of each field that evidence can point into."""

from collections.abc import Iterator

from classifier.definition import Tool
from classifier.schema import properties

_OF_ARGUMENTS = frozenset({"param-description", "default"})


def field_texts(tool: Tool, field: str) -> Iterator[str]:
    """Yield the texts that evidence of ``field`` may quote: one, or each value of an argument."""
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
    elif kind in _OF_ARGUMENTS or kind == "output-description":
        schema = tool.output_schema if kind == "output-description" else tool.input_schema
        for one in properties(schema):
            if one.name == name:
                yield from one.given if kind == "default" else (one.description,)
    else:
        yield name
