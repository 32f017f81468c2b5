"""Wire the parts together for a command: settings, store, rules. Imports are lazy: most commands need few of them."""

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.install.cache import PackageCache
    from catalog.settings import Settings
    from catalog.store.repository import Store
    from catalog.view import CatalogView

database_option: ContextVar[str | None] = ContextVar("database_option", default=None)
"""What ``catalog --db`` said; the root callback sets it."""


def settings() -> "Settings":
    """Return the settings of this run."""
    from catalog.settings import load

    return load(database_option.get())


def package_cache() -> "PackageCache":
    """Return what is kept of packages in the cache folder."""
    from catalog.install.cache import PackageCache

    return PackageCache(settings().cache)


@contextmanager
def open_store() -> "Iterator[Store]":
    """Open the database. Raises: StoreError where it cannot be used."""
    from catalog.store.repository import Store

    with Store.open(settings().database_url) as store:
        yield store


@contextmanager
def open_view() -> "Iterator[CatalogView]":
    """Open the catalogue for reading: judged by the rules of this version, with a person's decisions in force."""
    from catalog.overrides import OverriddenView, read_overrides

    overrides = read_overrides(settings().overrides)
    with open_store() as store:
        judge(store)
        yield OverriddenView(store, overrides) if overrides else store


def judge(store: "Store") -> None:
    """Bring the judgements in ``store`` up to the rules of this version."""
    from catalog.crawl.judging import judge_stale
    from catalog.rules import load_ruleset

    judge_stale(store, load_ruleset())
