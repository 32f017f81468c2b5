"""Classify the tools of one server: facts, rules, category, then severity, recoverability and risk."""

from collections.abc import Iterable, Iterator, Sequence

from classifier.category import Decided, decide
from classifier.definition import Tool
from classifier.evidence import Witness
from classifier.facts import Facts, gather
from classifier.match import Hits, Place
from classifier.ruleset import Fired, Ruleset
from classifier.server import Server
from classifier.verdict import Category, Classification, Evidence, Level, Recoverability, risk_of

# On conflict the worst holds: irreversible, then an inverse, then curable, then nothing to undo.
_PRECEDENCE = (Recoverability.R3, Recoverability.R1, Recoverability.R2, Recoverability.R0)

# How sure the verdict is, from what agrees; one step down on any conflict (docs/risk-model.md, "Confidence").
_ALL_AGREE = 0.95
_NAME_AND_DESCRIPTION = 0.85
_NAME_ONLY = 0.75
_DESCRIPTION_ONLY = 0.6
_FALLBACK = 0.4
_CONFLICT = 0.15


def classify_server(ruleset: Ruleset, tools: Sequence[Tool]) -> list[Classification]:
    """Judge the tools of one server, in order; the sequence is the context in which each is read."""
    server = Server(tools, ruleset.lexicon, ruleset.forms)
    known = [gather(tool, position, server, ruleset) for position, tool in enumerate(tools)]
    for facts in known:
        if facts.verb is not None and facts.nouns:
            server.add(facts.nouns, facts.verb.verb.word, facts.tool.name)
    return [_judge(facts, server, ruleset) for facts in known]


def classify_stream(ruleset: Ruleset, servers: Iterable[Sequence[Tool]]) -> Iterator[list[Classification]]:
    """Judge servers one after the other as they come: memory is that of one server, however long the stream."""
    for tools in servers:
        yield classify_server(ruleset, tools)


def known_facts(ruleset: Ruleset, tools: Sequence[Tool], position: int) -> Facts:
    """Return what is known of one tool of a server before any rule has fired."""
    return gather(tools[position], position, Server(tools, ruleset.lexicon, ruleset.forms), ruleset)


def _judge(facts: Facts, server: Server, ruleset: Ruleset) -> Classification:
    fired = _fire(facts.hits, ruleset.first_pass)
    decided = decide(facts, fired, ruleset)
    inverse = _inverse(facts, server)
    derived = _derive(facts, decided, fired, inverse, ruleset)
    return _verdict(facts, decided, fired + derived, inverse)


def _fire(hits: Hits, rules: dict[int, tuple[Fired, ...]]) -> list[tuple[Fired, list[Place]]]:
    """Return the rules that hold, in the order of their ids, with the places that make them hold."""
    found: dict[int, tuple[Fired, list[Place]]] = {}
    tried: set[int] = set()
    for number in hits.keys() & rules.keys():
        for rule in rules[number]:
            if rule.order not in tried:
                tried.add(rule.order)
                if rule.condition.holds(hits):
                    found[rule.order] = (rule, rule.condition.places(hits))
    return [found[order] for order in sorted(found)]


def _inverse(facts: Facts, server: Server) -> str | None:
    if facts.verb is None or not facts.nouns:
        return None
    return server.inverse(facts.nouns, facts.verb.verb.word, facts.tool.name)


def _derive(
    facts: Facts,
    decided: Decided,
    fired: Sequence[tuple[Fired, list[Place]]],
    inverse: str | None,
    ruleset: Ruleset,
) -> list[tuple[Fired, list[Place]]]:
    """Fire the rules that build on the category, the traits and the siblings."""
    hits = facts.hits

    def note(test: str, word: str, places: list[Place]) -> None:
        for number in ruleset.index.words[test].get(word, ()):
            hits.setdefault(number, places[0])

    note("category", decided.category, decided.grounds[0].places)
    for rule, places in fired:
        if rule.stable:
            for contribution in rule.contributions:
                if contribution.trait is not None:
                    note("trait", contribution.trait, places)
    if inverse is not None:
        note("sibling", "inverse", [(f"sibling:{inverse}", 0, len(inverse))])
    return _fire(hits, ruleset.second_pass)


def _verdict(
    facts: Facts, decided: Decided, fired: Sequence[tuple[Fired, list[Place]]], inverse: str | None
) -> Classification:
    witness = Witness(facts)
    evidence: list[Evidence] = []
    for ground in decided.grounds:
        evidence += witness.evidence(ground.rule, ground.places, "category", ground.category)
    severity = Level.LOW
    recoveries: set[Recoverability] = set()
    traits: set[str] = set()
    findings: set[str] = set()
    also: set[Category] = set()
    sure = 1.0
    for rule, places in fired:
        for one in rule.contributions:
            if one.trait is not None:
                evidence += witness.evidence(rule.id, places, "trait", one.trait)
                traits |= {one.trait} if rule.stable else set()
            elif one.severity is not None:
                evidence += witness.evidence(rule.id, places, "severity", one.severity)
                severity = max(severity, Level.from_label(one.severity)) if rule.stable else severity
            elif one.recoverability is not None:
                evidence += witness.evidence(rule.id, places, "recoverability", one.recoverability)
                recoveries |= {Recoverability(one.recoverability)} if rule.stable else set()
            elif one.finding is not None:
                evidence += witness.evidence(rule.id, places, "finding", one.finding)
                findings |= {one.finding} if rule.stable else set()
            elif one.also is not None and rule.stable:
                also.add(one.also)
            elif one.confidence is not None and rule.stable:
                sure = min(sure, one.confidence)
    recoverability = next((one for one in _PRECEDENCE if one in recoveries), Recoverability.R2)
    return Classification(
        category=decided.category,
        also=tuple(sorted(also - {decided.category})),
        severity=severity,
        recoverability=recoverability,
        inverse=inverse if recoverability is Recoverability.R1 else None,
        risk=risk_of(severity, recoverability),
        confidence=min(sure, _confidence(decided, traits)),
        traits=tuple(sorted(traits)),
        findings=tuple(sorted(findings)),
        evidence=tuple(evidence),
    )


def _confidence(decided: Decided, traits: set[str]) -> float:
    if decided.fallback:
        return _FALLBACK
    if decided.named is None:
        sure = _DESCRIPTION_ONLY
    elif decided.described is None:
        sure = _NAME_ONLY
    elif decided.named is decided.described:
        sure = _ALL_AGREE if decided.category is decided.named or traits else _NAME_AND_DESCRIPTION
    else:
        sure = _NAME_AND_DESCRIPTION
    return round(sure - _CONFLICT, 2) if decided.conflict else sure
