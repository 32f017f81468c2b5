"""Where things are kept, from the environment and the platform's conventions. Read once, at the edge."""

import os
from dataclasses import dataclass
from pathlib import Path

APPLICATION = "mcp-catalog"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Paths and addresses of this run."""

    database_url: str
    """An SQLAlchemy URL: ``sqlite:///…`` or ``postgresql+psycopg://…``."""
    overrides: Path
    """A person's decisions about tools (catalog.overrides)."""
    cache: Path
    """Where packages are unpacked while their server runs."""


def load(database: str | None = None) -> Settings:
    """Return the settings: ``database`` (URL or path) wins over CATALOG_DATABASE_URL over the user's data folder.

    Overrides stand beside a database that is a file, unless CATALOG_OVERRIDES names another place.
    """
    from platformdirs import user_cache_path, user_data_path

    chosen = database or os.environ.get("CATALOG_DATABASE_URL")
    if not chosen:
        chosen = str(user_data_path(APPLICATION, appauthor=False) / "catalog.db")
    url = database_url(chosen)
    stated = os.environ.get("CATALOG_OVERRIDES")
    beside = Path(url.removeprefix("sqlite:///")).parent if url.startswith("sqlite:///") else None
    folder = beside or user_data_path(APPLICATION, appauthor=False)
    overrides = Path(stated).expanduser() if stated else folder / "overrides.yaml"
    return Settings(database_url=url, overrides=overrides, cache=user_cache_path(APPLICATION, appauthor=False))


def counters_path() -> Path:
    """Return where calls are counted by default: CATALOG_COUNTERS, else a file in the user's data folder."""
    from platformdirs import user_data_path

    stated = os.environ.get("CATALOG_COUNTERS")
    return Path(stated).expanduser() if stated else user_data_path(APPLICATION, appauthor=False) / "counters.db"


def database_url(text: str) -> str:
    """Return an SQLAlchemy URL for a URL or a path; ``postgres://`` and ``postgresql://`` mean psycopg 3."""
    for scheme in ("postgresql://", "postgres://"):
        if text.startswith(scheme):
            return "postgresql+psycopg://" + text.removeprefix(scheme)
    if "://" in text:
        return text
    return f"sqlite:///{Path(text).expanduser().absolute()}"
