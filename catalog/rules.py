"""The rules that ship with the project, read once."""

from functools import cache

from catalog.errors import KnowledgeError
from classifier.errors import RuleError
from classifier.ruleset import Ruleset
from knowledge import documents


@cache
def load_ruleset() -> Ruleset:
    """Read data/knowledge/rules. Raises: KnowledgeError where a rule file is not valid."""
    try:
        return Ruleset.parse(documents("rules"))
    except RuleError as error:
        raise KnowledgeError(f"data/knowledge/rules/{error}") from error
