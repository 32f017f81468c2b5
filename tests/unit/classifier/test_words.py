"""How names and descriptions are read."""

import pytest

from catalog.rules import load_ruleset
from classifier.classify import classify_server
from classifier.definition import Tool
from classifier.ruleset import Ruleset
from classifier.verdict import Category, Classification, Recoverability
from classifier.words import tokens


def judge(name: str, description: str = "", *siblings: str) -> Classification:
    tools = [Tool(name=name, description=description), *(Tool(name=sibling) for sibling in siblings)]
    return classify_server(load_ruleset(), tools)[0]


def test_a_glued_word_is_taken_apart_where_both_halves_are_known() -> None:
    verdict = judge("keychaincredential_delete", "", "keychaincredential_list")
    assert "revocation" in verdict.traits
    assert {one.text for one in verdict.evidence if one.value == "revocation"} == {"credential_delete"}


def test_the_head_of_a_glued_word_is_no_verb() -> None:
    assert judge("cloudsync_create", "", "cloudsync_list", "disk_get").category is Category.WRITE
    assert judge("cloudsync_list", "", "cloudsync_create", "disk_get").category is Category.READ


@pytest.mark.parametrize("name", ["list_zzzkeys", "list_keys", "monkey_list"])
def test_a_word_with_an_unknown_front_stays_whole(name: str) -> None:
    assert judge(name).category is Category.READ


def test_a_selector_that_each_branch_of_a_schema_states_anew_is_one_selector() -> None:
    branches = [{"properties": {"operation": {"const": one}}} for one in ("get-team", "delete-team")]
    tool = Tool(name="team_services", input_schema={"properties": {"chosen": {"anyOf": branches}}})
    verdict = classify_server(load_ruleset(), [tool])[0]
    assert verdict.category is Category.DELETE
    assert ("value:operation", "delete-team") in {(one.field, one.text) for one in verdict.evidence}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("getHTTPLog", ["get", "http", "log"]),
        ("list_open_orders", ["list", "open", "orders"]),
        ("files.delete-all", ["files", "delete", "all"]),
        ("mcp__github__createPR", ["mcp", "github", "create", "pr"]),
        ("OAuth2Provider", ["o", "auth2", "provider"]),
        ("Read File", ["read", "file"]),
        ("", []),
    ],
)
def test_a_name_is_split_into_words(name: str, words: list[str]) -> None:
    assert [token.word for token in tokens(name)] == words


def test_where_the_verb_stands_is_learned_from_the_server() -> None:
    siblings = ("disk_list", "disk_create", "pool_delete", "pool_get")
    assert judge("update_get", "", *siblings).category is Category.READ
    assert judge("pool_update", "", *siblings).category is Category.WRITE


@pytest.mark.parametrize(
    ("name", "description", "category"),
    [
        ("profile_update", "", Category.WRITE),
        ("sample_delete", "", Category.DELETE),
        ("can_delete", "", Category.READ),
        ("query_log", "", Category.READ),
        ("profile_update", "Get the profile after its last update.", Category.READ),
    ],
)
def test_a_name_that_ends_with_a_sure_verb_begins_with_a_noun(name: str, description: str, category: Category) -> None:
    assert judge(name, description).category is category


def test_a_verb_that_all_names_share_is_not_a_prefix() -> None:
    assert judge("delete_page", "", "delete_user", "delete_team", "delete_file").category is Category.DELETE


@pytest.mark.parametrize(
    "description",
    [
        "Looks at a volume. Does not delete anything.",
        "Looks at a volume without modifying it.",
        "Looks at a volume. Use volume_delete to remove it instead.",
        "Looks at a volume. Call this before you delete one.",
        "Looks at a volume (deleted ones too).",
    ],
)
def test_what_a_tool_does_not_do_does_not_count(description: str) -> None:
    assert judge("volume_thing", description, "volume_delete").category is Category.READ


def test_a_description_that_does_more_than_a_name_that_reads_raises_the_category() -> None:
    assert judge("check_inbox", "Deletes mails that are older than a year.").category is Category.DELETE


@pytest.mark.parametrize(
    ("name", "description", "category"),
    [
        ("find_stale", "Finds stale entries of a table and purges them.", Category.DELETE),
        ("classify_ticket", "Classify a ticket by its text, then assign it to a queue.", Category.WRITE),
        ("inspect_file", "Inspect a file and quickly quarantine it.", Category.WRITE),
        ("find_and_replace", "Find a text in a document.", Category.WRITE),
        ("observe", "Record an observation.", Category.WRITE),
        ("list_guides", "List guides that explain how to create and update the pages.", Category.READ),
        ("list_guides", "List guides to help you create a page and delete it again.", Category.READ),
        ("get_rates", "Get the read and write rates of a disk.", Category.READ),
        ("get_archive", "Get an archive and its record of orders.", Category.READ),
        ("page_request", "Returns the details of one request.", Category.READ),
        ("hybrid_search", "Perform a search by words and by meaning.", Category.READ),
        ("docs_find", "Given a name, finds its documentation.", Category.READ),
        ("write_page", "Write a page or completely overwrite the one that is there.", Category.WRITE),
    ],
)
def test_what_a_tool_does_as_well_counts_though_it_begins_by_reading(
    name: str, description: str, category: Category
) -> None:
    assert judge(name, description).category is category


def test_a_description_that_reads_does_not_lower_a_name_that_deletes() -> None:
    verdict = judge("delete_inbox", "Gets the inbox.")
    assert verdict.category is Category.DELETE
    assert verdict.confidence < judge("delete_inbox", "Deletes the inbox.").confidence


@pytest.mark.parametrize(
    ("description", "category"),
    [
        ("删除一个文件", Category.DELETE),
        ("获取文件列表", Category.READ),
        ("ファイルを削除します", Category.DELETE),
        ("파일을 삭제합니다", Category.DELETE),
        ("Elimina un archivo.", Category.DELETE),
        ("Supprime un fichier.", Category.DELETE),
        ("Löscht eine Datei.", Category.DELETE),
        ("Обновить запись", Category.WRITE),
        ("Envia uma mensagem.", Category.WRITE),
    ],
)
def test_other_languages_have_verbs_too(description: str, category: Category) -> None:
    assert judge("xq1", description).category is category


def test_full_width_and_invisible_characters_do_not_hide_a_verb() -> None:
    assert judge("xq1", "\uff24\uff25\uff2c\uff25\uff34\uff25\uff33 a file.").category is Category.DELETE
    verdict = judge("xq1", "De\u200bletes a file.")
    assert verdict.category is Category.DELETE
    assert verdict.findings == ("hidden-characters",)


def test_what_nobody_understands_is_a_write_to_be_looked_at() -> None:
    verdict = judge("zqx")
    assert (verdict.category, verdict.risk.label, verdict.confidence) == (Category.WRITE, "Medium", 0.4)


def test_an_inverse_must_act_on_the_same_noun() -> None:
    assert judge("create_note", "", "delete_note").inverse == "delete_note"
    assert judge("create_note", "", "delete_notes").inverse == "delete_notes"
    assert judge("create_note", "", "delete_user").recoverability is Recoverability.R2


def test_the_version_changes_with_the_text_of_the_rules_and_with_the_code_that_applies_them() -> None:
    from knowledge import documents

    texts = list(documents("rules"))
    version = Ruleset.parse(texts).version
    changed = [(path, text + "\n# a remark\n" if "reads" in path else text) for path, text in texts]
    assert Ruleset.parse(reversed(texts)).version == version
    assert Ruleset.parse(changed).version != version
    assert Ruleset.parse(texts, code="another program").version != version
