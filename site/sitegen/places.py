"""Where pages of each kind are: folders from the site's root."""

from functools import cache

from classifier.verdict import Category, Level
from sitegen.slugs import slug

METHOD = "method/"


@cache
def rule_path(rule: str) -> str:
    """Return the page of a classification rule: ``rules/category/deletes/`` for ``category/deletes``."""
    return "rules/" + "".join(f"{slug(part, distinct=rule)}/" for part in rule.split("/"))


def attack_path(attack: str) -> str:
    """Return the page of an attack pattern, by its slug."""
    return f"attacks/{attack}/"


def risk_path(level: Level) -> str:
    """Return the page of the tools at one risk level."""
    return f"risk/{level.label.lower()}/"


def category_path(category: Category) -> str:
    """Return the page of the tools of one category."""
    return f"category/{category.lower()}/"
