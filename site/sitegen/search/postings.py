"""Collects which documents hold which term: a few million postings in memory, the rest in sorted runs on disk."""

import struct
import tempfile
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from types import TracebackType
from typing import IO, Self

# Postings in memory before a run is written: at most some 300 MB with their terms.
MOST_IN_MEMORY = 16_000_000

# Bytes of the term, then how many documents have it in their name, and how many elsewhere.
_HEADER = struct.Struct("<HII")


@dataclass(frozen=True, slots=True)
class Term:
    """A term and the numbers of the documents that hold it, ascending."""

    text: str
    names: "array[int]"
    """Documents with the term in their name."""
    texts: "array[int]"
    """Documents with the term elsewhere; some of them may be among ``names`` too."""


class Postings:
    """Takes documents in the order of their numbers; gives terms in the order of their text."""

    def __init__(self, most_in_memory: int = MOST_IN_MEMORY) -> None:
        self._most = most_in_memory
        self._files = ExitStack()
        self._runs: list[IO[bytes]] = []
        self._clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._files.close()

    def add(self, document: int, names: Collection[str], texts: Collection[str]) -> None:
        """Take a document's terms, each once: those of its name, and the others."""
        for term in names:
            self._names[term].append(document)
        for term in texts:
            self._texts[term].append(document)
        self._held += len(names) + len(texts)
        if self._held >= self._most:
            self._spill()

    def terms(self) -> Iterator[Term]:
        """Yield every term by its text, with all its documents. Call it once, when all documents are in."""
        last = self._sorted()
        if not self._runs:
            yield from last
            return
        # merge is stable: runs come in the order of their documents, and so do the documents of a term.
        runs = merge(*map(_read, self._runs), last, key=lambda term: term.text)
        for text, parts in groupby(runs, key=lambda term: term.text):
            names, texts = array("I"), array("I")
            for part in parts:
                names.extend(part.names)
                texts.extend(part.texts)
            yield Term(text, names, texts)

    def _sorted(self) -> Iterator[Term]:
        nothing = array("I")
        for text in sorted(self._names.keys() | self._texts.keys()):
            yield Term(text, self._names.get(text, nothing), self._texts.get(text, nothing))

    def _spill(self) -> None:
        run = self._files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  # __exit__ closes it
        for term in self._sorted():
            encoded = term.text.encode()
            run.write(_HEADER.pack(len(encoded), len(term.names), len(term.texts)) + encoded)
            run.write(term.names.tobytes() + term.texts.tobytes())
        self._runs.append(run)
        self._clear()

    def _clear(self) -> None:
        self._names: defaultdict[str, array[int]] = defaultdict(_documents)
        self._texts: defaultdict[str, array[int]] = defaultdict(_documents)
        self._held = 0


def _documents() -> "array[int]":
    return array("I")


def _read(run: IO[bytes]) -> Iterator[Term]:
    run.seek(0)
    while header := run.read(_HEADER.size):
        length, names, texts = _HEADER.unpack(header)
        yield Term(run.read(length).decode(), _array(run, names), _array(run, texts))


def _array(run: IO[bytes], length: int) -> "array[int]":
    found = array("I")
    found.frombytes(run.read(length * found.itemsize))
    return found
