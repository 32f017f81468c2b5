"""From a row of a registry, in any generation of server.json, to the servers that it names."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model import Problem, ServerRef
from catalog.origin import Bundle, Image, Package, Remote
from catalog.sources.registry.entry import RegistryEntry, Withdrawn
from catalog.sources.registry.mapping import targets
from catalog.sources.registry.reading import read_row
from catalog.target import Target
from catalog_testing.registry_api import OFFICIAL, row

NPM = {"registryType": "npm", "identifier": "@grove/orchard", "version": "1.2.3", "transport": {"type": "stdio"}}
HASH = "ab" * 32


def entry(raw: Any) -> RegistryEntry:
    found = read_row(raw, "row")
    assert isinstance(found, RegistryEntry), found
    return found


def mapped(**server: Any) -> tuple[list[ServerRef], list[str]]:
    """Return the servers and the problems of an entry with these packages or remotes."""
    found = targets(entry(row("io.github.grove/orchard", **server)))
    servers = [one.server for one in found if isinstance(one, Target)]
    return servers, [f"{one.where}: {one.message}" for one in found if isinstance(one, Problem)]


def only(**package: Any) -> ServerRef:
    (server,), _ = mapped(packages=[{**NPM, **package}])
    return server


def test_an_entry_of_each_kind_becomes_a_server_of_each_kind() -> None:
    servers, problems = mapped(
        title="Orchard",
        repository={"url": "https://code.example/grove/orchard", "source": "code"},
        websiteUrl="https://grove.example",
        packages=[
            NPM,
            {"registryType": "pypi", "identifier": "orchard", "version": "1.0"},
            {"registryType": "oci", "identifier": "images.example/grove/orchard:1.0"},
            {"registryType": "mcpb", "identifier": "https://files.example/orchard.mcpb", "fileSha256": HASH.upper()},
            {"registryType": "nuget", "identifier": "Grove.Orchard", "version": "2.0.0-beta"},
            {"registryType": "cargo", "identifier": "orchard", "version": "0.1.0"},
        ],
        remotes=[
            {"type": "streamable-http", "url": "https://mcp.grove.example/mcp"},
            {"type": "sse", "url": "https://mcp.grove.example/sse"},
            {"type": "websocket", "url": "https://mcp.grove.example/ws"},
        ],
    )
    assert problems == []
    assert [server.origin for server in servers] == [
        Package(ecosystem="npm", name="@grove/orchard", version="1.2.3"),
        Package(ecosystem="pypi", name="orchard", version="1.0"),
        Image(reference="images.example/grove/orchard:1.0"),
        Bundle(location="https://files.example/orchard.mcpb", sha256=HASH),
        Package(ecosystem="nuget", name="Grove.Orchard", version="2.0.0-beta"),
        Package(ecosystem="cargo", name="orchard", version="0.1.0"),
        Remote(url="https://mcp.grove.example/mcp", transport="streamable-http"),
        Remote(url="https://mcp.grove.example/sse", transport="sse"),
        Remote(url="https://mcp.grove.example/ws", transport=None),
    ]
    first = servers[0]
    assert (first.title, first.publisher) == ("Orchard", "io.github.grove")
    assert (first.homepage, first.repository) == ("https://grove.example", "https://code.example/grove/orchard")
    assert not any(server.origin.typed for server in servers if isinstance(server.origin, Remote))


def test_the_servers_of_an_entry_have_names_that_stay_when_another_is_added() -> None:
    remotes = [{"type": "sse", "url": f"https://grove.example/{number}"} for number in range(2)]
    alone, _ = mapped(packages=[NPM])
    beside, _ = mapped(packages=[NPM], remotes=remotes)
    slugs = [server.slug for server in beside]
    assert slugs[0] == alone[0].slug
    assert [slug.rpartition(slugs[0].removesuffix("npm"))[2] for slug in slugs] == ["npm", "remote", "remote-2"]
    assert slugs[0].startswith("registry-io-github-grove--orchard-")


def test_the_first_generation_is_understood() -> None:
    raw = {
        "name": "io.github.grove/orchard",
        "description": "d",
        "status": "active",
        "version_detail": {"version": "1.0.2", "is_latest": True},
        "packages": [
            {
                "registry_type": "oci",
                "registry_base_url": "https://images.example",
                "identifier": "grove/orchard",
                "version": "1.0.2",
                "package_arguments": [{"type": "positional", "value_hint": "dir", "value": "/project"}],
                "environment_variables": [{"name": "ORCHARD_KEY", "is_required": True, "is_secret": True}],
            },
            {"registry_name": "npm", "name": "orchard", "version": "1.0.2"},
        ],
        "remotes": [{"transport_type": "sse", "url": "https://grove.example/sse"}],
        "_meta": {OFFICIAL: {"id": "x", "published_at": "2025-07-01T00:00:00Z", "is_latest": True}},
    }
    found = entry(raw)
    assert (found.version, found.published_at is not None) == ("1.0.2", True)
    servers = [one.server for one in targets(found) if isinstance(one, Target)]
    assert [server.origin for server in servers] == [
        Image(reference="images.example/grove/orchard:1.0.2"),
        Package(ecosystem="npm", name="orchard", version="1.0.2"),
        Remote(url="https://grove.example/sse", transport="sse"),
    ]
    assert (servers[0].environment, servers[0].arguments) == (("ORCHARD_KEY",), ("/project",))


@pytest.mark.parametrize(
    "raw",
    [
        {"name": "a/b", "version": "1", "status": "deleted"},
        {"name": "a/b", "version": "1", "_meta": {"status": "deleted"}},
        {"name": "a/b", "version": "1", "_meta": {OFFICIAL: {"status": "deleted"}}},
        {"server": {"name": "a/b", "version": "1"}, "_meta": {OFFICIAL: {"status": "deleted", "isLatest": False}}},
    ],
)
def test_a_status_is_found_where_each_generation_keeps_it(raw: Any) -> None:
    assert read_row(raw, "row") == Withdrawn(name="a/b", version="1", status="deleted")


@pytest.mark.parametrize(
    "raw",
    [
        {"name": "a/b", "version": "1", "_meta": {OFFICIAL: {"is_latest": False}}},
        {"name": "a/b", "version_detail": {"version": "1", "is_latest": False}},
        row("a/b", latest=False),
    ],
)
def test_a_version_that_was_replaced_is_nothing_to_look_at(raw: Any) -> None:
    assert read_row(raw, "row") is None


def test_only_variables_that_a_user_has_to_fill_in_are_wanted() -> None:
    variables = [
        {"name": "ORCHARD_TOKEN", "isRequired": True, "isSecret": True},
        {"name": "OPTIONAL_SECRET", "isSecret": True},
        {"name": "LOG_LEVEL", "default": "info", "isRequired": True},
        {"name": "MODE", "isRequired": True, "choices": ["a", "b"]},
        {"name": "FIXED", "isRequired": True, "value": "1"},
        {"name": "OPTIONAL"},
        {"name": "NOT A NAME", "isRequired": True},
        {"name": "EVIL=x", "isRequired": True},
        {"isRequired": True},
    ]
    assert only(environmentVariables=variables).environment == ("ORCHARD_TOKEN", "OPTIONAL_SECRET")


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ({"type": "positional", "value": "mcp"}, ("mcp",)),
        ({"type": "positional", "valueHint": "folder"}, ()),
        ({"type": "positional", "value": "{folder}"}, ()),
        ({"type": "positional", "default": "/srv"}, ()),
        ({"type": "positional", "default": "/srv", "isRequired": True}, ("/srv",)),
        ({"type": "named", "name": "--transport", "value": "stdio"}, ("--transport", "stdio")),
        ({"type": "named", "name": "--port"}, ()),
        ({"type": "named", "name": "--token", "default": "x", "isRequired": True, "isSecret": True}, ()),
        ({"type": "named", "name": "--stdio", "value": ""}, ("--stdio",)),
        ({"type": "named", "name": "--stdio", "value": "true", "format": "boolean"}, ("--stdio",)),
        ({"type": "named", "name": "--http", "value": "false", "format": "boolean"}, ()),
        ({"type": "named", "name": "--db", "value": "db={name}"}, ()),
        ({"type": "named", "value": "x"}, ()),
    ],
)
def test_only_arguments_that_stand_there_literally_are_taken(argument: Any, words: tuple[str, ...]) -> None:
    assert only(packageArguments=[argument]).arguments == words


def test_arguments_of_the_runtime_are_left_out_and_that_is_said() -> None:
    """``--network host`` is for docker, ``-y`` for npx: the server would take neither."""
    runtime = [{"type": "named", "name": "--network", "value": "host"}]
    (server,), problems = mapped(packages=[{**NPM, "runtimeArguments": runtime}])
    assert server.arguments == ()
    assert problems == [
        "row 'io.github.grove/orchard', packages[0]: its arguments for npx, uvx or docker were left out: "
        "the sandbox starts the package itself"
    ]


def test_what_is_worth_knowing_about_a_server_is_noted_and_it_is_kept() -> None:
    servers, problems = mapped(
        packages=[{**NPM, "transport": {"type": "streamable-http", "url": "http://localhost:{port}/mcp"}}],
        remotes=[{"type": "sse", "url": "https://a.example/", "headers": [{"name": "X-Key", "isSecret": True}]}],
    )
    assert len(servers) == 2
    assert "says to speak 'streamable-http'" in problems[0]
    assert "it wants the headers 'X-Key'" in problems[1]


@pytest.mark.parametrize(
    "package",
    [
        {"identifier": "--help"},
        {"identifier": "../x"},
        {"identifier": "x; rm -rf ~"},
        {"version": "^1.0"},
        {"version": "1.0\n--flag"},
        {"registryType": "pypi", "identifier": "-r/etc/passwd"},
        {"registryType": "cargo", "identifier": "--path=/"},
        {"registryType": "nuget", "identifier": "a", "version": "--x"},
        {"registryType": "oci", "identifier": "--privileged"},
        {"registryType": "oci", "identifier": "a b"},
        {"registryType": "oci", "identifier": "a", "version": "1 --privileged"},
        {"registryType": "mcpb", "identifier": "/etc/passwd"},
        {"registryType": "mcpb", "identifier": "http://files.example/x.mcpb"},
        {"registryType": "mcpb", "identifier": "https://files.example/{version}.mcpb"},
        {"registryType": "mcpb", "identifier": "https://files.example/x.mcpb", "fileSha256": "short"},
        {"registryType": "oci", "identifier": "a", "registryBaseUrl": "https://[x"},
        {"registryType": "oci", "identifier": "a", "registryBaseUrl": "https://-v"},
        {"registryType": "floppy"},
        {"identifier": ""},
        {"packageArguments": "none"},
    ],
)
def test_a_package_that_cannot_be_one_is_a_problem_and_costs_no_other(package: Any) -> None:
    servers, problems = mapped(packages=[{**NPM, **package}, NPM])
    assert [server.origin for server in servers] == [Package(ecosystem="npm", name="@grove/orchard", version="1.2.3")]
    assert [problem.partition(":")[0] for problem in problems] == ["row 'io.github.grove/orchard', packages[0]"]


@pytest.mark.parametrize(
    "url",
    [
        "https://{tenant}.grove.example/mcp",
        "{base}/mcp",
        "ftp://grove.example",
        "https://",
        "not an address",
        "https://[x",
    ],
)
def test_a_remote_that_is_no_address_is_a_problem(url: str) -> None:
    servers, problems = mapped(remotes=[{"type": "sse", "url": url}])
    assert servers == []
    assert repr(url) in problems[0]


def test_a_nul_in_an_argument_never_reaches_a_command_line() -> None:
    (server,), problems = mapped(packages=[{**NPM, "packageArguments": [{"type": "positional", "value": "a\0--bind"}]}])
    assert server.arguments == ()
    assert "packageArguments[0]" in problems[0]


def test_an_address_that_is_none_of_the_web_is_no_homepage() -> None:
    servers, _ = mapped(packages=[NPM], websiteUrl="javascript:alert(1)", repository={"url": "file:///etc/passwd"})
    assert (servers[0].homepage, servers[0].repository) == (None, None)


def test_an_entry_with_nothing_to_look_at_names_no_server() -> None:
    assert mapped() == ([], [])


TEXT = st.text(max_size=20) | st.sampled_from(
    ["npm", "pypi", "oci", "mcpb", "cargo", "named", "https://[x", "{a}", "orchard", "https://a.example/x"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


def shaped(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return objects with some of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


def mostly(*usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return usual values, and once in a while any."""
    return st.integers(0, 19).flatmap(lambda number: JSON if number == 19 else st.one_of(*usual))


