"""Merge the JSON settings of Claude Code, Copilot CLI, Cursor, Gemini CLI and FastMCP, and our own policy files."""

import json
import re
from collections.abc import Callable, Sequence

from catalog.errors import InputError

Object = dict[str, object]

UNLISTED = "catalogServers"
"""In an exported permissions.json of Cursor: the servers none of whose tools is on the list, for merging."""


def merge_claude_settings(existing: str, exported: str, name: str) -> str:
    """See `catalog.export.merge.merge`: rules on tools of the servers, and one hook for each server."""
    settings, ours = _Settings(existing, name), _Settings(exported, name)
    matchers = [str(group["matcher"]) for group in ours.objects("hooks", "PreToolUse")]
    prefixes = tuple(matcher.removesuffix(".*") for matcher in matchers)
    servers = {prefix.removesuffix("__") for prefix in prefixes}

    def is_ours(rule: object) -> bool:
        return isinstance(rule, str) and (rule.startswith(prefixes) or rule in servers)

    for kind in ("deny", "ask", "allow"):
        settings.replace(is_ours, ours.items("permissions", kind), "permissions", kind)
    for group in settings.objects("hooks", "PreToolUse"):
        if group.get("matcher") in matchers:
            group["hooks"] = [hook for hook in settings.listed(group, "hooks") if not _runs_ours(hook, "command")]

    def is_empty(group: object) -> bool:
        return isinstance(group, dict) and group.get("matcher") in matchers and not group["hooks"]

    settings.replace(is_empty, ours.items("hooks", "PreToolUse"), "hooks", "PreToolUse")
    return settings.text()


def merge_servers(existing: str, exported: str, name: str) -> str:
    """See `catalog.export.merge.merge`: which tools there are of each server; how it is started stays."""
    settings, ours = _Settings(existing, name), _Settings(exported, name)
    servers = settings.part("mcpServers")
    for server, entry in ours.part("mcpServers").items():
        told = servers.setdefault(server, {})
        if not isinstance(told, dict) or not isinstance(entry, dict):
            raise settings.wrong("an object", "mcpServers", server)
        told.update(entry)
    return settings.text()


def merge_copilot_hooks(existing: str, exported: str, name: str) -> str:
    """See `catalog.export.merge.merge`: one hook for each server."""
    settings, ours = _Settings(existing, name), _Settings(exported, name)
    new = ours.objects("hooks", "preToolUse")
    matchers = [hook["matcher"] for hook in new]

    def is_ours(hook: object) -> bool:
        return _runs_ours(hook, "bash") and isinstance(hook, dict) and hook.get("matcher") in matchers

    settings.replace(is_ours, new, "hooks", "preToolUse")
    return settings.text({"version": 1})


def merge_cursor_hooks(existing: str, exported: str, name: str) -> str:
    """See `catalog.export.merge.merge`: one hook, which knows every server of the policy file."""
    settings, ours = _Settings(existing, name), _Settings(exported, name)
    new = ours.objects("hooks", "beforeMCPExecution")
    settings.replace(lambda hook: _runs_ours(hook, "command"), new, "hooks", "beforeMCPExecution")
    return settings.text({"version": 1})


def merge_cursor_list(existing: str, exported: str, name: str) -> str:
    """See `catalog.export.merge.merge`: the tools of the servers on the list."""
    settings, ours = _Settings(existing, name), _Settings(exported, name)
    new = ours.items("mcpAllowlist")
    named = [*(str(entry).partition(":")[0] for entry in new), *ours.items(UNLISTED)]
    servers = tuple(f"{server}:" for server in named)
    settings.replace(lambda entry: isinstance(entry, str) and entry.startswith(servers), new, "mcpAllowlist")
    return settings.text()


