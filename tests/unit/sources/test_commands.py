"""Servers that a command line starts."""

from pathlib import Path

import pytest

from catalog.errors import UsageError
from catalog.origin import Command
from catalog.sources.commands import command_server


def test_a_command_without_words_says_what_to_write() -> None:
    with pytest.raises(UsageError, match="catalog sync -- COMMAND"):
        command_server(())


def test_the_same_file_named_in_two_ways_is_the_same_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "server.py").touch()
    monkeypatch.chdir(tmp_path)
    assert command_server(("python3", "./server.py")) == command_server(("python3", str(tmp_path / "server.py")))


@pytest.mark.parametrize(
    ("argv", "public"),
    [
        (("python3", "/home/ann/work/server.py"), "python3 server.py"),
        (("/home/ann/bin/serve",), "serve"),
        (("node", "/srv/app/index.js", "--token=s3cr3t", "s3cr3t"), "node index.js …"),
        (("python3", "-m", "orchard"), "python3 orchard …"),
        (("./serve", "--api-key", "s3cr3t"), "serve …"),
    ],
)
def test_what_is_published_of_a_command_names_no_folder_and_no_option(argv: tuple[str, ...], public: str) -> None:
    assert Command(argv=argv).public == public
