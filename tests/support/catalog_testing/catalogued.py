"""Servers in memory as their pages need them, for tests of one page or file; all of a site is made by `built`."""

from catalog.attacks import load_attacks
from catalog.export.policylayer import PolicyLayerExporter
from catalog.policy.recommend import recommend
from catalog.view import CatalogView
from sitegen.catalogue import CataloguedServer, Place
from sitegen.catalogue import catalogued as read
from sitegen.parts import Parts
from sitegen.summary import summary


def parts_of(view: CatalogView) -> Parts:
    """Return the parts of a build with the project's own recommender, exporter and attack patterns, without rules."""
    return Parts(view=view, recommend=recommend, exporters=(PolicyLayerExporter(),), rules={}, attacks=load_attacks())


def catalogued(view: CatalogView) -> tuple[CataloguedServer, ...]:
    """Return every server of ``view``, each in the folder of its slug; nobody has namesakes."""
    parts, found = parts_of(view), []
    for row in view.servers():
        short = summary(row.slug, row.slug, {}, parts)
        found.append(read(row, Place(path=short.server.path, folders=short.folders), parts))
    return tuple(found)
