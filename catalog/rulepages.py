"""Pages about the rules, in Markdown, made from the rule files alone: docs/rules.md and docs/rules/KIND/NAME.md."""

from collections.abc import Iterator, Mapping

from classifier.rule import TESTS, Condition, Contribution, Example, Rule
from classifier.ruleset import Ruleset

INDEX = "rules.md"
_GENERATED = "<!-- Made by `catalog rules docs` from data/knowledge/rules; edit the rule instead. -->"

MEANING: Mapping[str, str] = {
    "verb": "the verb is",
    "noun": "the name holds",
    "object": "the name, or the object of the description's verb, holds",
    "first": "the first sentence says",
    "says": "the description says",
    "param": "a parameter is named",
    "flag": "a yes/no parameter is named",
    "free": "a parameter takes free text and is named",
    "omitted": "a parameter's description says what leaving it out lifts:",
    "output": "the result has a property",
    "hint": "an annotation declares",
    "hidden": "characters that nobody sees stand in",
    "text": "any text of the definition matches",
    "default": "a default, constant or example matches",
    "action": "a selector argument offers an action of category",
    "also": "a later sentence begins with",
    "joined": "a conjunction adds the verb",
    "nominal": "the description names what comes back, as",
    "sibling": "another tool of the server is its",
    "parameters": "parameters:",
    "category": "the category is",
    "trait": "the trait is found:",
}
"""What each test asks, as a clause that its words complete."""

KINDS: Mapping[str, str] = {
    "category": "What a call does",
    "trait": "Consequences",
    "severity": "How bad one call can be",
    "recoverability": "Whether it can be undone",
    "finding": "What is wrong with a definition",
}
"""What the rules of each kind say, as a heading."""


def pages(ruleset: Ruleset) -> dict[str, str]:
    """Return the text of each page by its path below docs/."""
    found = {INDEX: _index(ruleset)}
    for rule in ruleset.rules:
        found[f"rules/{rule.id}.md"] = page(rule, ruleset)
    return found


def page(rule: Rule, ruleset: Ruleset) -> str:
    """Return the page of one rule."""
    lines = [
        f"# {rule.id}",
        "",
        _GENERATED,
        "",
        f"{rule.summary}.",
        "",
        rule.why.strip(),
        "",
        "## What it looks for",
        "",
    ]
    lines += condition_lines(rule.match)
    lines += ["", "## What it says", ""]
    lines += [f"- {said(one)}" for one in rule.contributes]
    if rule.status == "experimental":
        lines += ["", "It is experimental: its evidence is shown, and the verdict does not follow it."]
    lines += [
        "",
        "## It finds",
        "",
        *_examples(rule.examples),
        "",
        "## It leaves alone",
        "",
        *_examples(rule.counterexamples),
    ]
    if rule.references:
        lines += ["", "## References", "", *(f"- <{reference}>" for reference in rule.references)]
    used = sorted({word[1:] for word in _groups(rule.match)})
    if used:
        lines += ["", "## Groups of words", ""]
        lines += [f"- `${group}`: {', '.join(ruleset.groups[group])}" for group in used]
    return "\n".join(lines) + "\n"


def contributed(one: Contribution) -> tuple[str, str, str]:
    """Return what a contribution adds to the verdict: its kind, its value, and how it counts (empty for the usual)."""
    if one.category is not None:
        how = {
            "usual": "by the verb's usual meaning",
            "meaning": "in place of the verb's usual meaning",
            "effect": "at least: it raises the category and never lowers it",
            "otherwise": "only where there is no verb",
            "fallback": "only where nothing else says what the tool does",
        }[one.force]
        return "category", one.category.value, how
    for kind, value in (
        ("also category", one.also),
        ("trait", one.trait),
        ("severity at least", one.severity),
        ("recoverability", one.recoverability),
        ("finding", one.finding),
        ("confidence at most", one.confidence),
    ):
        if value is not None:
            return kind, str(value), ""
    raise AssertionError("a contribution is exactly one thing")  # Contribution's own validator has made sure


def said(one: Contribution) -> str:
    """Return what a contribution adds to the verdict, in words."""
    kind, value, how = contributed(one)
    return f"{kind} **{value}**" + (f", {how}" if how else "")


def condition_lines(condition: Condition, depth: int = 0) -> list[str]:
    """Return a condition as a nested Markdown list."""
    indent = "  " * depth
    lines = [f"{indent}- {MEANING[test]} {_words(words)}" for test, words in condition.words()]
    for inner in condition.all:
        lines += condition_lines(inner, depth)
    if condition.any:
        lines.append(f"{indent}- one of")
        for inner in condition.any:
            lines += _alternative(inner, depth + 1)
    if condition.none:
        lines.append(f"{indent}- and not")
        for inner in condition.none:
            lines += _alternative(inner, depth + 1)
    return lines


def _alternative(condition: Condition, depth: int) -> list[str]:
    indent = "  " * depth
    tests = list(condition.words())
    if len(tests) == 1 and not (condition.all or condition.any or condition.none):
        return condition_lines(condition, depth)
    head = "; ".join(f"{MEANING[test]} {_words(words)}" for test, words in tests) or "all of"
    rest = condition.model_copy(update=dict.fromkeys(TESTS, ()))
    return [f"{indent}- {head}", *condition_lines(rest, depth + 1)]


def _words(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _groups(condition: Condition) -> Iterator[str]:
    for _, words in condition.words():
        yield from (word for word in words if word.startswith("$"))
    for inner in (*condition.all, *condition.any, *condition.none):
        yield from _groups(inner)


def _examples(examples: tuple[Example, ...]) -> list[str]:
    return [f"- {_example(one)}" for one in examples]


def _example(one: Example) -> str:
    parts = [f"`{one.name}`" if one.name else "a tool without a name"]
    if one.title:
        parts.append(f"titled “{one.title}”")
    if one.description:
        parts.append(f"“{_visible(one.description)}”")
    if one.input:
        parts.append("with " + ", ".join(f"`{_visible(name)}`" for name in one.input))
    if one.output:
        parts.append("returning " + ", ".join(f"`{name}`" for name in one.output))
    if one.annotations:
        parts.append("annotated " + ", ".join(f"`{name}: {value}`" for name, value in one.annotations.items()))
    if one.siblings:
        parts.append("beside " + ", ".join(f"`{name}`" for name in one.siblings))
    return " ".join(parts)


def _visible(text: str) -> str:
    """Return text with every character that is not printable as its escape, and nothing that Markdown acts on."""
    shown = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)
    for char in "\\<>[]*`|":
        shown = shown.replace(char, "\\" + char)
    return shown


def _index(ruleset: Ruleset) -> str:
    lines = [
        "# Rules",
        "",
        _GENERATED,
        "",
        f"{len(ruleset.rules)} rules. How they work together: [risk-model.md](risk-model.md).",
    ]
    for kind, title in KINDS.items():
        lines += ["", f"## {title}", "", "| rule | what it finds | what it says |", "| --- | --- | --- |"]
        for rule in ruleset.rules:
            if rule.id.startswith(f"{kind}/"):
                says = ", ".join(dict.fromkeys(_short(one) for one in rule.contributes))
                lines.append(f"| [{rule.id.partition('/')[2]}](rules/{rule.id}.md) | {rule.summary} | {says} |")
    return "\n".join(lines) + "\n"


def _short(one: Contribution) -> str:
    value = one.category or one.also or one.trait or one.severity or one.recoverability or one.finding
    return str(value) if value is not None else f"confidence ≤ {one.confidence}"
