"""Cursor: which tools run without asking, and the hook program, which it is told to obey when it fails as well.

What the hook allows is taken to be asked about all the same unless the list has it: Cursor does not say otherwise, and
the list alone must not let anything through that depends on the call.
"""

from collections.abc import Iterator, Sequence
from itertools import repeat

from catalog.export.hooked import HOOKED, SECONDS, Standing, as_json, command, policy_file, standing
from catalog.export.merging_json import UNLISTED
from catalog.policy.model import PASSING, Policy
from catalog.policy.reason import wish
from catalog.policy.surface import Surface, surfaces
from catalog.policy.target import Export, ExportFile, Unsupported

FOLDER = ".cursor"

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")
"""Characters that mean themselves in ``server:tool``."""


class CursorExporter:
    """Writes permissions.json, hooks.json and the policy that the hook reads."""

    format = "cursor"
    title = "Cursor"
    expresses = HOOKED

    def export(self, *policies: Policy) -> Export:
        """See `Exporter.export`."""
        listed = [name for policy in policies for surface in surfaces(policy) for name in _listed(policy, surface)]
        permissions: dict[str, object] = {"mcpAllowlist": listed}
        if unlisted := [one.server for one in policies if not any(map(_listed, repeat(one), surfaces(one)))]:
            permissions[UNLISTED] = unlisted
        hook = {
            "command": command("cursor", policy_file(FOLDER, ()).filename),
            "failClosed": True,
            "timeout": SECONDS,
        }
        hooks = {"version": 1, "hooks": {"beforeMCPExecution": [hook]}}
        return Export(
            files=(
                ExportFile(filename=f"{FOLDER}/hooks.json", text=as_json(hooks)),
                ExportFile(filename=f"{FOLDER}/permissions.json", text=as_json(permissions)),
                policy_file(FOLDER, policies),
            ),
            unsupported=tuple(_asked(policies)),
        )


def _listed(policy: Policy, surface: Surface) -> Sequence[str]:
    """Return the entry of the list for a tool of which every call passes; none for any other."""
    names = (policy.server, surface.tool)
    plain = all(name and _PLAIN.issuperset(name) for name in names)
    return [":".join(names)] if plain and standing(surface) is Standing.OPEN else []


def _asked(policies: Sequence[Policy]) -> Iterator[Unsupported]:
    why = "approve: Cursor may ask about what is not on its list, which has whole tools alone"
    for policy in policies:
        for surface in surfaces(policy):
            if _listed(policy, surface):
                continue
            yield from (
                Unsupported(key=rule.key, wanted=wish(rule), written=why)
                for rule in surface.rules
                if surface.decides(rule) in PASSING
            )
            if surface.own is None and surface.decision in PASSING:
                yield Unsupported(key=surface.tool, wanted=str(surface.decision), written=why)
