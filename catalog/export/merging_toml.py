"""Merge Codex' config.toml: comments, order and everything else in it stay."""

from collections.abc import MutableMapping

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, InlineTable, Table

from catalog.errors import InputError

Place = MutableMapping[str, object]

_LISTS = ("enabled_tools", "default_tools_approval_mode")


def merge_codex(existing: str, exported: str, name: str) -> str:
    """See `catalog.export.merge.merge`: lists and modes of the servers' tools, and one hook for each server."""
    try:
        settings = tomlkit.parse(existing)
    except (TOMLKitError, ValueError) as error:
        raise InputError(f"{name!r} is not TOML: {error}; mend it first. It is left as it was") from error
    _refuse_without_hooks(settings, name)
    ours = tomlkit.parse(exported)
    for server, table in _tables(ours, "mcp_servers", name).items():
        _merge_server(
            _table(_tables(settings, "mcp_servers", name), server, f"mcp_servers.{server}", name), table, name
        )
    _merge_hooks(settings, ours, name)
    text = tomlkit.dumps(settings)
    return existing if tomlkit.parse(text) == tomlkit.parse(existing) else text


def _refuse_without_hooks(settings: Place, name: str) -> None:
    features = settings.get("features", {})
    for key in ("hooks", "codex_hooks"):
        if isinstance(features, MutableMapping) and features.get(key) is False:
            raise InputError(f"{name!r} turns hooks off, so that nothing would be enforced; take out features.{key}")


def _merge_server(server: Place, ours: object, name: str) -> None:
    assert isinstance(ours, Table)  # noqa: S101  # we wrote it
    for key in _LISTS:
        if key in ours:
            server[key] = ours[key]
    modes = _table(server, "tools", "mcp_servers.….tools", name, is_super=True)
    new = ours.get("tools", {})
    for tool in [tool for tool in modes if tool not in new]:
        mode = modes[tool]
        if isinstance(mode, MutableMapping):
            mode.pop("approval_mode", None)
            if not mode:
                del modes[tool]
    for tool, mode in new.items():
        if isinstance(modes.get(tool), MutableMapping):
            modes[tool]["approval_mode"] = mode["approval_mode"]  # type: ignore[index]  # just looked at
        else:
            modes[tool] = mode
    if not modes:
        del server["tools"]


def _merge_hooks(settings: Place, ours: Place, name: str) -> None:
    new = _tables(ours, "hooks", name).get("PreToolUse")
    if not isinstance(new, AoT):
        return
    hooks = _tables(settings, "hooks", name)
    there = hooks.get("PreToolUse")
    if there is None:
        hooks["PreToolUse"] = new
        return
    if not isinstance(there, AoT):
        raise InputError(f"{name!r}: hooks.PreToolUse must be [[tables]]; mend it first. It is left as it was")
    for entry in new:
        _merge_hook(there, entry)


def _merge_hook(there: AoT, entry: Table) -> None:
    for place, old in enumerate(there):
        if old.get("matcher") == entry["matcher"] and any(map(_is_ours, old.get("hooks", []))):
            others = [run for run in old["hooks"] if not _is_ours(run)]
            if not others:
                if old.unwrap() != entry.unwrap():
                    there[place] = entry
                return
            old["hooks"] = tomlkit.aot()
            for run in [*others, *entry["hooks"]]:
                old["hooks"].append(run)
            return
    there.append(entry)


def _is_ours(run: object) -> bool:
    return isinstance(run, MutableMapping) and str(run.get("command", "")).startswith("catalog hook --dialect ")


def _tables(document: Place, key: str, name: str) -> Place:
    return _table(document, key, key, name, is_super=True)


def _table(parent: Place, key: str, where: str, name: str, *, is_super: bool = False) -> Place:
    """Return the table under a key, made where it is missing."""
    if key not in parent:
        parent[key] = tomlkit.table(is_super_table=is_super)
    found = parent[key]
    if not isinstance(found, MutableMapping) or isinstance(found, InlineTable):
        raise InputError(f"{name!r}: {where} must be a [table]; mend it first. It is left as it was")
    return found
