"""The checker finds what is broken: each case breaks a sound site in one place."""

from pathlib import Path

import pytest

from catalog.errors import InputError
from catalog_testing.built import built
from catalog_testing.view import memory_view, orchard
from sitegen.check import check_site


@pytest.mark.parametrize(
    ("sound", "broken", "message"),
    [
        ('href="method/index.html"', 'href="methods/index.html"', "link 'methods/index.html' leads nowhere"),
        ('href="index.html#servers"', 'href="index.html#server"', "names an anchor that is not there"),
        ('href="method/index.html"', 'href="javascript:alert(1)"', "is no web page"),
        ('href="assets/site.css"', 'href="https://farm.example/site.css"', "from elsewhere"),
        ("<h1>", "<h1></h1><h1>", "has 2 <h1>"),
        ("default-src &#39;none&#39;", "default-src *", "Content-Security-Policy"),
        ("</main>", "<script>alert(1)</script></main>", "inline script"),
        ("</main>", '<script type="module">alert(1)</script></main>', "inline script"),
        ("</main>", '<script type="application/ld+json">{</script></main>', "JSON-LD that is not JSON"),
        ("</main>", '<script type="application/ld+json" src="method/index.html">{}</script></main>', "another file"),
        ("</main>", "<style>p{}</style></main>", "inline style sheet"),
        ("</main>", '<p style="color:red">x</p></main>', "inline style on <p>"),
        ("</main>", '<p onclick="alert(1)">x</p></main>', "event handler 'onclick' on <p>"),
        ("</main>", "<iframe></iframe></main>", "has a <iframe>"),
        ("</main>", '<p id="main">x</p></main>', "has the id 'main' more than once"),
        ('method="get"', 'method="post"', "has a <form> that sends something"),
        ('action="search/index.html"', 'action="https://farm.example/"', "from elsewhere"),
        (
            "script-src &#39;self&#39;",
            "script-src &#39;self&#39; &#39;wasm-unsafe-eval&#39;",
            "Content-Security-Policy",
        ),
    ],
)
def test_the_checker_finds(tmp_path: Path, sound: str, broken: str, message: str) -> None:
    site = built(memory_view(orchard()), tmp_path / "out")
    page = site.directory / "index.html"
    text = page.read_text()
    assert sound in text
    page.write_text(text.replace(sound, broken, 1))
    problems = check_site(site.directory)
    assert [problem.page for problem in problems] == ["index.html"]
    assert message in problems[0].message


def test_a_directory_without_a_site_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no site"):
        check_site(tmp_path)
