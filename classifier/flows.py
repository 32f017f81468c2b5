"""Toxic flows: what tools can do together that none does alone, such as a leak from private data to an outsider.

Each tool gets a set of legs, read off its verdict. A flow needs certain legs; it is as sure as its least sure leg, and
its witness names the tools. A flow says nothing about a single tool's risk and never changes it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from classifier.verdict import Category, Classification


class Leg(StrEnum):
    """What a tool can contribute to a flow."""

    UNTRUSTED = "untrusted-input"
    PRIVATE = "private-data"
    EXTERNAL = "external-sink"
    INTERNAL = "internal-sink"
    DESTROY = "destructive"
    EXECUTE = "execution"
    CREDENTIAL = "credential"
    MONEY = "money"


_TRAITS: Mapping[str, tuple[Leg, ...]] = {
    "untrusted-in": (Leg.UNTRUSTED,),
    "session": (Leg.UNTRUSTED,),
    "private-data": (Leg.PRIVATE,),
    "secret-out": (Leg.PRIVATE,),
    "bulk-secret": (Leg.PRIVATE,),
    "egress-external": (Leg.EXTERNAL,),
    "egress-url": (Leg.EXTERNAL,),
    "bulk-egress": (Leg.EXTERNAL,),
    "exposure": (Leg.EXTERNAL,),
    "egress-channel": (Leg.INTERNAL,),
    "content-write": (Leg.INTERNAL,),
    "credential-mint": (Leg.CREDENTIAL,),
    "privilege-change": (Leg.CREDENTIAL,),
    "access-control": (Leg.CREDENTIAL,),
    "money": (Leg.MONEY,),
}
_UNBOUNDED = frozenset({"code-exec", "raw-api", "free-query"})
# Who can run anything can read, send and destroy as well.
_OF_EXECUTION = (Leg.EXECUTE, Leg.UNTRUSTED, Leg.PRIVATE, Leg.EXTERNAL, Leg.DESTROY)

_NEEDS: Mapping[str, tuple[Leg, ...]] = {
    "leak": (Leg.UNTRUSTED, Leg.PRIVATE, Leg.EXTERNAL),
    "destroy": (Leg.UNTRUSTED, Leg.DESTROY),
    "execute": (Leg.UNTRUSTED, Leg.EXECUTE),
    "persist": (Leg.UNTRUSTED, Leg.CREDENTIAL),
    "spend": (Leg.UNTRUSTED, Leg.MONEY),
    "spread": (Leg.UNTRUSTED, Leg.INTERNAL),
}
"""Each flow by what it does, and the legs it needs, in the order in which they are used."""

# What nearly every client brings along: something that reads the web.
_FROM_HOST = Leg.UNTRUSTED

SURE = 0.7
"""From here on a flow counts for a server's grade."""

_SCHEMA = 0.9
_WORDS = 0.7
_DOUBTFUL = 0.5
_ANNOTATION = 0.3


class Kind(StrEnum):
    """Where the tools of a flow are."""

    SELF_CONTAINED = "self-contained"
    ONE_SERVER = "one-server"
    CROSS_SERVER = "cross-server"
    NEEDS_HOST = "needs-host"
    """The missing leg is one that clients bring along: something that reads text of outsiders."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Placed:
    """A tool or action of a server, with its verdict."""

    server: str
    key: str
    verdict: Classification


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One leg of a witness."""

    leg: Leg
    server: str
    key: str
    """Both empty where the client brings the leg along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One flow that the tools allow."""

    name: str
    """``leak``, ``destroy``, ``execute``, ``persist``, ``spend`` or ``spread``."""
    kind: Kind
    confidence: float
    """Of the least sure leg: 0.9 words and arguments agree, 0.7 words, 0.5 doubtful words, 0.3 annotations alone."""
    witness: tuple[Step, ...]
    """The smallest tools, by server and key, with which the flow is this sure."""


def legs(verdict: Classification) -> dict[Leg, float]:
    """Return the legs of one tool, each with how sure it is."""
    found: dict[Leg, float] = {}

    def add(leg: Leg, sure: float) -> None:
        found[leg] = max(sure, found.get(leg, 0.0))

    for trait in verdict.traits:
        sure = _sure(verdict, trait)
        for leg in _TRAITS.get(trait, ()):
            add(leg, sure)
        if trait in _UNBOUNDED and verdict.category is Category.ADMIN:
            for leg in _OF_EXECUTION:
                add(leg, sure)
    if verdict.category is Category.DELETE:
        add(Leg.DESTROY, _WORDS if verdict.confidence >= _WORDS else _DOUBTFUL)
    return found


def _sure(verdict: Classification, trait: str) -> float:
    """Return how sure a trait is, from the fields in which it was seen."""
    kinds = {
        one.field.partition(":")[0] for one in verdict.evidence if one.contributes == "trait" and one.value == trait
    }
    if kinds <= {"annotation"}:
        return _ANNOTATION
    if kinds & {"param", "output", "value", "default"}:
        return _SCHEMA
    return _WORDS if verdict.confidence >= _WORDS else _DOUBTFUL


def flows(placed: Sequence[Placed]) -> tuple[Flow, ...]:
    """Return the flows that tools of one or several servers allow together, in the order of their definition."""
    by_leg: dict[Leg, list[tuple[tuple[str, str], float]]] = {leg: [] for leg in Leg}
    for one in placed:
        for leg, sure in legs(one.verdict).items():
            by_leg[leg].append(((one.server, one.key), sure))
    return tuple(flow for name, needed in _NEEDS.items() for flow in _flow(name, needed, by_leg))


def _flow(
    name: str, needed: tuple[Leg, ...], by_leg: Mapping[Leg, Sequence[tuple[tuple[str, str], float]]]
) -> Iterator[Flow]:
    missing = [leg for leg in needed if not by_leg[leg]]
    if missing and missing != [_FROM_HOST]:
        return
    present = [leg for leg in needed if by_leg[leg]]
    confidence = min(max(sure for _, sure in by_leg[leg]) for leg in present)
    able = {leg: sorted(tool for tool, sure in by_leg[leg] if sure >= confidence) for leg in present}
    alone = sorted(set.intersection(*(set(tools) for tools in able.values())))
    chosen = {leg: alone[0] if alone and not missing else tools[0] for leg, tools in able.items()}
    if missing:
        kind = Kind.NEEDS_HOST
    elif alone:
        kind = Kind.SELF_CONTAINED
    else:
        chosen = _on_one_server(able) or chosen
        kind = Kind.ONE_SERVER if len({server for server, _ in chosen.values()}) == 1 else Kind.CROSS_SERVER
    steps = tuple(
        Step(leg=leg, server=chosen[leg][0] if leg in chosen else "", key=chosen[leg][1] if leg in chosen else "")
        for leg in needed
    )
    yield Flow(name=name, kind=kind, confidence=confidence, witness=steps)


def _on_one_server(able: Mapping[Leg, Sequence[tuple[str, str]]]) -> dict[Leg, tuple[str, str]] | None:
    """Return the smallest witness whose tools are all on one server, or None."""
    shared = sorted(set.intersection(*({server for server, _ in tools} for tools in able.values())))
    if not shared:
        return None
    return {leg: next(tool for tool in tools if tool[0] == shared[0]) for leg, tools in able.items()}
