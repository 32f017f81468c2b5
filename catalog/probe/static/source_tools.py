"""What reading a server's source gives, and the bounds of reading."""

from dataclasses import dataclass

from catalog.model import Entry, Problem

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticLimits:
    """Bounds on reading one server's source. The largest bundles of 60 known servers have 2 to 4 MiB."""

    files: int = 2_000
    """Source files that are read; manifests count."""
    file_bytes: int = 4 * MIB
    """A larger file is skipped: a hostile one takes a hundred times its size in memory while it is parsed."""
    total_bytes: int = 64 * MIB
    """All files together."""
    tools: int = 5_000
    file_seconds: float = 10.0
    """Processor time to parse and search one file; 2 MiB of a bundle take about two."""
    total_seconds: float = 60.0
    """Processor time for everything."""
    nesting: int = 40
    """Levels of one value, schema or chain of names that are followed."""
    steps: int = 20_000
    """Expressions that are looked at for one tool: names that refer to names can multiply."""
    tool_characters: int = 512 * 1024
    """Text that is read for one tool; the largest real schema has 112 kB."""
    total_characters: int = 32 * MIB
    """Text that is read for all tools together."""
    words: int = 500_000
    """Different words of the source that are remembered."""
    problems: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTools:
    """The tools that a server's source declares. No entries mean that none was understood, not that there is none."""

    entries: tuple[Entry, ...]
    """Provenance *declared*; definitions in the shape that tools/list has."""
    problems: tuple[Problem, ...] = ()
    """What was not read, and why."""
    files: int = 0
    """How many files were read."""
    dynamic: bool = False
    """Whether some tool's name is computed when the server runs, or some code was not read: then others may exist."""
    words: frozenset[str] = frozenset()
    """Every word that the files hold, as ``plain_words`` makes them: a tool whose name is here is not hidden."""
