"""How fast the classifier is, and how much faster than a loop of ``re.search`` over the same rules' words.

Both run here, one after the other, on the same made-up definitions; CPU time of this process, best of three.
Usage: python -P bench/classification.py [TOOLS] (default 4000).
"""

import random
import re
import sys
import time
from collections.abc import Callable, Sequence

from catalog.policy.recommend import decide
from catalog.rules import load_ruleset
from classifier.classify import classify_server
from classifier.definition import JsonObject, Tool
from classifier.rule import Condition
from classifier.ruleset import Ruleset

TOOLS = 4_000
PER_SERVER = 40
# The loop is slow; a part of the tools is enough to know its rate.
LOOP_SHARE = 20

VERBS = ("get", "list", "create", "update", "delete", "search", "run", "send", "start", "describe", "set", "add")
NOUNS = ("pool", "user", "invoice", "api_key", "issue", "page", "dataset", "message", "job", "device", "report", "file")
SENTENCES = (
    "{Verb}s a {noun} by its id and returns the result as JSON with all of its fields.",
    "Use this when the user asks about a {noun}; call list_{noun} first if you do not know which one is meant.",
    "Requires a token with the right scope, and does not delete anything that was there before.",
    "Results are limited to one hundred rows a page; pass the cursor of the last answer to get the next ones.",
    "This cannot be undone, so ask the user to confirm before you change a {noun} that others may still need.",
)
FIELDS = ("id", "name", "limit", "cursor", "path", "query", "force", "recursive", "to", "description", "filter", "url")


def definitions(count: int) -> list[JsonObject]:
    """Return made-up definitions of about the size of real ones: some 350 characters of text, five arguments."""
    draw = random.Random(7)  # a fixed seed: the same tools in every run
    made: list[JsonObject] = []
    for number in range(count):
        verb, noun = draw.choice(VERBS), draw.choice(NOUNS)
        text = " ".join(draw.sample(SENTENCES, 4)).format(Verb=verb.capitalize(), noun=noun.replace("_", " "))
        properties = {name: {"type": "string", "description": f"The {name}."} for name in draw.sample(FIELDS, 5)}
        schema: JsonObject = {"type": "object", "properties": properties, "required": [next(iter(properties))]}
        made.append({"name": f"{verb}_{noun}_{number % 7}", "description": text, "inputSchema": schema})
    return made


def whole_path(ruleset: Ruleset, raw: Sequence[JsonObject]) -> None:
    """Parse, classify and decide, with evidence."""
    for start in range(0, len(raw), PER_SERVER):
        for verdict in classify_server(ruleset, [Tool.from_json(one) for one in raw[start : start + PER_SERVER]]):
            decide(verdict)


def patterns(ruleset: Ruleset) -> list[re.Pattern[str]]:
    """Return one pattern per list of words in the rules, as a straightforward implementation would have them."""
    groups = ruleset.groups
    found: list[re.Pattern[str]] = []

    def collect(condition: Condition) -> None:
        for test, words in condition.words():
            if test in {"verb", "noun", "object", "first", "says", "param", "flag", "free", "output"}:
                stated = [one for word in words for one in (groups[word[1:]] if word.startswith("$") else (word,))]
                found.append(re.compile(r"\b(?:" + "|".join(map(re.escape, stated)) + r")(?:s|es|d|ed|ing)?\b"))
        for inner in (*condition.all, *condition.any, *condition.none):
            collect(inner)

    for rule in ruleset.rules:
        collect(rule.match)
    return found


def loop(compiled: Sequence[re.Pattern[str]], raw: Sequence[JsonObject]) -> int:
    """Search each pattern in each tool's name and description, and in its parameter names."""
    hits = 0
    for one in raw:
        tool = Tool.from_json(one)
        properties = tool.input_schema["properties"]
        names = " ".join(properties) if isinstance(properties, dict) else ""
        text = f"{tool.name.replace('_', ' ')} {names} {tool.description}".lower()
        hits += sum(pattern.search(text) is not None for pattern in compiled)
    return hits


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds of the fastest of three runs."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else TOOLS
    ruleset = load_ruleset()
    raw = definitions(count)
    some = raw[: max(1, count // LOOP_SHARE)]
    compiled = patterns(ruleset)
    ours = count / seconds(lambda: whole_path(ruleset, raw))
    theirs = len(some) / seconds(lambda: loop(compiled, some))
    print(f"classifier: {ours:,.0f} tools/s on one core (parse, classify, decide, evidence; {count} made-up tools)")
    print(f"re loop:    {theirs:,.0f} tools/s ({len(compiled)} patterns of the same {len(ruleset.rules)} rules)")
    print(f"ratio:      {ours / theirs:.1f} x")


if __name__ == "__main__":
    main()
