"""All that is kept of packages in the cache folder: environments, the compiled modules they share, their sizes."""

import contextlib
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from catalog.install.environments import Environments, Pruned
from catalog.install.layers import Layers
from catalog.install.trees import Size, measure

# Seconds that compiled modules stay which no environment holds any more.
IDLE_LAYERS = 7 * 24 * 3600.0


TIDY_SECONDS = 24 * 3600.0
"""How often the cache looks for what it need not keep."""

_TIDIED = "tidied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What the cache holds now."""

    environments: int
    in_use: int
    """Environments whose server may be running."""
    packages: int
    """Different packages, whatever their version."""
    layers: int
    """Groups of modules that are compiled."""
    environments_size: Size
    """``real`` counts no file that uv's own cache or a compiled layer has a name for."""
    layers_size: Size
    total: Size
    """Of everything: ``real`` is what deleting the cache would free."""


class PackageCache:
    """The cache below one folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.environments = Environments(root / "environments")
        self.layers = Layers(root / "bytecode")

    def contents(self) -> Contents:
        """Return what is there; it looks at every file."""
        kept = list(self.environments.all())
        environments = measure([self.environments.root])
        total = measure([self.environments.root, self.layers.root])
        return Contents(
            environments=len(kept),
            in_use=sum(self.environments.in_use(folder) for folder, _ in kept),
            packages=len({(stated.key.ecosystem, stated.key.name) for _, stated in kept}),
            layers=self.layers.count(),
            environments_size=environments,
            layers_size=Size(apparent=total.apparent - environments.apparent, real=total.real - environments.real),
            total=total,
        )

    def prune(self, most_bytes: int | None = None, idle_seconds: float | None = None) -> Pruned:
        """Delete what was not used for long or is too much (Environments.prune), and what no environment needs then."""
        pruned = self.environments.prune(most_bytes, idle_seconds=idle_seconds)
        self.layers.sweep(IDLE_LAYERS if idle_seconds is None else idle_seconds)
        return pruned

    def tidy(self) -> None:
        """Prune what is too old or too much, once a day at most: for whoever never asks for it."""
        marker = self._root / _TIDIED
        with contextlib.suppress(FileNotFoundError):
            if abs(time.time() - marker.stat().st_mtime) < TIDY_SECONDS:
                return
        self._root.mkdir(parents=True, exist_ok=True)
        marker.touch()
        self.prune()

    def clean(self) -> Pruned:
        """Delete everything that is not in use."""
        pruned = self.prune(0, 0)
        if not pruned.left:
            shutil.rmtree(self.layers.root, ignore_errors=True)
        return pruned
