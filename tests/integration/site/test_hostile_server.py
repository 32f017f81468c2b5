"""A server that writes markup, scripts and hidden characters everywhere it can."""

from dataclasses import replace

import pytest

from catalog.model import Reason
from catalog_testing.built import Built, built
from catalog_testing.view import entry_row, evidence, memory_view, server_row, verdict
from classifier.verdict import Category, Level, Recoverability
from sitegen.check import check_site

SCRIPT = "<script>alert(1)</script>"
BREAKOUT = "\"'><img src=x onerror=alert(1)>"
NAMES = [
    SCRIPT,
    BREAKOUT,
    "..",
    "../../../etc/passwd",
    "CON",
    "🌳🌳🌳",
    "n" * 300,
    "index.html",
    "policy.json",
    "{{ 7 * 7 }}",
    "a\u202eb",
    "shared",
    "Shared",
    "مرحبا",
    "",
]
DESCRIPTION = (
    f"{SCRIPT}{BREAKOUT}</p></main><style>*{{display:none}}</style> \u202etxt.exe \u200b\U000e0041 \x1b[31m\x9b "
    "javascript:alert(1) {{ 7 * 7 }} {% raw %} <!-- ]]> -->"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    judged = verdict(
        Category.DELETE,
        Level.CRITICAL,
        Recoverability.R3,
        evidence=[
            evidence(SCRIPT, "description", SCRIPT, "category", "Delete"),
            evidence("trait/x", f"param:{BREAKOUT}", BREAKOUT, "trait", "bulk-destroy"),
            evidence("trait/y", "description", DESCRIPTION[:100], "trait", SCRIPT),
        ],
    )
    properties = {BREAKOUT: {"type": SCRIPT, "description": DESCRIPTION, "enum": [SCRIPT], "default": BREAKOUT}}
    entries = [entry_row(name, judged, description=DESCRIPTION, properties=properties) for name in NAMES]
    listing = replace(
        server_row().latest, server_name=SCRIPT, server_version=BREAKOUT, protocol_version=SCRIPT, version=BREAKOUT
    )
    evil = replace(
        server_row("evil", title=BREAKOUT, product=BREAKOUT),
        publisher=SCRIPT,
        homepage="javascript:alert(1)",
        repository='https://git.example/"onmouseover="alert(1)',
        environment=(SCRIPT,),
        latest=listing,
        listing=listing,
    )
    failed = replace(server_row("failed", reason=Reason.CRASHED), title=SCRIPT)
    failed = replace(failed, latest=replace(failed.latest, detail=DESCRIPTION, hint=SCRIPT))
    huge = entry_row("huge", description="A very long story. " * 60_000)
    return built(
        memory_view((evil, entries), (failed, []), (server_row("big"), [huge])),
        tmp_path_factory.mktemp("site") / "out",
    )


def test_nothing_that_a_server_says_becomes_markup(site: Built) -> None:
    assert check_site(site.directory) == []
    for path in site.directory.rglob("*.html"):
        page = site.page(str(path.parent.relative_to(site.directory))) if path.name == "index.html" else None
        if page is not None:
            run = [node for node in page.css("script") if node.attributes.get("type") != "application/ld+json"]
            scripts = [str(node.attributes["src"]).rpartition("/")[2] for node in run]
            assert scripts == (["site.js", "search.js"] if path.parent.name == "search" else ["site.js"])
            assert not page.css("img")


def test_every_tool_has_its_own_page_inside_its_server(site: Built) -> None:
    folders = [path for path in (site.directory / "servers/evil").iterdir() if path.is_dir()]
    assert len(folders) == len(NAMES)
    outside = [path for path in site.directory.parent.iterdir() if path != site.directory]
    assert outside == []


def test_the_description_is_shown_as_the_text_it_is(site: Built) -> None:
    shown = site.part("servers/evil/unnamed-" + _digest(".."), ".lead > .says").text()
    assert SCRIPT in shown
    assert "{{ 7 * 7 }}" in shown
    assert "⟦U+202E⟧txt.exe ⟦U+200B⟧⟦U+E0041⟧ ⟦U+001B⟧[31m⟦U+009B⟧" in shown


def test_no_page_has_a_hidden_character(site: Built) -> None:
    for path in site.directory.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not {"\u202e", "\u200b", "\U000e0041", "\x1b", "\x9b"} & set(text), path


def test_the_raw_definition_stays_the_same_json(site: Built) -> None:
    page = site.page("servers/evil/unnamed-" + _digest(".."))
    definition = page.css("details code[data-copy]")[0].text()
    assert "\\u202etxt.exe" in definition


def test_addresses_that_a_server_gives_are_links_only_where_they_are_web_addresses(site: Built) -> None:
    links = site.page("servers/evil/").css("a[rel]")
    assert [(node.attributes["href"], node.attributes["rel"]) for node in links] == [
        ('https://git.example/"onmouseover="alert(1)', "nofollow ugc noopener")
    ]


def test_a_very_long_description_is_cut_and_kept_whole_beside_the_page(site: Built) -> None:
    path = site.directory / "servers/big/huge"
    assert (path / "index.html").stat().st_size < 50_000
    assert (path / "definition.json").stat().st_size > 1_000_000


def test_every_page_stays_below_a_hundred_kilobytes(site: Built) -> None:
    assert all(path.stat().st_size < 100_000 for path in site.directory.rglob("*.html"))


def _digest(name: str) -> str:
    import hashlib

    return hashlib.sha256(name.encode()).hexdigest()[:8]
