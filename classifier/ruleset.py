"""All rules and words, read from YAML text and compiled into look-ups."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from classifier.errors import RuleError
from classifier.lexicon import Grammar, Language, Lexicon, VerbClass, forms
from classifier.match import Compiled, Index, compile_condition
from classifier.patterns import compile_patterns
from classifier.rule import Condition, Contribution, Rule
from classifier.verdict import Category

_LEXICON = "lexicon/"
_VERBS = TypeAdapter(dict[Category, VerbClass])
_NOUNS = TypeAdapter(dict[str, tuple[str, ...]])
_LANGUAGES = TypeAdapter(dict[str, Language])

# YAML 1.1 reads a bare ``on``, ``off``, ``yes`` or ``no`` as a boolean; in a list of words that is a trap.
_TRUTH = {True: "on/yes/true", False: "off/no/false"}

# Tests on what earlier rules decided; a rule that uses one runs in the second pass and decides no category.
_DERIVED = frozenset({"category", "trait", "sibling"})


class Fired:
    """A rule, compiled."""

    __slots__ = ("condition", "contributions", "derived", "id", "order", "stable")

    def __init__(self, rule: Rule, condition: Compiled, order: int) -> None:
        self.id = rule.id
        self.condition = condition
        self.contributions: tuple[Contribution, ...] = rule.contributes
        self.derived = uses(rule.match, _DERIVED)
        self.stable = rule.status == "stable"
        self.order = order


class Ruleset:
    """The rules, in a stable order, and everything compiled from them. Build it with ``parse``."""

    def __init__(self, version: str, rules: tuple[Rule, ...], lexicon: Lexicon) -> None:
        self.version = version
        """A short hash of all rule text and of the code that applies it: equal text and code, equal version."""
        self.rules = rules
        self.lexicon = lexicon
        groups: dict[str, tuple[str, ...]] = dict(lexicon.nouns)
        for category in Category:
            groups[f"{category.lower()}-verbs"] = tuple(lexicon.of_category(category))
        self.groups: Mapping[str, tuple[str, ...]] = groups
        """What a rule may name with a dollar sign: the groups of nouns, and the verbs of each category."""
        stated = [word for rule in rules for word in prose_words(rule.match, groups)]
        grammar = lexicon.grammar
        self.forms = forms(
            sorted({word for verb in lexicon.verbs for word in verb.split()}), sorted(set(stated)), grammar.irregular
        )
        self.index = Index(self.forms)
        self.usual: dict[Category, str] = {}
        """The rule that stands behind a verb's usual meaning."""
        self.fallback = ""
        """The rule for a tool that nothing says anything about."""
        self.first_pass: dict[int, tuple[Fired, ...]] = {}
        self.second_pass: dict[int, tuple[Fired, ...]] = {}
        self.compiled: dict[str, Fired] = {}
        """By id; the rules behind a verb's usual meaning and the fallback are no conditions and are not in it."""
        for order, rule in enumerate(rules):
            forced = {one.force: one.category for one in rule.contributes if one.category is not None}
            if usual := forced.get("usual"):
                self.usual[usual] = rule.id
                continue
            if "fallback" in forced:
                self.fallback = rule.id
                continue
            try:
                condition = compile_condition(rule.match, self.index, groups)
            except KeyError as error:
                raise RuleError(
                    f"{rule.id}.yaml: no group ${error.args[0]} in lexicon/nouns.yaml; add it or correct the name"
                ) from error
            fired = Fired(rule, condition, order)
            self.compiled[rule.id] = fired
            passed = self.second_pass if fired.derived else self.first_pass
            for trigger in fired.condition.triggers(self.index):
                passed[trigger] = (*passed.get(trigger, ()), fired)
        self.index.finish()
        self.patterns = compile_patterns(self.index.words)
        self.by_id: Mapping[str, Rule] = {rule.id: rule for rule in rules}

    def numbers_of(self, rule: str) -> frozenset[int]:
        """Return the numbers of the word lists that a rule asks for; none where it builds on other rules."""
        fired = self.compiled.get(rule)
        return frozenset() if fired is None or fired.derived else frozenset(fired.condition.numbers())

    @classmethod
    def parse(cls, documents: Iterable[tuple[str, str]], *, code: str = "") -> "Ruleset":
        """Read rules and lexicon from (path, YAML text); the path without its suffix is the rule's id.

        ``code`` identifies the program that applies them: other code may judge otherwise, so it is part of the version.

        Raises: RuleError naming the file and what to do.
        """
        texts = sorted(documents)
        digest = hashlib.sha256(code.encode())
        lexicon: dict[str, Any] = {}
        rules: list[Rule] = []
        for path, text in texts:
            digest.update(f"{path}\0{text}\0".encode())
            data = _load(path, text)
            name = path.removesuffix(".yaml")
            if name.startswith(_LEXICON):
                lexicon[name.removeprefix(_LEXICON)] = data
            else:
                rules.append(_rule(path, name, data))
        return cls(digest.hexdigest()[:12], tuple(rules), _lexicon(lexicon))


