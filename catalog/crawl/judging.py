"""Judge what is stored by the rules of this version; nothing is run and nothing is asked."""

from catalog.store.repository import Store
from classifier.classify import classify_server
from classifier.ruleset import Ruleset

# A server that changes while it is judged is judged anew; another process that changes it each time is not waited for.
MOST_TRIES = 5


def judge_stale(store: Store, ruleset: Ruleset) -> int:
    """Classify every server that ``ruleset`` has not judged as it is now; return how many there were."""
    stale = store.unjudged(ruleset.version)
    for server in stale:
        for _ in range(MOST_TRIES):
            present = store.present(server)
            verdicts = classify_server(ruleset, [entry.definition.tool for entry in present.entries])
            keys = [entry.key for entry in present.entries]
            if store.judge(present, ruleset.version, dict(zip(keys, verdicts, strict=True))):
                break
    return len(stale)
