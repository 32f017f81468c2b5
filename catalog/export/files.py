"""How exporters write one file for each server."""

from collections.abc import Callable, Sequence

from catalog.policy.model import Policy
from catalog.policy.target import Export, ExportFile, Unsupported

Written = tuple[str, Sequence[Unsupported]]
"""The text of a file, and what it could not say."""


def a_file_each(policies: Sequence[Policy], filename: str, write: Callable[[Policy], Written]) -> Export:
    """Return an export with one file for each policy: ``filename``, or where there are several ``SERVER.filename``."""
    files: list[ExportFile] = []
    unsupported: list[Unsupported] = []
    for policy in policies:
        text, notes = write(policy)
        name = filename if len(policies) == 1 else f"{policy.server}.{filename}"
        files.append(ExportFile(filename=name, text=text))
        unsupported += notes
    return Export(files=tuple(files), unsupported=tuple(unsupported))
