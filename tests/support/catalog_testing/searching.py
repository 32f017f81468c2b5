"""Asks the site's own search script, in Node.js, what a browser would be told."""

import json
import subprocess
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from catalog.install.runtimes import find_node

NODE = find_node()
SCRIPT = files("sitegen").joinpath("static/search-index.js")


@dataclass(frozen=True, slots=True)
class Query:
    """What a reader types and chooses."""

    words: str
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """Paths of the results' pages, and what each step moved."""

    paths: list[str]
    bytes: list[int]


def ask(index: Iterable[tuple[str, bytes]], queries: Sequence[Query], step: int = 10) -> list[Answer]:
    """Answer queries from the files of an index, ``step`` results at a time until there are no more."""
    given = {
        "files": {path.removeprefix("search/"): b64encode(content).decode() for path, content in index},
        "queries": [{"words": query.words, "filters": query.filters} for query in queries],
        "step": step,
    }
    answers: list[dict[str, list[Any]]] = json.loads(_node("ask", given))
    return [Answer(each["paths"], each["bytes"]) for each in answers]


def words_in_browser(texts: Sequence[str]) -> list[list[str]]:
    """Return the words of each text, as the script splits it."""
    found: list[list[str]] = json.loads(_node("words", texts))
    return found


def _node(what: str, given: object) -> str:
    assert NODE is not None
    done = subprocess.run(
        [str(NODE), str(Path(__file__).with_name("searching.mjs")), str(SCRIPT), what],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
