"""Which names and values another program reads as the text that they are."""


def is_text(*names: str) -> bool:
    """Say whether every name is the same text in a program that has no halves of surrogate pairs.

    Go's JSON reader makes U+FFFD of each of them, so that they would be taken for one another and for that.
    """
    return not any("\ud800" <= character <= "\udfff" or character == "\ufffd" for name in names for character in name)


def only_text(value: str) -> bool:
    """Say whether no number, boolean, null, list or object could be taken for ``value``.

    An engine that compares values by how they print would let the number 5 pass for the text "5".
    """
    if not value or value[0] in "[{<" or value.startswith("map[") or value.casefold() in _WORDS:
        return False
    try:
        float(value)
    except ValueError:
        return True
    return False


_WORDS = frozenset({"true", "false", "null", "nil", "none"})
