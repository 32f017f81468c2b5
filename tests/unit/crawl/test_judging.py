"""Judging a server whose tools have actions: expanding a tool never lowers what it was judged."""

from catalog.crawl.judging import verdicts
from catalog.rules import load_ruleset
from catalog_testing.sessions import expanded, listed, tool
from classifier.definition import JsonObject
from classifier.verdict import Category

ACTION: JsonObject = {"action": {"type": "string", "enum": ["list", "get", "delete"]}}

READING: JsonObject = {"action": {"type": "string", "enum": ["list", "get", "search"]}}


def test_what_a_tool_says_of_its_deletions_holds_for_the_action_that_deletes() -> None:
    definition = tool(
        "manage_backup", ACTION, "Manage backups. Deleting is permanent and cannot be undone.", ["action"]
    )
    before = verdicts(listed(definition).entries, load_ruleset())["manage_backup"]
    found = verdicts(expanded(definition)[0].entries, load_ruleset())
    assert found["manage_backup/delete"].risk == found["manage_backup"].risk == before.risk
    assert found["manage_backup/delete"].recoverability == before.recoverability
    assert found["manage_backup/list"].category is Category.READ


def test_a_tool_whose_actions_all_read_reads() -> None:
    found = verdicts(expanded(tool("parcels", READING, "Look at parcels.", ["action"]))[0].entries, load_ruleset())
    assert {verdict.category for verdict in found.values()} == {Category.READ}
    assert len(found) == 4
