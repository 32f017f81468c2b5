"""Files for programs: JSON, and lines of JSON. Tests hold them to their published schemas."""

import json
from collections.abc import Iterator


def check_json(name: str, content: bytes) -> Iterator[str]:
    """Yield what is wrong with a JSON file."""
    try:
        json.loads(content)
    except ValueError as error:
        yield f"is no JSON: {error}"


def check_lines(content: bytes) -> Iterator[str]:
    """Yield the first line that is no JSON."""
    for number, line in enumerate(content.splitlines(), 1):
        try:
            json.loads(line)
        except ValueError as error:
            yield f"line {number} is no JSON: {error}"
            return
