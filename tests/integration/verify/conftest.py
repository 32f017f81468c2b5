"""A real store with a flat server and a dispatcher, of all risks."""

from pathlib import Path

import pytest

from catalog.model import Provenance
from catalog.rules import load_ruleset
from catalog.settings import database_url
from catalog.store.repository import Store
from catalog_testing.policy import MINTS, READS, REBOOTS, WIPES
from catalog_testing.samples import action, entry, listed_observation, not_listed_observation, server_ref
from classifier.verdict import Classification

FLAT: dict[str, Classification] = {"peek": READS, "api_key_create": MINTS, "reboot": REBOOTS, "wipe": WIPES}
ACTIONS: dict[str, Classification] = {"ls": READS, "api_key_create": MINTS, "reboot": REBOOTS, "wipe": WIPES}


@pytest.fixture(autouse=True)
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue with ``flat``, ``behind`` (one tool, ``orchard``, with four actions) and ``silent``."""
    path = tmp_path / "catalog.db"
    monkeypatch.setenv("CATALOG_DATABASE_URL", str(path))
    behind = [entry("orchard", provenance=Provenance.LIVE), *map(action, ACTIONS)]
    judged = {
        "flat": FLAT,
        "behind": {"orchard": WIPES} | {f"orchard/{name}": verdict for name, verdict in ACTIONS.items()},
    }
    with Store.open(database_url(str(path))) as store:
        store.record(listed_observation([entry(name) for name in FLAT], server=server_ref(slug="flat")))
        store.record(listed_observation(behind, server=server_ref(slug="behind")))
        store.record(not_listed_observation(server=server_ref(slug="silent")))
        for slug, verdicts in judged.items():
            assert store.judge(store.present(slug), load_ruleset().version, verdicts)
