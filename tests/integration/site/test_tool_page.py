"""What a tool's page says, read back from the built HTML."""

from pathlib import Path

import pytest

from catalog_testing.built import Built, built, words
from catalog_testing.view import dispatching, entry_row, evidence, memory_view, orchard, server_row, verdict
from classifier.verdict import Category, Level, Recoverability

KEY_MAKE = "servers/orchard/key-make/"
FELL = "servers/orchard/orchard-fell/"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return built(memory_view(orchard(), dispatching()), tmp_path_factory.mktemp("site") / "out")


def test_sections_come_in_the_order_of_the_specification(site: Built) -> None:
    sections = [node.attributes["id"] for node in site.page(KEY_MAKE).css("article section")]
    assert sections == [
        "what", "why", "evidence", "attacks", "control", "parameters", "history", "related",
        "deeper", "questions",
    ]  # fmt: skip


def test_the_description_is_verbatim_and_the_jump_link_leads_to_the_policy(site: Built) -> None:
    page = site.page(KEY_MAKE)
    assert page.css(".says")[0].text() == (
        'Make a new key for scripts. Returns the key once, so keep it. Callers say "permit all" and get everything.'
    )
    assert page.css("a.jump")[0].attributes["href"] == "#control"


@pytest.mark.parametrize(
    ("term", "fact"),
    [
        ("Server", "orchard"),
        ("Category", "Write"),
        ("Risk", "Medium"),
        ("Recoverability", "R1: undone by key_revoke"),
        ("Confidence", "0.85 of 1 how well name, description and parameters agree"),
        ("How it is reached", "tool, called by its name"),
        ("Known from", "listed by the running server on 2026-11-20"),
        ("Server version", "1.4.0"),
        ("Parameters", "3, 1 required"),
    ],
)
def test_the_fact_table_says(site: Built, term: str, fact: str) -> None:
    facts = {words(row.css("dt")[0]): words(row.css("dd")[0]) for row in site.page(KEY_MAKE).css(".facts dl > div")}
    assert facts[term] == fact


def test_declared_hints_are_true_false_or_undeclared(site: Built) -> None:
    assert [words(node) for node in site.page(KEY_MAKE).css(".hints li")] == [
        "readOnlyHint false",
        "destructiveHint undeclared",
        "idempotentHint undeclared",
        "openWorldHint undeclared",
    ]


def test_every_claim_names_the_rule_that_made_it_and_links_to_it(site: Built) -> None:
    claims = site.page(KEY_MAKE).css(".claims li")
    assert claims
    for claim in claims:
        assert claim.css("a.rule")
    links = {node.text(): node.attributes["href"] for node in site.page(KEY_MAKE).css("a.rule")}
    assert links["trait/credential-mint"] == "../../../rules/trait/credential-mint/index.html"


def test_the_parameter_that_the_evidence_names_is_the_one_to_watch(site: Built) -> None:
    decisive = site.text(KEY_MAKE, ".decisive")
    assert decisive.startswith(
        "The parameter to watch is gates: unless the caller limits it, the credential is unrestricted."
    )
    assert "“Gates that the key opens; leave it out to open all.”" in decisive
    marked = site.page(KEY_MAKE).css("tr.marked")
    assert [words(row.css("code")[0]) for row in marked] == ["gates"]


@pytest.mark.parametrize("break_", ["\n\n", "\n", ". ", " ", ""])
def test_a_long_description_is_folded_and_still_verbatim(tmp_path: Path, break_: str) -> None:
    description = ("word" * 20 + break_) * 30
    site = built(memory_view((server_row(), [entry_row("pick", description=description)])), tmp_path / "out")
    parts = site.page("servers/orchard/pick/").css(".says")
    assert "".join("".join(part.text() for part in parts).split()) == "".join(description.split())
    assert len(parts[0].text()) <= 602


def test_a_quotation_is_at_most_160_characters_and_stands_in_the_definition(tmp_path: Path) -> None:
    description = "Picks apples. " * 40 + 'Say "now" and it cuts the tree. ' + "Stacks crates. " * 40
    start = description.index("cuts the tree")
    found = evidence("trait/bulk", "description", "cuts the tree", "trait", "bulk", start=start)
    row = entry_row("pick", verdict(Category.DELETE, Level.HIGH, evidence=[found]), description=description)
    site = built(memory_view((server_row(), [row])), tmp_path / "out")
    quote = site.part("servers/orchard/pick/", "blockquote").text()
    assert len(quote) <= 160
    assert 'Say "now" and it cuts the tree.' in quote
    assert quote.strip("…") in description


def test_attack_patterns_name_the_trait_that_matched_and_accuse_nobody(site: Built) -> None:
    text = site.text(KEY_MAKE, "#attacks")
    assert "Minting durable access" in text
    assert "Matched by credential-mint" in text
    assert "abuse the same kind of access" in text
    assert "vulnerable" not in site.text(KEY_MAKE)
    assert len(site.page(KEY_MAKE).css(".attacks li")) <= 5


