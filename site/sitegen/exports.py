"""A policy in the syntax of each target, as files beside a page."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from catalog.policy.model import Policy
from catalog.policy.target import Export, Exporter, ExportFile

OWN = "json"
"""The format of our own policy file, which can say all that a policy says."""

# What stands beside pages already.
_TAKEN = frozenset({"index.html", "page.json", "page.md", "definition.json", "tools.ndjson", "hardened-policy.json"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A policy in one target's syntax."""

    exporter: Exporter
    export: Export
    names: tuple[str, ...]
    """What each of its files is called beside the page: two targets may call theirs the same."""

    def files(self) -> Sequence[tuple[str, str]]:
        """Return the name beside the page and the text of each file."""
        return [(name, file.text) for name, file in zip(self.names, self.export.files, strict=True)]


def exported(policy: Policy, exporters: Sequence[Exporter]) -> tuple[Exported, ...]:
    """Export a policy for each target, in their order.

    Files of the first target and our own policy file keep their names; those of the others begin with the format. Our
    own file is a part of several exports: it stands there once.
    """
    exports = [exporter.export(policy) for exporter in exporters]
    names: dict[tuple[str, str], str] = {}
    for place, (exporter, export) in enumerate(zip(exporters, exports, strict=True)):
        if place == 0 or exporter.format == OWN:
            for file in export.files:
                names.setdefault(_content(file), _name(file.filename, "", names.values()))
    found: list[Exported] = []
    for exporter, export in zip(exporters, exports, strict=True):
        for file in export.files:
            if _content(file) not in names:
                names[_content(file)] = _name(file.filename, exporter.format, names.values())
        own = tuple(names[_content(file)] for file in export.files)
        found.append(Exported(exporter=exporter, export=export, names=own))
    return tuple(found)


def own_format(policy: Policy, exporters: Sequence[Exporter]) -> str | None:
    """Return a policy as our own policy file; None where that is no target of the site."""
    return next((one.export(policy).text for one in exporters if one.format == OWN), None)


def beside_tools(exporters: Sequence[Exporter]) -> Sequence[Exporter]:
    """Return the targets whose files stand beside each tool's page: the first, and our own format.

    The others stand beside the server's page alone: a large site has a hundred thousand tools.
    """
    return [one for place, one in enumerate(exporters) if place == 0 or one.format == OWN]


def _content(file: ExportFile) -> tuple[str, str]:
    return PurePosixPath(file.filename).name, file.text


def _name(filename: str, format_: str, taken: Collection[str]) -> str:
    """Return a name of its own for a file, in the page's folder and not hidden there."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", PurePosixPath(filename).name).lstrip(".") or "policy"
    first = plain if not format_ or plain.startswith(format_) else f"{format_}-{plain}"
    name, number = first, 1
    while name in taken or name in _TAKEN:
        number += 1
        name = f"{number}-{first}"
    return name
