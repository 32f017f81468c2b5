"""How a package's server was started when it listed its tools: next time it is started like that at once.

Kept beside the unpacked package, so it holds for exactly this release and these dependencies, and goes with them.
"""

from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from catalog.crawl.attempt import Attempt
from catalog.install.base import NEWEST, Resolution

_FILE = "recipe.json"

# Bytes of a recipe that are read: the names of some variables and a few arguments.
_MOST_BYTES = 64 * 1024


class Recipe(BaseModel):
    """What worked, after other ways had failed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rung: str
    resolution: Resolution
    environment: dict[str, str]
    """Placeholders only: values that the user passes are never kept."""
    arguments: tuple[str, ...]
    maybe_partial: bool

    @classmethod
    def of(cls, attempt: Attempt, *, maybe_partial: bool) -> "Recipe":
        """Return what ``attempt`` did."""
        return cls(
            rung=attempt.name,
            resolution=attempt.resolution,
            environment=dict(attempt.environment),
            arguments=attempt.arguments,
            maybe_partial=maybe_partial,
        )

    @property
    def attempt(self) -> Attempt:
        """Return the same again."""
        resolution = NEWEST if self.resolution == NEWEST else self.resolution
        return Attempt(resolution=resolution, environment=self.environment, arguments=self.arguments, name=self.rung)

    def keep(self, folder: Path) -> None:
        """Keep it in ``folder``; where that fails, the ladder is climbed again next time."""
        with suppress(OSError):
            (folder / _FILE).write_text(self.model_dump_json(), encoding="utf-8")


def read_recipe(folder: Path) -> Recipe | None:
    """Return the recipe in ``folder``, or None."""
    try:
        with (folder / _FILE).open("rb") as file:
            return Recipe.model_validate_json(file.read(_MOST_BYTES))
    except (OSError, ValidationError):
        return None
