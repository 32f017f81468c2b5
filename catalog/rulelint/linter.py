"""Run every check over every rule, and over the lists of the lexicon that rules share."""

from collections.abc import Iterator, Mapping

from catalog.rulelint.finding import Check, LintFinding, RuleFile, Vocabulary
from catalog.rulelint.statements import STATEMENT_CHECKS
from catalog.rulelint.words import WORD_CHECKS, conditions, known, name_in
from classifier.ruleset import Ruleset

CHECKS: tuple[Check, ...] = (*STATEMENT_CHECKS, *WORD_CHECKS)


def lint(ruleset: Ruleset, texts: Mapping[str, str], vocabulary: Vocabulary) -> Iterator[LintFinding]:
    """Yield what is wrong with the rules and the lexicon; ``texts`` are the files by path."""
    for rule in ruleset.rules:
        path = f"{rule.id}.yaml"
        file = RuleFile(path=path, text=texts.get(path, ""), rule=rule)
        for check in CHECKS:
            for needle, wrong in check.find(file, ruleset, vocabulary):
                yield LintFinding(
                    check=check.id,
                    level=check.level,
                    path=path,
                    line=file.line_of(needle),
                    message=f"{wrong}. {check.recommendation}",
                )
    yield from _lexicon(ruleset, texts, vocabulary)


def _lexicon(ruleset: Ruleset, texts: Mapping[str, str], vocabulary: Vocabulary) -> Iterator[LintFinding]:
    """Check the groups of nouns and the verbs as the words of a rule are checked."""
    used = {
        word
        for rule in ruleset.rules
        for condition in conditions(rule.match)
        for _, words in condition.words()
        for word in words
        if word.startswith("$")
    }
    for group, words in ruleset.lexicon.nouns.items():
        if f"${group}" not in used:
            yield _finding("unused-group", "lexicon/nouns.yaml", texts, group, f"no rule uses ${group}. Leave it out.")
        yield from _list("lexicon/nouns.yaml", words, texts, vocabulary)
    yield from _list("lexicon/verbs.yaml", tuple(ruleset.lexicon.verbs), texts, vocabulary)


def _list(path: str, words: tuple[str, ...], texts: Mapping[str, str], vocabulary: Vocabulary) -> Iterator[LintFinding]:
    by_id = {check.id: check for check in WORD_CHECKS}
    for phrase in words:
        name = name_in(phrase, vocabulary)
        if name is not None:
            advice = by_id["proper-name"].recommendation
            wrong = f"{name!r} is the name of a known server, product, publisher or package. {advice}"
            yield _finding("proper-name", path, texts, phrase, wrong)
        for word in phrase.split():
            if not known(word, vocabulary):
                advice = by_id["unknown-word"].recommendation
                yield _finding("unknown-word", path, texts, phrase, f"{word!r} is in no dictionary. {advice}")


def _finding(check: str, path: str, texts: Mapping[str, str], needle: str, message: str) -> LintFinding:
    line = next((n for n, line in enumerate(texts.get(path, "").splitlines(), 1) if needle in line), 1)
    return LintFinding(check=check, level="error", path=path, line=line, message=message)
