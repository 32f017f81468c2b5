"""Text of a server on its way to a terminal."""

import unicodedata

_KEPT = frozenset("\n\t")


def visible(text: str) -> str:
    r"""Write out every character that would act on a terminal or hide from its reader.

    Control characters (so also ANSI sequences), bidirectional and other format characters and lone surrogates become
    their escapes, for example ``\x1b``; newlines and tabs stay. The result is plain text: print it as such, for Rich
    as ``rich.text.Text``, never as markup.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if _is_plain(character) else _escape(character) for character in text)


def visible_name(text: str) -> str:
    r"""Write ``text`` out on one line, newlines and tabs as ``\n`` and ``\t``: a name that holds them forges no row."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def quoted(text: str) -> str:
    """Write ``text`` out as a quotation: every line of it is marked as somebody else's words."""
    return "\n".join(f"│ {line}" for line in visible(text).split("\n"))


def _is_plain(character: str) -> bool:
    return character in _KEPT or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
