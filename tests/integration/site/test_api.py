"""The files of /api/v1/: complete, findable from their index, and exactly as their published schemas say."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from catalog.facts import Finding, FindingKind, PackageFacts, RemoteFacts, RemoteState
from catalog.model import Problem, Reason, Rung
from catalog.view import ChangeKind, ChangeRow, Effect
from catalog_testing.built import Built, built
from catalog_testing.index import MemoryIndex, indexed_server
from catalog_testing.view import (
    LOOKED_AT,
    MemoryView,
    dispatching,
    entry_row,
    memory_view,
    observation_row,
    orchard,
    server_row,
    verdict,
)
from classifier.verdict import Category, Level, Recoverability
from sitegen.api import SHARDS, catalogue_files
from sitegen.documents.schemas import DOCUMENTS

KINDS = {
    "api/v1/index.json": "index",
    "api/v1/servers.json": "servers",
    "api/v1/servers/*.json": "server",
    "api/v1/policies/*.json": "policies",
    "api/v1/changes.json": "changes",
    "servers/*/page.json": "server-page",
    "servers/*/*/page.json": "tool-page",
}


def view() -> MemoryView:
    """Return servers that have every kind of fact, and one that writes whatever it likes."""
    known = observation_row()
    known = replace(
        known,
        rungs=(Rung(name="run", result="failed", seconds=1.0), Rung(name="placeholders", result="ok", seconds=1.0)),
        problems=(Problem(where="tools[3]", message="has no name"),),
        findings=(Finding(kind=FindingKind.NETWORK_ATTEMPT, detail="connect 192.0.2.1:80", rung="run"),),
        package=PackageFacts(purl="pkg:npm/orchard@1", version="1", released_at=LOOKED_AT, licence="MIT"),
        remote=RemoteFacts(state=RemoteState.GATED, authorization_servers=("https://farm.example",), scopes=("pick",)),
    )
    server, entries = orchard()
    change = ChangeRow(
        server="orchard",
        key="key_make",
        at=LOOKED_AT,
        kind=ChangeKind.CHANGED,
        effect=Effect.RISK_RAISED,
        before=entries[0].definition,
        after=entries[0].definition,
        category=Category.WRITE,
        risk=Level.HIGH,
        risk_before=Level.LOW,
    )
    hostile = entry_row("<b>\u202e", verdict(Category.DELETE, Level.HIGH, Recoverability.R2), description="\ud800")
    everything = memory_view(
        (replace(server, latest=known, listing=known), entries),
        dispatching(),
        (server_row("gone", reason=Reason.CRASHED), []),
        (server_row("wild", title="</script>"), [hostile]),
    )
    return replace(everything, changes={"orchard": [change]})


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return built(view(), tmp_path_factory.mktemp("site") / "out")


def document(site: Built, path: str) -> dict[str, object]:
    read: dict[str, object] = json.loads((site.directory / path).read_bytes())
    return read


def validator(site: Built, kind: str) -> Draft202012Validator:
    return Draft202012Validator(document(site, f"api/v1/schemas/{kind}.json"))


def tools(site: Built) -> Mapping[str, list[dict[str, object]]]:
    return {
        path.name: [json.loads(line) for line in path.read_bytes().splitlines()]
        for path in sorted(site.directory.glob("api/v1/tools/*.ndjson"))
    }


@pytest.mark.parametrize(("pattern", "kind"), KINDS.items())
def test_every_document_is_as_its_published_schema_says(site: Built, pattern: str, kind: str) -> None:
    paths = list(site.directory.glob(pattern))
    assert paths
    for path in paths:
        validator(site, kind).validate(json.loads(path.read_bytes()))


def test_every_line_of_the_dump_is_as_its_published_schema_says(site: Built) -> None:
    lines = [line for part in tools(site).values() for line in part]
    assert lines
    for line in lines:
        validator(site, "tools").validate(line)


@pytest.mark.parametrize(("pattern", "kind"), KINDS.items())
def test_a_key_that_a_schema_does_not_name_is_an_error(site: Built, pattern: str, kind: str) -> None:
    path = next(site.directory.glob(pattern))
    assert not validator(site, kind).is_valid(json.loads(path.read_bytes()) | {"mood": "sunny"})


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_every_published_schema_is_one(site: Built, kind: str) -> None:
    schema = document(site, f"api/v1/schemas/{kind}.json")
    Draft202012Validator.check_schema(schema)
    assert schema["description"]


def test_the_index_names_every_file_and_counts_what_there_is(site: Built) -> None:
    index = document(site, "api/v1/index.json")
    assert (index["servers"], index["tools"], index["actions"]) == (4, 6, 3)
    assert sum(index["risks"].values()) == sum(index["categories"].values()) == 9  # type: ignore[attr-defined]
    files = index["files"]
    assert isinstance(files, dict)
    named = [files["servers"], files["changes"], *files["tools"], *files["schemas"].values()]
    assert all((site.directory / path).is_file() for path in named)


def test_the_list_of_servers_leads_to_every_server_and_its_policy(site: Built) -> None:
    servers = document(site, "api/v1/servers.json")["servers"]
    assert isinstance(servers, list)
    assert [(server["slug"], server["listed"], server["reason"]) for server in servers] == [
        ("barn-mcp", True, None),
        ("gone", False, "crashed"),
        ("orchard", True, None),
        ("wild", True, None),
    ]
    for server in servers:
        own = document(site, server["document"])
        assert (own["slug"], own["path"], own["policies"]) == (server["slug"], server["path"], server["policies"])
        assert isinstance(own["entries"], list)
        assert len(own["entries"]) == server["tools"] + server["actions"]
        assert (site.directory / server["path"] / "page.json").is_file()


def test_a_policy_has_a_rule_for_every_tool_and_names_the_file_for_each_target(site: Built) -> None:
    policy = document(site, "api/v1/policies/orchard.json")
    rules, files = policy["rules"], policy["files"]
    assert isinstance(rules, list)
    assert isinstance(files, list)
    assert {rule["key"]: rule["decision"] for rule in rules} == {
        "key_list": "allow",
        "key_make": "limit",
        "key_revoke": "approve",
        "orchard_fell": "deny",
    }
    assert [(file["format"], (site.directory / file["file"]).is_file()) for file in files] == [("policylayer", True)]
    decided = document(site, "api/v1/servers/orchard.json")["entries"]
    assert isinstance(decided, list)
    assert {entry["key"]: entry["decision"] for entry in decided} == {rule["key"]: rule["decision"] for rule in rules}


def test_the_dump_has_every_tool_once_and_a_server_in_one_file(site: Built) -> None:
    parts = tools(site)
    assert len(parts) == SHARDS
    found = sorted((str(line["server"]), str(line["key"])) for part in parts.values() for line in part)
    expected = view()
    assert found == sorted((row.server, row.key) for slug in expected.rows for row in expected.entries(slug))
    for slug in expected.rows:
        assert sum(any(line["server"] == slug for line in part) for part in parts.values()) <= 1


def test_a_long_list_of_servers_is_spread_over_files_that_name_each_other() -> None:
    slugs = [f"farm-{number}" for number in range(7)]
    files = dict(catalogue_files(MemoryIndex(listed=[indexed_server(slug) for slug in slugs]), per_file=3))
    path: object = "api/v1/servers.json"
    found, lengths = [], []
    while isinstance(path, str):
        page = json.loads(files[path])
        found += [server["slug"] for server in page["servers"]]
        lengths.append(len(page["servers"]))
        assert (page["pages"], page["total"]) == (3, 7)
        path = page["next"]
    assert (found, lengths) == (slugs, [3, 3, 1])


def test_an_empty_catalogue_has_its_documents_too(tmp_path: Path) -> None:
    site = built(memory_view(), tmp_path / "out")
    for kind in ("index", "servers", "changes"):
        validator(site, kind).validate(document(site, f"api/v1/{kind}.json"))
    assert document(site, "api/v1/index.json")["as_of"] is None
