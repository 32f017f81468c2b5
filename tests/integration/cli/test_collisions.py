"""``catalog collisions`` shows names that servers share, or seem to."""

import json
from pathlib import Path

from catalog_testing.commandline import CommandLine, write_server


def test_shared_and_disguised_names_are_shown_with_their_servers(cli: CommandLine, tmp_path: Path) -> None:
    for server, names in {"one": ("read_file", "ping"), "two": ("read_file", "re\u0430d_file")}.items():
        (tmp_path / server).mkdir()
        command = write_server(tmp_path / server / f"{server}.py", tuple({"name": name} for name in names))
        assert cli.run("sync", "--", "python3", command).code == 0
    found = json.loads(cli.run("collisions", "--json").out)
    assert [one["kind"] for one in found] == ["same-name", "confusable-name"]
    assert len(found[0]["uses"][0]["servers"]) == 2
    (first, _) = found[0]["uses"][0]["servers"]
    assert json.loads(cli.run("collisions", first, "--json").out) == found
    table = cli.run("collisions").out
    assert "confusable-name" in table
    assert cli.run("collisions", "no-such-server").code == 2
