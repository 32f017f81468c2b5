"""Read the tools that a server's source declares: choose files, read each, put what was found together."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from tree_sitter import Node

from catalog.probe.static.budget import Budget, OverBudgetError
from catalog.probe.static.collector import Collector
from catalog.probe.static.files import Skipped, SourceFile, read, source_files
from catalog.probe.static.javascript import JavaScriptModule
from catalog.probe.static.javascript_tools import JavaScriptReader
from catalog.probe.static.javascript_values import JavaScriptValues
from catalog.probe.static.manifest import read_manifest
from catalog.probe.static.modules import Modules
from catalog.probe.static.python_module import PythonModule
from catalog.probe.static.python_mounts import MENTIONS as MOUNTS
from catalog.probe.static.python_mounts import Mounts
from catalog.probe.static.python_schema import SchemaReader as PythonSchemaReader
from catalog.probe.static.python_tools import PythonReader
from catalog.probe.static.python_values import PythonValues
from catalog.probe.static.source_tools import SourceTools, StaticLimits
from catalog.probe.static.syntax import Grammar, parse
from catalog.probe.static.words import words_of
from catalog.probe.static.zod import SchemaReader as JavaScriptSchemaReader

M = TypeVar("M", PythonModule, JavaScriptModule)

_MENTIONS = re.compile(rb"tool|input_?schema", re.IGNORECASE)
"""What a file says that declares a tool in any way that is understood."""


def declared_tools(sources: Sequence[Path], limits: StaticLimits = StaticLimits()) -> SourceTools:  # noqa: B008  # frozen
    """Return the tools that the source below ``sources`` (files and folders of one package) declares.

    Nothing of it is run. Takes up to ``limits.total_seconds`` of one processor; ``apart`` does it in another process.
    """
    return _Reading(limits).of(sources)


@dataclass(frozen=True, slots=True)
class _Text:
    """One file as read, kept until the end: other files may name its constants."""

    file: SourceFile
    data: bytes


class _Reading:
    """One run over one package."""

    def __init__(self, limits: StaticLimits) -> None:
        self._limits = limits
        self._budget = Budget(limits)
        self._collector = Collector(limits)
        self._texts: dict[str, _Text] = {}
        self._words: set[str] = set()

    def of(self, sources: Sequence[Path]) -> SourceTools:
        self._read_files(sources)
        self._read_python()
        self._read_javascript()
        for text in self._texts.values():
            if text.file.grammar is None and not self._budget.over():
                read_manifest(text.data.decode(), text.file.name, self._collector)
        return self._collector.result(len(self._texts), frozenset(self._words))

    def _read_files(self, sources: Sequence[Path]) -> None:
        left = self._limits.total_bytes
        for file in source_files(sources):
            if len(self._texts) >= self._limits.files or left <= 0 or self._budget.over():
                self._incomplete("source", f"only the first {len(self._texts)} files were read")
                return
            data = read(file, self._limits, left)
            if isinstance(data, Skipped):
                self._incomplete(data.name, data.why)
                continue
            left -= len(data)
            self._texts[file.name] = _Text(file, data)
            if len(self._words) < self._limits.words:
                self._words |= words_of(data)
            else:
                self._collector.dynamic = True

    def _read_python(self) -> None:
        modules: Modules[PythonModule] = Modules(partial(self._load, PythonModule))
        names = frozenset(t.file.name for t in self._texts.values() if t.file.grammar is Grammar.PYTHON)
        values = PythonValues(modules, names, self._budget)
        mounts = Mounts(values)
        self._read_modules(names, modules, mounts.read, MOUNTS)
        reader = PythonReader(values, PythonSchemaReader(values), mounts, self._collector)
        self._read_modules(names, modules, reader.read, _MENTIONS)

    def _read_javascript(self) -> None:
        modules: Modules[JavaScriptModule] = Modules(partial(self._load, JavaScriptModule))
        scripts = (t for t in self._texts.values() if t.file.grammar not in (None, Grammar.PYTHON))
        names = frozenset(t.file.name for t in scripts)
        values = JavaScriptValues(modules, names, self._budget)
        self._read_modules(
            names, modules, JavaScriptReader(values, JavaScriptSchemaReader(values), self._collector).read, _MENTIONS
        )

    def _load(self, make: Callable[[str, bytes, Node, Budget], M], name: str) -> M | None:
        text = self._texts[name]
        if text.file.grammar is None:
            return None
        return make(name, text.data, parse(text.data, text.file.grammar, self._budget), self._budget)

    def _read_modules(
        self, names: frozenset[str], modules: Modules[M], find: Callable[[M], None], mentions: re.Pattern[bytes]
    ) -> None:
        for name in self._texts:
            if name not in names or mentions.search(self._texts[name].data) is None:
                continue
            if self._budget.over() or self._collector.full:
                self._incomplete("source", f"nothing was read from {name!r} on: enough time or text was spent")
                return
            self._budget.begin_file()
            module = modules.get(name, again=True)
            if module is None:
                self._incomplete(name, "not read: parsing it takes too long")
                continue
            if module.root.has_error:
                self._collector.problem(name, "its syntax has errors; what could be read was read")
            try:
                find(module)
            except OverBudgetError as error:
                self._incomplete(name, f"read in part: {error}")

    def _incomplete(self, where: str, message: str) -> None:
        """Note what was not read; then there may be tools that are not known."""
        self._collector.dynamic = True
        self._collector.problem(where, message)
