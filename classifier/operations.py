"""Whether the values of an argument are operations: what a call does, not what it is about.

Stricter than what rules ask (classifier.actions): there one doubtful value costs a step of severity, here it would
become a thing that can be called.
"""

from collections.abc import Sequence

from classifier.actions import describes
from classifier.definition import Tool
from classifier.lexicon import Lexicon, Verb
from classifier.name import NameVerb, name_verb
from classifier.reading import read_description
from classifier.ruleset import Ruleset
from classifier.text import read
from classifier.verdict import Category
from classifier.words import snake, tokens

# The share of values that must be verbs of some kind: a list of operations may hold a "status" or two.
VERB_SHARE = 0.5

# Values that are looked at; they are alike.
MAX_VALUES = 1_000
# Characters of a description that are read for what the tool as a whole does; it says so at its beginning.
MAX_READ = 2_000

# RFC 9110, section 9, and RFC 5789. They say how a request is sent, not which of the tool's operations is meant.
_HTTP_METHODS = frozenset({"get", "head", "post", "put", "patch", "delete", "options", "trace", "connect"})


def is_selector(argument: str, lexicon: Lexicon) -> bool:
    """Say whether an argument's name is one that may choose among operations."""
    return snake(argument) in lexicon.grammar.selectors | lexicon.grammar.doubtful_selectors


def are_operations(tool: Tool, argument: str, values: Sequence[str], ruleset: Ruleset) -> bool:
    """Say whether ``values`` of the selector ``argument`` are operations of ``tool``; at least two must be verbs."""
    lexicon = ruleset.lexicon
    values = values[:MAX_VALUES]
    description = read(tool.description[:MAX_READ])
    reading = read_description(description.lower, lexicon, ruleset.forms, frozenset())
    said = frozenset(verb.word for verb, _, _ in reading.verbs)
    own = name_verb(tokens(read(tool.name).plain), lexicon, said, verb_last=False)
    if not is_selector(argument, lexicon) or _are_http_methods(values) or describes(values, own, reading, lexicon):
        return False
    verbs = [verb for value in values if (verb := _verb(value, lexicon)) is not None]
    strong = [verb for verb in verbs if verb.strong]
    # Words that are nouns as often ("filter", "rank") prove little, and less where nothing is changed by any of them.
    certain = [verb for verb in strong if not verb.also_noun]
    if snake(argument) in lexicon.grammar.doubtful_selectors:
        return len(certain) > 1 and len(strong) == len(values) and not _acts(own)
    changing = [verb for verb in strong if verb.category is not Category.READ]
    return len(strong) > 1 and len(verbs) >= VERB_SHARE * len(values) and (bool(certain) or len(changing) > 1)


def share_of_verbs(values: Sequence[str], ruleset: Ruleset) -> float:
    """Return which share of ``values`` has a verb of any kind, 0 to 1; 0 of none."""
    looked_at = values[:MAX_VALUES]
    verbs = sum(_verb(value, ruleset.lexicon) is not None for value in looked_at)
    return verbs / len(looked_at) if looked_at else 0.0


def about(tool: Tool, ruleset: Ruleset) -> str:
    """Return the words of a tool's name that say what it is about, without its verb: ``issue`` of ``manage_issue``."""
    words = tokens(read(tool.name).plain)
    verb = name_verb(words, ruleset.lexicon, frozenset(), verb_last=False)
    skip = ruleset.lexicon.grammar.boilerplate
    return " ".join(
        word.word
        for word in words
        if word.word not in skip and not (verb is not None and verb.start <= word.start < verb.end)
    )


def _verb(value: str, lexicon: Lexicon) -> Verb | None:
    words = tokens(value)
    found = name_verb(words, lexicon, frozenset(), verb_last=False) if words else None
    return found.verb if found is not None and found.sure else None


def _acts(verb: NameVerb | None) -> bool:
    """Say whether a tool's name settles what it does; then a doubtful argument says how: write_file(mode=append)."""
    return verb is not None and verb.sure and verb.verb.strong


def _are_http_methods(values: Sequence[str]) -> bool:
    lower = {value.lower() for value in values}
    return lower <= _HTTP_METHODS and (all(value.isupper() for value in values) or {"get", "post"} <= lower)
