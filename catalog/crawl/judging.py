"""Judge what is stored by the rules of this version; nothing is run and nothing is asked."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from classifier.classify import classify_server
from classifier.ruleset import Ruleset

from catalog.model import Entry
from classifier.verdict import Classification


class Judged(Protocol):
    """The part of the store that judging needs."""

    def unjudged(self, ruleset: str) -> Sequence[str]:
        """Return the slugs of servers whose entries lack a judgement of ``ruleset``."""
        ...

    def entries_to_judge(self, server: str) -> Sequence[Entry]:
        """Return the entries present now on ``server``."""
        ...

    def judge(self, server: str, ruleset: str, classifications: Mapping[str, Classification]) -> None:
        """Keep the judgements by entry key, in place of older ones."""
        ...


def judge_stale(store: Judged, ruleset: Ruleset) -> int:
    """Classify every server that ``ruleset`` has not judged yet; return how many there were."""
    stale = store.unjudged(ruleset.version)
    for server in stale:
        entries = store.entries_to_judge(server)
        verdicts = classify_server(ruleset, [entry.definition.tool for entry in entries])
        store.judge(server, ruleset.version, {e.key: v for e, v in zip(entries, verdicts, strict=True)})
    return len(stale)
