"""``page.md`` beside a tool's page."""

from collections.abc import Iterator

from sitegen.catalogue import CataloguedEntry, CataloguedServer
from sitegen.control import Target
from sitegen.markdown.text import WARNING, MarkdownText, code
from sitegen.pages.tool import ToolPage
from sitegen.parameters import Parameter
from sitegen.reasons import Quote


def tool_markdown(page: ToolPage, entry: CataloguedEntry, server: CataloguedServer) -> bytes:
    """Return what a tool's page says as Markdown, in its order."""
    text = MarkdownText()
    text.write(f"# {code(page.name)} on ", page.place, f": {page.risk} risk\n\n")
    text.write(
        f"> {page.category} tool, {page.risk} risk: severity {page.severity}, recoverability ",
        page.recoverability,
        f", confidence {page.confidence}.\n\n{WARNING}\n\n",
    )
    _description(text, page)
    _facts(text, page, server)
    _reasons(text, page)
    _control(text, page)
    _parameters(text, page)
    _onward(text, page)
    text.write("", page.closing, "\n")
    return text.encoded()


def _description(text: MarkdownText, page: ToolPage) -> None:
    if not page.description:
        text.write(f"{page.speaker} gives no description.\n\n")
    else:
        text.write(f"{page.speaker} says of it (untrusted):\n\n")
        text.untrusted(f"{page.description}\n\n{page.description_rest}" if page.description_rest else page.description)
    if page.description_cut:
        text.write("The description goes on in [definition.json](definition.json).\n\n")
    if page.note:
        text.write(f"{page.note}\n\n")


def _facts(text: MarkdownText, page: ToolPage, server: CataloguedServer) -> None:
    text.write("## Facts\n\n- Server: [", page.server.text, "](../page.md), ", server.row.origin.public, "\n")
    if page.product:
        text.write("- For: ", page.product.text, "\n")
    also = f", also {', '.join(page.also)}" if page.also else ""
    text.write(f"- Category: {page.category}{also}\n- Risk: {page.risk}\n- Severity: {page.severity}\n")
    if page.reach:
        text.write(f"- Reached as an action of the tool {code(page.wire_name)} by the arguments {code(page.reach)}\n")
    text.write("- Known from: ", page.provenance, "\n- Server version: ", page.server_version, "\n")
    text.write(f"- Definition: {code(page.hash[:12])} (SHA-256, shortened)\n- Parameters: {page.parameter_count}\n")
    if page.tokens is not None:
        text.write(f"- Token cost: {page.tokens:,} tokens of the model context, whenever the server is loaded\n")
    text.write(f"- Declared hints: {', '.join(f'{hint.name} {hint.value}' for hint in page.hints)}\n")
    text.write("- The same as data: [page.json](page.json)\n\n")


def _reasons(text: MarkdownText, page: ToolPage) -> None:
    text.write("## What a call does\n\n", " ".join(page.does), "\n\n## Why it needs a policy\n\n", page.axes, "\n\n")
    for sentence in page.overrides:
        text.write("", sentence, "\n\n")
    if page.decisive:
        text.write(f"The parameter to watch is {code(page.decisive.name)}: ", "; ".join(page.decisive.reasons), ".\n\n")
    if page.claims:
        for claim in page.claims:
            text.write("- ", claim.text, f" ({', '.join(map(code, claim.rules))})\n")
        text.write("\n")
    if page.quotes:
        text.write("## From its definition\n\nWords that made rules fire, in ⟪ ⟫ (untrusted):\n\n")
        text.untrusted("\n".join(map(_quote, page.quotes)))
    if page.attacks:
        text.write(
            "## Attacks that abuse this kind of access\n\nThey say nothing about how well this server is made.\n\n"
        )
        for attack in page.attacks:
            traits = ", ".join(map(code, attack.traits))
            text.write("- ", f"{attack.pattern.name}: {attack.pattern.sentence}", f" Matched by {traits}.\n")
        text.write("\n")


def _quote(quote: Quote) -> str:
    return f"{quote.field}: {quote.before}⟪{quote.words}⟫{quote.after}"


def _control(text: MarkdownText, page: ToolPage) -> None:
    control = page.control
    text.write("## How to control it\n\nWhat the recommended policy does: ", control.effect, "\n\n")
    if page.on_wire:
        text.write("- ", page.on_wire, "\n")
    if control.reason:
        text.write("- Why: ", control.reason, "\n")
    text.write("- ", control.rest, "\n\n")
    for target in control.targets[:1]:
        _target(text, target)
    for target in control.targets[1:]:
        text.write(f"- For {target.title}: [", target.filename, f"]({target.file})\n")
    if control.elsewhere:
        text.write("- For ", ", ".join(control.elsewhere), ", the policy of the whole server: [page.md](../page.md)\n")
    if control.hardened:
        # The whole server's file stands a folder above.
        text.write("- Hardened, it is stricter: ", control.hardened.wish, " ([file](../hardened-policy.json))\n")
    text.write("\n")


def _target(text: MarkdownText, target: Target) -> None:
    text.write("[", target.filename, f"]({target.file}) for {target.title}; the names in it are untrusted:\n\n")
    if target.text:
        text.untrusted(target.text, "json" if target.file.endswith(".json") else "text")
    for name, filename in target.others:
        text.write("- It comes with [", filename, f"]({name})\n")
    for note in target.notes:
        text.write("- ", note, "\n")
    for number, step in enumerate(target.steps, 1):
        text.write(f"{number}. ", step, "\n")
    text.write("\n")


def _parameters(text: MarkdownText, page: ToolPage) -> None:
    if page.parameters:
        text.write("## Parameters\n\nAs the definition has them (untrusted):\n\n")
        text.untrusted("\n".join(line for parameter in page.parameters for line in _parameter(parameter)))
    else:
        text.write("## Parameters\n\nIt takes none.\n\n")
    if page.results:
        text.write("What it returns (untrusted):\n\n")
        text.untrusted("\n".join(line for result in page.results for line in _parameter(result)))
    for parameter in (*page.parameters, *page.results):
        if parameter.reasons:
            text.write(f"- Watch {code(parameter.name)}: ", "; ".join(parameter.reasons), "\n")
    text.write("\n")


def _parameter(parameter: Parameter) -> Iterator[str]:
    facts = [parameter.type, "required" if parameter.required else "optional"]
    if parameter.default is not None:
        facts.append(f"default {parameter.default}")
    if parameter.values:
        facts.append(f"one of {', '.join(parameter.values)}")
    yield f"{parameter.name}: {', '.join(facts)}"
    if parameter.description:
        yield f"    {parameter.description}"


def _onward(text: MarkdownText, page: ToolPage) -> None:
    text.write(
        f"## History\n\nFirst seen{' in this form' * page.redefined} {page.first_seen}, last seen {page.last_seen}.\n\n"
    )
    for change in page.changes:
        text.write(f"- {change.at}: ", change.sentence, "\n")
    text.write("\n" if page.changes else "")
    if page.related:
        # Folders are slugs, so nothing in them has to be quoted.
        root = "../" * page.path.count("/")
        text.write("## Related tools\n\n")
        for other in page.related:
            text.write(
                f"- [{code(other.name)}]({root}{other.to}page.md): {other.risk} risk, ",
                other.because,
                f"{', policy: ' * bool(other.policy)}{other.policy}\n",
            )
        text.write("\n")
    if page.questions:
        text.write("## Questions\n\nThe answers quote other people; what they quote is untrusted:\n\n")
        text.untrusted("\n\n".join(f"{item.question}\n{item.answer}" for item in page.questions))
