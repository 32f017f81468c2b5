"""Servers that let in only who has a credential: what they say about getting one, and where the user's own goes."""

import json
import logging
from typing import Any

import pytest

from catalog.facts import RemoteFacts, RemoteState
from catalog.model import Observation, Reason
from catalog_testing.remote_servers import INITIALIZED, Exchange, internet, listed, look, refused, serving, tool_names

SECRET = "s3cr3t-t0ken-value"
HEADERS = {"Authorization": f"Bearer {SECRET}", "X-Api-Key": "k3y-of-the-user"}


def facts(observation: Observation) -> RemoteFacts:
    assert observation.remote is not None
    return observation.remote


def gated(metadata: object = None, *, challenge: str = "", status: int = 401) -> Any:
    """Return a server that refuses everybody and publishes ``metadata``; PORT in a challenge is its port."""

    def behave(exchange: Exchange) -> None:
        if exchange.received.path.startswith(("/.well-known/", "/about")):
            if metadata is None:
                exchange.whole(b"", "text/plain", 404)
            else:
                exchange.json(metadata)
            return
        headers = {"WWW-Authenticate": challenge.replace("PORT", str(exchange.served.port))} if challenge else {}
        exchange.whole(b"who are you?", "text/plain", status, **headers)

    return behave


METADATA = {
    "resource": "http://127.0.0.1/mcp",
    "authorization_servers": ["https://login.example"],
    "scopes_supported": ["tools.read", "tools.call"],
}


def test_a_gated_server_says_who_issues_tokens_and_for_which_scopes() -> None:
    challenge = 'Bearer realm="x, y", resource_metadata="http://127.0.0.1:PORT/about", error="invalid_token"'
    with serving(gated(METADATA, challenge=challenge)) as server:
        observation = look(server.url())
    assert refused(observation).reason is Reason.GATED
    assert facts(observation) == RemoteFacts(
        state=RemoteState.GATED,
        authorization_servers=("https://login.example",),
        scopes=("tools.read", "tools.call"),
        resource_metadata=server.url("/about"),
    )
    assert "--header 'Authorization: Bearer TOKEN'" in refused(observation).hint
    assert "tokens come from https://login.example; scopes tools.read, tools.call" in refused(observation).hint
    assert [rung.name for rung in observation.rungs] == ["streamable-http", "auth"]


def test_the_scope_of_the_challenge_counts_more_than_all_that_there_are() -> None:
    challenge = 'Basic realm="a", Bearer scope="tools.read", resource_metadata=http://127.0.0.1:PORT/about'
    with serving(gated(METADATA, challenge=challenge)) as server:
        assert facts(look(server.url())).scopes == ("tools.read",)


def test_metadata_that_no_challenge_names_is_found_where_the_standard_says() -> None:
    with serving(gated(METADATA)) as server:
        observation = look(server.url())
    assert facts(observation).resource_metadata == server.url("/.well-known/oauth-protected-resource/mcp")
    assert facts(observation).authorization_servers == ("https://login.example",)


@pytest.mark.parametrize("status", [401, 403])
def test_a_gated_server_without_metadata_is_gated_all_the_same(status: int) -> None:
    with serving(gated(status=status)) as server:
        observation = look(server.url())
    assert (refused(observation).reason, facts(observation)) == (Reason.GATED, RemoteFacts(state=RemoteState.GATED))
    assert [one.path for one in server.requests][1:] == [
        "/.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-protected-resource",
    ]


def test_a_server_that_shows_its_list_to_nobody_after_the_handshake_is_gated() -> None:
    def behave(exchange: Exchange) -> None:
        if exchange.received.message.get("method") == "tools/list":
            exchange.whole(b"", "text/plain", 403)
        else:
            exchange.mcp()

    with serving(behave) as server:
        observation = look(server.url())
    assert (refused(observation).reason, facts(observation).state) == (Reason.GATED, RemoteState.GATED)


def test_an_older_server_that_is_gated_is_gated() -> None:
    def behave(exchange: Exchange) -> None:
        exchange.whole(b"", "text/plain", 401 if exchange.received.method == "GET" else 405)

    with serving(behave) as server:
        observation = look(server.url("/sse"))
    assert (refused(observation).reason, facts(observation).state) == (Reason.GATED, RemoteState.GATED)


@pytest.mark.parametrize(
    "metadata",
    [[], "text", {}, {"resource": "r", "authorization_servers": "https://login.example", "scopes_supported": {"a": 1}}],
)
def test_metadata_of_another_shape_is_none(metadata: object) -> None:
    with serving(gated(metadata)) as server:
        observation = look(server.url())
    assert facts(observation).authorization_servers == ()
    assert facts(observation).scopes == ()


