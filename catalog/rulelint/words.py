"""Checks of the words that a rule looks for."""

from collections import Counter
from collections.abc import Iterator

from catalog.rulelint.finding import Check, RuleFile, Vocabulary
from classifier.rule import Condition
from classifier.ruleset import Ruleset

_PROSE = frozenset({"verb", "noun", "object", "first", "says", "joined", "also"})
_PREFIXES = ("un", "re", "de", "dis", "non")
_AMERICAN = (("ise", "ize"), ("isation", "ization"), ("our", "or"), ("yse", "yze"), ("ised", "ized"))
_SHORTEST_STEM = 3


def conditions(condition: Condition) -> Iterator[Condition]:
    """Yield a condition and all inside it."""
    yield condition
    for inner in (*condition.all, *condition.any, *condition.none):
        yield from conditions(inner)


def stated(rule_file: RuleFile) -> Iterator[tuple[str, str]]:
    """Yield each test and word that a rule states itself; groups are checked where they stand."""
    for condition in conditions(rule_file.rule.match):
        for test, words in condition.words():
            yield from ((test, word) for word in words if not word.startswith("$"))


def known(word: str, vocabulary: Vocabulary) -> bool:
    """Say whether a single word is ordinary English, explained as a term, or plainly made from such a word."""
    if not word.isascii() or len(word) == 1 or not word.isalpha():
        return True  # other scripts and numbers are no names of products; digits stand in formats such as 3d
    if word in vocabulary.terms or vocabulary.ordinary(word):
        return True
    for prefix in _PREFIXES:
        stem = word.removeprefix(prefix)
        if stem != word and len(stem) >= _SHORTEST_STEM and (stem in vocabulary.terms or vocabulary.ordinary(stem)):
            return True
    for british, american in _AMERICAN:
        if word.endswith(british) or british in word:
            changed = word.replace(british, american)
            if changed in vocabulary.terms or vocabulary.ordinary(changed):
                return True
    return word.endswith("s") and (word[:-1] in vocabulary.terms)


def name_in(phrase: str, vocabulary: Vocabulary) -> str | None:
    """Return the known name that a phrase is or holds, unless lexicon/terms.yaml explains it as a common word."""
    words = phrase.replace("_", " ").split()
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            part = " ".join(words[start:end])
            if part in vocabulary.names and part not in vocabulary.terms:
                return part
    return None


def _proper_names(file: RuleFile, ruleset: Ruleset, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    for _, word in stated(file):
        name = name_in(word, vocabulary)
        if name is not None:
            yield word, f"{name!r} is the name of a known server, product, publisher or package"


def _unknown_words(file: RuleFile, ruleset: Ruleset, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    for test, phrase in stated(file):
        if test in _PROSE:
            for word in phrase.split():
                if not known(word, vocabulary):
                    yield phrase, f"{word!r} is in no dictionary"


def _forms(file: RuleFile, ruleset: Ruleset, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    for test, word in stated(file):
        if test not in _PROSE:
            continue
        if word != word.lower():
            yield word, f"{word!r} has capitals, but names and descriptions are compared in lower case"
        if "_" in word or "-" in word:
            yield word, f"{word!r} is written as one name, but a test {test!r} compares words: divide them by spaces"


def _twice(file: RuleFile, ruleset: Ruleset, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    for condition in conditions(file.rule.match):
        for test, words in condition.words():
            for word, times in Counter(words).items():
                if times > 1:
                    yield word, f"{word!r} stands {times} times in one list of {test!r}"
            grouped = {one: group for group in words if group.startswith("$") for one in ruleset.groups[group[1:]]}
            for word in words:
                if word in grouped:
                    yield word, f"{word!r} is already in {grouped[word]}"


def _impossible(file: RuleFile, ruleset: Ruleset, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    for condition in conditions(file.rule.match):
        asked = {test: set(words) for test, words in condition.words()}
        for inner in condition.none:
            excluded = {test: set(words) for test, words in inner.words()}
            if len(excluded) == 1 and not (inner.all or inner.any or inner.none):
                ((test, words),) = excluded.items()
                if test in asked and asked[test] <= words:
                    yield sorted(words)[0], f"every word that {test!r} asks for is excluded again"


def _verbs(file: RuleFile, ruleset: Ruleset, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    for test, word in stated(file):
        if test == "verb" and word not in ruleset.lexicon.verbs:
            yield word, f"{word!r} is no verb of lexicon/verbs.yaml, so it never is a tool's verb"


WORD_CHECKS = (
    Check(
        id="proper-name",
        level="error",
        recommendation="Say what the word means, not who uses it; explain a common word in lexicon/terms.yaml.",
        find=_proper_names,
    ),
    Check(
        id="unknown-word",
        level="error",
        recommendation="Explain it in lexicon/terms.yaml if it is a word of the trade; leave it out if it is a name.",
        find=_unknown_words,
    ),
    Check(id="word-form", level="error", recommendation="Write words as they are compared.", find=_forms),
    Check(id="listed-twice", level="error", recommendation="State a word once.", find=_twice),
    Check(
        id="never-holds", level="error", recommendation="Take the word out of one of the two lists.", find=_impossible
    ),
    Check(id="no-such-verb", level="error", recommendation="Add it to lexicon/verbs.yaml or correct it.", find=_verbs),
)
