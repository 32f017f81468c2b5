"""``catalog classify`` and ``catalog explain`` through the real program."""

import json
from pathlib import Path

from catalog_testing.commandline import CommandLine, write_server

KEYS = (
    {"name": "key_create", "description": "Create an API key. It is shown once."},
    {"name": "key_delete", "description": "Delete an API key."},
)


def test_rows_of_one_server_are_judged_in_each_others_light(cli: CommandLine) -> None:
    rows = [{"id": "a", "server": "one", **KEYS[0]}, {"id": "b", "server": "two", **KEYS[0]}]
    rows.append({"id": "c", "server": "one", **KEYS[1]})
    done = cli.run("classify", "--jsonl", "-", stdin="\n".join(map(json.dumps, rows)))
    judged = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 0, done.err
    assert [(row["id"], row["server"], row["risk"], row["inverse"]) for row in judged] == [
        ("a", "one", "Medium", "key_delete"),
        ("b", "two", "High", None),
        ("c", "one", "High", None),
    ]
    assert {"name", "category", "severity", "recoverability", "confidence", "traits", "decision", "evidence"} <= set(
        judged[0]
    )
    for one in judged[0]["evidence"]:
        if one["field"] == "description":
            assert KEYS[0]["description"][one["start"] : one["end"]] == one["text"]


def test_a_row_that_is_no_tool_is_given_back_and_the_others_are_judged(cli: CommandLine) -> None:
    deep = '{"name": "deep", "inputSchema": ' + '{"properties": {"a": ' * 20_000 + "1" + "}}" * 20_000 + "}"
    rows = ['{"id": 1, "name": "list_letters"}', '{"id": 2, "title": "nameless"}', deep, '{"id": 4, "name": "purge"}']
    done = cli.run("classify", "--jsonl", "-", stdin="\n".join(rows))
    judged = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 1
    assert [(row["id"], row.get("category"), "error" in row) for row in judged] == [
        (1, "Read", False), (4, "Delete", False), (2, None, True), (None, None, True),
    ]  # fmt: skip
    assert "line 2" in done.err
    assert "the other 2 were judged" in done.err


def test_json_and_a_table_say_the_same(cli: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "tools.json"
    file.write_text(json.dumps({"tools": KEYS}), encoding="utf-8")
    (created, _) = json.loads(cli.run("classify", "--json", file).out)
    table = cli.run("classify", file).out.splitlines()
    assert (created["category"], created["decision"]) == ("Write", "limit")
    assert table[1].split()[:2] == ["key_create", "Write"]


def test_a_name_from_a_server_is_neither_markup_nor_an_escape_sequence(cli: CommandLine) -> None:
    tool = {"name": "[bold]list[/bold]\x1b[2J\u202e", "description": "List."}
    done = cli.run("classify", "-", stdin=json.dumps([tool]))
    assert "[bold]list[/bold]\\x1b[2J\\u202e" in done.out
    assert "\x1b" not in done.out


def test_a_file_that_is_none_is_one_clear_line(cli: CommandLine, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"tools": [', encoding="utf-8")
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")
    for file, told in ((tmp_path / "absent", "cannot read"), (broken, "line 1, column 12"), (binary, "UTF-8")):
        done = cli.run("classify", file)
        assert done.code == 1
        assert told in done.err
        assert len(done.err.splitlines()) == 1


def test_explain_quotes_the_words_that_decided(cli: CommandLine, tmp_path: Path) -> None:
    script = write_server(tmp_path / "project", [{**tool, "inputSchema": {"type": "object"}} for tool in KEYS])
    slug = json.loads(cli.run("sync", "--json", "--", "python3", script).out)[0]["server"]
    explained = json.loads(cli.run("explain", slug, "key_create", "--json").out)
    assert {"credential-mint", "secret-out"} <= set(explained["traits"])
    minted = next(one for one in explained["evidence"] if one["value"] == "credential-mint")
    assert (minted["rule"], minted["text"]) == ("trait/credential-mint", "create")
    assert minted["summary"]
    shown = cli.run("explain", slug, "key_create").out
    assert "trait/credential-mint" in shown
    assert "It is shown once." in shown
