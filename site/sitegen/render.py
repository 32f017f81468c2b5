"""From a page's values to HTML: autoescaped templates in which nothing a server hides stays hidden."""

from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sitegen.catalogue import Catalogue
from sitegen.links import Links
from sitegen.pages.base import Page, day
from sitegen.parts import SiteOptions
from sitegen.places import rule_path
from sitegen.report import report_address, report_link
from sitegen.structured import structured_data
from sitegen.visible import visible
from sitegen.words import count

# Nothing is loaded from elsewhere and nothing inline runs, whatever a server managed to write into a page.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "object-src 'none'"
)

_ASSETS = ("site.css", "site.js", "icon.svg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around every page."""

    title: str
    policy: str
    report_url: str | None
    footer: str
    index_size: str = ""
    """How large the whole catalogue is, rounded: ``across an index of more than 120 servers``; may be empty."""

    def report(self, page: str, tool: str = "", server: str = "") -> str | None:
        """Return where a mistake on ``page`` is reported; None where the publisher gives no address."""
        return report_link(self.report_url, tool=tool, server=server, page=page)


class Renderer:
    """Renders pages of every kind."""

    def __init__(self, catalogue: Catalogue, options: SiteOptions) -> None:
        self._environment = Environment(
            loader=PackageLoader("sitegen"),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_finalize,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.globals["rule_path"] = rule_path
        self._base_url = options.base_url
        self._frame = Frame(
            title=options.title, policy=POLICY, report_url=report_address(options.report_url), footer=_footer(catalogue)
        )

    def html(self, page: Page) -> str:
        """Return the page's HTML; equal pages give equal text."""
        links = Links(page=page.path, base_url=self._base_url)
        template = self._environment.get_template(page.template)
        return template.render(
            page=page,
            frame=self._frame,
            link=links.to,
            canonical=links.canonical(),
            structured=structured_data(page, self._base_url),
        )


def assets() -> dict[str, bytes]:
    """Return the style sheet, the script and the icon, by their place on the site."""
    folder = files("sitegen").joinpath("static")
    return {f"assets/{name}": folder.joinpath(name).read_bytes() for name in _ASSETS}


def _finalize(value: object) -> object:
    """Make hidden characters of every value visible; escaping follows. Markup is made of our own templates only."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _footer(catalogue: Catalogue) -> str:
    as_of = f", as of {day(catalogue.as_of)}" if catalogue.as_of else ""
    entries = count(len(catalogue.entries), "tool or action", "tools and actions")
    return f"{entries} of {count(len(catalogue.servers), 'server')}{as_of}."
