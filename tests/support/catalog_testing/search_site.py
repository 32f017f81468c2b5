"""A built site whose search is our own index, though Pagefind is installed and has indexed it."""

from catalog_testing.built import Built
from sitegen.ledger.ledger import LEDGER, Ledger
from sitegen.parts import SiteOptions
from sitegen.render import Renderer
from sitegen.searching import own_search


def use_own_search(site: Built) -> None:
    """Put the search page and our own index in place of Pagefind's, as a build does where that is not installed."""
    with Ledger(site.directory / LEDGER) as ledger:
        for path, content in own_search(ledger.index, Renderer(SiteOptions())):
            target = site.directory / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
