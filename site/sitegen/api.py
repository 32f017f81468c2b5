"""The files of ``api/v1/``: lists of everything, one file a server, a dump of all tools, and the schemas of them all.

Every function yields ``(path from the site's root, content)``; what is about many servers streams from the index.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from classifier.verdict import Category, Level
from sitegen.catalogue import CataloguedServer
from sitegen.documents.api import (
    ApiFiles,
    ChangesDocument,
    IndexDocument,
    PolicyFile,
    ServersDocument,
    ServerToolsDocument,
    ToolSummary,
    change_document,
    policy_document,
    server_summary,
    tool_summary,
)
from sitegen.documents.encoding import encoded
from sitegen.documents.schemas import DOCUMENTS, schema
from sitegen.index import Index
from sitegen.standing import standing

ROOT = "api/v1/"

# Servers in one file of the list: about half a megabyte.
PER_FILE = 1_000

# Files of the dump. One changed server rewrites one of them.
SHARDS = 64

_LATEST = 500


def catalogue_files(index: Index, *, per_file: int = PER_FILE) -> Iterator[tuple[str, bytes]]:
    """Yield the files about many servers; not the dump, which is made server by server."""
    yield f"{ROOT}index.json", encoded(_index(index))
    yield from _servers(index, per_file)
    changes = tuple(change_document(change) for change in index.changes(_LATEST))
    yield f"{ROOT}changes.json", encoded(ChangesDocument(changes=changes))


def schema_files() -> Iterator[tuple[str, bytes]]:
    """Yield the schema of each kind of document."""
    for kind in DOCUMENTS:
        yield _schema_path(kind), encoded(schema(kind))


def tool_summaries(server: CataloguedServer) -> tuple[ToolSummary, ...]:
    """Return each of a server's tools and actions in short, by key: its file and its part of the dump share them."""
    decisions = {rule.key: rule.decision for rule in server.policy.rules}
    return tuple(tool_summary(entry, decisions.get(entry.row.key)) for entry in server.entries)


def server_files(server: CataloguedServer, tools: Sequence[ToolSummary]) -> Iterator[tuple[str, bytes]]:
    """Yield the files about one server: its tools in short, and its recommended policy."""
    row = server.row
    document, policies = _server_paths(server.path)
    yield (
        document,
        encoded(
            ServerToolsDocument(
                slug=row.slug,
                title=server.title,
                path=server.path,
                policies=policies,
                origin=row.origin.public,
                known_from=standing(row, [entry.row for entry in server.entries]).kind,
                last_looked_at=row.latest.finished_at,
                entries=tuple(tools),
            )
        ),
    )
    files = tuple(
        PolicyFile(
            format=one.exporter.format, title=one.exporter.title, file=server.path + name, filename=file.filename
        )
        for one in server.exports
        for name, file in zip(one.names, one.export.files, strict=True)
    )
    yield policies, encoded(policy_document(server, files))


def ndjson(tools: Sequence[ToolSummary]) -> bytes:
    """Return a server's part of the dump: a line of JSON for each tool and action, by key."""
    return b"".join(map(encoded, tools))


def shard_paths() -> tuple[str, ...]:
    """Return every file of the dump; each exists, also where no server's part is in it."""
    return tuple(map(_shard, range(SHARDS)))


def shard_path(slug: str) -> str:
    """Return the file of the dump that a server's part is in."""
    return _shard(int(hashlib.sha256(slug.encode("utf-8", "surrogatepass")).hexdigest(), 16) % SHARDS)


def _shard(number: int) -> str:
    return f"{ROOT}tools/{number:02}.ndjson"


def _schema_path(kind: str) -> str:
    return f"{ROOT}schemas/{kind}.json"


def _server_paths(path: str) -> tuple[str, str]:
    """Return the files about the server whose page's folder is ``path``."""
    folder = path.removeprefix("servers/").strip("/")
    return f"{ROOT}servers/{folder}.json", f"{ROOT}policies/{folder}.json"


def _index(index: Index) -> IndexDocument:
    cells = index.cells
    risks: Counter[Level] = Counter()
    categories: Counter[Category] = Counter()
    for (category, level), number in cells.items():
        risks[level] += number
        categories[category] += number
    return IndexDocument(
        as_of=index.as_of,
        servers=index.server_count,
        tools=sum(cells.values()) - index.action_count,
        actions=index.action_count,
        risks={level.label: risks[level] for level in Level},
        categories={category.value: categories[category] for category in Category},
        files=ApiFiles(
            servers=_list_path(1),
            changes=f"{ROOT}changes.json",
            tools=shard_paths(),
            schemas={kind: _schema_path(kind) for kind in DOCUMENTS},
        ),
    )


def _servers(index: Index, per_file: int) -> Iterator[tuple[str, bytes]]:
    pages = max(1, -(-index.server_count // per_file))
    rows = index.servers()
    for number in range(1, pages + 1):
        summaries = []
        for row in islice(rows, per_file):
            document, policies = _server_paths(row.path)
            summaries.append(server_summary(row, document=document, policies=policies))
        yield (
            _list_path(number),
            encoded(
                ServersDocument(
                    as_of=index.as_of,
                    number=number,
                    pages=pages,
                    total=index.server_count,
                    next=_list_path(number + 1) if number < pages else None,
                    servers=tuple(summaries),
                )
            ),
        )


def _list_path(number: int) -> str:
    # Not inside servers/, where a server's slug may be a number.
    return f"{ROOT}servers.json" if number == 1 else f"{ROOT}servers-{number}.json"
