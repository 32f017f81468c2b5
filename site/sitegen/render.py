"""From a page's values to HTML: autoescaped templates in which nothing a server hides stays hidden."""

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sitegen.frame import Frame
from sitegen.links import Links
from sitegen.pages.base import Page
from sitegen.parts import SiteOptions
from sitegen.places import rule_path
from sitegen.slugs import anchor
from sitegen.structured import structured_data
from sitegen.visible import visible


class Renderer:
    """Renders pages of every kind."""

    def __init__(self, options: SiteOptions, index_size: str = "") -> None:
        """``index_size`` is for the last line of pages: ``120+ servers``."""
        self._environment = Environment(
            loader=PackageLoader("sitegen"),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_finalize,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.globals["anchor"] = anchor
        self._environment.globals["rule_path"] = rule_path
        self._base_url = options.base_url
        self._frame = Frame.of(options, index_size)

    def html(self, page: Page) -> bytes:
        """Return the page's HTML; equal pages give equal bytes."""
        links = Links(page=page.path, base_url=self._base_url)
        template = self._environment.get_template(page.template)
        return template.render(
            page=page,
            frame=self._frame,
            link=links.to,
            canonical=links.canonical(),
            structured=structured_data(page, self._base_url),
        ).encode("utf-8", "replace")


def _finalize(value: object) -> object:
    """Make hidden characters of every value visible; escaping follows. Markup is made of our own templates only."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
