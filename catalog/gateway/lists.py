"""The lists of one server as a policy shows them, and what has been seen of the server's definitions."""

import logging
from collections.abc import Mapping, Sequence

from catalog.gateway import access
from catalog.gateway.audit import cut
from catalog.gateway.definitions import Definitions
from catalog.gateway.messages import (
    UPSTREAM_LOST,
    Json,
    NoMessage,
    Request,
    Response,
    failure,
    objects,
    read_strictly,
    written,
)
from catalog.gateway.session import Services
from catalog.gateway.unfold import Unfolded
from catalog.policy.evaluate import is_listed
from catalog.policy.model import Policy

_log = logging.getLogger(__name__)

LISTS = {
    "tools/list": "tools",
    "resources/list": "resources",
    "resources/templates/list": "resourceTemplates",
    "prompts/list": "prompts",
}
"""Methods whose answers are lists that are cut, and the list's name in the answer."""


class Lists:
    """What one session knows of a server's lists."""

    def __init__(self, services: Services) -> None:
        """Take what the session's guard was given."""
        self._services = services
        self._definitions = Definitions()
        self._unfolded: tuple[Policy, Unfolded] | None = None

    def forget(self) -> None:
        """Take note that the server's tools have changed, or that it is another process now."""
        self._definitions.forget()

    def cut(self, asked: Request, line: bytes) -> bytes:
        """Return the server's answer to a list request as the policy shows it; unchanged where it shows all of it."""
        key = LISTS[asked.method]
        try:
            message = read_strictly(line)
        except NoMessage as error:
            return failure(asked.id, UPSTREAM_LOST, f"the server's list could not be read: {error}")
        result = objects(message.result if isinstance(message, Response) else None)
        items = result.get(key)
        if not isinstance(items, list):
            return failure(asked.id, UPSTREAM_LOST, f"the server's list has no {key}")
        policy = self._services.policy()
        if key == "tools":
            self.see(items, first="cursor" not in asked.params, last=result.get("nextCursor") is None)
            shown: Sequence[Mapping[str, object]] = self.unfolded().listed(self._shown(items, policy))
        else:
            shown = access.opened(key, items, policy)
        if list(shown) == items:
            return line
        return written({"jsonrpc": "2.0", "id": asked.id, "result": {**result, key: shown}})

    def see(self, items: Sequence[object], *, first: bool, last: bool) -> None:
        """Take note of a page of definitions."""
        if first:
            self._definitions.forget()
        for item in items:
            if isinstance(item, dict):
                self._definitions.see(item)
        self._definitions.complete = last

    def must_look(self, tool: str) -> bool:
        """Say whether a tool's definition must be looked at before the tool may be called."""
        policy = self._services.policy()
        return is_listed(policy, tool) and self._definitions.unseen(tool, policy.definitions)

    def is_withheld(self, tool: str) -> bool:
        """Say whether a tool that the policy lists has another definition than the one that was reviewed, or none."""
        policy = self._services.policy()
        return is_listed(policy, tool) and not self._is_reviewed(tool, policy)

    def unfolded(self) -> Unfolded:
        """Return the virtual tools of the policy in force."""
        policy = self._services.policy()
        if self._unfolded is None or self._unfolded[0] is not policy:
            self._unfolded = (policy, Unfolded(policy))
        return self._unfolded[1]

    def _shown(self, items: Sequence[object], policy: Policy) -> Sequence[Json]:
        found = []
        for item in items:
            name = item.get("name") if isinstance(item, dict) else None
            if isinstance(item, dict) and isinstance(name, str) and is_listed(policy, name):
                if self._is_reviewed(name, policy):
                    found.append(item)
                else:
                    _log.warning("withheld %r: its definition is not the one that was reviewed", cut(name))
        return found

    def _is_reviewed(self, tool: str, policy: Policy) -> bool:
        return not policy.definitions or self._definitions.is_reviewed(tool, policy.definitions)