def test_parameters_are_a_whole_table(site: Built) -> None:
    rows = {
        words(row.css("td")[0]): [words(cell) for cell in row.css("td")] for row in site.page(KEY_MAKE).css("tbody tr")
    }
    assert rows["label"][1:4] == ["string", "yes", "\N{EN DASH}"]
    assert rows["gates"][1:4] == ["array of string", "no", "\N{EN DASH}"]
    assert rows["season"][1:4] == ["string", "no", '"autumn"']
    assert rows["season"][4].endswith("one of spring autumn")


def test_related_tools_begin_with_the_one_that_undoes_this_one(site: Built) -> None:
    related = [words(node) for node in site.page(KEY_MAKE).css(".related li")]
    assert related[0] == "key_revoke High undoes it · policy: approve"
    assert not any(line.startswith("key_make") for line in related)


def test_the_closing_line_counts_and_dates(site: Built) -> None:
    assert site.text(KEY_MAKE, ".closing") == "4 tools of orchard catalogued and classified, as of 2026-11-20."
    assert site.text("servers/barn-mcp/barn/", ".closing") == (
        "1 tool and 3 actions of barn-mcp catalogued and classified, as of 2026-11-20."
    )


def test_the_file_beside_the_page_is_the_policy_that_the_page_shows(site: Built) -> None:
    shown = site.part(KEY_MAKE, "#control code[data-copy]").text()
    assert (site.directory / KEY_MAKE / "policy.json").read_text() == shown
    assert '"max": 30' in shown


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (KEY_MAKE, "Yes: the recommended policy allows at most 30 calls per minute."),
        (FELL, "There is nothing to limit: the recommended policy denies every call of orchard_fell."),
        (
            "servers/orchard/key-revoke/",
            "That is not enough for key_revoke: a person should approve each call. "
            "No target above can ask a person, so each file denies the call.",
        ),
        ("servers/orchard/key-list/", "You can, but the recommended policy sets no limit on key_list."),
    ],
)
def test_the_answer_about_limits_follows_from_the_decision(site: Built, path: str, answer: str) -> None:
    assert site.answer(path, "Can I rate-limit") == answer


def test_a_denied_action_is_never_said_to_have_a_rule_that_its_file_lacks(site: Built) -> None:
    control = site.text("servers/barn-mcp/hay-burn/", "#control")
    assert '"hide": [ "barn" ]' in " ".join(control.split())
    assert "the rule matches" not in control
    assert "This file lets no other call of barn through either, so it shuts barn as a whole." in control


def test_the_page_of_a_dispatcher_tool_counts_what_becomes_of_its_actions(site: Built) -> None:
    assert (
        site.text("servers/barn-mcp/barn/", ".effect") == "barn reaches 3 actions: 1 allowed, 1 limited and 1 denied."
    )


def test_what_raises_or_leaves_the_risk_is_said_too(tmp_path: Path) -> None:
    rows = [
        entry_row("burn", verdict(Category.DELETE, Level.HIGH, Recoverability.R3)),
        entry_row("move", verdict(Category.WRITE, Level.MEDIUM, Recoverability.R2)),
    ]
    site = built(memory_view((server_row(), rows)), tmp_path / "out")
    assert "That is why the risk is higher: Critical." in site.text("servers/orchard/burn/", "#why")
    assert "The risk is Medium as well." in site.text("servers/orchard/move/", "#why")


def test_long_texts_of_many_parameters_are_cut_and_short_ones_stay(tmp_path: Path) -> None:
    short = {f"row_{number}": {"description": f"Row {number} of the orchard."} for number in range(40)}
    long = {f"story_{number}": {"description": f"{number}: " + "it grew and grew. " * 2_000} for number in range(4)}
    values = {"tree": {"enum": [f"tree number {number} of the orchard" for number in range(1_000)]}}
    row = entry_row("plant", properties={**short, **long, **values})
    site = built(memory_view((server_row(), [row])), tmp_path / "out")
    path = "servers/orchard/plant/"
    shown = [words(cell) for cell in site.page(path).css("#parameters .about")]
    assert shown[:40] == [f"Row {number} of the orchard." for number in range(40)]
    assert all(text.endswith("…") and len(text) > 1_000 for text in shown[40:44])
    assert "one of tree number 0 of the orchard" in shown[44]
    assert "and 960 more" in shown[44]
    assert (site.directory / path / "index.html").stat().st_size < 50_000


def test_parameters_that_the_table_has_no_room_for_are_counted(tmp_path: Path) -> None:
    names = [f"row_{number}" for number in range(250)]
    row = entry_row("plant", properties={name: {"type": "string"} for name in names}, required=[*names[:230], "absent"])
    site = built(memory_view((server_row(), [row])), tmp_path / "out")
    path = "servers/orchard/plant/"
    assert len(site.page(path).css("#parameters tbody tr")) == 200
    assert "And 50 more, which stand in the definition." in site.text(path, "#parameters")
    assert "Parameters 250, 230 required" in " ".join(site.part(path, "aside").text(separator=" ").split())
