"""What counts as a word, in names, in descriptions and in a query alike.

static/search-index.js splits queries by the same rules: change both together (tests/unit/site/test_search.py compares
them).
"""

import re
import unicodedata

# Longer words fall into pieces, and more words of one entry are left out: a server can send as many as it likes.
LONGEST_WORD = 32
_MOST_NAME_WORDS = 24
_MOST_TEXT_WORDS = 60

# English words that nearly every description has. Names keep them: the "to" of convert_to_pdf can be searched for.
_STOP_WORDS = (
    "a an and are as at be by can for from has if in into is it its of on or that the their then these this to use was "
    "when which will with you your"
)
STOP_WORDS = frozenset(_STOP_WORDS.split())

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# Whether there is such a place; written so that the search skips from capital to capital.
_HUMP = re.compile(r"[A-Z](?:(?<=[a-z0-9].)|[A-Z][a-z])")
_ASCII_WORD = re.compile(f"[a-z0-9]{{1,{LONGEST_WORD}}}")
# Chinese and Japanese set no spaces: there, each character is a word. Characters beyond U+FFFF are none, because
# JavaScript and Python sort them differently.
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(f"[{_IDEOGRAPHS}]|(?:(?![{_IDEOGRAPHS}\U00010000-\U0010ffff])[^\\W_]){{1,{LONGEST_WORD}}}")


def words(text: str) -> list[str]:
    """Return the words of ``text`` in lower case and without accents: ``listAPIKeys`` is list, api, keys."""
    split = _CAMEL.sub(" ", text) if _HUMP.search(text) else text
    if split.isascii():
        return _ASCII_WORD.findall(split.lower())
    plain = "".join(each for each in unicodedata.normalize("NFKD", split) if unicodedata.category(each)[0] != "M")
    return _WORD.findall(plain.lower())


def name_words(name: str) -> list[str]:
    """Return the words of a name, in its order."""
    return words(name)[:_MOST_NAME_WORDS]


def text_words(text: str) -> set[str]:
    """Return the words of a description that are worth searching for."""
    return set(words(text)[:_MOST_TEXT_WORDS]) - STOP_WORDS
