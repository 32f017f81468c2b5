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
    """Write pages into ``folder`` as files of `PER_FILE` each."""
    encoder = msgspec.json.Encoder(enc_hook=_pattern_as_json)
    pages = iter(pages)
    number = 0
    while some := list(islice(pages, PER_FILE)):
        (folder / f"{number:05}.json").write_bytes(encoder.encode(some))
        number += 1


def read_pages(folder: Path) -> Iterator[ToolPage]:
    """Yield the pages again, with one file at a time in memory."""
    known: dict[str, AttackPattern] = {}

    def pattern(_: type, said: Mapping[str, Any]) -> AttackPattern:
        slug = said["slug"]
        if slug not in known:
            known[slug] = _pattern(said)
        return known[slug]

    decoder = msgspec.json.Decoder(list[ToolPage], dec_hook=pattern)
    for file in sorted(folder.iterdir()):
        yield from decoder.decode(file.read_bytes())


def _pattern_as_json(pattern: AttackPattern) -> Mapping[str, object]:
    """Return a pattern with the addresses that are computed from its identifiers."""
    references = [reference.model_dump() | {"url": reference.url} for reference in pattern.references]
    return pattern.model_dump() | {"references": references}


def _pattern(said: Mapping[str, Any]) -> AttackPattern:
    references = [{name: value for name, value in each.items() if name != "url"} for each in said["references"]]
    return AttackPattern.model_validate({**said, "references": references})
