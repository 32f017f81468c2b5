"""The search index of a catalogue of any size: small static files that a reader's browser fetches a few of.

Documents are numbered in the order that results have: servers by slug, then tools and actions, the riskiest first. So
the first numbers that all lists of a query share are its best answers, and a browser stops reading when it has enough.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from classifier.verdict import Level
from sitegen.index import Index, IndexedEntry, IndexedServer
from sitegen.search.postings import MOST_IN_MEMORY, Postings
from sitegen.search.prefixes import with_prefixes
from sitegen.search.shards import PER_FILE, File, TermWriter, document_files, packed
from sitegen.search.words import LONGEST_WORD, name_words, text_words
from sitegen.visible import LONGEST_NAME, one_line, visible

# A change of the files' format that an older script cannot read gets a new number.
VERSION = 1

# Characters of a summary in a result; a name is shorter than on pages too, since many share a file.
_SUMMARY = 120
_NAME = LONGEST_NAME // 2

# A whole name is a term too, so that the tool of exactly that name comes first. Facets are terms like any other. Both
# begin with a character that no word has.
WHOLE_NAME = "="
FACET = ":"

# Titles of servers whose words are kept: entries of one server stand close together in the order of results.
_REMEMBERED = 10_000

_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


def search_files(index: Index, most_in_memory: int = MOST_IN_MEMORY) -> Iterator[File]:
    """Yield the files of the search index: their path from the site's root and their bytes; equal for equal catalogues.

    ``most_in_memory``: postings before a run goes to a temporary file; a document has some twenty.

    Raises: OSError where the disk of temporary files is full.
    """
    stamp = hashlib.sha256()
    numbering = _Numbering()
    writer = TermWriter()
    largest_document = 0
    with Postings(most_in_memory) as postings:
        for path, content in document_files(_documents(index, postings, numbering)):
            largest_document = max(largest_document, len(content))
            stamp.update(content)
            yield path, content
        for path, content in writer.files(with_prefixes(postings.terms())):
            stamp.update(content)
            yield path, content
    root = {
        "version": VERSION,
        "stamp": stamp.hexdigest()[:16],
        "documents": numbering.documents,
        "perFile": PER_FILE,
        "risks": {level.label: numbering.risks.get(level, [0, 0]) for level in sorted(Level, reverse=True)},
        "largest": {"document": largest_document, "term": writer.largest},
        "terms": writer.starts,
    }
    yield packed("index", _json(root))


@dataclass(slots=True)
class _Numbering:
    """How documents were numbered."""

    documents: int = 0
    risks: dict[Level, list[int]] = field(default_factory=dict)
    """The first number of each risk, and the one after its last: entries come by risk."""


def _documents(index: Index, postings: Postings, numbering: _Numbering) -> Iterator[str]:
    """Number every server and entry, take its terms, and yield what a result shows of it."""
    for server in index.servers():
        names = set(name_words(server.title))
        others = text_words(f"{server.slug} {server.publisher} {server.product_title}")
        facet = _facet("server", _folder(server.path))
        postings.add(numbering.documents, names | {_whole(server.title)}, others - names | {facet})
        numbering.documents += 1
        yield _server_result(server)
    for entry in index.ranked():
        number = numbering.documents
        names = set(name_words(entry.name))
        others = text_words(entry.summary).union(_title(entry.server_title)[0]) - names
        postings.add(number, names | {_whole(entry.name)}, others | _facets(entry))
        numbering.risks.setdefault(entry.risk, [number, number])[1] = number + 1
        numbering.documents += 1
        yield _entry_result(entry)


@lru_cache(_REMEMBERED)
def _title(title: str) -> tuple[frozenset[str], str]:
    """Return the words of a server's title, and how it is shown: many entries have the same."""
    return frozenset(text_words(title)), _shown(title, _NAME)


def _facets(entry: IndexedEntry) -> set[str]:
    """Return the facets of an entry as terms; its risk is none, since documents are numbered by it."""
    return {
        _facet("server", _folder(entry.server_path)),
        _facet("category", entry.category.value),
        _facet("provenance", entry.provenance),
        *(_facet("trait", trait) for trait in entry.traits),
    }


def _facet(name: str, value: str) -> str:
    return f"{FACET}{name}={value}"


def _whole(name: str) -> str:
    return WHOLE_NAME + "".join(name_words(name))[: 2 * LONGEST_WORD]


def _folder(path: str) -> str:
    """Return a server's folder, which names it in addresses: ``servers/orchard/`` is orchard."""
    return path.rstrip("/").rpartition("/")[2]


def _server_result(server: IndexedServer) -> str:
    counts = {"tools": server.tools, "actions": server.actions}
    return _json({"name": _shown(server.title or server.slug, _NAME), "path": server.path, **counts})


def _entry_result(entry: IndexedEntry) -> str:
    return _json(
        {
            "name": _shown(entry.name, _NAME) or "(no name)",
            "path": entry.path,
            "server": _title(entry.server_title)[1],
            "risk": entry.risk.label,
            "category": entry.category.value,
            "provenance": entry.provenance,
            "traits": list(entry.traits),
            "summary": _shown(entry.summary, _SUMMARY),
        }
    )


def _shown(text: str, limit: int) -> str:
    return visible(one_line(text, limit))


def _json(value: object) -> str:
    return _ENCODER.encode(value)
