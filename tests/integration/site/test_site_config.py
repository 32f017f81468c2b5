"""The publisher's own settings: every key does what it says, and what is wrong names the file and the reason."""

from pathlib import Path

import pytest

from catalog.errors import InputError, UsageError
from catalog_testing.built import Built, built
from catalog_testing.view import memory_view, orchard
from sitegen.check import check_site
from sitegen.config import read_config
from sitegen.parts import SiteOptions

TOOL = "servers/orchard/key-make/"

EVERYTHING = """
title = "Tools of <the> farm"
accent = "#0a6b4f"
accent_dark = "#5fd3ac"
footer = "Kept by the keepers & friends."
base_url = "https://farm.example/tools/"
report_url = "mailto:keepers@farm.example?subject={tool}"
templates = "templates"

[[pages]]
slug = "help"
title = "How to get a tool approved"
file = "help.md"
"""

HELP = """\ufeff# Ask the keepers

Write to *them*, or read [the rules](../rules/) and [more](https://farm.example/help).

| when | who |
|---|---|
| early | Ann |

## Not here

<script>alert(1)</script><b>bold</b> <img src=x onerror=alert(2)>

![a picture](https://farm.example/pixel.png) [run](javascript:alert(3))
"""


def config(folder: Path, text: str) -> Path:
    file = folder / "site.toml"
    file.write_text(text, encoding="utf-8")
    return file