def uses(condition: Condition, tests: frozenset[str]) -> bool:
    """Say whether a condition asks for any of ``tests``, at any depth."""
    return any(test in tests for test, _ in condition.words()) or any(
        uses(inner, tests) for inner in (*condition.all, *condition.any, *condition.none)
    )


def prose_words(condition: Condition, groups: Mapping[str, tuple[str, ...]]) -> Iterable[str]:
    """Yield each single word that a condition looks for in names or prose."""
    for test, stated in condition.words():
        if test in {"verb", "noun", "object", "first", "says"}:
            for phrase in stated:
                for one in groups.get(phrase[1:], ()) if phrase.startswith("$") else (phrase,):
                    yield from one.split()
    for inner in (*condition.all, *condition.any, *condition.none):
        yield from prose_words(inner, groups)


def _load(path: str, text: str) -> Any:  # YAML is any data until a model has read it
    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # both are safe loaders
    except yaml.YAMLError as error:
        raise RuleError(f"{path}: this is not YAML ({' '.join(str(error).split())}); correct it there") from error


def _rule(path: str, name: str, data: Any) -> Rule:
    rule = _validated(path, Rule, data)
    if rule.id != name:
        raise RuleError(f"{path}: the id is {rule.id!r} but the path says {name!r}; make them equal")
    derived = uses(rule.match, _DERIVED)
    if derived and any(contribution.category or contribution.trait for contribution in rule.contributes):
        raise RuleError(
            f"{path}: a rule that asks for a category, a trait or a sibling runs last and cannot contribute a category "
            "or a trait; move that contribution to a rule about words"
        )
    return rule


def _lexicon(found: Mapping[str, Any]) -> Lexicon:
    missing = {"verbs", "nouns", "grammar", "languages"} - set(found)
    if missing:
        raise RuleError(f"the lexicon lacks {', '.join(f'lexicon/{name}.yaml' for name in sorted(missing))}; add it")
    verbs = _validated("lexicon/verbs.yaml", _VERBS, found["verbs"])
    nouns = _validated("lexicon/nouns.yaml", _NOUNS, found["nouns"])
    grammar = _validated("lexicon/grammar.yaml", Grammar, found["grammar"])
    languages = _validated("lexicon/languages.yaml", _LANGUAGES, found["languages"])
    return Lexicon(verbs, nouns, grammar, languages)


_T = TypeVar("_T")


def _validated(path: str, kind: type[_T] | TypeAdapter[_T], data: Any) -> _T:
    adapter = kind if isinstance(kind, TypeAdapter) else TypeAdapter(kind)
    try:
        return adapter.validate_python(data)
    except ValidationError as error:
        _refuse(path, error)


def _refuse(path: str, error: ValidationError) -> NoReturn:
    # A misspelt key explains a missing one, not the other way round.
    first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    where = ".".join(str(part) for part in first["loc"])
    hint = ""
    if isinstance(first["input"], bool):
        hint = f" (YAML reads {_TRUTH[first['input']]} as a truth value: put quotes around it)"
    raise RuleError(f"{path}: {where}: {first['msg']}, not {first['input']!r:.80}{hint}") from error
