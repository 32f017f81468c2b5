"""From a page's values to HTML: autoescaped templates in which nothing a server hides stays hidden."""

import traceback

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError

from catalog.errors import UsageError
from sitegen.frame import Frame
from sitegen.jinja import templates
from sitegen.links import Site
from sitegen.pages.base import Page
from sitegen.pages.extra import ExtraTextPage
from sitegen.parts import SiteOptions
from sitegen.structured import structured_data
from sitegen.visible import is_visible, visible

# What an expression of a template can raise besides Jinja2's own errors.
_IN_EXPRESSIONS = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    UnicodeDecodeError,
    ValueError,
)


class Renderer:
    """Renders pages of every kind."""

    def __init__(self, options: SiteOptions, index_size: str = "") -> None:
        """``index_size`` is for the last line of pages: ``across an index of 120+ servers``."""
        self._templates = templates(options.templates)
        self._base_url = options.base_url
        self._site = Site(options.base_url)
        self._frame = Frame.of(options, index_size)

    def html(self, page: Page) -> bytes:
        """Return the page's HTML in UTF-8; equal pages give equal bytes.

        Raises: UsageError with file, line and reason where a template is broken or asks for what the page has not.
        """
        fast = self.fast(page)
        return self.plain(page) if fast is None else fast

    def fast(self, page: Page) -> bytes | None:
        """Return the same as `plain` in a fraction of the time; None for the few pages that only Jinja2 can write.

        Those are: with characters to make visible, or of a publisher's template that cannot be flattened or is broken.
        """
        flat = self._templates.flat(page.template)
        if flat is None:
            return None
        try:
            encoded = flat.write(self._values(page, all_visible=True)).encode("utf-8")
        except _IN_EXPRESSIONS:
            # Either Jinja2's own way has no trouble with it, or it says where the trouble is.
            return None
        return encoded if is_visible(encoded) else None

    def plain(self, page: Page) -> bytes:
        """Return the page as Jinja2 alone writes it.

        Raises: UsageError as `html` does.
        """
        try:
            text = self._templates.plain(page.template).render(self._values(page, all_visible=False))
        except _IN_EXPRESSIONS as error:
            if reason := _blame(error):
                raise UsageError(reason) from error
            raise
        # A publisher's template may have marked a server's words as safe: what they hide is shown all the same.
        encoded = text.encode("utf-8", "surrogatepass")
        return encoded if is_visible(encoded) else visible(text).encode("utf-8")

    def _values(self, page: Page, *, all_visible: bool) -> dict[str, object]:
        links = self._site.links(page.path)
        return {
            "page": page,
            "frame": self._frame,
            "link": links.to,
            "canonical": links.canonical(),
            "structured": structured_data(page, self._base_url, all_visible=all_visible),
            "own_text": page.body if isinstance(page, ExtraTextPage) else "",
        }


def _blame(error: Exception) -> str:
    """Say what is wrong with which template; nothing where no template is to blame."""
    if isinstance(error, TemplateSyntaxError):
        return f"template {error.filename or error.name!r}, line {error.lineno}: {error.message}"
    if isinstance(error, UnicodeDecodeError):
        return f"a template is not UTF-8 ({error}): save it as UTF-8"
    # Python's own files, and Jinja2's, end in .py; a template has any other name.
    places = [each for each in traceback.extract_tb(error.__traceback__) if not each.filename.endswith(".py")]
    place = f"template {places[-1].filename!r}, line {places[-1].lineno}: " if places else ""
    if isinstance(error, TemplateNotFound):
        return f"{place}there is no template {error.name!r}: correct the name, or put it beside the others"
    return f"{place}{error}" if places else ""
