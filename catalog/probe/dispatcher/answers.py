"""Read one answer of a dispatcher, whatever shape it has: JSON, a Markdown table, or lines."""

from collections.abc import Container, Mapping

from catalog.probe.dispatcher.action import Answer
from catalog.probe.dispatcher.lines import read_lines
from catalog.probe.dispatcher.structured import read_json, read_value
from catalog.probe.dispatcher.table import read_table
from classifier.definition import JsonValue

# Characters of one discovery answer that are read; a category of 49 actions takes 20,000.
ANSWER_LENGTH = 400_000


def read_result(result: JsonValue, reserved: Container[str]) -> Answer:
    """Read a tools/call result that is no error: its text, or where that names nothing its structured content.

    ``reserved`` are words (lower case) that name no action: the tool's own arguments.
    """
    if not isinstance(result, Mapping) or result.get("isError") is True:
        return Answer()
    text = _text(result)
    answer = read_text(text[:ANSWER_LENGTH], reserved)
    if not answer.items and isinstance(result.get("structuredContent"), Mapping):
        answer = read_value(result["structuredContent"]) or answer
    if len(text) > ANSWER_LENGTH:
        late = f"an answer of {len(text)} characters; only the first {ANSWER_LENGTH} were read"
        return Answer(items=answer.items, problems=(*answer.problems, late))
    return answer


def read_text(text: str, reserved: Container[str]) -> Answer:
    """Read what a text lists."""
    answer = read_json(text)
    if answer is None:
        answer = read_table(text)
    if answer.items:
        return answer
    lines = read_lines(text, reserved)
    return Answer(items=lines.items, problems=(*answer.problems, *lines.problems))


def _text(result: Mapping[str, JsonValue]) -> str:
    """Return the text blocks of a result."""
    content = result.get("content")
    blocks = content if isinstance(content, list) else []
    texts = (block.get("text") for block in blocks if isinstance(block, Mapping) and block.get("type") == "text")
    return "\n".join(text for text in texts if isinstance(text, str))
