"""What was noticed about a server, as sentences: one for each kind of finding, with what was seen as quotations."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from catalog.facts import Finding, FindingKind
from catalog.origin import Origin
from sitegen.private import publishable
from sitegen.visible import one_line

# Quotations of one kind, and characters of each, that a page shows; the page's JSON has all of them.
_MOST = 5
_DETAIL = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingLine:
    """All findings of one kind."""

    kind: str
    sentence: str
    seen: tuple[str, ...]
    """What was seen, each once."""
    more: int
    """How many are not shown."""


_SENTENCES: Mapping[FindingKind, str] = MappingProxyType(
    {
        FindingKind.NETWORK_ATTEMPT: "It tried to reach the network. The sandbox has none, so nothing was reached.",
        FindingKind.WRITE_ATTEMPT: "It tried to write outside its scratch folders. The sandbox did not let it.",
        FindingKind.SECRET_READ: "It opened a file in a place where people keep secrets. What lay there was a decoy.",
        FindingKind.PROCESS_ATTEMPT: "It tried to signal, trace or read a process that is not its own.",
        FindingKind.LIMIT: "It went beyond a limit of the sandbox.",
        FindingKind.STAYED: "It did not end when its input closed, or left processes behind. They were stopped.",
        FindingKind.INSTALL_CODE: (
            "Its package brings code that would run when it is installed, or at every start of its interpreter. "
            "Outside the sandbox it was not run."
        ),
        FindingKind.HIDDEN_TOOL: "The running server lists tools that its source does not declare.",
        FindingKind.DEAD_DECLARATION: (
            "Its source declares tools that the running server did not list. "
            "Most such tools are turned on by a setting."
        ),
        FindingKind.IDENTITY: "What says who publishes it does not agree.",
        FindingKind.CLONE: "Its package is known as a republished copy of another one.",
    }
)


def finding_sentence(kind: FindingKind) -> str:
    """Say what a finding of this kind means."""
    return _SENTENCES[kind]


def finding_lines(findings: Sequence[Finding], origin: Origin) -> tuple[FindingLine, ...]:
    """Return a line for each kind, in the order in which they were first seen."""
    seen: dict[FindingKind, dict[str, None]] = defaultdict(dict)
    for finding in findings:
        seen[finding.kind][one_line(publishable(finding.detail, origin), _DETAIL)] = None
    return tuple(
        FindingLine(
            kind=kind.value,
            sentence=finding_sentence(kind),
            seen=tuple(filter(None, details))[:_MOST],
            more=max(0, len(details) - _MOST),
        )
        for kind, details in seen.items()
    )