def site_of(folder: Path, options: SiteOptions) -> Built:
    return built(memory_view(orchard()), folder / "out", options)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A site with everything that a publisher can set."""
    folder = tmp_path_factory.mktemp("config")
    (folder / "templates").mkdir()
    (folder / "templates/404.html").write_text("<!doctype html><html lang=en><title>x</title><h1>Lost?</h1>")
    (folder / "help.md").write_text(HELP, encoding="utf-8")
    return site_of(folder, read_config(config(folder, EVERYTHING), SiteOptions()))


def test_title_and_footer_stand_on_every_page_as_text(site: Built) -> None:
    for path in ("", TOOL, "help/"):
        assert site.text(path, ".brand") == "Tools of <the> farm"
        assert site.text(path, "footer").startswith("Kept by the keepers & friends.")


def test_the_accent_is_the_colour_of_light_and_of_dark_screens(site: Built) -> None:
    style = (site.directory / "assets/site.css").read_text()
    assert style.endswith(
        ":root { --accent: #0a6b4f; }\n@media (prefers-color-scheme: dark) { :root { --accent: #5fd3ac; } }\n"
    )


def test_addresses_are_those_of_the_settings(site: Built) -> None:
    canonical = site.part(TOOL, 'link[rel="canonical"]').attributes["href"]
    assert canonical == f"https://farm.example/tools/{TOOL}"
    assert site.part(TOOL, ".closing a").attributes["href"] == "mailto:keepers@farm.example?subject=key_make"


def test_a_template_stands_in_front_of_ours(site: Built) -> None:
    assert "<h1>Lost?</h1>" in (site.directory / "404.html").read_text()


def test_a_page_of_the_publishers_is_markdown_and_the_footer_leads_to_it(site: Built) -> None:
    assert site.text("help/", "h1") == "How to get a tool approved"
    assert [node.text() for node in site.page("help/").css("main h2, main h3")] == ["Ask the keepers", "Not here"]
    assert site.part("help/", "main em").text() == "them"
    assert [node.text() for node in site.page("help/").css("main td")] == ["early", "Ann"]
    own = {str(link.attributes["href"]) for link in site.page(TOOL).css("footer a")}
    assert "../../../help/" in own


def test_html_in_it_is_shown_and_no_image_is_loaded(site: Built) -> None:
    page = site.page("help/")
    assert "<script>alert(1)</script><b>bold</b> <img src=x onerror=alert(2)>" in site.text("help/")
    assert not page.css("main script, main b, main img")
    assert not page.css("a[href^='javascript']")


def test_nothing_of_it_is_broken(site: Built) -> None:
    found = check_site(site.directory, "https://farm.example/tools/")
    assert [problem for problem in found if problem.page != "404.html"] == []


def test_what_the_command_line_says_wins(tmp_path: Path) -> None:
    file = config(tmp_path, 'base_url = "https://farm.example/"\nreport_url = "https://farm.example/new"\n')
    asked = SiteOptions(base_url="https://mill.example/", report_url="https://mill.example/new", precompress=("gzip",))
    assert read_config(file, asked) == asked
    assert read_config(file, SiteOptions()).base_url == "https://farm.example/"


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert read_config(config(tmp_path, ""), SiteOptions()) == SiteOptions()


PAGE = '[[pages]]\nslug = "{slug}"\ntitle = "Help"\nfile = "{file}"\n'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("title = ", "is not TOML"),
        ("colour = 'red'", "colour: Extra inputs are not permitted"),
        ("title = ''", "title: String should have at least 1 character"),
        (f"title = '{'t' * 161}'", "title: String should have at most 160 characters"),
        ("title = 7", "title: Input should be a valid string"),
        ("accent = 'red'", "accent: String should match pattern"),
        ("accent = '#0a6b4f; } body { display: none'", "accent: String should match pattern"),
        ("accent_dark = '#fff'", "accent_dark: String should match pattern"),
        (f"footer = '{'f' * 1_001}'", "footer: String should have at most 1000 characters"),
        ("templates = 'absent'", "names templates in 'absent', which is no folder beside it"),
        ("pages = 'help.md'", "pages: Input should be a valid"),
        (PAGE.format(slug="help", file="absent.md"), "names the page 'absent.md': No such file or directory"),
        (PAGE.format(slug="help", file="."), "names the page '.': Is a directory"),
        (PAGE.format(slug="help", file="long.md"), "is longer than 1,000,000 bytes"),
        (PAGE.format(slug="servers", file="help.md"), "the slug 'servers' is one of our own folders"),
        (PAGE.format(slug="../help", file="help.md"), "pages.0.slug: String should match pattern"),
        (PAGE.format(slug="help", file="help.md") * 2, "has two pages with the slug 'help'; give each its own"),
        ("[[pages]]\nslug = 'help'\n", "pages.0.title: Field required"),
    ],
)
def test_what_is_wrong_names_the_file_and_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "help.md").write_text("# Help")
    (tmp_path / "long.md").write_text("x" * 1_000_001)
    with pytest.raises(InputError) as error:
        read_config(config(tmp_path, text), SiteOptions())
    assert str(tmp_path) in str(error.value)
    assert reason in str(error.value)


def test_a_file_that_is_not_there_or_is_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*absent\.toml.*: No such file or directory; correct"):
        read_config(tmp_path / "absent.toml", SiteOptions())
    (tmp_path / "site.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="is not TOML"):
        read_config(tmp_path / "site.toml", SiteOptions())


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("\n\n{{ page.colour }}", "tool.html', line 3: .* has no attribute 'colour'"),
        ("\n{% if page.name %}", "tool.html', line 2: Unexpected end of template"),
    ],
)
def test_an_error_in_a_template_names_its_place_and_the_old_site_stays(
    tmp_path: Path, template: str, reason: str
) -> None:
    before = site_of(tmp_path, SiteOptions()).files()
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/tool.html").write_text(template)
    with pytest.raises(UsageError, match=reason):
        site_of(tmp_path, SiteOptions(templates=tmp_path / "templates"))
    assert Built(tmp_path / "out", site_of(tmp_path, SiteOptions()).report).files() == before


def test_a_changed_template_makes_every_page_again(tmp_path: Path) -> None:
    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / "404.html").write_text("one")
    site_of(tmp_path, SiteOptions(templates=templates))
    (templates / "404.html").write_text("two")
    site = site_of(tmp_path, SiteOptions(templates=templates))
    assert (site.directory / "404.html").read_text() == "two"
