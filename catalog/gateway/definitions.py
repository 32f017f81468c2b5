"""The rug-pull guard: a tool whose definition is not the one that was reviewed is withheld."""

from collections.abc import Mapping

from catalog.model import Definition


class Definitions:
    """What has been seen of a server's definitions in one session, against the hashes that a policy names."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self._hashes: dict[str, str | None] = {}
        self.complete = False
        """Whether every page of the list has been seen since it last changed."""

    def forget(self) -> None:
        """Take note that the server says its list has changed."""
        self._hashes.clear()
        self.complete = False

    def see(self, definition: Mapping[str, object]) -> None:
        """Take note of one definition; a name that stands twice counts as different from any that was reviewed."""
        name = definition.get("name")
        if isinstance(name, str):
            own = Definition(raw=dict(definition)).hash  # type: ignore[arg-type]  # read from JSON
            self._hashes[name] = own if self._hashes.get(name, own) == own else None

    def is_reviewed(self, tool: str, reviewed: Mapping[str, str]) -> bool:
        """Say whether the tool was seen with the very definition that was reviewed."""
        seen = self._hashes.get(tool)
        return seen is not None and seen == reviewed.get(tool)

    def unseen(self, tool: str, reviewed: Mapping[str, str]) -> bool:
        """Say whether the tool's definition must be looked at before it may be called."""
        return bool(reviewed) and tool not in self._hashes and not self.complete