def test_metadata_is_bounded_and_cleaned() -> None:
    hostile = {
        "resource": "r",
        "authorization_servers": ["javascript:alert(1)", 7, "https://login.example/\x1b[31m\u202e", *["https://x"] * 9]
        + [f"https://{number}.example" for number in range(100)],
        "scopes_supported": ["a" * 10_000, *(f"scope-{number}" for number in range(1_000))],
    }
    with serving(gated(hostile)) as server:
        found = facts(look(server.url()))
    assert found.authorization_servers[:3] == (
        r"https://login.example/\x1b[31m\u202e",
        "https://x",
        "https://0.example",
    )
    assert len(found.authorization_servers) == 10
    assert len(found.scopes) == 100
    assert max(map(len, found.scopes)) == 500


def test_metadata_that_is_too_large_is_not_read_to_its_end() -> None:
    with serving(gated({**METADATA, "padding": "x" * 200_000})) as server:
        assert facts(look(server.url())) == RemoteFacts(state=RemoteState.GATED)


def test_metadata_is_never_fetched_from_inside() -> None:
    with serving(gated(METADATA), address="127.0.0.2") as private:
        there = private.url("/about", host="127.0.0.2")
        with serving(gated(challenge=f'Bearer resource_metadata="{there}"')) as server:
            observation = look(server.url(), typed=False, guard=internet({}))
    assert refused(observation).reason is Reason.GATED
    assert facts(observation) == RemoteFacts(state=RemoteState.GATED, resource_metadata=there)
    assert private.requests == []


def test_metadata_at_a_place_that_is_not_on_the_web_is_looked_for_where_the_standard_says() -> None:
    with serving(gated(METADATA, challenge='Bearer resource_metadata="file:///etc/passwd"')) as server:
        observation = look(server.url())
    assert facts(observation).resource_metadata == server.url("/.well-known/oauth-protected-resource/mcp")


@pytest.mark.parametrize("challenge", ["Bearer", "Bearer =", 'Bearer a="b', "," * 5000, 'Bearer scope="' + "a " * 9000])
def test_a_challenge_that_makes_no_sense_is_gated(challenge: str) -> None:
    with serving(gated(challenge=challenge)) as server:
        observation = look(server.url())
    assert facts(observation).state is RemoteState.GATED


# The user's own headers


def checks(exchange: Exchange) -> None:
    """Let in who sends the user's headers, and repeat them wherever one can."""
    sent = exchange.received.headers
    method = exchange.received.message.get("method")
    if sent.get("authorization") != HEADERS["Authorization"]:
        exchange.whole(b"", "text/plain", 401)
    elif method == "tools/list":
        tool = {"name": "echo", "description": f"You are {SECRET} with {sent['x-api-key']}", "inputSchema": {}}
        exchange.json(exchange.answer({"tools": [tool, {"name": SECRET, "inputSchema": []}]}))
    else:
        exchange.mcp()


def test_with_the_users_headers_a_gated_server_is_listed_and_known_as_gated() -> None:
    with serving(checks) as server:
        observation = look(server.url(), headers=HEADERS)
    assert tool_names(observation) == ["echo"]
    assert facts(observation).state is RemoteState.GATED
    assert [rung.name for rung in observation.rungs] == ["streamable-http", "auth", "auth"]


def test_an_open_server_stays_known_as_open_when_headers_are_sent() -> None:
    with serving(lambda exchange: exchange.mcp("pick")) as server:
        observation = look(server.url(), headers=HEADERS)
    assert facts(observation).state is RemoteState.OPEN
    sent = ["authorization" in one.headers for one in server.requests]
    assert sent == [True, True, True, False, False, False]


def test_values_of_the_users_headers_are_in_nothing_that_is_kept() -> None:
    with serving(checks) as server:
        observation = look(server.url(), headers=HEADERS)
    assert "You are *** with ***" in repr(listed(observation))
    for secret in (SECRET, HEADERS["X-Api-Key"]):
        assert secret not in repr(observation)


