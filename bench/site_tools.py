"""Made-up tools for benchmarks: words drawn with a fixed seed, in the sizes of real tools.

Descriptions have 60 to 1,500 characters, schemas none to fifteen parameters.
"""

import random
from collections.abc import Iterator, Sequence

from catalog.model import Definition
from classifier.definition import JsonObject, JsonValue

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


def servers(tools: int) -> Iterator[tuple[str, Sequence[Definition]]]:
    """Yield the slug and the definitions of each of as many servers as hold so many tools."""
    draw = random.Random(11)  # a fixed seed: the same tools in every run
    for number in range(-(-tools // PER_SERVER)):
        definitions = [
            Definition(raw=_definition(draw, each)) for each in range(min(PER_SERVER, tools - number * PER_SERVER))
        ]
        yield f"{draw.choice(NOUNS).replace('_', '-')}-{number}", definitions


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
