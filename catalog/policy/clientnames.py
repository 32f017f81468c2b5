"""What clients call MCP tools in their rules and hooks: one name made of a server's and a tool's.

The name does not always lead back to one server and one tool. Where it does not, a tool cannot be carried: no call of
it may pass, for the call could be of another one. Needs nothing but the standard library: the hook program loads it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from catalog.policy.model import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientNames:
    """How one client makes a tool's name."""

    title: str
    before: str
    """What stands before the server's name."""
    between: str
    """What stands between the server's name and the tool's."""
    written: Callable[[str], str]
    """What becomes of a name of a server or a tool."""
    longest: int | None = None
    """The longest name; a longer one is cut and gets a hash, so it cannot be carried."""
    carries_server: Callable[[str], bool]
    """Whether a name that begins as the names of this server's tools do is certainly of this server."""
    carries_tool: Callable[[str], bool]
    """Whether a tool's own name comes out whole."""

    def prefix(self, server: str) -> str:
        """Return how the names of all tools of a server begin."""
        return f"{self.before}{self.written(server)}{self.between}"

    def name(self, server: str, tool: str) -> str:
        """Return what the client calls a tool, whether or not it can be told from others."""
        return f"{self.prefix(server)}{self.written(tool)}"

    def carried(self, server: str, tools: Iterable[str]) -> Mapping[str, str]:
        """Return the names of the tools that can be told from all others of the server, by tool."""
        if not self.carries_server(server):
            return {}
        names = {tool: self.name(server, tool) for tool in tools}
        several = _repeated(names.values())
        return {
            tool: name
            for tool, name in names.items()
            if tool and self.carries_tool(tool) and name not in several and len(name) <= (self.longest or len(name))
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A name that leads to no tool of a policy file."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """The tool that a client's name leads to."""

    policy: Policy
    tool: str


def called(client: ClientNames, policies: Mapping[str, Policy], name: str) -> Called | Unknown:
    """Return which tool of which policy a client means by ``name``; Unknown where it is none, or not certainly one."""
    name = client.written(name)
    beginning = [server for server in policies if name.startswith(client.prefix(server))]
    if not beginning:
        return Unknown(reason=f"the policy file names no server of the tool {shown(name)}")
    if len(beginning) > 1 or not client.carries_server(beginning[0]):
        servers = ", ".join(map(shown, beginning))
        return Unknown(reason=f"{shown(name)} could be of more than one server ({servers}); give it another name")
    policy = policies[beginning[0]]
    names = client.carried(policy.server, (rule.tool for rule in policy.rules))
    tools = [tool for tool, of_tool in names.items() if of_tool == name]
    if not tools:
        return Unknown(reason=f"no rule of the policy of {shown(policy.server)} names the tool {shown(name)}")
    return Called(policy=policy, tool=tools[0])


def carried(client: ClientNames, policies: Mapping[str, Policy]) -> Mapping[tuple[str, str], str]:
    """Return the names that lead to one tool among all policies of a file, by server and tool."""
    return {
        (server, tool): name
        for server, policy in policies.items()
        for tool, name in client.carried(server, (rule.tool for rule in policy.rules)).items()
        if [other for other in policies if name.startswith(client.prefix(other))] == [server]
    }


def shown(name: str) -> str:
    """Return a name as a reason quotes it, in ASCII and cut: whoever calls can send any length."""
    return ascii(name) if len(name) <= _SHOWN else f"{name[:_SHOWN]!a}..."


_SHOWN = 80


def _repeated(names: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    return {name for name in names if name in seen or seen.add(name)}  # type: ignore[func-returns-value]


_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


def _claude(name: str) -> str:
    """Write as Claude Code does: what is neither letter, digit, ``_`` nor ``-`` becomes ``_``, by UTF-16 code unit."""
    plain = "".join(_kept(character, "-") for character in name)
    if name.startswith("claude.ai "):
        while "__" in plain:
            plain = plain.replace("__", "_")
        plain = plain.strip("_")
    return plain


def _kept(character: str, also: str) -> str:
    if character in _LETTERS or character in also:
        return character
    return "__" if ord(character) > 0xFFFF else "_"


def _folded(name: str) -> str:
    """Write as Codex does, which keeps ``-`` in some versions only; so it is taken for ``_`` in all of them."""
    return "".join(character if character in _LETTERS else "_" for character in name)


def _plain(name: str) -> bool:
    return bool(name) and all(character in _LETTERS or character == "-" for character in name)


def _ends_plainly(server: str) -> bool:
    return bool(server) and "__" not in server and server.strip("_") == server


def _codex_tool(name: str) -> bool:
    # An underscore at the start would be trimmed, where server and tool meet.
    return not name.startswith(("_", "-", ".")) and all(one in _LETTERS or one in "-." for one in name)


CLAUDE_CODE = ClientNames(
    title="Claude Code",
    before="mcp__",
    between="__",
    written=_claude,
    carries_server=lambda server: _ends_plainly(_claude(server)),
    carries_tool=bool,
)
CODEX = ClientNames(
    title="Codex",
    before="mcp__",
    between="__",
    written=_folded,
    longest=64,
    carries_server=lambda server: _plain(server) and _ends_plainly(_folded(server)),
    carries_tool=_codex_tool,
)
COPILOT_CLI = ClientNames(
    title="Copilot CLI", before="", between="-", written=str, carries_server=_plain, carries_tool=_plain
)
