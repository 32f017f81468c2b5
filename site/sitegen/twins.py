"""The files beside a page that say the same: JSON for programs, Markdown for terminals and language models."""

from sitegen.catalogue import CataloguedEntry, CataloguedServer
from sitegen.documents.encoding import encoded
from sitegen.documents.server import server_document
from sitegen.documents.tool import tool_document
from sitegen.markdown.server import server_markdown
from sitegen.markdown.tool import tool_markdown
from sitegen.pages.server import ServerPage
from sitegen.pages.tool import ToolPage


def tool_twins(page: ToolPage, entry: CataloguedEntry, server: CataloguedServer) -> tuple[tuple[str, bytes], ...]:
    """Return ``page.json`` and ``page.md`` of a tool's page, each with its path from the site's root."""
    return (
        (f"{page.path}page.json", encoded(tool_document(page, entry, server))),
        (f"{page.path}page.md", tool_markdown(page, entry, server)),
    )


def server_twins(page: ServerPage, server: CataloguedServer) -> tuple[tuple[str, bytes], ...]:
    """Return ``page.json`` and ``page.md`` of a server's page, each with its path from the site's root."""
    return (
        (f"{server.path}page.json", encoded(server_document(page, server))),
        (f"{server.path}page.md", server_markdown(page, server)),
    )
