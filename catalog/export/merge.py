"""Put an export into settings that are already there: what is there stays, only what an earlier export wrote is replaced.

How the command line uses it, for each file of an export (``Export.files``)::

    path = folder / file.filename
    before = read_settings(path)                # catalog.export.settings_files; "" where there is no file yet
    after = merge(before, file, format)         # the whole new text; before == after where nothing is to do
    print(diff(before, after, str(path)))       # a unified diff; "" where nothing changes
    write_settings(path, after)                 # all or nothing

Merging is idempotent: ``merge(merge(x, file, format), file, format) == merge(x, file, format)``. Any file of any format
can be given; of a file that is not settings of a client (``mergeable`` says which), the export's text is the result.
``catalog-policy.json``, which the hook program reads, is merged too: policies of other servers stay.

Pure: reading and writing are in catalog.export.settings_files.
"""

from catalog.policy.target import ExportFile


def mergeable(file: ExportFile, format: str) -> bool:  # noqa: A002  # the option's name
    """Say whether ``merge`` keeps what is in an existing file; else it is replaced as a whole."""
    raise NotImplementedError


def merge(existing: str, exported: ExportFile, format: str) -> str:  # noqa: A002  # the option's name
    """Return the text of a settings file with the export in it; an empty ``existing`` is no file yet.

    Rules for the servers of the export that an earlier export wrote are replaced, and its hook; all else stays, with
    comments and order in TOML. Raises: InputError where ``existing`` is broken, has another shape than the client's
    settings, or is JSON with comments, which could not be kept; it names the place.
    """
    raise NotImplementedError


def diff(before: str, after: str, name: str) -> str:
    """Return what changes as a unified diff of the file ``name``, or nothing."""
    raise NotImplementedError
