"""Variables in a configuration: ``${NAME:-default}``, ``${env:NAME}``, ``${input:id}``, ``${workspaceFolder}``.

Only folders are filled in as such. A value of the user's environment is a secret like any other, so it goes only where
secrets go; a variable that nothing fills in is never passed on as its own name.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_BRACED = re.compile(r"\$\{([^{}]*)\}")
_BARE = re.compile(r"\$\{([^{}]*)\}|\$([A-Za-z_]\w*)")

_NAME = re.compile(r"(?:env:)?(?P<name>[A-Za-z_]\w*)(?::-(?P<default>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variables:
    """What the variables of one configuration stand for."""

    project: Path
    """What ``${workspaceFolder}`` is."""
    home: Path
    environment: Mapping[str, str] = field(repr=False)
    """Values that may be filled in where secrets go; empty without the user's leave."""
    bare: bool = False
    """Whether ``$NAME`` is a variable, too: of one client only; elsewhere it may be part of a password."""

    def settled(self, text: str) -> str:
        """Return ``text`` with the variables filled in that name folders or bring a default; the others stay."""

        def fill(found: re.Match[str]) -> str:
            known = _NAME.fullmatch(found[1])
            return self._folder(found[1]) or (known and known["default"]) or found[0]

        return _BRACED.sub(fill, text)

    def plain(self, text: str, *, otherwise: str) -> str:
        """Return ``text`` fit to be kept: every variable that ``settled`` leaves is ``otherwise``."""
        return self._pattern.sub(otherwise, self.settled(text))

    def secret(self, text: str, own: Mapping[str, str]) -> str | None:
        """Return ``text`` with every variable filled in, from ``own`` first; None where one of them cannot be."""
        missing = False

        def fill(found: re.Match[str]) -> str:
            nonlocal missing
            known = _NAME.fullmatch(found[1] or found[found.lastindex or 1])
            if known is None:
                missing = True
                return ""
            value = own.get(known["name"], self.environment.get(known["name"], known["default"]))
            missing = missing or value is None
            return value or ""

        filled = self._pattern.sub(fill, _BRACED.sub(lambda found: self._folder(found[1]) or found[0], text))
        return None if missing else filled

    def unfilled(self, text: str) -> str | None:
        """Return the first variable that ``settled`` leaves, as it is written; None where there is none."""
        found = self._pattern.search(self.settled(text))
        return found[0] if found else None

    @property
    def _pattern(self) -> re.Pattern[str]:
        return _BARE if self.bare else _BRACED

    def _folder(self, name: str) -> str | None:
        # As VS Code names them; the other clients took the names over.
        folders = {
            "workspaceFolder": str(self.project),
            "workspaceRoot": str(self.project),
            "workspaceFolderBasename": self.project.name,
            "cwd": str(self.project),
            "PWD": str(self.project),
            "userHome": str(self.home),
            "HOME": str(self.home),
            "pathSeparator": os.sep,
            "/": os.sep,
        }
        return folders.get(name.partition(":")[0] if name.startswith("workspaceFolder:") else name)
