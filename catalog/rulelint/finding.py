"""What the linter says, and what it looks at."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from classifier.rule import Rule
from classifier.ruleset import Ruleset


@dataclass(frozen=True, slots=True, kw_only=True)
class LintFinding:
    """One thing to correct in a rule file (SARIF 2.1.0: ruleId, level, location, message)."""

    check: str
    """The check's id."""
    level: str
    """``error``, or ``warning`` where the rule works all the same."""
    path: str
    """The file below the rules folder."""
    line: int
    """Counted from 1."""
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    """A rule with the text it was read from."""

    path: str
    text: str
    rule: Rule

    def line_of(self, word: str) -> int:
        """Return the first line that holds ``word`` as a word, or 1."""
        for number, line in enumerate(self.text.splitlines(), 1):
            at = line.find(word)
            while at >= 0:
                before, after = line[at - 1 : at], line[at + len(word) : at + len(word) + 1]
                if not (before.isalnum() or after.isalnum()):
                    return number
                at = line.find(word, at + 1)
        return 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What counts as a word that anybody may use."""

    ordinary: Callable[[str], bool]
    """Says whether a word is in an ordinary dictionary of English."""
    terms: Mapping[str, str]
    """Words of the trade, with their meaning (lexicon/terms.yaml)."""
    names: frozenset[str]
    """Names of known servers, products, publishers and packages, lower case, words divided by a space."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that is looked for in each rule."""

    id: str
    recommendation: str
    """What to do, in one sentence."""
    level: str
    find: Callable[[RuleFile, Ruleset, Vocabulary], Iterator[tuple[str, str]]]
    """Yields what to point at, and what is wrong with it."""
