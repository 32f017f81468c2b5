"""A catalogue to export from."""

from dataclasses import replace
from pathlib import Path

import pytest

from catalog.model import Entry, Provenance
from catalog.origin import Package
from catalog.rules import load_ruleset
from catalog.settings import database_url
from catalog.sources.packages import package_server
from catalog.store.repository import Store
from catalog_testing.policy import MINTS, READS, REBOOTS, WIPES
from catalog_testing.samples import action, entry, listed_observation, not_listed_observation, server_ref
from classifier.verdict import Classification

FLAT: dict[str, Classification] = {"peek": READS, "api_key_create": MINTS, "reboot": REBOOTS, "wipe": WIPES}


def _judge(store: Store, slug: str, verdicts: dict[str, Classification]) -> None:
    assert store.judge(store.present(slug), load_ruleset().version, verdicts)


@pytest.fixture
def database(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue of a flat server, a dispatcher, a product, an empty and a hostile one, and some never listed."""
    monkeypatch.setenv("CATALOG_DATABASE_URL", str(filled))


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Exports only read, so one database serves all tests."""
    path = tmp_path_factory.mktemp("export") / "catalog.db"
    dispatched = ["ls", "api_key_create", "reboot", "wipe"]
    behind: list[Entry] = [entry("orchard", provenance=Provenance.LIVE), *map(action, dispatched)]
    with Store.open(database_url(str(path))) as store:
        store.record(listed_observation([entry(name) for name in FLAT], server=server_ref(slug="flat")))
        _judge(store, "flat", FLAT)
        packaged = package_server(Package(ecosystem="npm", name="@farm/flat"))
        store.record(listed_observation([entry(name) for name in FLAT], server=packaged))
        _judge(store, packaged.slug, FLAT)
        store.record(listed_observation(behind, server=server_ref(slug="behind")))
        verdicts = dict(zip(dispatched, (READS, MINTS, REBOOTS, WIPES), strict=True))
        _judge(store, "behind", {"orchard": WIPES} | {f"orchard/{name}": verdicts[name] for name in dispatched})
        store.record(not_listed_observation(server=server_ref(slug="silent")))
        hostile = ['quo"te', "new\nline", "p\u0435ek", "*", *(f"tool_{number}" for number in range(500))]
        store.record(listed_observation([entry(name) for name in hostile], server=server_ref(slug="hostile")))
        _judge(store, "hostile", dict.fromkeys(hostile, READS))
        store.record(listed_observation([], server=server_ref(slug="empty")))
        for slug in ("pear", "plum"):
            fruit = server_ref(slug=slug, product="fruit")
            store.record(listed_observation([entry(f"pick_{slug}", properties={"url": {}})], server=fruit))
            _judge(store, slug, {f"pick_{slug}": replace(READS, traits=("egress-url", "untrusted-in"))})
        store.record(not_listed_observation(server=server_ref(slug="quince", product="fruit")))
    return path
