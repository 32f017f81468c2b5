"""The policy that a gateway enforces, read again when its file changes."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from catalog.errors import InputError, UsageError
from catalog.policy.document import PolicyFileError, read_policies
from catalog.policy.model import Policy
from catalog.policy.policylayer import is_policylayer, read_policylayer

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Version:
    """What changes when a file does."""

    inode: int
    size: int
    modified: int


class PolicyFile:
    """One policy file; a change counts from the next message on.

    A changed file that cannot be read leaves the policy as it was, and says so once: a gateway must not open or shut
    because somebody is half-way through saving.
    """

    def __init__(self, path: Path) -> None:
        """Read the file. Raises: InputError where it cannot be read or is no policy file."""
        self._path = path
        self._version = self._look()
        self._policies = self._read()

    @property
    def servers(self) -> tuple[str, ...]:
        """Return the names of the servers that the file has policies for."""
        return tuple(self._policies)

    def current(self, server: str) -> Policy:
        """Return the policy of a server; where the file no longer has one, a policy that lets nothing through."""
        try:
            version = self._look()
            if version != self._version:
                self._version = version
                self._policies = self._read()
                _log.warning("read the policy %s again", self._path)
        except InputError as error:
            _log.error("%s; the policy stays as it was", error)
        return self._policies.get(server) or Policy(server=server, rules=())

    def of(self, server: str | None) -> Callable[[], Policy]:
        """Return where to ask for a server's policy; for None, of the only server of the file.

        Raises: UsageError where the file has no such server, or more than one to choose from.
        """
        names = ", ".join(map(repr, self.servers)) or "none"
        if server is None:
            if len(self.servers) != 1:
                raise UsageError(f"name the server whose policy counts; {str(self._path)!r} has policies for: {names}")
            server = self.servers[0]
        if server not in self.servers:
            raise UsageError(f"{str(self._path)!r} has no policy for {server!r}; it has: {names}")
        name = server
        return lambda: self.current(name)

    def _look(self) -> _Version:
        try:
            seen = os.stat(self._path)  # noqa: PTH116  # on every message, and pathlib's takes three times as long
        except OSError as error:
            raise InputError(f"cannot read the policy {str(self._path)!r}: {error.strerror}") from error
        return _Version(seen.st_ino, seen.st_size, seen.st_mtime_ns)

    def _read(self) -> dict[str, Policy]:
        try:
            text = self._path.read_bytes()
            return {"": read_policylayer(text, "")} if is_policylayer(text) else dict(read_policies(text))
        except OSError as error:
            raise InputError(f"cannot read the policy {str(self._path)!r}: {error.strerror}") from error
        except PolicyFileError as error:
            raise InputError(f"{str(self._path)!r} is not a policy: {error}. Check it: catalog policy check") from error
