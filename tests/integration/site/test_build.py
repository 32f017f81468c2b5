"""What a site has, and what a build refuses."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.errors import UsageError
from catalog.export.policylayer import PolicyLayerExporter
from catalog.model import Reason
from catalog.origin import Command
from catalog.policy.model import Policy
from catalog.policy.recommend import recommend
from catalog.policy.target import Export, Expresses
from catalog_testing.built import built
from catalog_testing.view import MemoryView, dispatching, entry_row, memory_view, orchard, server_row, verdict
from classifier.verdict import Category, Level, Recoverability
from sitegen.build import How, build_site
from sitegen.check import check_site
from sitegen.parts import Parts, SiteOptions


def view() -> MemoryView:
    return memory_view(orchard(), dispatching(), (server_row("gone", product=None, reason=Reason.CRASHED), []))


def test_the_site_has_a_page_for_every_server_tool_risk_category_and_product(tmp_path: Path) -> None:
    site = built(view(), tmp_path / "out")
    pages = {path.removesuffix("index.html") for path in site.files() if path.endswith(".html")}
    assert pages >= {
        "", "404.html", "rules/", "method/", "products/orchard/",
        "risk/low/", "risk/medium/", "risk/high/", "risk/critical/",
        "category/read/", "category/write/", "category/delete/", "category/admin/",
        "servers/orchard/", "servers/orchard/key-make/", "servers/barn-mcp/hay-count/", "servers/gone/",
    }  # fmt: skip
    assert site.report.pages == len(pages)
    assert check_site(site.directory) == []


def test_a_directory_that_is_not_ours_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty and was not written by catalog"):
        built(view(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_output_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(UsageError, match="is a file"):
        built(view(), tmp_path / "out")


def test_an_empty_catalogue_gives_a_site_that_says_what_to_do(tmp_path: Path) -> None:
    site = built(memory_view(), tmp_path / "out")
    assert "catalog sync truenas" in site.text("")
    assert check_site(site.directory) == []


def test_a_server_that_was_never_listed_says_why_and_what_to_do(tmp_path: Path) -> None:
    site = built(view(), tmp_path / "out")
    warning = site.text("servers/gone/", ".warning")
    assert warning.startswith("Not listed: crashed.")
    assert "Set ORCHARD_TOKEN." in warning
    assert "not listed: crashed" in site.text("", "#servers")


def test_a_server_whose_latest_attempt_failed_still_shows_what_was_listed(tmp_path: Path) -> None:
    server, entries = orchard()
    failed = replace(server, latest=server_row(reason=Reason.TIMED_OUT).latest)
    site = built(memory_view((failed, entries)), tmp_path / "out")
    assert "The latest attempt failed: timed out; what is shown here is from 2026-11-20." in site.text(
        "servers/orchard/", ".warning"
    )
    assert "key_make" in site.text("servers/orchard/", "#tools")


def test_canonical_addresses_and_the_sitemap_need_a_base_url(tmp_path: Path) -> None:
    without = built(view(), tmp_path / "without")
    assert "sitemap.xml" not in without.files()
    assert not without.page("").css('link[rel="canonical"]')
    base = "https://farm.example/catalog/"
    site = built(view(), tmp_path / "with", SiteOptions(base_url=base))
    page = site.page("servers/orchard/key-make/")
    assert page.css('link[rel="canonical"]')[0].attributes["href"] == f"{base}servers/orchard/key-make/"
    sitemap = (site.directory / "sitemaps/1.xml").read_text()
    assert f"<loc>{base}servers/orchard/key-make/</loc>" in sitemap
    assert "404" not in sitemap
    assert check_site(site.directory, base) == []


@pytest.mark.parametrize("base_url", ["farm.example", "ftp://farm.example/", "javascript:alert(1)", ""])
def test_an_option_that_is_no_web_address_is_refused(tmp_path: Path, base_url: str) -> None:
    with pytest.raises(UsageError, match="--base-url"):
        built(view(), tmp_path / "out", SiteOptions(base_url=base_url))
    with pytest.raises(UsageError, match="--report-url"):
        built(view(), tmp_path / "out", SiteOptions(report_url=base_url))
    assert not (tmp_path / "out").exists()


def test_readers_can_report_a_mistake_only_where_the_publisher_says_where(tmp_path: Path) -> None:
    path = "servers/orchard/key-make/"
    assert "Report" not in built(view(), tmp_path / "without").text(path, "body")
    site = built(view(), tmp_path / "with", SiteOptions(report_url="https://farm.example/new"))
    assert site.part(path, ".closing a").attributes["href"] == "https://farm.example/new"


def test_long_lists_are_spread_over_pages(tmp_path: Path) -> None:
    rows = [entry_row(f"count_{number:03}") for number in range(230)]
    site = built(memory_view((server_row(), rows)), tmp_path / "out")
    assert [len(site.page(path).css("tbody tr")) for path in ("risk/low/", "risk/low/2/", "risk/low/3/")] == [
        100,
        100,
        30,
    ]
    assert "230 tools and actions, page 2 of 3" in site.text("risk/low/2/")
    assert check_site(site.directory) == []


def test_the_riskiest_tools_come_first(tmp_path: Path) -> None:
    site = built(view(), tmp_path / "out")
    risks = [node.text() for node in site.page("").css("#riskiest td .risk")]
    assert risks == sorted(risks, key=["Critical", "High", "Medium", "Low"].index)


def test_the_index_of_servers_for_programs_has_every_server(tmp_path: Path) -> None:
    site = built(view(), tmp_path / "out")
    index = json.loads((site.directory / "api/v1/servers.json").read_text())
    assert index["as_of"] == "2026-11-20T09:30:00+00:00"
    assert {server["slug"]: (server["listed"], server["reason"]) for server in index["servers"]} == {
        "barn-mcp": (True, None),
        "gone": (False, "crashed"),
        "orchard": (True, None),
    }


def test_sentences_do_not_repeat_the_command_line_of_a_local_server(tmp_path: Path) -> None:
    server, entries = orchard()
    local = replace(server, title="python3 orchard.py", product=None, product_title=None)
    local = replace(local, origin=Command(argv=("python3", "orchard.py")))
    site = built(memory_view((local, entries)), tmp_path / "out")
    assert site.text("servers/orchard/key-make/", "#what h2") == "What key_make does on this server"
    assert "Everything else on this server is denied" in site.text("servers/orchard/key-make/", "#control")


def test_targets_that_call_their_files_the_same_get_a_file_each(tmp_path: Path) -> None:
    parts = Parts(
        view=view(), recommend=recommend, exporters=(PolicyLayerExporter(), _Intercept()), rules={}, attacks=()
    )
    build_site(parts, SiteOptions(), tmp_path / "out")
    folder = tmp_path / "out/servers/orchard"
    assert {path.name for path in folder.glob("*policy*")} == {"policy.json", "intercept-policy.json"}
    assert [path.name for path in (folder / "key-make").glob("*policy*")] == ["policy.json"]
    assert (folder / "intercept-policy.json").read_text() == "[]\n"
    assert check_site(tmp_path / "out") == []


def test_progress_says_what_is_done_and_counts_servers_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    built(view(), tmp_path / "out", how=How(progress=lambda doing, done, total: told.append((doing, done, total))))
    assert [(done, total) for doing, done, total in told if doing == "Rendering servers"] == [
        (0, 3), (1, 3), (2, 3), (3, 3),
    ]  # fmt: skip
    assert list(dict.fromkeys(doing for doing, _, _ in told)) == [
        "Reading servers", "Rendering servers", "Writing lists", "Indexing for search",
    ]  # fmt: skip


def test_a_tool_page_stays_small(tmp_path: Path) -> None:
    properties = {f"field_{number}": {"type": "string", "description": "One of many. " * 5} for number in range(60)}
    row = entry_row("sow", verdict(Category.WRITE, Level.MEDIUM, Recoverability.R2), properties=properties)
    site = built(memory_view((server_row(), [row])), tmp_path / "out")
    assert (site.directory / "servers/orchard/sow/index.html").stat().st_size < 50_000


class _Intercept:
    """A second target whose file has the name of the first one's."""

    format = "intercept"
    title = "Intercept"
    expresses = Expresses(arguments=False, limits=False, approval=False)

    def export(self, *policies: Policy) -> Export:
        """See `Exporter.export`."""
        return Export.of("policy.json", "[]\n")
