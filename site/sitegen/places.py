"""Where pages are, from the site's root: one function a kind, so that a link and its page cannot differ."""

from functools import cache

from classifier.verdict import Category, Level
from sitegen.slugs import slug

METHOD = "method/"


@cache
def rule_path(rule: str) -> str:
    """Return the page of a classification rule: ``rules/category/deletes/`` for ``category/deletes``."""
    return "rules/" + "".join(f"{slug(part, distinct=rule)}/" for part in rule.split("/"))


def attack_path(attack: str) -> str:
    """Return the page of the attack pattern with this slug."""
    return f"attacks/{attack}/"


def risk_path(level: Level) -> str:
    """Return the first page of the tools at a risk."""
    return f"risk/{level.label.lower()}/"


def category_path(category: Category) -> str:
    """Return the first page of the tools of a category."""
    return f"category/{category.lower()}/"


def product_path(product: str) -> str:
    """Return the first page of the servers for the product with this slug."""
    return f"products/{slug(product, distinct=product)}/"
