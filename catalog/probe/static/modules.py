"""The files of one language, parsed when they are needed and forgotten again when memory runs short."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from catalog.probe.static.budget import OverBudgetError

# Source bytes of the modules that are kept parsed; a tree takes some twenty times as much.
_KEPT_BYTES = 8 * 1024 * 1024


class _Sized(Protocol):
    @property
    def size(self) -> int: ...


M = TypeVar("M", bound=_Sized)


class Modules(Generic[M]):
    """Loads each file at most once while there is room."""

    def __init__(self, load: Callable[[str], M | None]) -> None:
        self._load = load
        self._kept: OrderedDict[str, M | None] = OrderedDict()
        self._bytes = 0

    def get(self, name: str, *, again: bool = False) -> M | None:
        """Return the module in the file ``name``; None where it cannot be read within bounds.

        ``again`` tries anew what failed before, for example for want of time.
        """
        if name in self._kept and not (again and self._kept[name] is None):
            self._kept.move_to_end(name)
            return self._kept[name]
        try:
            module = self._load(name)
        except OverBudgetError:
            module = None
        self._kept[name] = module
        self._bytes += module.size if module else 0
        while self._bytes > _KEPT_BYTES and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= dropped.size if dropped else 0
        return module