KIND = st.sampled_from(["npm", "pypi", "oci", "mcpb", "nuget", "cargo", "x"])
INPUT = shaped(
    name=TEXT, type=TEXT, value=TEXT, default=TEXT, isRequired=st.booleans(), choices=st.lists(TEXT, max_size=1)
)
PACKAGE = st.fixed_dictionaries(
    {"registryType": KIND, "identifier": mostly(TEXT)},
    optional={
        "version": mostly(TEXT),
        "registryBaseUrl": mostly(TEXT),
        "fileSha256": mostly(TEXT),
        "transport": mostly(shaped(type=TEXT)),
        "environmentVariables": mostly(st.lists(mostly(INPUT), max_size=2)),
        "packageArguments": mostly(st.lists(mostly(INPUT), max_size=2)),
    },
)
REMOTE = st.fixed_dictionaries(
    {"url": TEXT}, optional={"type": mostly(TEXT), "headers": mostly(st.lists(INPUT, max_size=2))}
)
SERVERS = st.fixed_dictionaries(
    {"name": mostly(st.just("a.b/c")), "version": mostly(st.just("1"))},
    optional={
        "packages": mostly(st.lists(mostly(PACKAGE), max_size=3)),
        "remotes": mostly(st.lists(mostly(REMOTE), max_size=3)),
        "repository": mostly(shaped(url=mostly(TEXT))),
        "title": mostly(TEXT),
    },
)
ROWS = st.fixed_dictionaries({"server": SERVERS}, optional={"_meta": shaped(**{OFFICIAL: JSON, "status": TEXT})})


@given(row=mostly(ROWS, SERVERS))
def test_whatever_a_row_holds_it_becomes_servers_or_problems(row: Any) -> None:
    found = read_row(row, "row")
    if not isinstance(found, RegistryEntry):
        assert found is None or isinstance(found, Problem | Withdrawn)
        return
    slugs = [one.server.slug for one in targets(found) if isinstance(one, Target)]
    assert len(set(slugs)) == len(slugs)
