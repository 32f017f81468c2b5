"""What a user can be told has gone wrong. Trouble with one server is an Outcome, not an error.

CatalogError
├── UsageError            a target, an option or a name that cannot be understood            exit 2
├── StoreError            the database cannot be used (newer schema, full disk, unreachable)  exit 1
├── SandboxUnavailable    nothing here can isolate a server                                   exit 1
├── InputError            a file that cannot be read or is not what it should be              exit 1
├── CheckFailed           what was to be checked is not as it should be                       exit 1
└── KnowledgeError        a rule or server file of the project's own data is not valid        exit 1
"""


class CatalogError(Exception):
    """Something the user can act on; its text says what to do next."""

    exit_code = 1


class UsageError(CatalogError):
    """A target, an option or a name that cannot be understood."""

    exit_code = 2


class StoreError(CatalogError):
    """The database cannot be used."""


class SandboxUnavailable(CatalogError):
    """Nothing on this machine can isolate a server."""


class InputError(CatalogError):
    """A file that cannot be read, or is not what it should be."""


class KnowledgeError(CatalogError):
    """A file under data/knowledge is not valid."""


class CheckFailed(CatalogError):
    """What was to be checked is not as it should be."""
