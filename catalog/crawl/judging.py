"""Judge what is stored by the rules of this version; nothing is run and nothing is asked."""

from collections.abc import Sequence

from catalog.model import Entry
from catalog.store.repository import Store
from classifier.classify import classify_server
from classifier.dispatcher import with_actions, with_tool
from classifier.ruleset import Ruleset
from classifier.verdict import Classification

# A server that changes while it is judged is judged anew; another process that changes it each time is not waited for.
MOST_TRIES = 5


def judge_stale(store: Store, ruleset: Ruleset) -> int:
    """Classify every server that ``ruleset`` has not judged as it is now; return how many there were."""
    stale = store.unjudged(ruleset.version)
    for server in stale:
        for _ in range(MOST_TRIES):
            present = store.present(server)
            if store.judge(present, ruleset.version, verdicts(present.entries, ruleset)):
                break
    return len(stale)


def verdicts(entries: Sequence[Entry], ruleset: Ruleset) -> dict[str, Classification]:
    """Return the verdict on each entry of one server by key; a dispatcher tool is as strong as its actions together."""
    judged = classify_server(ruleset, [entry.definition.tool for entry in entries])
    found = {entry.key: verdict for entry, verdict in zip(entries, judged, strict=True)}
    actions: dict[str, dict[str, Classification]] = {}
    for entry in entries:
        if entry.dispatch is not None:
            actions.setdefault(entry.dispatch.tool, {})[entry.key] = found[entry.key]
    for tool, of_tool in actions.items():
        if tool in found:
            found |= with_tool(of_tool, found[tool], tool)
            found[tool] = with_actions(found[tool], of_tool)
    return found
