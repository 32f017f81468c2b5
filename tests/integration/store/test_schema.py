"""Opening a database: created, upgraded, refused; and the migrations agree with the tables."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from catalog.errors import StoreError
from catalog.origin import Command, Package
from catalog.store.repository import Store
from catalog.store.schema import MIGRATIONS, REVISION, VERSION_TABLE
from catalog.store.tables import Row
from catalog.view import Effect
from catalog_testing.database import execute, rows
from catalog_testing.samples import classification, entry, listed_observation
from classifier.verdict import Category, Level


def test_the_migrations_make_exactly_the_tables_that_the_program_uses(store: Store, database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        differences = compare_metadata(context, Row.metadata)
    engine.dispose()

    assert differences == []


def test_a_revision_that_the_program_does_not_expect_is_noticed_by_the_comparison(database_url: str) -> None:
    Store.open(database_url).close()
    execute(database_url, "DROP INDEX ix_presence_definition", "ALTER TABLE server ADD COLUMN colour TEXT")
    engine = create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        differences = compare_metadata(context, Row.metadata)
    engine.dispose()

    assert {difference[0] for difference in differences} == {"add_index", "remove_column"}


def test_the_revision_that_is_compared_on_opening_is_the_newest() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]


def test_an_older_database_is_upgraded_and_keeps_its_facts(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS))
        command.upgrade(config, "0001")
    engine.dispose()
    server = "INSERT INTO server (id, slug, title, environment, arguments, entries_as_of, "
    execute(
        database_url,
        server + "ecosystem, package, package_version) VALUES (1, 'orchard', 'O', '[]', '[]', 1, 'npm', '@f/o', '1.2')",
        server + """command) VALUES (2, 'local', 'L', '[]', '[]', NULL, '["run","\\ud83d"]')""",
        """INSERT INTO definition (hash, body) VALUES ('d', '{"name":"count_apples"}')""",
        *(
            "INSERT INTO observation (id, server_id, started_at, finished_at, outcome, detail, hint, sandbox,"
            " server_name, server_version, protocol_version, rungs, problems) VALUES"
            f" ({n}, {n}, '2026-01-01 00:00:00', '2026-01-01 00:00:01', 'listed', '', '', '', '', '', '', '[]', '[]')"
            for n in (1, 2)
        ),
        "INSERT INTO presence (id, server_id, key, key_hash, definition, provenance, opened_by, last_seen)"
        " VALUES (1, 1, 'count_apples', 'k', 'd', 'live', 1, 1)",
    )

    with Store.open(database_url) as store:
        assert store.unjudged("1") == ["orchard"]
        assert [found.key for found in store.present("orchard").entries] == ["count_apples"]
        assert [server.origin for server in store.servers()] == [
            Command(argv=("run", "\ud83d")),
            Package(ecosystem="npm", name="@f/o", version="1.2"),
        ]

    assert rows(database_url, f"SELECT version_num FROM {VERSION_TABLE}") == [(REVISION,)]


def test_an_older_judgement_counts_as_the_first(database_url: str) -> None:
    with Store.open(database_url) as store:
        store.record(listed_observation([entry("count_apples")]))
        judged = store.present("orchard")
        assert store.judge(judged, "1", {"count_apples": classification(Category.DELETE)})
    execute(
        database_url,
        *(f"ALTER TABLE judgement DROP COLUMN first_{name}" for name in ("ruleset", "category", "risk")),
        *(f"ALTER TABLE server DROP COLUMN {name}" for name in ("judged_by", "judgings")),
        f"UPDATE {VERSION_TABLE} SET version_num = '0003'",
    )

    with Store.open(database_url) as store:
        store.record(listed_observation([entry("count_apples", description="Counts pears.")], day=1))
        judged = store.present("orchard")
        assert store.judge(judged, "1", {"count_apples": classification(Category.READ)})

        (change,) = store.history("orchard")
        assert (change.effect, change.risk_before) == (Effect.RISK_LOWERED, Level.CRITICAL)


def test_a_newer_database_is_refused_and_left_alone(database_url: str) -> None:
    Store.open(database_url).close()
    execute(database_url, f"UPDATE {VERSION_TABLE} SET version_num = '0999'")

    with pytest.raises(StoreError, match=r"'0999'.*newer than.*upgrade catalog.*--db"):
        Store.open(database_url)

    assert rows(database_url, f"SELECT version_num FROM {VERSION_TABLE}") == [("0999",)]


def test_a_database_of_another_program_is_refused_and_left_alone(database_url: str) -> None:
    execute(database_url, "CREATE TABLE server (colour TEXT)")

    with pytest.raises(StoreError, match=r"another program, such as 'server'.*--db"):
        Store.open(database_url)

    assert rows(database_url, "SELECT * FROM server") == []


def test_an_sqlite_file_with_any_other_table_is_refused_without_a_change(tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    execute(f"sqlite:///{file}", "CREATE TABLE notes (body TEXT)")
    before = file.read_bytes()

    with pytest.raises(StoreError, match="'notes'"):
        Store.open(f"sqlite:///{file}")

    assert file.read_bytes() == before


@pytest.mark.parametrize("prepared", [True, False])
def test_only_a_database_that_needs_migrating_loads_alembic(tmp_path: Path, prepared: bool) -> None:
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    if prepared:
        Store.open(url).close()
    program = (
        "import sys; from catalog.store.repository import Store; "
        f"Store.open({url!r}).close(); print('alembic' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == str(not prepared)
