"""Decide the category: the verb's usual meaning, what the words around it make of it, and what happens as well."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from classifier.facts import Facts
from classifier.lexicon import Verb
from classifier.match import Place
from classifier.ruleset import Fired, Ruleset
from classifier.verdict import Category

# On conflict: Delete > Admin (power, software, access) > Write > Read; Admin that runs anything at all stands above.
_RANK = {Category.READ: 0, Category.WRITE: 1, Category.ADMIN: 2, Category.DELETE: 3}
_UNBOUNDED_RANK = 4
UNBOUNDED = frozenset({"code-exec", "raw-api", "free-query"})


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason for a category."""

    category: Category
    rule: str
    places: list[Place]
    rank: int


@dataclass(frozen=True, slots=True)
class Decided:
    """The category, the reasons for it, and what confidence needs to know."""

    category: Category
    grounds: Sequence[Ground]
    named: Category | None
    """What the verb of the name usually means, or None."""
    described: Category | None
    """What the verbs of the description usually mean, or None."""
    conflict: bool
    fallback: bool


def decide(facts: Facts, fired: Sequence[tuple[Fired, list[Place]]], ruleset: Ruleset) -> Decided:
    """Decide from the verbs and the rules that fired."""
    meanings: list[Ground] = []
    effects: list[Ground] = []
    otherwise: list[Ground] = []
    by_force = {"meaning": meanings, "effect": effects, "otherwise": otherwise}
    for rule, places in fired:
        if not rule.stable:
            continue
        for contribution in rule.contributions:
            if contribution.category is not None:
                unbounded = contribution.category is Category.ADMIN and any(
                    other.trait in UNBOUNDED for other in rule.contributions
                )
                rank = _UNBOUNDED_RANK if unbounded else _RANK[contribution.category]
                ground = Ground(contribution.category, rule.id, places, rank)
                by_force[contribution.force].append(ground)
    usual = list(_usual(facts, ruleset))
    named = facts.verb.verb.category if facts.verb is not None else None
    described = max((verb.category for verb, _, _ in facts.reading.verbs), key=_RANK.__getitem__, default=None)
    base = meanings or usual or otherwise
    fallback = not base and not effects
    if not base:
        whole = ("name", 0, len(facts.name.plain))
        # An effect alone (a destroy flag) must not hide that the operation itself is not understood.
        base = [Ground(Category.WRITE, ruleset.fallback, [whole], _RANK[Category.WRITE])]
    candidates = [*base, *effects]
    best = max(ground.rank for ground in candidates)
    category = next(ground.category for ground in candidates if ground.rank == best)
    return Decided(
        category=category,
        grounds=[ground for ground in candidates if ground.category is category],
        named=named,
        described=described,
        conflict=len({ground.category for ground in (*usual, *effects)}) > 1,
        fallback=fallback,
    )


def _usual(facts: Facts, ruleset: Ruleset) -> Iterator[Ground]:
    """Yield what the verbs usually mean: a strong verb settles it, a weak one lets the description decide."""
    name = facts.verb
    strong_said = [found for found in facts.reading.verbs if found[0].strong]
    certain = name is not None and name.verb.strong and name.sure
    if certain:
        assert name is not None  # noqa: S101  # implied by ``certain``, which the type checker cannot see
        yield _ground(name.verb, name.place("name"), ruleset)
        floor = _RANK[name.verb.category]
        for verb, start, end in strong_said:
            # Upward only, and a word that may be a noun outranks the name's own verb only where it takes an object.
            if _RANK[verb.category] > floor and (not verb.also_noun or facts.reading.takes_object(end)):
                yield _ground(verb, ("description", start, end), ruleset)
        return
    if strong_said:
        for verb, start, end in strong_said:
            yield _ground(verb, ("description", start, end), ruleset)
        return
    # Where neither is strong, a word of the name that may be a noun leaves it to the description's verb.
    if name is not None and (name.verb.strong or name.sure or not facts.reading.verbs):
        yield _ground(name.verb, name.place("name"), ruleset)
        return
    for verb, start, end in facts.reading.verbs:
        yield _ground(verb, ("description", start, end), ruleset)
        return
    if facts.title_verb is not None:
        yield _ground(facts.title_verb.verb, facts.title_verb.place("title"), ruleset)


def _ground(verb: Verb, place: Place, ruleset: Ruleset) -> Ground:
    return Ground(verb.category, ruleset.usual[verb.category], [place], _RANK[verb.category])
