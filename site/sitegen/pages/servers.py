"""Lists of servers: all of them by slug, products, and the servers of each product."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from sitegen.index import Index, IndexedServer
from sitegen.pages.base import Link, day
from sitegen.pages.lines import ServerLine, server_line
from sitegen.pages.paging import FOLDER_MARK, Filling, Paging, Spread, pages
from sitegen.places import product_path
from sitegen.visible import LONGEST_NAME, one_line
from sitegen.words import count

# Rows of one page: about 40 KB of HTML.
_PER_PAGE = 100

PRODUCTS = Link(text="Products", to="products/")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServersPage:
    """One page of the list of all servers."""

    template: ClassVar[str] = "servers.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    total: str
    as_of: str
    """The day of the latest look; only on the first page, and empty in an empty catalogue."""
    servers: tuple[ServerLine, ...]
    paging: Paging


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What several servers are for."""

    name: str
    to: str
    servers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductsPage:
    """One page of the list of products."""

    template: ClassVar[str] = "products.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    products: tuple[Product, ...]
    paging: Paging


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPage:
    """One page of the servers for one product."""

    template: ClassVar[str] = "product.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    name: str
    total: str
    servers: tuple[ServerLine, ...]
    paging: Paging


def servers_pages(index: Index) -> Iterator[ServersPage]:
    """Yield the list of all servers, by slug."""
    as_of = day(index.as_of) if index.as_of else ""

    def page(rows: Sequence[ServerLine], paging: Paging) -> ServersPage:
        return ServersPage(
            path=paging.path,
            title=f"MCP servers{paging.suffix}",
            summary="Every MCP server of the catalogue: its tools, its grade, its highest risk, and how that is known.",
            crumbs=(),
            total=count(index.server_count, "server"),
            as_of=as_of if paging.number == 1 else "",
            servers=tuple(rows),
            paging=paging,
        )

    spread = Spread(path="servers/", total=index.server_count, make=page, per_page=_PER_PAGE, mark=FOLDER_MARK)
    yield from pages(spread, map(server_line, index.servers()))


def products(index: Index) -> Mapping[str, Product]:
    """Return the products that servers are for, by slug. They are few: a curator wrote them down."""
    found: dict[str, Product] = {}
    for server in index.servers():
        if server.product:
            known = found.get(server.product)
            found[server.product] = Product(
                name=known.name if known else _name(server),
                to=product_path(server.product),
                servers=known.servers + 1 if known else 1,
            )
    return dict(sorted(found.items()))


def products_pages(index: Index) -> Iterator[ProductsPage | ProductPage]:
    """Yield the list of products, then the servers of each."""
    known = products(index)

    def listing(rows: Sequence[Product], paging: Paging) -> ProductsPage:
        return ProductsPage(
            path=paging.path,
            title=f"Products{paging.suffix}",
            summary="What MCP servers of the catalogue are for, and how many servers there are for each.",
            crumbs=(),
            products=tuple(rows),
            paging=paging,
        )

    yield from pages(
        Spread(path=PRODUCTS.to, total=len(known), make=listing, per_page=_PER_PAGE, mark=FOLDER_MARK), known.values()
    )
    filling = {
        slug: Filling(
            Spread(path=product.to, total=product.servers, make=partial(_product, product), per_page=_PER_PAGE)
        )
        for slug, product in known.items()
    }
    for server in index.servers():
        if server.product:
            yield from filling[server.product].add(server_line(server))


def _product(product: Product, rows: Sequence[ServerLine], paging: Paging) -> ProductPage:
    number = count(product.servers, "MCP server")
    return ProductPage(
        path=paging.path,
        title=f"MCP servers for {product.name}{paging.suffix}",
        summary=f"{number} for {product.name}, with every tool's risk and recommended policies.",
        crumbs=(PRODUCTS,),
        name=product.name,
        total=count(product.servers, "server"),
        servers=tuple(rows),
        paging=paging,
    )


def _name(server: IndexedServer) -> str:
    return one_line(server.product_title, LONGEST_NAME) or server.product
