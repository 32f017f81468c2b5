"""Addresses that come from data lead to the public internet or nowhere, whatever a name, a redirect or a port says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.facts import RemoteState
from catalog.model import Observation, Reason
from catalog_testing.certificates import Authority
from catalog_testing.remote_servers import (
    SMALL,
    Exchange,
    Names,
    Served,
    internet,
    look,
    refused,
    serving,
    tool_names,
)

# For the guard of these tests, 127.0.0.1 is the public internet, and 127.0.0.2 is this machine.
PUBLIC, PRIVATE = "127.0.0.1", "127.0.0.2"


def honest(exchange: Exchange) -> None:
    exchange.mcp("pick")


@pytest.fixture
def private() -> Iterator[Served]:
    """A server that nobody outside may reach."""
    with serving(honest, address=PRIVATE) as served:
        yield served


def is_refused(observation: Observation) -> bool:
    assert observation.remote is not None
    outcome = refused(observation)
    return (outcome.reason, observation.remote.state) == (Reason.UNREACHABLE, RemoteState.UNKNOWN)


def test_a_name_from_data_that_leads_into_this_machine_is_not_followed(private: Served) -> None:
    guard = internet({"inside.example": [[PRIVATE]]})
    observation = look(private.url(host="inside.example"), typed=False, guard=guard)
    assert is_refused(observation)
    assert (
        refused(observation).detail
        == f"'inside.example' leads to {PRIVATE}, which is no public address; nothing was sent"
    )
    assert private.requests == []


def test_one_private_address_among_public_ones_is_enough_to_refuse(private: Served) -> None:
    guard = internet({"mixed.example": [[PUBLIC, PRIVATE]]})
    assert is_refused(look(private.url(host="mixed.example"), typed=False, guard=guard))
    assert private.requests == []


@pytest.mark.parametrize("host", [PRIVATE, "169.254.169.254", "[::1]", "[::ffff:127.0.0.2]", "10.0.0.1"])
def test_a_private_address_from_data_is_not_connected_to(host: str, private: Served) -> None:
    assert is_refused(look(private.url(host=host), typed=False, guard=internet({})))
    assert private.requests == []


def test_the_same_address_typed_by_the_user_is_looked_at(private: Served) -> None:
    guard = internet({"inside.example": [[PRIVATE]]})
    assert tool_names(look(private.url(host="inside.example"), guard=guard)) == ["pick"]


def test_a_name_that_answers_differently_the_second_time_gains_nothing(private: Served) -> None:
    names = Names({"rebinding.example": [[PUBLIC], [PRIVATE]]})
    guard = internet({})
    guard = type(guard)(resolver=names, is_public=guard.is_public, tls=guard.tls)
    with serving(honest) as public:
        observation = look(public.url(host="rebinding.example"), typed=False, guard=guard)
    assert tool_names(observation) == ["pick"]
    assert names.asked == ["rebinding.example"]
    assert len(public.requests) == 3
    assert private.requests == []


def test_a_name_that_turns_private_between_two_tries_is_refused(private: Served) -> None:
    guard = internet({"rebinding.example": [[PUBLIC], [PRIVATE]]})

    def broken(exchange: Exchange) -> None:
        exchange.whole(b"", "text/plain", 502)

    with serving(broken) as public:
        observation = look(public.url(host="rebinding.example"), typed=False, guard=guard)
    assert "no public address" in refused(observation).detail
    assert len(public.requests) == 1
    assert private.requests == []


def test_where_one_address_of_a_name_does_not_answer_the_next_is_tried() -> None:
    guard = internet({"twice.example": [[PRIVATE, PUBLIC]]})
    with serving(honest) as server:
        assert tool_names(look(server.url(host="twice.example"), guard=guard)) == ["pick"]


@pytest.mark.parametrize("typed", [True, False])
def test_a_redirect_into_this_machine_is_not_followed(private: Served, typed: bool) -> None:
    guard = internet({"inside.example": [[PRIVATE]]})
    for host in ("inside.example", PRIVATE):
        with serving(lambda exchange, host=host: exchange.redirect(private.url(host=host))) as public:  # type: ignore[misc]  # one lambda a host
            observation = look(public.url(), typed=typed, guard=guard)
        assert is_refused(observation)
    assert private.requests == []


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/latest/",
        "http://127.0.0.1:6379/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://[::1",
    ],
)
def test_a_redirect_to_a_place_that_is_no_public_http_server_is_not_followed(location: str) -> None:
    with serving(lambda exchange: exchange.redirect(location)) as server:
        observation = look(server.url(), typed=False, guard=internet({}))
    assert refused(observation).reason in (Reason.UNREACHABLE, Reason.PROTOCOL_ERROR)
    assert observation.remote is not None
    assert observation.remote.state is RemoteState.UNKNOWN
    assert {one.path for one in server.requests} == {"/mcp"}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_on_the_same_server_is_followed_with_the_same_request(status: int) -> None:
    def behave(exchange: Exchange) -> None:
        if exchange.received.path == "/mcp":
            exchange.redirect("/v2/mcp", status)
        else:
            exchange.mcp("pick")

    with serving(behave, address=PRIVATE) as server:
        assert tool_names(look(server.url(host=PRIVATE))) == ["pick"]
    paths = [one.path for one in server.requests]
    assert paths == ["/mcp", "/v2/mcp", "/v2/mcp", "/v2/mcp"]


def test_a_redirect_to_another_public_server_is_followed() -> None:
    guard = internet({"old.example": [[PUBLIC]], "new.example": [[PUBLIC]]})
    with serving(honest) as new, serving(lambda exchange: exchange.redirect(new.url(host="new.example"))) as old:
        observation = look(old.url(host="old.example"), typed=False, guard=guard)
    assert tool_names(observation) == ["pick"]
    assert {one.headers["host"] for one in new.requests} == {f"new.example:{new.port}"}


def test_a_redirect_in_circles_ends() -> None:
    with serving(lambda exchange: exchange.redirect("/mcp")) as server:
        observation = look(server.url())
    assert refused(observation).detail == "more than 5 redirects"
    assert len(server.requests) == 6


def test_a_redirect_from_https_to_http_is_not_followed(tmp_path: Path) -> None:
    authority = Authority()
    guard = internet({"tools.example": [[PUBLIC]]}, tls=authority.client())
    tls = authority.server("tools.example").context(tmp_path)
    with (
        serving(honest) as plain,
        serving(lambda exchange: exchange.redirect(plain.url(host="tools.example") + "?key=s3cr3t"), tls=tls) as server,
    ):
        observation = look(server.url(host="tools.example", scheme="https"), typed=False, guard=guard)
    assert is_refused(observation)
    assert "a redirect from https to http" in refused(observation).detail
    assert "s3cr3t" not in refused(observation).detail
    assert plain.requests == []


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(honest) as proxy, serving(honest) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url(""))
        observation = look(server.url(host="tools.example"), typed=False, guard=internet({"tools.example": [[PUBLIC]]}))
    assert tool_names(observation) == ["pick"]
    assert proxy.requests == []


def test_a_port_of_another_service_is_refused_in_data_and_free_to_type() -> None:
    observation = look("http://127.0.0.1:22/mcp", typed=False, guard=internet({}))
    assert refused(observation).detail == "port 22 is not one of HTTP"
    typed = look("http://127.0.0.1:9/mcp", guard=internet({}), limits=SMALL)
    assert refused(typed).detail == "connection refused"
