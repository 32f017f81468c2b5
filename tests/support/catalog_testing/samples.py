"""Small facts for tests, in our own words: a server, a definition, an entry, an observation."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from catalog.model import (
    Definition,
    Dispatch,
    Entry,
    Listed,
    NotListed,
    Observation,
    Problem,
    Provenance,
    Reason,
    Rung,
    ServerRef,
)
from catalog.origin import Origin, Package
from classifier.definition import JsonValue
from classifier.verdict import Category, Classification, Evidence, Level, Recoverability

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
"""When the first observation of a test starts."""


def server_ref(*, slug: str = "orchard", origin: Origin | None = None, product: str | None = None) -> ServerRef:
    """Return a server that is reached as an npm package, or as ``origin`` says."""
    return ServerRef(
        slug=slug,
        title=slug.title(),
        origin=origin or Package(ecosystem="npm", name=f"@farm/{slug}", version="1.4.0"),
        product=product,
        product_title=product.title() if product else None,
        publisher="The Orchard Keepers",
        homepage=f"https://{slug}.example",
        repository=f"https://git.example/{slug}",
        environment=("ORCHARD_TOKEN",),
        arguments=("stdio",),
    )


def definition(
    name: str,
    *,
    description: str = "Counts the apples in a crate.",
    properties: Mapping[str, JsonValue] | None = None,
) -> Definition:
    """Return a tool definition as tools/list would give it."""
    schema: dict[str, JsonValue] = {"type": "object", "properties": dict(properties or {})}
    return Definition(raw={"name": name, "description": description, "inputSchema": schema})


def entry(
    name: str,
    *,
    description: str = "Counts the apples in a crate.",
    properties: Mapping[str, JsonValue] | None = None,
    provenance: Provenance = Provenance.LIVE,
    dispatch: Dispatch | None = None,
) -> Entry:
    """Return a tool, or with ``dispatch`` an action behind one."""
    return Entry(
        definition=definition(name, description=description, properties=properties),
        provenance=provenance,
        dispatch=dispatch,
    )


def action(name: str, *, tool: str = "orchard") -> Entry:
    """Return the action ``name`` behind the dispatcher ``tool``, reached by its argument ``action``."""
    dispatch = Dispatch(tool=tool, selector={"action": name}, payload="params")
    return entry(name, provenance=Provenance.EXPANDED, dispatch=dispatch)


def listed_observation(
    entries: Sequence[Entry] = (),
    *,
    server: ServerRef | None = None,
    day: int = 0,
    version: str | None = "1.4.0",
    problems: Sequence[Problem] = (),
) -> Observation:
    """Return an observation, ``day`` days after NOON, of a server that answered with ``entries``."""
    started = NOON + timedelta(days=day)
    return Observation(
        server=server or server_ref(),
        started_at=started,
        finished_at=started + timedelta(seconds=3),
        outcome=Listed(
            server_name="orchard-mcp",
            server_version="1.4.0",
            protocol_version="2025-11-25",
            entries=tuple(entries),
            problems=tuple(problems),
        ),
        version=version,
        sandbox="bubblewrap",
        rungs=(Rung(name="install", result="ok", seconds=1.5), Rung(name="run", result="ok", seconds=0.25)),
    )


def not_listed_observation(
    reason: Reason = Reason.CRASHED, *, server: ServerRef | None = None, day: int = 0
) -> Observation:
    """Return an observation, ``day`` days after NOON, of a server that could not be asked."""
    started = NOON + timedelta(days=day)
    return Observation(
        server=server or server_ref(),
        started_at=started,
        finished_at=started + timedelta(seconds=3),
        outcome=NotListed(reason=reason, detail="exit code 1: no orchard here", hint="Set ORCHARD_TOKEN."),
        rungs=(Rung(name="run", result="failed", seconds=0.5, detail="exit code 1"),),
    )


def classification(category: Category = Category.READ, *, inverse: str | None = None) -> Classification:
    """Return a verdict with one piece of evidence; with ``inverse`` the call can be undone."""
    read = category is Category.READ
    return Classification(
        category=category,
        also=() if read else (Category.READ,),
        severity=Level.LOW if read else Level.HIGH,
        recoverability=Recoverability.R0 if read else Recoverability.R1 if inverse else Recoverability.R3,
        inverse=inverse,
        risk=Level.LOW if read else Level.CRITICAL,
        confidence=0.8,
        traits=() if read else ("bulk",),
        findings=("hint-mismatch",),
        evidence=(
            Evidence(
                rule="category/count-verb",
                field="description",
                start=0,
                end=6,
                text="Counts",
                contributes="category",
                value=category.value,
            ),
        ),
    )
