"""Pages of servers of every kind say how their tools are known, never contradict it, and publish no private path."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog.facts import Finding, FindingKind, PackageFacts, RemoteFacts, RemoteState
from catalog.model import Problem, Provenance, Reason, Rung
from catalog.origin import Bundle, Command, Image, Origin, Package, Recording, Remote, Source
from catalog.view import EntryRow, ObservationRow, ServerRow
from catalog_testing.built import Built, built
from catalog_testing.view import LOOKED_AT, entry_row, memory_view, observation_row, server_row
from sitegen.check import check_site

LIVE_WORDS = "listed by the running server"
HOME = "/home/walter/secret farm"
SCRIPT = "<script>alert(1)</script>\x1b[31m\u202e"
PACKAGE = PackageFacts(
    purl="pkg:npm/%40farm/orchard@1.4.0",
    version="1.4.0",
    released_at=datetime(2026, 10, 3, tzinfo=UTC),
    licence="Apache-2.0",
    homepage="https://orchard.example/package",
    repository="https://git.example/orchard",
    publisher="@farm",
    sha256="ab" * 32,
)


def entries(provenance: Provenance = Provenance.LIVE, run: str = "run") -> list[EntryRow]:
    return [replace(entry_row(name), provenance=provenance, run=run) for name in ("count_pears", "count_plums")]


def look(**changed: object) -> ObservationRow:
    return replace(observation_row(), **changed)  # type: ignore[arg-type]  # each test names fields of the row


def declared(reason: Reason | None = Reason.NEEDS_CREDENTIALS, **changed: object) -> ObservationRow:
    said = {"detail": "no ORCHARD_TOKEN", "hint": "set ORCHARD_TOKEN"} if reason else {}
    bare = {"server_name": "", "server_version": "", "protocol_version": ""}
    return look(**{"outcome": "declared", "reason": reason, **bare, **said, **changed})


def server(origin: Origin, latest: ObservationRow, listing: ObservationRow | None) -> ServerRow:
    return replace(server_row(), origin=origin, latest=latest, listing=listing)


def site_of(folder: Path, row: ServerRow, rows: Sequence[EntryRow]) -> Built:
    site = built(memory_view((row, rows)), folder / "out")
    assert check_site(site.directory) == []
    return site


def facts_of(site: Built) -> dict[str, str]:
    rows = site.page("servers/orchard/").css("#facts dl > div")
    return {row.css("dt")[0].text().strip(): " ".join(row.css("dd")[0].text().split()) for row in rows}


def twin_of(site: Built) -> dict[str, object]:
    document: dict[str, object] = json.loads((site.directory / "servers/orchard/page.json").read_text())
    return document


NPM = Package(ecosystem="npm", name="@farm/orchard", version="1.4.0")


def test_a_declared_server_never_says_that_a_running_server_listed_it(tmp_path: Path) -> None:
    site = site_of(tmp_path, server(NPM, declared(), declared()), entries(Provenance.DECLARED))
    notice = site.text("servers/orchard/", "div.note")
    assert notice.startswith("Read from its source, since the server could not be asked: needs credentials.")
    assert "No running server was seen to list these tools." in notice
    assert "2 tools, declared in its source" in site.text("servers/orchard/")
    assert facts_of(site)["Read"] == "2026-11-20, from its source"
    assert "read from source: needs credentials" in site.text("", "#servers")
    tool = site.text("servers/orchard/count-pears/")
    assert "read from the server's source on 2026-11-20, not seen in a running server" in tool
    assert "The source says:" in tool
    assert "The server says" not in tool
    texts = [path.read_text(encoding="utf-8") for path in site.directory.glob("servers/**/*.*")]
    assert not [text for text in texts if LIVE_WORDS in text]


def test_source_alone_says_that_there_was_nothing_to_ask(tmp_path: Path) -> None:
    row = server(Source(path=f"{HOME}/yard"), declared(None), declared(None))
    site = site_of(tmp_path, row, entries(Provenance.DECLARED))
    assert site.text("servers/orchard/", "div.note").startswith("Read from its source; there was no server to ask.")


def test_a_list_that_a_server_gave_stays_its_own_after_only_its_source_could_be_read(tmp_path: Path) -> None:
    later = LOOKED_AT + timedelta(days=3)
    latest = declared(started_at=later, finished_at=later)
    site = site_of(tmp_path, server(NPM, latest, latest), entries())
    assert site.text("servers/orchard/", "div.note").startswith(
        "The latest look could only read its source, since the server could not be asked: needs credentials; "
        "what is shown here was seen on 2026-11-20."
    )
    assert facts_of(site)["Listed"] == "2026-11-20"
    assert LIVE_WORDS in site.text("servers/orchard/count-pears/")


def test_a_recorded_list_says_that_nobody_was_asked(tmp_path: Path) -> None:
    recorded = look(version=None, sandbox="none")
    site = site_of(
        tmp_path, server(Recording(name="orchard.json"), recorded, recorded), entries(Provenance.RECORDED, "")
    )
    assert "no server was asked" in site.text("servers/orchard/", "div.note")
    assert facts_of(site)["Imported"] == "2026-11-20"
    assert "without a sandbox" not in site.text("servers/orchard/")
    assert "taken from an imported list on 2026-11-20" in site.text("servers/orchard/count-pears/")


def test_a_gated_remote_says_what_it_asks_for(tmp_path: Path) -> None:
    remote = RemoteFacts(
        state=RemoteState.GATED,
        authorization_servers=("https://auth.farm.example", "javascript:alert(1)"),
        scopes=tuple(f"crates:{number}" for number in range(40)),
    )
    refused = replace(observation_row(Reason.GATED, hint="pass a token"), sandbox="none", remote=remote)
    site = site_of(tmp_path, server(Remote(url="https://farm.example/mcp?key=SECRET"), refused, None), [])
    notice = site.text("servers/orchard/", ".warning")
    assert notice.startswith("Not listed: gated. It answers only those who are authorized.")
    assert "Tokens come from https://auth.farm.example" in notice
    assert "scopes crates:0, crates:1, crates:2, crates:3, crates:4 and 35 more" in notice
    assert facts_of(site)["Answers"] == "only who is authorized"
    assert facts_of(site)["Scopes"].endswith("crates:9, and 30 more")
    linked = {node.attributes["href"] for node in site.page("servers/orchard/").css("#facts a[rel]")}
    assert linked >= {"https://auth.farm.example", "https://farm.example/mcp"}
    assert not [address for address in linked if address and address.startswith("javascript")]
    assert not [path for path, content in site.files().items() if b"SECRET" in content]


def test_a_remote_that_lists_is_not_said_to_lack_a_sandbox(tmp_path: Path) -> None:
    opened = RemoteFacts(state=RemoteState.OPEN, transport="streamable-http")
    latest = look(sandbox="none", version=None, remote=opened)
    site = site_of(
        tmp_path, server(Remote(url="https://farm.example/mcp"), latest, latest), entries(run="streamable-http")
    )
    assert facts_of(site)["Listed"] == "2026-11-20, at its address; nothing was run"
    assert facts_of(site)["Transport"] == "Streamable HTTP"
    assert "on 2026-11-20, over Streamable HTTP" in site.text("servers/orchard/count-pears/")


def test_a_tool_page_says_what_it_took_to_see_the_tool(tmp_path: Path) -> None:
    rows = [
        replace(entry_row(f"tool{number}"), run=run)
        for number, run in enumerate(["", "placeholders", "arguments:--transport stdio", "run:release-date", "x:y"])
    ]
    site = site_of(tmp_path, server(NPM, look(), look()), rows)
    known = [site.text(f"servers/orchard/tool{number}/", "aside").partition("Known from")[2] for number in range(5)]
    assert [text.partition("Server version")[0].partition("2026-11-20")[2].strip() for text in known] == [
        "",
        ", once it had placeholders for its settings",
        ", once it was started with the arguments “--transport stdio”",
        ", with dependencies as old as its release",
        "",
    ]


def test_a_list_that_may_be_partial_says_so(tmp_path: Path) -> None:
    latest = look(maybe_partial=True)
    site = site_of(tmp_path, server(NPM, latest, latest), entries())
    assert site.text("servers/orchard/", "div.note").startswith("The list may not be complete.")
    assert "2 tools, perhaps more" in site.text("servers/orchard/")


def test_facts_of_the_package_are_on_the_page(tmp_path: Path) -> None:
    latest = look(package=PACKAGE)
    row = replace(server(NPM, latest, latest), homepage=None)
    found = facts_of(site_of(tmp_path, row, entries()))
    assert found["Package URL"] == PACKAGE.purl
    assert (found["Released"], found["Licence"].split()[0]) == ("2026-10-03", "Apache-2.0")
    assert found["Author"].startswith("@farm")
    assert found["Files"].startswith("abababababab ")
    assert found["Home page"] == "https://orchard.example/package"


def test_every_kind_of_finding_is_a_sentence_with_what_was_seen(tmp_path: Path) -> None:
    details = [f"{SCRIPT} {number}" for number in range(8)]
    seen = [Finding(kind=kind, detail=detail, rung="run") for kind in FindingKind for detail in (*details, details[0])]
    latest = look(findings=tuple(seen))
    site = site_of(tmp_path, server(NPM, latest, latest), entries())
    said = [" ".join(node.text().split()) for node in site.page("servers/orchard/").css(".findings > li")]
    assert len(said) == len(FindingKind)
    for text in said:
        assert text.partition("<script>")[0].rstrip().endswith(".")
        assert text.count("<script>alert(1)</script>⟦U+001B⟧[31m⟦U+202E⟧") == 5
        assert text.endswith("and 3 more")


@pytest.mark.parametrize(
    "origin",
    [
        Command(argv=("/usr/bin/python3", f"{HOME}/yard/server.py")),
        Source(path=f"{HOME}/yard"),
        Bundle(location=f"{HOME}/yard/orchard.mcpb"),
    ],
    ids=lambda origin: type(origin).__name__,
)
def test_no_path_of_the_publishers_machine_is_published(tmp_path: Path, origin: Origin) -> None:
    said = f"no {HOME}/yard/.env, '/srv/private/keys.txt' or file:///srv/private/x: see ~/private/y, {HOME}/barn/z"
    latest = look(
        outcome="not_listed",
        reason=Reason.CRASHED,
        detail=said,
        hint=said,
        rungs=(Rung(name=f"arguments:{HOME}/yard/crates", result="failed", seconds=1.0, detail=said),),
        findings=(Finding(kind=FindingKind.WRITE_ATTEMPT, detail=said),),
    )
    listing = look(problems=(Problem(where=f"{HOME}/yard/a.py", message=said),))
    site = site_of(tmp_path, server(origin, latest, listing), entries())
    # What Pagefind is compiled to names a folder of its makers.
    files = [path for path in site.directory.rglob("*") if path.is_file() and path.suffix != ".pagefind"]
    published = [unpacked(path.read_bytes()) for path in files]
    for private in ("/home", "walter", "secret farm", "/srv", "private/"):
        assert not [content for content in published if private.encode() in content]
    assert [content for content in published if b"keys.txt" in content]


def unpacked(content: bytes) -> bytes:
    """Return what a file says; those of a search are compressed."""
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


ORIGINS: Sequence[Origin] = (
    NPM,
    Command(argv=("python3", "server.py")),
    Remote(url="https://farm.example/mcp"),
    Bundle(location="https://farm.example/orchard.mcpb"),
    Image(reference="farm.example/orchard:1"),
    Source(path="/yard"),
    Recording(name="orchard.json"),
)


@pytest.mark.parametrize("outcome", ["listed", "declared", "not_listed"])
def test_servers_of_every_kind_render_whatever_they_say(tmp_path: Path, outcome: str) -> None:
    long = f"{SCRIPT} {'x' * 50_000}"
    hostile = {
        "detail": long,
        "hint": long,
        "version": long,
        "rungs": tuple(Rung(name=long, result="failed", seconds=1.0) for _ in range(30)),
        "problems": tuple(Problem(where=long, message=long) for _ in range(80)),
        "findings": tuple(Finding(kind=kind, detail=long, rung=long) for kind in FindingKind),
        "package": replace(
            PACKAGE, purl=long, licence=long, publisher=long, homepage=f"javascript:{long}", sha256=long
        ),
        "remote": RemoteFacts(
            state=RemoteState.FLAKY,
            transport="sse",
            authorization_servers=(long, "ftp://auth.example", "data:text/html,x") * 20,
            scopes=(long,) * 50,
            resource_metadata=long,
        ),
    }
    latest = look(**{**hostile, "outcome": outcome, "reason": None if outcome == "listed" else Reason.GATED})
    listing = None if outcome == "not_listed" else latest
    rows = [] if listing is None else entries(Provenance.DECLARED if outcome == "declared" else Provenance.LIVE)
    shown = []
    for origin in ORIGINS:
        row = replace(server(origin, latest, listing), slug=type(origin).__name__.lower())
        shown.append((replace(row, title=long, publisher=long, homepage=long), rows))
    site = built(memory_view(*shown), tmp_path / "out")
    assert check_site(site.directory) == []
    index = json.loads((site.directory / "api/v1/servers.json").read_text())["servers"]
    assert {one["slug"]: one["known_from"] for one in index} == {
        row.slug: "recorded" if row.slug == "recording" and listing else outcome for row, _ in shown
    }
    for row, _ in shown:
        page = (site.directory / f"servers/{row.slug}/index.html").read_text(encoding="utf-8")
        assert len(page) < 90_000
        assert not {"\x1b", "\u202e"} & set(page)
        assert "<script>alert" not in page
        twin = json.loads((site.directory / f"servers/{row.slug}/page.json").read_text())
        assert twin["origin"] == row.origin.public


def test_what_was_noticed_stays_after_a_look_that_failed(tmp_path: Path) -> None:
    listing = look(findings=(Finding(kind=FindingKind.NETWORK_ATTEMPT, detail="connect 169.254.169.254:80"),))
    site = site_of(tmp_path, server(NPM, observation_row(Reason.UNREACHABLE), listing), entries())
    assert "connect 169.254.169.254:80" in site.text("servers/orchard/", "#findings")
    assert "connect 169.254.169.254:80" in json.dumps(twin_of(site)["findings"])


def test_the_json_beside_a_page_says_what_the_page_says(tmp_path: Path) -> None:
    found = Finding(kind=FindingKind.CLONE, detail="a republished copy of npm:orchard")
    latest = look(package=PACKAGE, findings=(found,), maybe_partial=True)
    site = site_of(tmp_path, server(NPM, latest, latest), entries(run="placeholders"))
    twin = twin_of(site)
    assert (twin["listed"], twin["known_from"], twin["maybe_partial"]) == (True, "listed", True)
    assert twin["package"] == {
        "purl": PACKAGE.purl, "version": "1.4.0", "released_at": "2026-10-03T00:00:00+00:00", "licence": "Apache-2.0",
        "homepage": PACKAGE.homepage, "repository": PACKAGE.repository, "publisher": "@farm", "sha256": PACKAGE.sha256,
    }  # fmt: skip
    assert twin["findings"] == [
        {
            "kind": "clone",
            "says": "Its package is known as a republished copy of another one.",
            "detail": found.detail,
            "rung": "",
        }
    ]
    first = twin["entries"]
    assert isinstance(first, list)
    assert (first[0]["provenance"], first[0]["run"], first[0]["path"]) == (
        "live", "placeholders", "servers/orchard/count-pears/",
    )  # fmt: skip
