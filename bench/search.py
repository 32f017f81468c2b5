"""Measure search: what its index costs, how large it is, and how many bytes queries move.

    python bench/search.py [TOOLS]          (default 20000; 500000 is what the goal is about)

Tools are made up: names of two to four words from a vocabulary in which few words are common, a sentence, a server.
Queries are answered by the site's own script in Node.js, which reads the files that a browser would fetch.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from catalog.install.runtimes import find_node
from classifier.verdict import Category, Level
from sitegen.index import IndexedChange, IndexedEntry, IndexedServer
from sitegen.search.files import search_files

TOOLS = 20_000
QUERIES = 200
PER_SERVER = 12
VERBS = ("get", "list", "create", "update", "delete", "search", "add", "set", "remove", "send", "read", "write", "run")
TRAITS = ("code-exec", "money", "secret-out", "file-write", "private-data", "untrusted-in", "power", "bulk-destroy")
PROVENANCES = ("live", "expanded", "declared", "recorded")
WHEN = datetime(2026, 11, 20, tzinfo=UTC)


def vocabulary(size: int) -> list[str]:
    """Return made-up words of two to five syllables; the first are the common ones."""
    chance = random.Random(7)
    syllables = [a + b for a in "bcdfghklmnprstvw" for b in ("a", "e", "i", "o", "u", "an", "er", "ing", "ion")]
    return list(dict.fromkeys("".join(chance.choices(syllables, k=chance.randint(2, 5))) for _ in range(size)))


@dataclass(frozen=True)
class Synthetic:
    """An index of made-up servers, in memory only as numbers."""

    tools: int

    @property
    def as_of(self) -> datetime:
        """See `Index.as_of`."""
        return WHEN

    @property
    def cells(self) -> Mapping[tuple[Category, Level], int]:
        """See `Index.cells`."""
        return {}

    @property
    def server_count(self) -> int:
        """See `Index.server_count`."""
        return self.tools // PER_SERVER

    @property
    def action_count(self) -> int:
        """See `Index.action_count`."""
        return 0

    @cached_property
    def words(self) -> list[str]:
        """Return a vocabulary that grows with the catalogue, as that of real ones does."""
        return vocabulary(2_000 + self.tools // 4)

    def word(self, chance: random.Random) -> str:
        """Return a word; the n-th is about n times rarer than the first (Zipf)."""
        return self.words[int(len(self.words) ** chance.random()) - 1]

    def servers(self) -> Iterator[IndexedServer]:
        """See `Index.servers`."""
        for number in range(self.server_count):
            yield IndexedServer(
                slug=f"s{number:06}", path=f"servers/s{number:06}/", title=self.title(number), origin="npm", product="",
                publisher="", product_title="", known_from="listed", maybe_partial=False, reason="", tools=PER_SERVER,
                actions=0, tokens=0, grade="B", risks=(0, 0, 0, 0), looked_at=WHEN, changed_at=WHEN,
            )  # fmt: skip

    def title(self, number: int) -> str:
        """Return a server's title."""
        chance = random.Random(number)
        return f"{self.word(chance)} {self.word(chance)} mcp"

    def entries(self) -> Iterator[IndexedEntry]:
        """Yield the tools; see `Index.entries`."""
        return self.ranked()

    def ranked(self) -> Iterator[IndexedEntry]:
        """See `Index.ranked`; a risk for each stretch of numbers."""
        chance = random.Random(1)
        for number in range(self.tools):
            share = number / self.tools
            risk = Level.CRITICAL if share < 0.05 else Level.HIGH if share < 0.2 else Level.MEDIUM
            server = (number * 7919) % max(1, self.server_count)
            words = [chance.choice(VERBS), *(self.word(chance) for _ in range(chance.randint(1, 3)))]
            name = "_".join(words)
            yield IndexedEntry(
                server=f"s{server:06}", server_title=self.title(server), server_path=f"servers/s{server:06}/", key=name,
                name=name, path=f"servers/s{server:06}/{name.replace('_', '-')}/",
                summary=" of the ".join(f"{self.word(chance)} {self.word(chance)}" for _ in range(7)),
                category=chance.choice(list(Category)),
                risk=risk if share < 0.5 else Level.LOW, severity=risk, confidence=0.8,
                traits=tuple(trait for trait in TRAITS if chance.random() < 0.1), rules=(),
                provenance=chance.choices(PROVENANCES, (80, 8, 8, 4))[0], is_action=False, changed_at=WHEN,
            )  # fmt: skip

    def changes(self, most: int) -> Sequence[IndexedChange]:
        """See `Index.changes`."""
        return ()


def queries(index: Synthetic) -> list[dict[str, object]]:
    """Return as many queries of each kind: one word, two words, a word and a beginning, and a facet with a word."""
    chance = random.Random(3)
    found: list[dict[str, object]] = []
    for number in range(QUERIES):
        word, other = chance.choice([chance.choice(VERBS), index.word(chance)]), index.word(chance)
        text = (word, f"{word} {other}", f"{word} {other[: chance.randint(2, 4)]}", word)[number % 4]
        filters = {"category": [str(chance.choice(list(Category)))], "trait": [chance.choice(TRAITS)]}
        found.append({"words": text, "filters": filters if number % 4 == 3 else {}})
    return found


def main() -> None:
    """Measure and print."""
    index = Synthetic(int(sys.argv[1]) if len(sys.argv) > 1 else TOOLS)
    started = time.process_time()
    made = sum(1 for _ in index.servers()) + sum(1 for _ in index.ranked())
    making = time.process_time() - started  # the made-up rows themselves, which the index is not to blame for
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        started = time.process_time()
        sizes = []
        for path, content in search_files(index):
            target = Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            sizes.append(len(content))
        spent = time.process_time() - started - making
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"search:     {made:,} documents: {spent:.1f} CPU s ({made / spent:,.0f} per CPU s), "
            f"{peak:.0f} MB at most, {len(sizes):,} files, {sum(sizes) / 1e6:.1f} MB, largest {max(sizes):,} bytes"
        )
        node = find_node()
        if node is None:
            print("search:     no Node.js: bytes of queries not measured")
            return
        script = str(files("sitegen").joinpath("static/search-index.js"))
        done = subprocess.run(
            [str(node), str(Path(__file__).with_name("search.mjs")), script, f"{folder}/search/"],
            input=json.dumps(queries(index)), capture_output=True, text=True, check=True, timeout=600,
        )  # fmt: skip
        print(f"search:     {done.stdout.strip()}")


if __name__ == "__main__":
    main()
