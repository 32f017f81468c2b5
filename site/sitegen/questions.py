"""Questions about a tool, answered from the same objects as the rest of its page."""

from dataclasses import dataclass
from typing import assert_never

from catalog.policy.model import REFUSING, Decision
from sitegen.catalogue import CataloguedEntry, CataloguedServer
from sitegen.control import Control, bound, reach
from sitegen.provenance import speaker
from sitegen.reasons import axes
from sitegen.visible import one_line
from sitegen.words import article, category_claim, count

# As much of a description as answers the question; the page begins with all of it.
_ANSWER = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question and its answer."""

    question: str
    answer: str


def questions(server: CataloguedServer, entry: CataloguedEntry, control: Control) -> tuple[Question, ...]:
    """Return the questions that a reader from a search engine brings."""
    name = entry.label
    pairs = (
        (f"What does {name} do?", _does(server, entry)),
        (f"How do I enforce a policy on {name}?", _enforce(control)),
        (f"What risk level is {name}?", f"{name} has {entry.verdict.risk.label} risk. {axes(entry.verdict)}"),
        (f"Can I rate-limit {name}?", _limit(name, control)),
        (f"How do I block {name} completely?", _block(entry, control)),
        (f"What MCP server provides {name}?", _provider(server, entry)),
    )
    return tuple(Question(question=question, answer=answer) for question, answer in pairs)


def _does(server: CataloguedServer, entry: CataloguedEntry) -> str:
    description = one_line(entry.tool.description, _ANSWER)
    who = speaker(entry.row.provenance)
    says = f"{who} says: “{_sentence(description)}” " if description else f"{who} gives no description. "
    verdict = entry.verdict
    return f"{says}We classify it as {article(f'{verdict.category} tool')}: {category_claim(verdict.category)}."


def _sentence(text: str) -> str:
    """Return a quotation that ends like a sentence, so that the next one can follow."""
    return text if text[-1] in ".!?…:;)" else f"{text}."


def _enforce(control: Control) -> str:
    targets = control.targets
    if not targets:
        return f"{control.effect} {control.rest}"
    first = f"Put the {targets[0].filename} above into {targets[0].title}. {control.effect}{_unasked(control)}"
    on_wire = reach(control.rules[0]) if len(control.rules) == 1 else None
    return " ".join(part for part in (first, on_wire, control.rest) if part)


def _unasked(control: Control) -> str:
    """Say what becomes of an approval that no target can ask for."""
    if control.decision is not Decision.APPROVE or control.asks:
        return ""
    return " No target above can ask a person, so each file denies the call."


def _limit(name: str, control: Control) -> str:
    if len(control.rules) > 1:
        return f"Not as a whole: {name} reaches {count(len(control.rules), 'action')}, and each has its own rule."
    if not control.rules:
        return f"There is nothing to limit: the recommended policy denies every call of {name}."
    rule = control.rules[0]
    match rule.decision:
        case Decision.LIMIT:
            return f"Yes: the recommended policy allows {bound(rule)}."
        case Decision.ALLOW:
            return f"You can, but the recommended policy sets no limit on {name}."
        case Decision.APPROVE:
            return f"That is not enough for {name}: a person should approve each call.{_unasked(control)}"
        case Decision.DENY | Decision.HIDE:
            return f"There is nothing to limit: the recommended policy denies every call of {name}."
    assert_never(rule.decision)


def _block(entry: CataloguedEntry, control: Control) -> str:
    name, dispatch = entry.label, entry.row.dispatch
    if control.decision in REFUSING or not control.rules:
        return f"The recommended policy already does: it denies every call of {name}."
    if dispatch:
        return (
            f"Leave its rule out of the policy. The default is deny, so a call of {dispatch.tool} whose argument "
            f"{dispatch.argument} is “{dispatch.value}” is refused unless a rule allows it."
        )
    return f"Leave it out of the policy. The default is deny, so a call of {name} that no rule allows is refused."


def _provider(server: CataloguedServer, entry: CataloguedEntry) -> str:
    row, dispatch = server.row, entry.row.dispatch
    publisher = f", published by {server.publisher}" if server.publisher else ""
    kind = f"an action of its tool {dispatch.tool}" if dispatch else "one of its tools"
    return f"The MCP server is {server.title} ({row.origin.public}){publisher}; {entry.label} is {kind}."
