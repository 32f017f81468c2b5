"""Words that a name glues together: ``keychaincredential`` is a credential, ``bootenv`` an environment."""

from collections.abc import Container, Iterator, Sequence

from classifier.words import Token

# Shorter words are words of their own more often than two that stand together.
_SHORTEST = 7
_SHORTEST_FRONT = 4


def split_compounds(name: Sequence[Token], heads: tuple[str, ...], known: Container[str]) -> list[Token]:
    """Return the words of a name with compounds taken apart.

    A word that is not itself ``known`` is a compound when it ends with one of ``heads`` and what stands before it is
    known: the head says what the thing is, as in English the last noun does.
    """
    found: list[Token] = []
    for token in name:
        if len(token.word) >= _SHORTEST and token.word.endswith(heads) and token.word not in known:
            found += _parts(token, heads, known)
        else:
            found.append(token)
    return found


def _parts(token: Token, heads: tuple[str, ...], known: Container[str]) -> Iterator[Token]:
    head = max((one for one in heads if token.word.endswith(one)), key=len)
    cut = len(token.word) - len(head)
    front = token.word[:cut]
    # A character whose lower case is longer ("İ") would put the cut at another place than in the name.
    if cut < _SHORTEST_FRONT or front not in known or token.end - token.start != len(token.word):
        yield token
    else:
        yield Token(front, token.start, token.start + cut)
        yield Token(head, token.start + cut, token.end, glued=True)
