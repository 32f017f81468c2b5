"""A catalogue whose servers write markup, scripts and hidden characters wherever a server can write anything."""

from dataclasses import replace
from typing import TYPE_CHECKING

from catalog.model import Definition, Dispatch, Problem, Reason
from catalog.view import ChangeKind, ChangeRow, Effect, EntryRow, ObservationRow, RemovedRow, ServerRow
from catalog_testing.view import LOOKED_AT, MemoryView, entry_row, evidence, memory_view, server_row, verdict
from classifier.verdict import Category, Classification, Level, Recoverability

if TYPE_CHECKING:
    from collections.abc import Mapping

    from classifier.definition import JsonValue

# What each of these does where it becomes markup or script: it opens a dialog, or asks for something that is not there.
PAYLOADS = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(2)>",
    "</script><script>alert(3)</script>",
    "</title></textarea></style></pre><svg onload=alert(4)>",
    "]]><script>alert(5)</script><![CDATA[",
    "--><script>alert(6)</script><!--",
    "javascript:alert(7)",
    "[see](javascript:alert(8)) ![seen](https://elsewhere.example/pixel.png) <https://elsewhere.example>",
    "```\n</pre><script>alert(9)</script>\n~~~",
    "{{7*7}} {% raw %} ${alert(10)} <%= 1 %> #{1}",
    "'-alert(11)-' \"-alert(12)-\" \\u003cscript\\u003e &lt;script&gt;alert(13)&lt;/script&gt;",
    "<iframe srcdoc='<script>parent.alert(14)</script>'></iframe><base href=//elsewhere.example>"
    "<meta http-equiv=refresh content=0;url=//elsewhere.example>",
    "<style>@import '//elsewhere.example';*{display:none!important}</style>"
    "<link rel=stylesheet href=//elsewhere.example>",
    "\" autofocus onfocus=alert(15) x=\"' onmouseover=alert(16) style=position:fixed;inset:0 '",
    "<form action=//elsewhere.example><button formaction=javascript:alert(17)>Copy</button></form><details open "
    "ontoggle=alert(18)>",
)
HIDDEN = (
    "\u202etxt.exe\u2066 \u200b\u200d\ufeff \U000e0041\U000e0042 \x1b[31m\x1b]8;;https://elsewhere.example\x07 "
    "\x00\x9b\u2028\u2029"
)
LONE_SURROGATES = "\ud83c \udf33"
EVERYTHING = " ".join((*PAYLOADS, HIDDEN, LONE_SURROGATES))

# A name that is somebody's folder, escapes from one, is no name at all, or is two.
NAMES = (
    *PAYLOADS,
    HIDDEN,
    "",
    " ",
    ".",
    "..",
    "../../index.html",
    "%2e%2e%2f",
    "CON",
    "index.html",
    "__proto__",
    "n" * 300,
)

MEGABYTE = 1_000_000


def hostile() -> MemoryView:
    """Return servers that are hostile in all they say: of themselves, their tools, actions, failures and past."""
    slug = "evil"
    entries = [*(_tool(name) for name in NAMES), *_dispatched()]
    return replace(
        memory_view(
            (_server(slug), entries),
            (_failed(), []),
            (server_row("big", product=None), [_tool("big", description=EVERYTHING + "<b>" * (MEGABYTE // 3))]),
        ),
        changes={slug: [change for name in PAYLOADS for change in _changes(slug, name)]},
        gone={
            slug: [row for name in PAYLOADS for row in (_gone(slug, f"gone {name}"), _gone(slug, f"was {name}", name))]
        },
    )


def _server(slug: str) -> ServerRow:
    listing = _look(server_row().latest)
    return replace(
        server_row(slug, title=EVERYTHING, product="evil-product"),
        product_title=EVERYTHING,
        publisher=EVERYTHING,
        homepage="javascript:alert(19)",
        repository='https://git.example/"onmouseover="alert(20)"><script>alert(21)</script>',
        environment=PAYLOADS,
        arguments=PAYLOADS,
        latest=listing,
        listing=listing,
    )


def _failed() -> ServerRow:
    row = server_row("failed", title=PAYLOADS[0], product=None, reason=Reason.CRASHED)
    return replace(row, latest=_look(row.latest, detail=EVERYTHING, hint=EVERYTHING))


def _look(row: ObservationRow, *, detail: str = "", hint: str = "") -> ObservationRow:
    return replace(
        row,
        version=EVERYTHING,
        detail=detail,
        hint=hint,
        server_name=EVERYTHING,
        server_version=EVERYTHING,
        protocol_version=EVERYTHING,
        problems=tuple(Problem(where=payload, message=payload) for payload in PAYLOADS),
    )


def _tool(name: str, *, description: str = EVERYTHING, dispatch: Dispatch | None = None) -> EntryRow:
    row = entry_row(name, _judged(name), description=description, required=PAYLOADS, dispatch=dispatch)
    return replace(row, definition=_definition(name, description))


def _dispatched() -> list[EntryRow]:
    return [
        _tool(f"action {payload}", dispatch=Dispatch(tool=payload, selector={payload: payload}, payload=payload))
        for payload in PAYLOADS
    ]


def _definition(name: str, description: str) -> Definition:
    properties: Mapping[str, JsonValue] = {
        payload: {
            "type": payload,
            "title": payload,
            "description": EVERYTHING,
            "enum": PAYLOADS,
            "default": payload,
            "examples": PAYLOADS,
            "format": payload,
            "pattern": payload,
        }
        for payload in PAYLOADS
    }
    schema: JsonValue = {"type": "object", "properties": properties, "required": PAYLOADS, "$comment": EVERYTHING}
    return Definition(
        raw={
            "name": name,
            "title": EVERYTHING,
            "description": description,
            "inputSchema": schema,
            "outputSchema": schema,
            "annotations": {"title": EVERYTHING, "readOnlyHint": EVERYTHING},
            "icons": [{"src": "https://elsewhere.example/icon.png"}, {"src": "javascript:alert(22)"}],
        }
    )


def _judged(name: str) -> Classification:
    spans = [
        evidence("category/delete-verb", "name", name, "category", "Delete"),
        evidence("trait/bulk-destroy", "description", EVERYTHING, "trait", "bulk-destroy"),
        *(evidence("trait/secret-out", f"param:{payload}", payload, "trait", "secret-out") for payload in PAYLOADS),
        *(evidence("finding/poisoning", "description", payload, "finding", "poisoning") for payload in PAYLOADS),
    ]
    return verdict(Category.DELETE, Level.CRITICAL, Recoverability.R3, inverse=PAYLOADS[0], evidence=spans)


def _changes(server: str, name: str) -> list[ChangeRow]:
    now = _definition(name, EVERYTHING)
    return [
        ChangeRow(
            server=server,
            key=name,
            at=LOOKED_AT,
            kind=ChangeKind.CHANGED,
            effect=Effect.RISK_RAISED,
            before=_definition(f"was {name}", name),
            after=now,
            category=Category.DELETE,
            risk=Level.CRITICAL,
            risk_before=Level.LOW,
        ),
        ChangeRow(server=server, key=f"gone {name}", at=LOOKED_AT, kind=ChangeKind.REMOVED, before=now),
    ]


def _gone(server: str, name: str, new_key: str | None = None) -> RemovedRow:
    return RemovedRow(
        server=server,
        key=name,
        definition=_definition(name, EVERYTHING),
        dispatch=None,
        first_seen=LOOKED_AT,
        last_seen=LOOKED_AT,
        removed_at=LOOKED_AT,
        new_key=new_key,
        category=Category.DELETE,
        risk=Level.CRITICAL,
    )
