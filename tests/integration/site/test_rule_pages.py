"""Pages of the rules and of the attack patterns: what each is, and the tools it concerns."""

import pytest

from catalog.attacks import AttackPattern, load_attacks
from catalog.rules import load_ruleset
from catalog_testing.built import words
from catalog_testing.index import MemoryIndex, indexed_entry, indexed_server
from catalog_testing.listed import Listed, Settings, listed
from classifier.verdict import Level
from sitegen.places import attack_path, rule_path

RULES = load_ruleset().by_id
DELETES = rule_path("category/deletes")


def farm() -> MemoryIndex:
    """Return a server whose tools have evidence, and one that an older rule judged."""
    return MemoryIndex(
        (indexed_server(),),
        (
            indexed_entry("tree_fell", risk=Level.CRITICAL, rules=("category/deletes",), traits=("bulk-destroy",)),
            indexed_entry("crate_drop", risk=Level.HIGH, rules=("category/deletes",), traits=("bulk", "irreversible")),
            indexed_entry("crate_move", rules=("category/moves-on-wheels",), traits=("bulk",)),
            indexed_entry("crate_judge", rules=("override",)),
        ),
    )


@pytest.fixture(scope="module")
def site() -> Listed:
    return listed(farm(), Settings(rules=RULES))


def test_every_rule_has_a_page_also_one_that_fired_nowhere(site: Listed) -> None:
    assert {rule_path(rule) for rule in RULES} <= set(site.html)
    assert "It fired on no tool in this catalogue." in site.text(rule_path("trait/money"), "#tools")


def test_the_list_of_rules_leads_to_each_and_says_on_how_many_tools_it_fired(site: Listed) -> None:
    rows = {row.split()[0]: row for row in site.rows("rules/")}
    assert len(rows) == len(RULES) + 2
    assert rows["deletes"] == "deletes The tool's verb removes or destroys 2"
    links = {str(node.attributes["href"]) for node in site.nodes("rules/", "tbody a")}
    assert {f"{path.removeprefix('rules/')}index.html" for path in map(rule_path, RULES)} <= links


def test_a_rule_page_says_what_it_finds_why_and_what_follows(site: Listed) -> None:
    assert site.text(DELETES, ".says") == "The tool's verb removes or destroys."
    assert RULES["category/deletes"].why in site.text(DELETES, "#why")
    assert site.text(DELETES, "#says li") == "category Delete, by the verb's usual meaning"


def test_a_rule_page_shows_what_the_rule_looks_for_with_the_words_of_its_groups(site: Listed) -> None:
    assert site.text(DELETES, ".clauses li") == "the verb is $delete-verbs"
    groups = site.text(DELETES, "#finds details")
    assert groups.startswith("The words of $delete-verbs")
    assert "purge" in groups
    nested = [words(node) for node in site.nodes(rule_path("trait/secret-out"), ".clauses > li")]
    assert [each.split(" ", 1)[0] for each in nested] == ["one", "and"]
    assert site.nodes(rule_path("trait/secret-out"), ".clauses > li > ul > li > ul > li")


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_example_and_counterexample_of_a_rule_is_on_its_page(site: Listed, rule: str) -> None:
    path = rule_path(rule)
    assert len(site.nodes(path, "#examples li")) == len(RULES[rule].examples)
    assert len(site.nodes(path, "#counterexamples li")) == len(RULES[rule].counterexamples)


def test_an_example_shows_its_siblings_parameters_and_hidden_characters(site: Listed) -> None:
    assert "ticket_purge: “Purges closed tickets.” beside ticket_list, ticket_get" in site.text(DELETES, "#examples")
    hidden = site.text(rule_path("finding/hidden-characters"), "#examples")
    assert "⟦U+200B⟧" in hidden
    assert "with first" in hidden


def test_a_rule_page_lists_the_tools_on_which_it_fired_the_riskiest_first(site: Listed) -> None:
    assert [row.split()[0] for row in site.rows(DELETES)] == ["tree_fell", "crate_drop"]
    assert "It fired on 2 tools and actions here." in site.text(DELETES, "#tools")


def test_a_rule_that_fired_often_shows_the_hundred_riskiest_and_says_so() -> None:
    entries = [indexed_entry(f"drop_{number:03}", rules=("category/deletes",)) for number in range(130)]
    site = listed(MemoryIndex((indexed_server(),), entries), Settings(rules=RULES))
    assert len(site.rows(DELETES)) == 100
    assert "It fired on 130 tools and actions here; these are the 100 riskiest." in site.text(DELETES, "#tools")


@pytest.mark.parametrize(("rule", "tool"), [("category/moves-on-wheels", "crate_move"), ("override", "crate_judge")])
def test_a_name_that_is_no_rule_of_this_version_has_a_page_that_says_so(site: Listed, rule: str, tool: str) -> None:
    assert site.text(rule_path(rule), ".says").startswith("No rule of this version has this name")
    assert [row.split()[0] for row in site.rows(rule_path(rule))] == [tool]


def test_a_site_without_rules_says_so() -> None:
    site = listed(MemoryIndex())
    assert "This site was built without rules, and none has fired." in site.text("rules/")


def test_every_attack_pattern_has_a_page_that_the_list_leads_to(site: Listed) -> None:
    patterns = load_attacks()
    links = {str(node.attributes["href"]) for node in site.nodes("attacks/", "tbody a")}
    assert links == {f"{pattern.slug}/index.html" for pattern in patterns}
    assert {attack_path(pattern.slug) for pattern in patterns} <= set(site.html)


def test_an_attack_page_says_how_far_the_pattern_is_known_and_who_wrote_about_it(site: Listed) -> None:
    path = attack_path("mass-destruction")
    assert "Seen so far has happened" in " ".join(
        node.text(separator=" ") for node in site.nodes(path, ".inline > div")
    )
    references = [words(node) for node in site.nodes(path, "#references li")]
    assert (
        "AIID 1152: a coding agent deleted a production database (known to us from reports, not read at its source)"
        in (references)
    )
    assert site.nodes(path, '#references a[href="https://atlas.mitre.org/techniques/AML.T0101"]')


def test_an_attack_page_lists_tools_with_every_trait_of_one_set(site: Listed) -> None:
    path = attack_path("mass-destruction")
    assert [row.split()[0] for row in site.rows(path)] == ["tree_fell", "crate_drop"]
    access = site.text(path, "#traits")
    assert "can destroy data wholesale (bulk-destroy), or acts on many things in one call (bulk) and says" in access


@pytest.mark.parametrize("pattern", load_attacks(), ids=lambda pattern: str(pattern.slug))
def test_no_attack_page_calls_a_tool_vulnerable(site: Listed, pattern: AttackPattern) -> None:
    path = attack_path(pattern.slug)
    assert "vulnerab" not in site.text(path).lower()
    assert "the same kind of access" in site.text(path, "#tools h2")


def test_an_attack_page_without_a_tool_says_that_there_is_none(site: Listed) -> None:
    assert "No tool in this catalogue gives it." in site.text(attack_path("fraudulent-transaction"), "#tools")
