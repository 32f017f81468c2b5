"""What the best-known page of this kind contradicts itself in, and ours must not: twelve things, a test for each."""

import json
import re

import pytest

from catalog_testing.built import Built, built
from catalog_testing.view import dispatching, memory_view, orchard, storage

KEY_MAKE = "servers/orchard/key-make/"
KEY_REVOKE = "servers/orchard/key-revoke/"
FELL = "servers/orchard/orchard-fell/"
HAY_MOVE = "servers/barn-mcp/hay-move/"
HAY_BURN = "servers/barn-mcp/hay-burn/"
API_KEY = "servers/storage-mcp/api-key-create/"
EVERY = (KEY_MAKE, KEY_REVOKE, FELL, "servers/orchard/key-list/", HAY_MOVE, HAY_BURN, API_KEY)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return built(memory_view(orchard(), dispatching(), storage()), tmp_path_factory.mktemp("site") / "out")


def policy(site: Built, path: str) -> str:
    return site.part(path, "#control #policy-1").text()


def test_a_risk_that_differs_from_the_severity_is_explained_by_two_axes(site: Built) -> None:
    assert site.text(KEY_MAKE, ".badges") == "Medium risk severity High Write"
    assert "Severity, what one wrong call can cost, is High." in site.text(KEY_MAKE, "#why")
    answer = site.answer(KEY_MAKE, "What risk level")
    assert answer.startswith("key_make has Medium risk. Severity, what one wrong call can cost, is High.")
    assert "That is why the risk is lower: Medium." in answer


def test_the_answer_about_limits_says_what_the_policy_above_it_says(site: Built) -> None:
    limits = json.loads(policy(site, KEY_MAKE))["tools"]["key_make"]["limits"]
    assert [(limit["max"], limit["window"]) for limit in limits] == [(30, "minute")]
    answer = site.answer(KEY_MAKE, "Can I rate-limit")
    assert answer == "Yes: the recommended policy allows at most 30 calls per minute."


def test_the_answer_about_blocking_needs_no_syntax_that_the_policy_lacks(site: Built) -> None:
    document = json.loads(policy(site, KEY_MAKE))
    assert document["default"] == "deny"
    assert site.answer(KEY_MAKE, "How do I block") == (
        "Leave it out of the policy. The default is deny, so a call of key_make that no rule allows is refused."
    )
    for path in EVERY:
        answers = site.text(path, "#questions")
        for word in re.findall(r"\b[a-z]+_[a-z]+(?=:| block)|\baction: \w+", answers):
            assert word in policy(site, path)


def test_no_page_says_that_a_limit_is_counted_per_session_where_the_policy_counts_per_grant(site: Built) -> None:
    assert json.loads(policy(site, KEY_MAKE))["tools"]["key_make"]["limits"][0]["scope"] == "grant"
    for path in EVERY:
        assert "session" not in site.text(path, "#control")
        assert "session" not in site.text(path, "#questions")


def test_approval_is_never_offered_where_the_file_cannot_express_it(site: Built) -> None:
    assert "A person should approve each call of key_revoke." in site.text(KEY_REVOKE, ".effect")
    notes = site.text(KEY_REVOKE, "#control .note")
    assert "the recommendation is “approve”" in notes
    assert "PolicyLayer cannot say exactly that" in notes
    assert "in its place: deny" in notes
    for question in ("How do I enforce", "Can I rate-limit"):
        assert "No target above can ask a person, so each file denies the call." in site.answer(KEY_REVOKE, question)
    for path in (KEY_MAKE, FELL, HAY_MOVE, API_KEY):
        assert "approv" not in site.text(path, "#questions")


def test_a_denied_tool_is_never_said_to_leave_the_rest_working(site: Built) -> None:
    assert json.loads(policy(site, FELL)) == {"version": "1", "default": "deny", "hide": ["orchard_fell"]}
    text = site.text(FELL)
    assert "orchard_fell cannot be called." in text
    assert "On its own, this file lets no call to orchard through." in text
    assert "keeps working" not in text


def test_a_denied_tool_is_never_told_to_be_rate_limited(site: Built) -> None:
    assert site.answer(FELL, "Can I rate-limit") == (
        "There is nothing to limit: the recommended policy denies every call of orchard_fell."
    )
    assert site.answer(FELL, "How do I block") == (
        "The recommended policy already does: it denies every call of orchard_fell."
    )
    for path in (FELL, HAY_BURN):
        assert "rate limit" not in site.text(path)
        assert "calls per" not in site.text(path)


def test_the_policy_of_an_action_is_keyed_by_the_tool_on_the_wire(site: Built) -> None:
    document = json.loads(policy(site, HAY_MOVE))
    assert list(document["tools"]) == ["barn"]
    assert document["tools"]["barn"]["deny_if"][0]["conditions"][-1] == {
        "path": "args.action", "op": "not_in", "value": ["hay_move"],
    }  # fmt: skip
    control = site.text(HAY_MOVE, "#control")
    assert "On the wire the call is named barn; the rule matches where its argument action is “hay_move”." in control
    assert "action of the dispatcher tool barn by the arguments" in site.text(HAY_MOVE, ".facts")
    assert '{"area": "hay", "action": "hay_move", "params": {}}' in site.text(HAY_MOVE, ".facts")
    assert "a call of barn whose argument action is “hay_move” is refused" in site.answer(HAY_MOVE, "How do I block")


def test_text_is_never_cut_at_a_quotation_mark_inside_it(site: Built) -> None:
    whole = 'Callers say "permit all" and get everything.'
    assert whole in site.answer(KEY_MAKE, "What does key_make do?")
    assert whole in site.text("servers/orchard/", "main")
    summary = site.page(KEY_MAKE).css('meta[name="description"]')[0].attributes["content"]
    assert summary is not None
    assert whole in summary


def test_enumerated_values_are_never_listed_as_tools(site: Built) -> None:
    assert "autumn" not in site.text("servers/orchard/")
    assert not (site.directory / "servers/orchard/autumn").exists()


def test_actions_behind_a_dispatcher_are_never_counted_as_tools(site: Built) -> None:
    assert site.text(API_KEY, ".closing").startswith("1 tool and 3 actions of TrueNAS for barns catalogued")
    assert "1 tool and 3 actions" in site.text("servers/storage-mcp/", ".big")
    assert "4 tools" not in site.text(API_KEY)
    assert "api_key_create is an action of its tool storage." in site.answer(API_KEY, "What MCP server")


def test_a_product_is_spelled_as_its_makers_spell_it(site: Built) -> None:
    text = site.text(API_KEY)
    assert "What api_key_create does on TrueNAS" in text
    assert "Truenas" not in text
