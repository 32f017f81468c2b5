"""Writes terms and documents as small files: gzip of JSON, so that a reader fetches little and any server will do.

``search/terms/N``: terms in order, each with its two lists. A list of at most INLINE documents stands there; others in
``search/postings/N``: several lists to a file, or CHUNK documents of a longer one. ``search/documents/N``: what a
result shows, PER_FILE documents each. A list is written as its first number, then the differences.
"""

import json
import zlib
from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import islice
from operator import sub

from sitegen.search.postings import Term

INLINE = 8
CHUNK = 4_096
PER_FILE = 16

# Characters of JSON in a file of terms or of several lists: some 6 KB as gzip.
_SIZE = 16_000

File = tuple[str, bytes]


class TermWriter:
    """Writes terms and their lists."""

    def __init__(self) -> None:
        self.starts: list[str] = []
        """For each file of terms, a text that is after every term of the file before and not after its own first."""
        self.largest = 0
        """Bytes of the largest file."""
        self._lists: list[str] = []
        self._size = 0
        self._file = 0
        """The number of the file that lists are gathered for."""
        self._next = 1

    def files(self, terms: Iterable[Term]) -> Iterator[File]:
        """Yield the files of ``terms``, which are sorted."""
        lines: list[str] = []
        size, last = 0, ""
        for term in terms:
            names = frozenset(term.names) if term.texts else frozenset()
            elsewhere = [each for each in term.texts if each not in names] if names else term.texts
            line = f"[{json.dumps(term.text)}"
            for documents in (term.names, elsewhere):
                reference = yield from self._list(documents)
                line += f",{reference}"
            line += "]"
            if lines and size + len(line) > _SIZE:
                yield self._terms(lines)
                lines, size = [], 0
            if not lines:
                self.starts.append(_beginning(last, term.text))
            lines.append(line)
            size += len(line)
            last = term.text
        if lines:
            yield self._terms(lines)
        if self._lists:
            yield self._gathered()

    def _list(self, documents: Sequence[int]) -> Generator[File, None, str]:
        """Yield the files that a list fills, and return how a term refers to it."""
        if len(documents) <= INLINE:
            return f"[{_deltas(documents)}]"
        if len(documents) > CHUNK:
            first, starts = self._next, documents[::CHUNK]
            self._next += len(starts)
            for number in range(len(starts)):
                part = documents[number * CHUNK : (number + 1) * CHUNK]
                yield self._measured(f"postings/{first + number}", f"[[{_deltas(part)}]]")
            return f'{{"file":{first},"starts":[{_deltas(starts)}]}}'
        text = f"[{_deltas(documents)}]"
        if self._lists and self._size + len(text) > _SIZE:
            yield self._gathered()
        self._lists.append(text)
        self._size += len(text)
        return f'{{"file":{self._file},"at":{len(self._lists) - 1}}}'

    def _gathered(self) -> File:
        file = self._measured(f"postings/{self._file}", f"[{','.join(self._lists)}]")
        self._lists, self._size = [], 0
        self._file, self._next = self._next, self._next + 1
        return file

    def _terms(self, lines: Sequence[str]) -> File:
        return self._measured(f"terms/{len(self.starts) - 1}", f"[{','.join(lines)}]")

    def _measured(self, name: str, text: str) -> File:
        path, content = packed(name, text)
        self.largest = max(self.largest, len(content))
        return path, content


def _beginning(before: str, text: str) -> str:
    """Return the shortest beginning of ``text`` that comes after ``before``; ``text`` itself comes after it."""
    return next(text[:end] for end in range(1, len(text) + 1) if text[:end] > before)


def document_files(documents: Iterable[str]) -> Iterator[File]:
    """Yield the files of documents (each as JSON), in their order."""
    remaining = iter(documents)
    number = 0
    while part := list(islice(remaining, PER_FILE)):
        yield packed(f"documents/{number}", f"[{','.join(part)}]")
        number += 1


def packed(name: str, text: str) -> File:
    """Return a file of the index: its place on the site, and gzip without a time in it, so that bytes stay equal.

    It is gzip by itself because not every web server compresses, and few compress what is not HTML.
    """
    return f"search/{name}.json.gz", zlib.compress(text.encode(), 6, wbits=31)


def _deltas(documents: Sequence[int]) -> str:
    return ",".join(map(str, [*documents[:1], *map(sub, documents[1:], documents)]))
