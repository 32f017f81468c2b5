"""One pass over all entries, the riskiest first, serves the pages of risks, categories, rules and attack patterns."""

from collections.abc import Iterator, Sequence
from functools import lru_cache, partial

from catalog.attacks import AttackPattern
from classifier.verdict import Category, Level
from sitegen.index import Index
from sitegen.pages.attacks import AttackPage, AttacksPage, attack_pages
from sitegen.pages.kinds import KindsPage, ListPage, categories_page, of_category, of_risk, risks_page
from sitegen.pages.riskiest import Riskiest
from sitegen.pages.rules import RulePage, RulesPage, rule_pages
from sitegen.parts import Parts

# Combinations of traits whose attack patterns are remembered; real catalogues have some thousands.
_COMBINATIONS = 20_000


def ranked_pages(
    index: Index, parts: Parts
) -> Iterator[KindsPage | ListPage | RulesPage | RulePage | AttacksPage | AttackPage]:
    """Yield the pages of risks, categories, rules and attack patterns.

    Every entry is looked at once; of each list no more is held than one page.
    """
    cells = index.cells
    risks = {level: sum(cells.get((category, level), 0) for category in Category) for level in Level}
    categories = {category: sum(cells.get((category, level), 0) for level in Level) for category in Category}
    yield risks_page(risks)
    yield categories_page(categories)
    by_risk = {level: of_risk(level, number) for level, number in risks.items()}
    by_category = {category: of_category(category, number) for category, number in categories.items()}
    by_rule = {rule: Riskiest() for rule in parts.rules}
    by_attack = {attack.slug: Riskiest() for attack in parts.attacks}
    attacks_of = lru_cache(_COMBINATIONS)(partial(_matched, parts.attacks))
    for entry in index.ranked():
        yield from by_risk[entry.risk].add(entry)
        yield from by_category[entry.category].add(entry)
        for rule in entry.rules:
            by_rule.setdefault(rule, Riskiest()).add(entry)
        for attack in attacks_of(entry.traits):
            by_attack[attack].add(entry)
    for filling in (*by_risk.values(), *by_category.values()):
        yield from filling.end()
    yield from rule_pages(by_rule, parts)
    yield from attack_pages(by_attack, parts.attacks)


def _matched(patterns: Sequence[AttackPattern], traits: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(pattern.slug for pattern in patterns if pattern.matched(traits))
