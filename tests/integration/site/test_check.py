"""The checker finds what is broken: each case breaks a sound site in one place."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.errors import InputError
from catalog_testing.built import Built, built
from catalog_testing.showcase import showcase
from catalog_testing.view import memory_view, orchard
from sitegen.check import SiteProblem, check_site
from sitegen.parts import SiteOptions

BASE = "https://farm.example/catalog/"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A site with one server and its history; no test changes it."""
    view = replace(memory_view(orchard()), changes=showcase().changes)
    return built(view, tmp_path_factory.mktemp("sound") / "out", SiteOptions(base_url=BASE))


def problems(sound: Built, tmp_path: Path, file: str, change: tuple[str, str]) -> list[SiteProblem]:
    """Return what the checker finds where one text is in place of another in ``file``."""
    before, after = change
    broken = tmp_path / "broken"
    shutil.copytree(sound.directory, broken, copy_function=os.link)
    text = (broken / file).read_text(encoding="utf-8")
    assert before in text
    (broken / file).unlink()
    (broken / file).write_text(text.replace(before, after, 1), encoding="utf-8")
    return check_site(broken, BASE)


def test_the_checker_finds_nothing_in_a_sound_site(sound: Built) -> None:
    assert check_site(sound.directory, BASE) == []


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('href="method/"', 'href="methods/"', "link 'methods/' leads nowhere"),
        ('href="method/"', 'href="/catalog/methods/"', "link '/catalog/methods/' leads nowhere"),
        ('href="#main"', 'href="#mane"', "link '#mane' names an anchor that is not there"),
        ('href="method/"', 'href="method/#mane"', "link 'method/#mane' names an anchor that is not there"),
        ('href="method/"', 'href="javascript:alert(1)"', "is no web page"),
        ('href="method/"', 'href="//farm.example/"', "is no web page"),
        ('href="method/"', 'href="https://farm.example/"', "without rel=noopener"),
        (f'rel="canonical" href="{BASE}"', f'rel="canonical" href="{BASE}x/"', "where the site has nothing"),
        ('href="assets/site.css"', 'href="https://farm.example/site.css"', "from elsewhere"),
        ("<h1>", "<h1></h1><h1>", "has 2 <h1>"),
        ("</main>", "<h5>x</h5></main>", "has <h5> 'x' below no <h4>"),
        ("</main>", "<p><ul></ul></p></main>", "once it is read"),
        ("</main>", '<img src="assets/icon.svg"></main>', "image without alt"),
        ("</main>", "<button></button></main>", "has a <button> that says nothing"),
        ("</main>", "<input></main>", "has a <input> without a label"),
        ("</main>", '<p aria-describedby="mane">x</p></main>', "which is the id of nothing"),
        (' lang="en"', "", "does not say its language"),
        ("<title>", "<title></title><title hidden>", "has no title"),
        ("default-src &#39;none&#39;", "default-src *", "Content-Security-Policy"),
        ("</main>", "<script>alert(1)</script></main>", "inline script"),
        ("</main>", '<script type="module">alert(1)</script></main>', "inline script"),
        ("</main>", '<script type="application/ld+json">{</script></main>', "structured data that is no JSON"),
        (
            "</main>",
            '<script type="application/ld+json" src="x.json">{}</script></main>',
            "in another file",
        ),
        ("</main>", "<style>p{}</style></main>", "inline style sheet"),
        ("</main>", '<p style="color:red">x</p></main>', "inline style on <p>"),
        ("</main>", '<p onclick="alert(1)">x</p></main>', "event handler 'onclick' on <p>"),
        ("</main>", "<iframe></iframe></main>", "has a <iframe>"),
        ("</main>", '<p id="main">x</p></main>', "has the id 'main' more than once"),
        ('method="get"', 'method="post"', "has a <form> that sends something"),
        ('action="search/"', 'action="https://farm.example/"', "from elsewhere"),
        (
            "script-src &#39;self&#39;",
            "script-src &#39;self&#39; &#39;wasm-unsafe-eval&#39;",
            "Content-Security-Policy",
        ),
    ],
)
def test_the_checker_finds_in_a_page(sound: Built, tmp_path: Path, before: str, after: str, message: str) -> None:
    found = problems(sound, tmp_path, "index.html", (before, after))
    assert {problem.page for problem in found} == {"index.html"}
    assert message in found[0].message


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("api/v1/index.json", ("{", ""), "is no JSON"),
        ("servers/orchard/tools.ndjson", ("\n", "\n{\n"), "line 2 is no JSON"),
        ("changes/feed.xml", ("</feed>", ""), "is no XML"),
        ("changes/feed.xml", ("<feed ", "<!DOCTYPE feed><feed "), "is no XML"),
        ("changes/feed.xml", ("<title>Catalog: changes</title>", ""), "has no <title>"),
        ("sitemaps/1.xml", (f"<loc>{BASE}", f"<loc>{BASE}nowhere/"), "where the site has nothing"),
        ("sitemaps/1.xml", ("<loc>https:", "<loc>ftp:"), "where the site has nothing"),
        ("sitemap.xml", ("sitemaps/1.xml", "sitemaps/9.xml"), "where the site has nothing"),
        ("robots.txt", ("sitemap.xml", "sitemaps.xml"), "names the sitemap"),
        ("servers/orchard/key-make/index.html", ("</main>", f"{' ' * 100000}</main>"), "at most 100,000 were meant"),
        ("servers/index.html", ("</main>", f"{' ' * 400000}</main>"), "bytes; at most 400,000 were meant"),
        ("assets/site.css", ("{", f"/*{' ' * 25000}*/{{"), "bytes; at most 25,000 were meant"),
    ],
)
def test_the_checker_finds_in_a_file(
    sound: Built, tmp_path: Path, file: str, change: tuple[str, str], message: str
) -> None:
    found = problems(sound, tmp_path, file, change)
    assert {problem.page for problem in found} == {file}
    assert message in found[0].message


def test_the_checker_finds_an_entry_that_a_feed_has_twice(sound: Built, tmp_path: Path) -> None:
    text = (sound.directory / "changes/feed.xml").read_text(encoding="utf-8")
    entry = text[text.index("<entry>") : text.index("</entry>") + len("</entry>")]
    (found,) = problems(sound, tmp_path, "changes/feed.xml", (entry, entry * 2))
    assert found.message.endswith("2 times")


def test_only_the_search_page_may_compute(sound: Built, tmp_path: Path) -> None:
    before, after = "script-src &#39;self&#39;", "script-src &#39;self&#39; &#39;wasm-unsafe-eval&#39;"
    (found,) = problems(sound, tmp_path, "servers/index.html", (before, after))
    assert "Content-Security-Policy" in found.message
    assert "wasm-unsafe-eval" in str(sound.part("search/", "meta[http-equiv]").attributes["content"])


def test_a_directory_without_a_site_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no site"):
        check_site(tmp_path)