def test_a_refusal_that_repeats_the_users_headers_is_kept_without_them() -> None:
    def behave(exchange: Exchange) -> None:
        if exchange.received.path == "/about":
            exchange.json(
                {"resource": "r", "scopes_supported": [SECRET], "authorization_servers": [f"https://{SECRET}"]}
            )
            return
        there = f'Bearer resource_metadata="{exchange.served.url("/about")}?{SECRET}", scope="{SECRET}"'
        exchange.whole(b"", "text/plain", 401, WWW_Authenticate=there)

    def refuses(exchange: Exchange) -> None:
        error = {"code": -1, "message": json.dumps(exchange.received.headers)}
        exchange.json({"jsonrpc": "2.0", "id": 1, "error": error})

    def elsewhere(exchange: Exchange) -> None:
        exchange.whole(b"", SECRET, 200)

    for behaviour in (behave, refuses, elsewhere):
        with serving(behaviour) as server:
            observation = look(server.url(), headers=HEADERS)
        assert SECRET not in repr(observation)
        assert HEADERS["X-Api-Key"] not in repr(observation)


def test_one_cookie_of_several_is_a_secret_of_its_own() -> None:
    def behave(exchange: Exchange) -> None:
        name = exchange.received.headers["cookie"].partition("session=")[2]
        exchange.json({"jsonrpc": "2.0", "id": 1, "error": {"code": -1, "message": f"no such session: {name}"}})

    with serving(behave) as server:
        observation = look(server.url(), headers={"Cookie": f"theme=dark; session={SECRET}"})
    assert "no such session: ***" in refused(observation).detail


def test_keys_in_the_query_are_sent_and_in_no_detail() -> None:
    def behave(exchange: Exchange) -> None:
        error = {"code": -1, "message": exchange.received.path}
        exchange.json({"jsonrpc": "2.0", "id": 1, "error": error})

    with serving(behave) as server:
        observation = look(server.url(f"/mcp?api_key=abcd1234&mode=http&x={SECRET}"))
    assert server.requests[0].path.endswith(SECRET)
    assert "/mcp?api_key=***&mode=http&x=***" in refused(observation).detail


def test_the_users_headers_and_the_session_do_not_follow_a_redirect_to_another_origin() -> None:
    guard = internet({"other.example": [["127.0.0.1"]]})
    with (
        serving(lambda exchange: exchange.mcp("pick")) as other,
        serving(lambda exchange: exchange.redirect(other.url(host="other.example"))) as server,
    ):
        observation = look(server.url(), headers=HEADERS, guard=guard)
    assert tool_names(observation) == ["pick"]
    assert server.requests[0].headers["authorization"] == HEADERS["Authorization"]
    assert len(other.requests) >= 3
    for one in other.requests:
        assert {"authorization", "x-api-key", "mcp-session-id"}.isdisjoint(one.headers)


def test_the_session_does_not_follow_a_later_redirect_to_another_origin() -> None:
    guard = internet({"other.example": [["127.0.0.1"]]})
    with serving(lambda exchange: exchange.mcp("pick")) as other:

        def behave(exchange: Exchange) -> None:
            if exchange.received.message.get("method") == "tools/list":
                exchange.redirect(other.url(host="other.example"))
            elif exchange.received.message.get("method") == "initialize":
                exchange.json(exchange.answer(INITIALIZED), Mcp_Session_Id="s-17")
            else:
                exchange.mcp()

        with serving(behave) as server:
            observation = look(server.url(), guard=guard)
    assert tool_names(observation) == ["pick"]
    assert ["mcp-session-id" in one.headers for one in other.requests] == [False]
    assert other.requests[0].headers["mcp-protocol-version"] == "2025-11-25"
    assert server.requests[-1].method == "DELETE"


def test_the_users_headers_are_not_sent_for_metadata() -> None:
    with serving(gated(METADATA)) as server:
        look(server.url(), headers=HEADERS)
    asked = {one.path: "authorization" in one.headers for one in server.requests}
    assert asked == {"/mcp": True, "/.well-known/oauth-protected-resource/mcp": False}


@pytest.mark.parametrize("value", [f"{SECRET}\r\nX-Other: 1", f"{SECRET}\x00", f"Bearer {SECRET}ü"])
def test_a_header_that_http_does_not_allow_is_never_quoted(value: str) -> None:
    with serving(lambda exchange: exchange.mcp("pick")) as server:
        observation = look(server.url(), headers={"X-Key": value})
    assert SECRET not in repr(observation)
    assert all("x-other" not in one.headers for one in server.requests)


def test_the_log_holds_neither_headers_nor_the_query(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), serving(lambda exchange: exchange.mcp("pick")) as server:
        look(server.url(f"/mcp?x={SECRET}"), headers=HEADERS)
    for secret in (SECRET, HEADERS["X-Api-Key"]):
        assert secret not in caplog.text
