"""Where a reader reports a wrong verdict: the publisher's address, prefilled with the page that it is about."""

from urllib.parse import quote, urlsplit

from sitegen.links import LONGEST_ADDRESS, external
from sitegen.visible import visible

# Characters of a name that go into the address; a page's own name is cut earlier.
_LONGEST_VALUE = 200


def report_address(template: str | None) -> str | None:
    """Return ``template`` where a browser may be sent there: http, https or mailto; None for anything else."""
    if template is None or len(template) > LONGEST_ADDRESS:
        return None
    try:
        scheme = urlsplit(template.strip()).scheme
    except ValueError:
        return None
    return template.strip() if scheme == "mailto" else external(template)


def report_link(template: str | None, *, tool: str = "", server: str = "", page: str) -> str | None:
    """Return the address with ``{tool}``, ``{server}`` and ``{page}`` filled in, URL-encoded; None without one.

    Nothing else in braces is replaced: a name that holds braces is data, not a template.
    """
    address = report_address(template)
    if address is None:
        return None
    values = {"{tool}": tool, "{server}": server, "{page}": page}
    beginning, *parts = address.split("{")
    filled = [beginning]
    for part in parts:
        name, brace, rest = part.partition("}")
        placeholder = f"{{{name}{brace}"
        if placeholder in values:
            filled.append(quote(visible(values[placeholder])[:_LONGEST_VALUE], safe="") + rest)
        else:
            filled.append(f"{{{part}")
    return "".join(filled)
