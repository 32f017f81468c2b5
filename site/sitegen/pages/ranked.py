"""The pages of risks, categories, rules and attack patterns: lists of the riskiest entries of each kind."""

from collections.abc import Iterator

from classifier.verdict import Category, Level
from sitegen.index import Index
from sitegen.pages.attacks import AttackPage, AttacksPage, attack_pages
from sitegen.pages.kinds import KindsPage, ListPage, categories_page, category_pages, risk_pages, risks_page
from sitegen.pages.riskiest import MOST, Riskiest
from sitegen.pages.rules import RulePage, RulesPage, rule_pages
from sitegen.parts import Parts


def ranked_pages(
    index: Index, parts: Parts
) -> Iterator[KindsPage | ListPage | RulesPage | RulePage | AttacksPage | AttackPage]:
    """Yield the pages of risks, categories, rules and attack patterns.

    Only the entries that some page shows are read: in a large catalogue a small part of all.
    """
    cells = index.cells
    risks = {level: sum(cells.get((category, level), 0) for category in Category) for level in Level}
    categories = {category: sum(cells.get((category, level), 0) for level in Level) for category in Category}
    yield risks_page(risks)
    yield categories_page(categories)
    for level, number in risks.items():
        yield from risk_pages(index, level, number)
    for category, number in categories.items():
        yield from category_pages(index, category, number)
    yield from rule_pages(_by_rule(index, parts), parts)
    yield from attack_pages(_by_attack(index, parts), parts.attacks)


def _by_rule(index: Index, parts: Parts) -> dict[str, Riskiest]:
    fired = index.rules()
    return {
        rule: Riskiest(total=fired.get(rule, 0), entries=tuple(index.fired(rule, MOST)) if rule in fired else ())
        for rule in {**parts.rules, **fired}
    }


def _by_attack(index: Index, parts: Parts) -> dict[str, Riskiest]:
    sets = index.trait_sets()
    found = {}
    for pattern in parts.attacks:
        matched = [traits for traits in sets if pattern.matched(traits)]
        entries = tuple(index.holding(matched, MOST)) if matched else ()
        found[pattern.slug] = Riskiest(total=sum(sets[traits] for traits in matched), entries=entries)
    return found
