"""A tool's page leads to tools of the same name on other servers, after those of its own server."""

from dataclasses import replace

from catalog.policy.recommend import recommend
from catalog_testing.view import LOOKED_AT, entry_row, memory_view, server_row
from classifier.verdict import Category, Level
from sitegen.catalogue import CataloguedEntry, CataloguedServer
from sitegen.index import IndexedEntry
from sitegen.pages.tool import tool_page
from sitegen.parts import Parts
from sitegen.related import Neighbours


def test_namesakes_come_last_and_name_their_server() -> None:
    rows = [entry_row("pick"), entry_row("pack")]
    entries = tuple(
        CataloguedEntry(row=row, tool=row.definition.tool, server=server_row(), path=f"servers/orchard/{row.key}/")
        for row in rows
    )
    namesake = IndexedEntry(
        server="barn", server_title="The Barn", server_path="servers/barn/", key="pick", name="pick",
        path="servers/barn/pick/", summary="", category=Category.WRITE, risk=Level.HIGH, severity=Level.HIGH,
        confidence=0.9, traits=(), rules=(), provenance="live", is_action=False, changed_at=LOOKED_AT,
    )  # fmt: skip
    server = CataloguedServer(
        row=replace(server_row(), tools=2), path="servers/orchard/", entries=entries,
        policy=recommend("orchard", rows), exports=(), namesakes={"pick": (namesake,)},
    )  # fmt: skip
    parts = Parts(view=memory_view(), recommend=recommend, exporters=(), rules={}, attacks=())
    related = tool_page(entries[0], server, Neighbours(entries), parts).related
    assert [(one.name, one.to, one.risk, one.because, one.policy) for one in related] == [
        ("pack", "servers/orchard/pack/", "Low", "also Read", "allow"),
        ("pick", "servers/barn/pick/", "High", "the same name on The Barn", ""),
    ]
    assert not tool_page(entries[1], server, Neighbours(entries), parts).related[1:]
