"""The fast way to write a page writes what Jinja2 alone would."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.errors import UsageError
from catalog_testing.pages import HOSTILE, PLAIN, filled, page_kinds
from sitegen.pages.base import Page
from sitegen.pages.gone import GonePage
from sitegen.pages.kinds import ListPage
from sitegen.pages.server import ServerPage
from sitegen.pages.tool import ToolPage
from sitegen.parts import SiteOptions
from sitegen.render import Renderer

RENDERERS = [
    Renderer(SiteOptions(title="<Farm> “tools”", base_url=base_url, report_url=report_url), "3 tools & more.")
    for base_url, report_url in ((None, "https://farm.example/?a=1&b=2"), ("https://farm.example/catalog/", None))
]


@pytest.mark.parametrize("kind", page_kinds(), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("text", [HOSTILE, PLAIN], ids=["hostile", "plain"])
@given(data=st.data())
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_page_of_any_kind_is_written_as_jinja2_alone_would_write_it(
    kind: type, text: st.SearchStrategy[str], data: st.DataObject
) -> None:
    page = data.draw(filled(kind, text))
    for renderer in RENDERERS:
        assert _outcome(renderer.html, page) == _outcome(renderer.plain, page)


@pytest.mark.parametrize("kind", [ToolPage, ServerPage, GonePage, ListPage], ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_page_of_which_there_are_many_without_hidden_characters_is_written_the_fast_way(
    kind: type, data: st.DataObject
) -> None:
    page = data.draw(filled(kind, PLAIN))
    for renderer in RENDERERS:
        written = _outcome(renderer.plain, page)
        assert isinstance(written, str) or renderer.fast(page) == written


def _outcome(render: Callable[[Page], bytes], page: Page) -> bytes | str:
    """Return the page, or what is said of one whose fields contradict one another."""
    try:
        return render(page)
    except UsageError as error:
        return str(error)
