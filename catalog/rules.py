"""The rules that ship with the project, read once."""

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from catalog.errors import KnowledgeError
from classifier.errors import RuleError
from classifier.ruleset import Ruleset
from knowledge import documents


@cache
def load_ruleset() -> Ruleset:
    """Read data/knowledge/rules. Raises: KnowledgeError where a rule file is not valid."""
    return parse_rules(documents("rules"), "data/knowledge/rules")


def parse_rules(texts: Iterable[tuple[str, str]], where: str) -> Ruleset:
    """Read rules from (path, YAML text). Raises: KnowledgeError naming the file below ``where`` that is not valid."""
    try:
        return Ruleset.parse(texts, code=_code())
    except RuleError as error:
        raise KnowledgeError(f"{where}/{error}") from error


def _code() -> str:
    """Return a hash of the classifier's own source: where it changed, stored judgements are stale."""
    digest = hashlib.sha256()
    modules = (file for file in files("classifier").iterdir() if file.name.endswith(".py"))
    for module in sorted(modules, key=lambda file: file.name):
        digest.update(module.read_bytes())
    return digest.hexdigest()
