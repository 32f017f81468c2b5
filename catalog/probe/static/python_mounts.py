"""Which servers of a package are mounted on another one, and what that puts before the names of their tools."""

import re

from catalog.probe.static.python_module import PythonModule
from catalog.probe.static.python_names import Place
from catalog.probe.static.python_values import PythonValues

MENTIONS = re.compile(rb"\.(?:mount|import_server)\(")
"""What a file says that mounts a server."""

_METHODS = frozenset(("mount", "import_server"))
_PREFIXES = ("prefix", "namespace")


class Mounts:
    """The prefixes of mounted servers, by where each server is made."""

    def __init__(self, values: PythonValues) -> None:
        self._values = values
        self._prefixes: dict[tuple[str, int], str] = {}

    def read(self, module: PythonModule) -> None:
        """Remember what ``main.mount(server, prefix="…")`` says, in either order. Raises: OverBudgetError."""
        for node in module.calls:
            function = node.child_by_field_name("function")
            if function is None or function.type != "attribute" or module.last_name(function) not in _METHODS:
                continue
            call = Place(module, node)
            keywords = self._values.keywords(call)
            given = [
                *self._values.positional(call)[:2],
                *(keywords[key] for key in (*_PREFIXES, "server") if key in keywords),
            ]
            texts = [self._values.text(one) for one in given]
            prefix = next((text for text in texts if text), None)
            server = next((one for one, text in zip(given, texts, strict=True) if text is None), None)
            found = self._values.follow(server) if server is not None else None
            if prefix is not None and found is not None:
                self._prefixes[found.module.name, found.node.start_byte] = prefix

    def prefix(self, server: Place | None) -> str:
        """Return what comes before the name of a tool of ``server``, with its joint. Raises: OverBudgetError."""
        if server is None or not self._prefixes:
            return ""
        found = self._values.follow(server)
        prefix = self._prefixes.get((found.module.name, found.node.start_byte)) if found is not None else None
        return f"{prefix}_" if prefix is not None else ""
