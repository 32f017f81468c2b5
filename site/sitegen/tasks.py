"""What a tool does, in sentences: what agents use its kind for, what a call brings about, and what a call must give."""

from collections.abc import Sequence

from classifier.verdict import Category
from sitegen.catalogue import CataloguedEntry, CataloguedServer
from sitegen.parameters import Parameter
from sitegen.related import subject
from sitegen.visible import bounded, one_line
from sitegen.words import category_use, count, listed, trait_words

# Names that a sentence spells out, and characters of one.
_MOST_NAMES = 4
_NAME = 60


def does(
    server: CataloguedServer, entry: CataloguedEntry, parameters: Sequence[Parameter], actions: int
) -> tuple[str, ...]:
    """Return the sentences; ``actions`` is the number of rules of its policy, more than one for a dispatcher tool."""
    name = one_line(entry.name, _NAME) or "it"
    use = category_use(entry.verdict.category).format(place=server.place)
    about = _about(entry)
    return (
        f"An agent calls {name} to {use}." + (f" By its name, it is about “{about}”." if about else ""),
        _brings(server, entry),
        *([f"It reaches {count(actions, 'action')}, and each has a page of its own."] if actions > 1 else []),
        _needs(parameters),
    )


def _about(entry: CataloguedEntry) -> str:
    """Return what the name says besides its verb; empty where it has no verb, or nothing besides."""
    has_verb = any(each.field == "name" and each.contributes == "category" for each in entry.verdict.evidence)
    return bounded(" ".join(subject(entry)).lower(), _NAME) if has_verb else ""


def _brings(server: CataloguedServer, entry: CataloguedEntry) -> str:
    verdict = entry.verdict
    if verdict.traits:
        return f"Such a call {listed([trait_words(trait).does for trait in verdict.traits])}."
    if verdict.category is Category.READ:
        return "By its interface, a call leaves everything as it was."
    return f"Each call that succeeds takes effect on {server.place}."


def _needs(parameters: Sequence[Parameter]) -> str:
    if not parameters:
        return "It takes no parameters."
    required = [row.name for row in parameters if row.required]
    optional = [row.name for row in parameters if not row.required]
    if not required:
        return f"{'Its parameter is' if len(optional) == 1 else 'All its parameters are'} optional: {_names(optional)}."
    may = f" and may give {_names(optional)}" if optional else ""
    return f"A call must give {_names(required)}{may}."


def _names(names: Sequence[str]) -> str:
    shown = [bounded(name, _NAME) for name in names[:_MOST_NAMES]]
    more = len(names) - len(shown)
    return listed([*shown, f"{more} more"] if more else shown)
