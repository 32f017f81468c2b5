"""Pages as JSON files, for any generator to read."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from catalog.attacks import AttackPattern
from sitegen.pages.tool import ToolPage

PER_FILE = 100


def write_pages(folder: Path, pages: Iterable[ToolPage]) -> None:
    """Write pages into ``folder`` as JSON lists of `PER_FILE` each, one page a line."""
    encoder = msgspec.json.Encoder(enc_hook=_pattern_as_json)
    pages = iter(pages)
    number = 0
    while some := list(islice(pages, PER_FILE)):
        lines = b",\n".join(encoder.encode(page) for page in some)
        (folder / f"{number:05}.json").write_bytes(b"[\n" + lines + b"\n]\n")
        number += 1


def read_pages(folder: Path) -> Iterator[ToolPage]:
    """Yield the pages again, with one at a time in memory."""
    known: dict[str, AttackPattern] = {}

    def pattern(_: type, said: Mapping[str, Any]) -> AttackPattern:
        slug = said["slug"]
        if slug not in known:
            known[slug] = _pattern(said)
        return known[slug]

    decoder = msgspec.json.Decoder(ToolPage, dec_hook=pattern)
    for file in sorted(folder.iterdir()):
        with file.open("rb") as lines:
            for line in lines:
                if line.startswith(b"{"):
                    yield decoder.decode(line.rstrip(b",\n"))


def _pattern_as_json(pattern: AttackPattern) -> Mapping[str, object]:
    """Return a pattern with the addresses that are computed from its identifiers."""
    references = [reference.model_dump() | {"url": reference.url} for reference in pattern.references]
    return pattern.model_dump() | {"references": references}


def _pattern(said: Mapping[str, Any]) -> AttackPattern:
    references = [{name: value for name, value in each.items() if name != "url"} for each in said["references"]]
    return AttackPattern.model_validate({**said, "references": references})