def merge_policies(existing: str, exported: str, name: str) -> str:
    """See `catalog.export.merge.merge`: the policies of other servers stay."""
    settings, ours = _Settings(existing, name), _Settings(exported, name)
    if settings.data.get("version") != ours.data["version"]:
        raise settings.wrong("a policy file of this release", "version")
    settings.part("servers").update(ours.part("servers"))
    return settings.text()


def _runs_ours(hook: object, key: str) -> bool:
    return isinstance(hook, dict) and str(hook.get(key, "")).startswith("catalog hook --dialect ")


class _Settings:
    """A settings file that is changed in place and written in the indentation it came in."""

    def __init__(self, text: str, name: str) -> None:
        self._name, self._source = name, text
        try:
            data = json.loads(text, object_pairs_hook=self._no_repeats)
        except (ValueError, RecursionError) as error:
            comments = re.search(r"^\s*(//|/\*)", text, re.MULTILINE) or re.search(r"[\s,{\[]//|/\*", text)
            hint = "comments in it would be lost: take them out first" if comments else "mend it first"
            raise InputError(f"{name!r} is not plain JSON ({error}); {hint}. It is left as it was") from error
        if not isinstance(data, dict):
            raise self.wrong("an object")
        self.data: Object = data
        if data.get("disableAllHooks"):
            raise InputError(f"{name!r} turns hooks off, so that nothing would be enforced; take out disableAllHooks")

    def part(self, key: str) -> Object:
        """Return the object under a key, made where it is missing."""
        found = self.data.setdefault(key, {})
        if not isinstance(found, dict):
            raise self.wrong("an object", key)
        return found

    def items(self, *keys: str) -> list[object]:
        """Return the list along keys; an empty one where it is missing."""
        *way, last = keys
        place: Object = self.data
        for number, key in enumerate(way):
            inner = place.get(key, {})
            if not isinstance(inner, dict):
                raise self.wrong("an object", *way[: number + 1])
            place = inner
        found = place.get(last, [])
        if not isinstance(found, list):
            raise self.wrong("a list", *keys)
        return found

    def objects(self, *keys: str) -> list[Object]:
        """Return the list along keys, which holds objects alone."""
        found = [item for item in self.items(*keys) if isinstance(item, dict)]
        if len(found) != len(self.items(*keys)):
            raise self.wrong("a list of objects", *keys)
        return found

    def listed(self, group: Object, key: str) -> list[object]:
        """Return a list inside of an item."""
        found = group.get(key, [])
        if not isinstance(found, list):
            raise self.wrong("a list", "…", key)
        return found

    def replace(self, is_old: Callable[[object], bool], new: Sequence[object], *keys: str) -> None:
        """Take old items out of the list along keys and put the new ones at its end."""
        before = self.items(*keys)
        kept = [item for item in before if not is_old(item)]
        if not new and len(kept) == len(before):
            return
        *way, last = keys
        place = self.data
        for key in way:
            place = place.setdefault(key, {})  # type: ignore[assignment]  # ``items`` has looked at all of them
        place[last] = [*kept, *new]

    def wrong(self, expected: str, *keys: str) -> InputError:
        """Return the error that something is not what the client's settings have there."""
        where = "/".join(("", *keys)) or "the file"
        return InputError(f"{self._name!r}: {where} must be {expected}; mend it first. It is left as it was")

    def text(self, needed: Object | None = None) -> str:
        """Return the file's new text, or the old one where only its layout would change."""
        data = {**(needed or {}), **self.data} if needed and not needed.keys() <= self.data.keys() else self.data
        if data == json.loads(self._source):
            return self._source
        indent = re.search(r"\n([ \t]+)\S", self._source)
        text = json.dumps(data, indent=indent[1] if indent else 2, ensure_ascii=False)
        try:
            text.encode()
        except UnicodeEncodeError:
            text = json.dumps(data, indent=indent[1] if indent else 2)
        return text + "\n"

    def _no_repeats(self, pairs: list[tuple[str, object]]) -> Object:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a key stands twice in one object")
        return found
