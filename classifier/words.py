"""Names into tokens, descriptions into sentences and clauses: the words that rules look at, each with its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Acronym before a capitalised word (HTTPLog), capitalised or lower word with digits (oauth2), acronym, other script.
_TOKEN = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z0-9]+|[^\W_\x00-\x7f]+")

# A word, or a mark that ends a clause or a sentence. An identifier such as ``user_delete`` is one word, so that
# another tool's name in a sentence is never taken for what this tool does.
WORD = re.compile(
    r"[a-z0-9_\xc0-\u024f]+(?:'[a-z]+)?|[^\W\x00-\u024f]+"
    r"|[!?。;,:|()\[\]\u2014\u2013]|\.(?=\s|$)(?<!e\.g\.)(?<!i\.e\.)"
    r"|\n\s*(?=\n|[-*•#]|\d+[.)])|\n(?=\s*[A-Za-z][\w ]{1,30}:)|[ \t\n]-[ \t\n]"
)

# Where a docstring turns to its parameters; what follows describes arguments, not the tool.
_SECTION = re.compile(
    r"\n[ \t#*]*(?:args?|arguments|parameters?|params|inputs?|examples?|usage|usage examples?|raises|errors?"
    r"|error responses|see also|参数|parámetros|paramètres|parameter)\b[^\n]{0,12}:"
)

_SNAKE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[-.\s]+")

SENTENCE_ENDS = frozenset("!?。;.")
CLAUSE_ENDS = frozenset(",:|()[]\u2014\u2013")
MARKS = SENTENCE_ENDS | CLAUSE_ENDS


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a name, lower case, with its span."""

    word: str
    start: int
    end: int
    glued: bool = False
    """Whether it is the last part of a compound such as ``cloudsync``: a noun, even where it could be a verb."""


def tokens(plain: str) -> list[Token]:
    """Split a name: camel, snake, kebab, dotted, acronyms and ``__`` namespaces."""
    return [Token(found.group().lower(), found.start(), found.end()) for found in _TOKEN.finditer(plain)]


def prose(lower: str) -> str:
    """Return the part of a description that speaks of the tool itself: no parameter sections."""
    if "\n" not in lower:
        return lower
    section = _SECTION.search(lower)
    return lower[: section.start()] if section and section.start() > 0 else lower


def word_spans(lower: str) -> Iterator[tuple[int, int]]:
    """Yield the span of each word and mark, in the order of ``WORD.findall``."""
    return (found.span() for found in WORD.finditer(lower))


def snake(name: str) -> str:
    """Return a property's name in snake_case: ``apiKey``, ``api-key`` and ``api_key`` are one name."""
    return name if name.islower() and name.isidentifier() else _SNAKE.sub("_", name).lower()
