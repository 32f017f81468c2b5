"""Made-up tools and their pages: the data that both generators of bench/site.py build a site from.

The tools are judged by the real rules and their pages gathered by the real ``tool_page``; words are drawn with a fixed
seed, in the sizes of real tools: descriptions of 60 to 1,500 characters, none to fifteen parameters.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from catalog.attacks import load_attacks
from catalog.export.registry import exporters
from catalog.model import Definition, Provenance
from catalog.origin import Package
from catalog.policy.recommend import recommend
from catalog.rules import load_ruleset
from catalog.view import ChangeRow, EntryRow, ObservationRow, RemovedRow, ServerRow
from classifier.classify import classify_server
from classifier.definition import JsonObject, JsonValue, Tool
from sitegen.catalogue import CataloguedEntry, CataloguedServer, exported
from sitegen.pages.tool import ToolPage, tool_page
from sitegen.parts import Parts
from sitegen.related import Neighbours

PER_SERVER = 25

VERBS = (
    "get", "list", "search", "count", "create", "add", "update", "move", "send", "delete", "remove", "run", "restart",
    "grant", "export", "import", "schedule", "describe", "revoke", "reset",
)  # fmt: skip
NOUNS = (
    "orchard", "barn", "crate", "tree", "harvest", "ladder", "picker", "invoice", "gate", "gate_key", "hive", "pump",
    "sensor", "field", "recipe", "delivery", "buyer", "silo", "press", "fence",
)  # fmt: skip
SENTENCES = (
    "{Verb}s a {noun} by its id and gives back every field as JSON.",
    "Call list_{noun} first if you don’t know which {noun} is meant.",
    "The caller needs a token with the scope “{noun}:write”, and the season must be open.",
    "Answers come in parts of one hundred; pass the cursor of the last answer to get the next ones.",
    "This cannot be undone, so ask the keeper before you {verb} a {noun} that others still use.",
    "Weights are in kilograms & lengths in metres, unless <unit> says something else.",
    "An empty filter means all of them: every {noun} in every field, the wild ones too.",
    "The result carries the id, the name, the gate’s code and the day of the last visit.",
    "Where the pump is off, the call waits up to 30 s for it; after that it fails with code 17.",
    "Old names still work, but new scripts should say {noun}_id instead.",
)
FIELDS: Sequence[tuple[str, JsonObject]] = (
    ("id", {"type": "string", "description": "Which one, as list calls it."}),
    ("name", {"type": "string", "description": "A name that people read; two may share one."}),
    ("limit", {"type": "integer", "default": 100, "description": "How many at most, from 1 to 500."}),
    ("cursor", {"type": "string", "description": "Where the last answer ended."}),
    ("path", {"type": "string", "description": "A file below the barn’s folder, or an absolute one."}),
    ("query", {"type": "string", "description": "What to look for; * stands for anything."}),
    ("force", {"type": "boolean", "default": False, "description": "Go on even where somebody still works."}),
    ("recursive", {"type": "boolean", "description": "Take everything below it too."}),
    ("to", {"type": "array", "items": {"type": "string"}, "description": "Addresses of those who get it."}),
    ("season", {"type": "string", "enum": ["spring", "summer", "autumn", "winter"], "default": "autumn"}),
    ("unit", {"type": "string", "enum": ["kg", "lb", "crates"], "description": "What numbers count."}),
    ("url", {"type": "string", "description": "An address that is fetched for it."}),
    ("note", {"type": ["string", "null"], "description": "Free text; nobody checks it."}),
    ("fields", {"type": "array", "items": {"type": "string"}, "description": "Which fields to give back."}),
    ("since", {"type": "string", "description": "A day such as 2026-09-01; older ones are left out."}),
    ("dry_run", {"type": "boolean", "default": True, "description": "Say what would happen, and do nothing."}),
)  # fmt: skip

_SEEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def servers(tools: int) -> Iterator[tuple[ServerRow, Sequence[EntryRow]]]:
    """Yield servers of made-up, judged tools, as the view of a store would."""
    draw = random.Random(11)  # a fixed seed: the same tools in every run
    ruleset = load_ruleset()
    for number in range(-(-tools // PER_SERVER)):
        raw = [_definition(draw, each) for each in range(min(PER_SERVER, tools - number * PER_SERVER))]
        verdicts = classify_server(ruleset, [Tool.from_json(one) for one in raw])
        slug = f"{draw.choice(NOUNS).replace('_', '-')}-{number}"
        rows = [
            EntryRow(
                server=slug,
                key=str(one["name"]),
                definition=Definition(raw=one),
                provenance=Provenance.LIVE,
                dispatch=None,
                run="",
                first_seen=_SEEN,
                last_seen=_SEEN,
                classification=verdict,
                ruleset="1",
            )
            for one, verdict in zip(raw, verdicts, strict=True)
        ]
        yield _server(slug, len(rows)), rows


def made_pages(tools: int) -> Iterator[ToolPage]:
    """Yield the pages of made-up tools, made and judged on the way."""
    parts = real_parts()
    for row, rows in servers(tools):
        yield from tool_pages(row, rows, parts)


def tool_pages(row: ServerRow, rows: Sequence[EntryRow], parts: Parts) -> Iterator[ToolPage]:
    """Yield the page of each tool of one server."""
    path = f"servers/{row.slug}/"
    policy = parts.recommend(row.slug, rows)
    entries = tuple(
        CataloguedEntry(row=entry, tool=entry.definition.tool, server=row, path=f"{path}{entry.key.replace('_', '-')}/")
        for entry in rows
    )
    files = exported(policy, parts.exporters)
    server = CataloguedServer(row=row, path=path, entries=entries, policy=policy, files=files)
    neighbours = Neighbours(entries)
    for entry in entries:
        yield tool_page(entry, server, neighbours, parts)


def real_parts() -> Parts:
    """Return what the command line builds a site with, without a store."""
    every = tuple(exporters().values())
    return Parts(view=_NoView(), recommend=recommend, exporters=every, rules={}, attacks=load_attacks())


def _definition(draw: random.Random, number: int) -> JsonObject:
    verb, noun = draw.choice(VERBS), draw.choice(NOUNS)
    words = {"verb": verb, "Verb": verb.capitalize(), "noun": noun.replace("_", " ")}
    sentences = draw.choices(SENTENCES, k=min(20, max(1, round(draw.lognormvariate(1.4, 0.7)))))
    paragraphs = [" ".join(sentences[at : at + 4]).format(**words) for at in range(0, len(sentences), 4)]
    properties: dict[str, JsonValue] = dict(draw.sample(FIELDS, min(15, round(draw.expovariate(1 / 4.5)))))
    return {
        "name": f"{verb}_{noun}_{number}",
        "description": "\n\n".join(paragraphs)[:1_500],
        "inputSchema": {
            "type": "object",
            "properties": properties,
            "required": list(properties)[: len(properties) // 2],
        },
        "annotations": {"readOnlyHint": verb in ("get", "list", "search", "count", "describe")},
    }


def _server(slug: str, tools: int) -> ServerRow:
    look = ObservationRow(
        started_at=_SEEN,
        finished_at=_SEEN,
        version="1.4.0",
        sandbox="bubblewrap",
        rungs=(),
        outcome="listed",
        reason=None,
        detail="",
        hint="",
        server_name=slug,
        server_version="1.4.0",
        protocol_version="2025-11-25",
    )
    return ServerRow(
        slug=slug,
        title=slug,
        origin=Package(ecosystem="npm", name=f"@farm/{slug}", version="1.4.0"),
        product=None,
        product_title=None,
        publisher="The Orchard Keepers",
        homepage="https://orchard.example",
        repository="https://git.example/orchard",
        environment=("ORCHARD_TOKEN",),
        latest=look,
        listing=look,
        tools=tools,
        actions=0,
    )


class _NoView:
    """A view of nothing: rows are given to `tool_pages` directly."""

    def servers(self) -> Sequence[ServerRow]:
        return ()

    def server(self, slug: str) -> ServerRow | None:
        return None

    def entries(self, server: str) -> Sequence[EntryRow]:
        return ()

    def stamps(self) -> Mapping[str, str]:
        return {}

    def history(self, server: str) -> Sequence[ChangeRow]:
        return ()

    def removed(self, server: str) -> Sequence[RemovedRow]:
        return ()
