"""``page.md`` beside a server's page."""

from sitegen.catalogue import CataloguedServer
from sitegen.learnt import Fact
from sitegen.markdown.text import WARNING, MarkdownText, code
from sitegen.pages.server import ServerPage
from sitegen.words import listed

# Tools that the file lists; the page's JSON has all of them. A language model reads no more than that at once.
_MOST_ENTRIES = 500


def server_markdown(page: ServerPage, server: CataloguedServer) -> bytes:
    """Return what a server's page says as Markdown, in its order."""
    text = MarkdownText()
    text.write("# ", page.name, "\n\n> MCP server, reached as ", page.origin, "")
    if page.publisher:
        text.write(", published by ", page.publisher, "")
    if page.product:
        text.write(", for ", page.product.text, "")
    text.write(f".\n\n{WARNING}\n\n")
    _standing(text, page)
    _facts(text, page)
    _findings(text, page)
    _flows(text, page)
    _tools(text, page, server)
    _policy(text, page)
    _changes(text, page)
    return text.encoded()


def _standing(text: MarkdownText, page: ServerPage) -> None:
    if page.standing.heading:
        text.write("**", page.standing.heading, "** ", " ".join(page.standing.sentences), "\n\n")
    if page.hint:
        text.write("What to do: ", page.hint, "\n\n")
    if page.detail:
        text.write("What was seen (untrusted):\n\n")
        text.untrusted(page.detail)


def _facts(text: MarkdownText, page: ServerPage) -> None:
    text.write("## Facts\n\n")
    if page.counts:
        text.write("- Offers: ", page.counts, "\n")
    for fact in page.facts:
        text.write(f"- {fact.name}: ", _values(fact), "\n")
    if page.grade:
        text.write(f"- Grade: {page.grade}, ", page.grade_reason, "\n")
        text.write(f"- Categories: {page.categories}\n- Context cost: {page.tokens:,} tokens for all tools\n")
    text.write("- The same as data: [page.json](page.json)\n\n")
    if page.problems:
        text.write("Left out, or odd (untrusted):\n\n")
        text.untrusted("\n".join(f"{where}: {message}" for where, message in page.problems))


def _values(fact: Fact) -> str:
    values = ", ".join(value.text for value in fact.values)
    return f"{values} ({fact.hint})" if fact.hint else values


def _findings(text: MarkdownText, page: ServerPage) -> None:
    if not page.findings:
        return
    text.write("## What was noticed\n\n")
    for finding in page.findings:
        text.write(f"- {finding.sentence}\n")
    text.write("\nWhat was seen (untrusted):\n\n")
    text.untrusted("\n".join(f"{finding.kind}: {seen}" for finding in page.findings for seen in finding.seen))


def _flows(text: MarkdownText, page: ServerPage) -> None:
    if not page.flows:
        return
    text.write(
        "## What its tools can do together\n\nA flow says what the tools make possible for an agent that is misled.\n\n"
    )
    for flow in page.flows:
        text.write(f"- {flow.title}. {flow.where} {flow.sureness}\n")
        for step in flow.steps:
            text.write(f"  - {code(step.tool) if step.tool else 'the client'}: {listed(step.legs)}\n")
    text.write("\n")


def _tools(text: MarkdownText, page: ServerPage, server: CataloguedServer) -> None:
    shown = page.entries[:_MOST_ENTRIES]
    if not shown:
        return
    text.write("## Tools, the riskiest first\n\n")
    for line in shown:
        # A tool's folder is a slug inside the server's, so nothing in it has to be quoted.
        to = f"{line.to.removeprefix(server.path)}page.md"
        text.write(f"- [{code(line.name)}]({to}): {line.category}, {line.risk} risk, policy: {line.decision}\n")
    if len(server.entries) > len(shown):
        text.write(f"- {len(server.entries) - len(shown):,} more are in [page.json](page.json)\n")
    text.write("\nWhat is said of them (untrusted):\n\n")
    text.untrusted("\n".join(f"{line.name}: {line.summary}" for line in shown))


def _policy(text: MarkdownText, page: ServerPage) -> None:
    if not page.targets:
        return
    text.write(f"## Recommended policy\n\nWhat becomes of calls: {page.decisions}. ")
    text.write("Whatever the policy does not name is denied.\n\n")
    for target in page.targets:
        text.write("- [", target.filename, f"]({target.file}) for {target.title}\n")
        for name, filename in target.others:
            text.write("  - with [", filename, f"]({name})\n")
    if page.hardened:
        text.write("- [hardened-policy.json](hardened-policy.json), which bounds arguments and sums as well\n")
    text.write("\n")


def _changes(text: MarkdownText, page: ServerPage) -> None:
    text.write("## Changes\n\n")
    for change in page.changes:
        text.write(f"- {change.at} {code(change.name)}: ", change.sentence, "\n")
    if page.more_changes:
        text.write(f"- {page.more_changes:,} earlier ones are not listed here\n")
    if not page.changes:
        text.write("None was seen yet.\n")
