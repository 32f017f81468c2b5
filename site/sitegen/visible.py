"""Show what a server hides: control, bidirectional, zero-width and tag characters become visible words.

Server text reaches pages only through here (render.py makes it Jinja2's ``finalize``); HTML escaping comes after it.
"""

import re

_HIDDEN_RANGES = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and newline, DEL, C1: ANSI sequences start here
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphen, joiners, fillers
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"  # zero-width, line separators, bidirectional controls
    "\u2800\u3164\uffa0\ufff0-\ufffb\ufffe\uffff"  # blanks that look like nothing, interlinear annotation
    "\ufe00-\ufe0d"  # variation selectors; FE0E and FE0F stay, they belong to emoji
    "\ud800-\udfff"  # lone surrogates cannot be encoded
    "\U000e0000-\U000e0fff"  # tag characters and the variation selectors supplement: invisible text
)
LONGEST_NAME = 160
"""Characters of a name or title in a heading, a breadcrumb or a window title."""

_HIDDEN = re.compile(f"([{_HIDDEN_RANGES}])\\1*")
_PLAIN_ASCII = bytes((9, 10, *range(32, 127)))
_ASCII_JSON = re.compile(f"[{_HIDDEN_RANGES}<>&]")


def visible(text: str) -> str:
    """Return ``text`` with each hidden character written as ``⟦U+202E⟧``, 40 of one as ``⟦U+200B 40 times⟧``."""
    return _HIDDEN.sub(_named, text.replace("\r\n", "\n"))


def is_visible(encoded: bytes) -> bool:
    """Say whether UTF-8 text has no hidden character. It costs a fraction of looking for them one by one."""
    rest = encoded.translate(None, _PLAIN_ASCII)
    return not rest or _HIDDEN.search(rest.decode("utf-8", "surrogatepass")) is None


def visible_json(text: str) -> str:
    r"""Return JSON ``text`` with hidden characters as ``\uXXXX``: still the same JSON value.

    They can only stand inside strings, where JSON allows the escape.
    """
    return _HIDDEN.sub(lambda match: "".join(_json_escape(character) for character in match.group()), text)


def embeddable_json(text: str) -> str:
    r"""Return JSON ``text`` that is safe in any markup: ``<``, ``>``, ``&`` and hidden characters are escaped."""
    return _ASCII_JSON.sub(lambda match: _json_escape(match.group()), text)


def embeddable(data: bytes) -> bytes:
    r"""Return JSON ``data`` (UTF-8) as `embeddable_json` does its text, at once where nothing is hidden in it."""
    if not is_visible(data):
        return embeddable_json(data.decode()).encode()
    for character in (b"<", b">", b"&"):
        if character in data:
            data = data.replace(character, b"\\u%04x" % ord(character))
    return data


def bounded(text: str, limit: int) -> str:
    """Return ``text``, or as many of its first words as ``limit`` characters hold, and an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    words = cut if text[limit - 1].isspace() else cut.rpartition(" ")[0]
    # A text without spaces, or with one very long word, is cut inside that word.
    return (words if len(words) > limit // 2 else cut).rstrip(" \n.") + "…"


def one_line(text: str, limit: int) -> str:
    """Return the first paragraph of ``text`` on one line, for tables and titles."""
    if text.isprintable() and "  " not in text and not (text[:1].isspace() or text[-1:].isspace()):
        return bounded(text, limit)  # as most are: of white space, only single spaces are printable
    first = text.strip().split("\n\n", 1)[0]
    return bounded(" ".join(first[: limit * 4].split()), limit)


def _named(match: re.Match[str]) -> str:
    run = match.group()
    times = f" {len(run)} times" if len(run) > 1 else ""
    return f"⟦U+{ord(run[0]):04X}{times}⟧"


def _json_escape(character: str) -> str:
    code = ord(character)
    if code > 0xFFFF:
        high, low = divmod(code - 0x10000, 0x400)
        return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
    return f"\\u{code:04x}"
