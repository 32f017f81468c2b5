"""How exporters write one file for each server."""

import re
from collections.abc import Callable, Sequence

from catalog.policy.model import Policy
from catalog.policy.target import Export, ExportFile, Unsupported

Written = tuple[str, Sequence[Unsupported]]
"""The text of a file, and what it could not say."""


def a_file_each(policies: Sequence[Policy], filename: str, write: Callable[[Policy], Written]) -> Export:
    """Return an export with one file for each policy: ``filename``, or where there are several ``SERVER.filename``."""
    files: list[ExportFile] = []
    unsupported: list[Unsupported] = []
    for policy, server in zip(policies, file_names([policy.server for policy in policies]), strict=True):
        text, notes = write(policy)
        name = filename if len(policies) == 1 else f"{server}.{filename}"
        files.append(ExportFile(filename=name, text=text))
        unsupported += notes
    return Export(files=tuple(files), unsupported=tuple(unsupported))


def file_names(servers: Sequence[str]) -> Sequence[str]:
    """Return for each server's name one that any file system takes: in no other folder, and no two alike."""
    names: list[str] = []
    taken: set[str] = set()
    for server in servers:
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", server)[:_LONGEST].strip(".-") or "server"
        name, number = plain, 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain}-{number}"
        taken.add(name.casefold())
        names.append(name)
    return names


_LONGEST = 80
