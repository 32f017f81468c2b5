"""Pages as JSON files, for any generator to read."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from pydantic import BaseModel

from catalog.attacks import AttackPattern, Reference
from sitegen.pages.tool import ToolPage

PER_FILE = 100


def write_pages(folder: Path, pages: Iterable[ToolPage]) -> None:
    """Write pages into ``folder`` as JSON lists of `PER_FILE` each, one page a line."""
    pages = iter(pages)
    number = 0
    while some := list(islice(pages, PER_FILE)):
        lines = b",\n".join(msgspec.json.encode(_said(page)) for page in some)
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


def _said(value: object) -> object:
    """Return a value as JSON says it, with what its properties compute: a template may ask for these too."""
    if is_dataclass(value) or isinstance(value, BaseModel):
        kind = type(value)
        stored = kind.model_fields if isinstance(value, BaseModel) else [field.name for field in fields(value)]
        computed = [name for name, member in vars(kind).items() if isinstance(member, (property, cached_property))]
        return {name: _said(getattr(value, name)) for name in (*stored, *computed) if not name.startswith("_")}
    if isinstance(value, Mapping):
        return {key: _said(each) for key, each in value.items()}
    return [_said(each) for each in value] if isinstance(value, (tuple, list)) else value


def _pattern(said: Mapping[str, Any]) -> AttackPattern:
    references = [{name: each[name] for name in Reference.model_fields} for each in said["references"]]
    own = {name: said[name] for name in AttackPattern.model_fields}
    return AttackPattern.model_validate({**own, "references": references})
