import pytest

from catalog.attacks import AttackPattern, Reference, load_attacks, matching
from catalog.rules import load_ruleset
from sitegen.words import TRAITS

PATTERNS = load_attacks()
FOUND = {one.trait for rule in load_ruleset().rules for one in rule.contributes if one.trait}


def pattern(
    slug: str, traits: tuple[tuple[str, ...], ...], *, seen: str = "analogous", severity: str = "high"
) -> AttackPattern:
    return AttackPattern.model_validate(
        {
            "slug": slug,
            "name": "Picking apples",
            "sentence": "Somebody picks them.",
            "traits": traits,
            "seen": seen,
            "severity": severity,
            "references": [{"id": "CWE-1", "checked": "secondary"}],
        }
    )


@pytest.mark.parametrize("known", PATTERNS, ids=lambda known: known.slug)
def test_every_pattern_can_be_matched_by_traits_that_rules_find(known: AttackPattern) -> None:
    assert {trait for group in known.traits for trait in group} <= FOUND


@pytest.mark.parametrize("trait", sorted(FOUND))
def test_pages_have_words_for_every_trait_that_rules_find(trait: str) -> None:
    assert trait in TRAITS


def test_a_pattern_needs_every_trait_of_one_of_its_sets() -> None:
    needs_both = pattern("both", (("private-data", "egress-url"),))
    assert needs_both.matched({"private-data"}) == ()
    assert needs_both.matched({"private-data", "egress-url", "bulk"}) == ("egress-url", "private-data")


def test_patterns_are_ranked_by_traits_then_by_what_happened_then_by_severity() -> None:
    patterns = [
        pattern("analogous-critical", (("money",),), severity="critical"),
        pattern("occurred", (("money",),), seen="occurred"),
        pattern("analogous-high", (("money",),)),
        pattern("two-traits", (("money", "bulk"),)),
        pattern("other", (("physical",),)),
    ]
    assert [match.pattern.slug for match in matching(patterns, {"money", "bulk"})] == [
        "two-traits", "occurred", "analogous-critical", "analogous-high",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("identifier", "address"),
    [
        ("CVE-2025-11749", "https://www.cve.org/CVERecord?id=CVE-2025-11749"),
        ("CWE-78", "https://cwe.mitre.org/data/definitions/78.html"),
        ("AML.T0086", "https://atlas.mitre.org/techniques/AML.T0086"),
        ("AML.CS0037", "https://atlas.mitre.org/studies/AML.CS0037"),
        ("arXiv 2508.12175", "https://arxiv.org/abs/2508.12175"),
        ("ASI03", None),
    ],
)
def test_an_identifier_leads_to_its_own_page(identifier: str, address: str | None) -> None:
    assert Reference(id=identifier, checked="primary").url == address
