"""What stands around every page."""

from dataclasses import dataclass

from sitegen.pages.base import Link
from sitegen.parts import SiteOptions
from sitegen.policies import FETCHING, PLAIN
from sitegen.report import report_address, report_link


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The same on all pages of a site."""

    title: str
    policy: str
    """The Content Security Policy of a page that has none of its own."""
    report_url: str | None
    footer: str
    """The publisher's own sentence; may be empty."""
    index_size: str
    """How large the whole catalogue is, rounded: ``across an index of 120+ servers``; may be empty."""
    own_pages: tuple[Link, ...]
    """The publisher's own."""
    live: bool
    """Whether pages ask for their next version."""

    @classmethod
    def of(cls, options: SiteOptions, index_size: str) -> "Frame":
        """Return the frame that the publisher wants."""
        return cls(
            title=options.title,
            policy=FETCHING if options.live else PLAIN,
            report_url=report_address(options.report_url),
            footer=options.footer,
            index_size=index_size,
            own_pages=tuple(Link(text=page.title, to=f"{page.slug}/") for page in options.extra_pages),
            live=options.live,
        )

    def report(self, page: str, tool: str = "", server: str = "") -> str | None:
        """Return where a mistake on ``page`` is reported; None where the publisher gives no address."""
        return report_link(self.report_url, tool=tool, server=server, page=page)
