"""``catalog rules`` through the real program."""

import json
from pathlib import Path

from catalog_testing.commandline import CommandLine

SINGS = """
id: trait/sings
status: stable
summary: Sings a song
why: Everybody around hears it.
match: {verb: [play], noun: [song]}
contributes: [{trait: song}]
examples: [{name: play_song}]
counterexamples: [{name: list_songs}]
"""


def folder_with(tmp_path: Path, text: str) -> Path:
    (tmp_path / "trait").mkdir(exist_ok=True)
    (tmp_path / "trait" / "sings.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_the_rules_that_say_something_are_listed(cli: CommandLine) -> None:
    listed = json.loads(cli.run("rules", "list", "--says", "credential-mint", "--json").out)
    assert "trait/credential-mint" in [rule["id"] for rule in listed]
    assert all("credential-mint" in json.dumps(rule["contributes"]) for rule in listed)


def test_a_rule_is_shown_with_how_its_examples_are_judged(cli: CommandLine) -> None:
    shown = json.loads(cli.run("rules", "show", "category/deletes", "--json").out)
    assert {(one["promised"], one["category"]) for one in shown["judged"]} == {(True, "Delete"), (False, "Read")}
    assert "What it looks for" in cli.run("rules", "show", "category/deletes").out


def test_a_misspelt_rule_is_told_the_nearest(cli: CommandLine) -> None:
    done = cli.run("rules", "show", "category/delete")
    assert done.code == 2
    assert "did you mean 'category/deletes'?" in done.err


def test_the_rules_that_ship_are_clean_and_keep_their_promises(cli: CommandLine) -> None:
    linted, tested = cli.run("rules", "lint"), cli.run("rules", "test")
    assert (linted.code, linted.out) == (0, "")
    assert (tested.code, tested.out) == (0, "")


def test_a_product_name_in_a_users_rule_is_refused_with_its_line(cli: CommandLine, tmp_path: Path) -> None:
    folder = folder_with(tmp_path, SINGS.replace("noun: [song]", "noun: [song, notion]"))
    done = cli.run("rules", "lint", folder, "--json")
    (finding,) = json.loads(done.out)
    assert done.code == 1
    assert (finding["check"], finding["path"], finding["line"]) == ("proper-name", "trait/sings.yaml", 6)


def test_a_users_rule_that_breaks_its_promise_is_named(cli: CommandLine, tmp_path: Path) -> None:
    folder = folder_with(tmp_path, SINGS.replace("{name: play_song}", "{name: play_game}"))
    done = cli.run("rules", "test", "--folder", folder, "trait/sings")
    assert done.code == 1
    assert "trait/sings: was to fire and did not" in done.out


def test_pages_about_rules_are_written_and_stale_ones_are_noticed(cli: CommandLine, tmp_path: Path) -> None:
    assert cli.run("rules", "docs", "--to", tmp_path).code == 0
    page = tmp_path / "rules" / "trait" / "code-exec.md"
    assert "## What it looks for" in page.read_text(encoding="utf-8")
    assert cli.run("rules", "docs", "--to", tmp_path, "--check").code == 0
    page.write_text("older", encoding="utf-8")
    (tmp_path / "rules" / "trait" / "gone.md").write_text("a rule that was", encoding="utf-8")
    stale = cli.run("rules", "docs", "--to", tmp_path, "--check")
    assert stale.code == 1
    assert "run catalog rules docs" in stale.err
    assert cli.run("rules", "docs", "--to", tmp_path).code == 0
    assert not (tmp_path / "rules" / "trait" / "gone.md").exists()
