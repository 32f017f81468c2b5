"""Show a crawl while it runs, always on stderr: a live table on a terminal, plain lines elsewhere, or JSON lines."""

import json
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, assert_never

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, Group

    from catalog.crawl.events import Event, Sink
    from catalog.model import Observation, ServerRef

Style = Literal["auto", "plain", "json", "none"]

# Running servers that the live table shows.
MOST_LINES = 12

# Columns of the bar.
BAR = 32

# Servers that must have been looked at before a rate means anything.
ENOUGH = 5

# Times a second that the live table is drawn.
REFRESH = 4


@contextmanager
def crawl_progress(total: int, style: Style = "auto") -> "Iterator[Sink]":
    """Yield a sink that shows the events of a crawl over ``total`` servers."""
    from catalog.cli.console import notes
    from catalog.crawl.events import silent

    console = notes()
    if style == "none":
        yield silent
    elif style == "json":
        yield _as_json
    elif style == "plain" or not console.is_terminal:
        yield _Plain(console, total)
    else:
        from rich.live import Live

        board = _Board(console, total)
        with Live(console=console, get_renderable=board.drawn, refresh_per_second=REFRESH, transient=True):
            yield board


class _Plain:
    """A line for each server that is done."""

    def __init__(self, console: "Console", total: int) -> None:
        self._console = console
        self._total = total
        self._done = 0

    def __call__(self, event: "Event") -> None:
        from catalog.crawl.events import Observed, PassedOver, Planned, Retried
        from catalog.terminal import visible_name

        match event:
            case Planned(servers=servers):
                self._total = servers
            case Observed(observation=observation):
                self._say(summary(observation))
            case PassedOver(server=server, reason=reason):
                self._say(f"{server.slug}: passed over ({visible_name(reason)})")
            case Retried(server=server, after=after, reason=reason):
                self._console.print(f"{server.slug}: {reason}, again in {after:.0f} s", markup=False, soft_wrap=True)
            case _:
                pass

    def _say(self, line: str) -> None:
        self._done += 1
        self._console.print(f"[{self._done}/{self._total}] {line}", markup=False, soft_wrap=True)


class _Board:
    """A table of the servers that are looked at, below it totals by outcome, the rate and the time left."""

    def __init__(self, console: "Console", total: int) -> None:
        self._console = console
        self._total = total
        self._began = time.monotonic()
        self._ended = self._began
        """When the latest server was done: a rate up to now would fall with every second that one takes."""
        self._looked = 0
        self._streams = False
        """Whether more servers become known on the way: then nobody knows how many are left."""
        self._running: dict[str, tuple[str, float]] = {}
        """Rung and when the server began, by slug."""
        self._outcomes: Counter[str] = Counter()

    def __call__(self, event: "Event") -> None:
        from catalog.crawl.events import Observed, PassedOver, Planned, Retried, RungEnded, RungStarted
        from catalog.model import Declared, Listed
        from catalog.terminal import visible_name

        match event:
            case Planned(servers=servers):
                self._total, self._streams = servers, True
            case RungStarted(server=server, rung=rung):
                self._at(server, visible_name(rung))
            case RungEnded():
                pass
            case Retried(server=server, after=after):
                self._at(server, f"waits {after:.0f} s")
            case Observed(observation=observation):
                self._running.pop(observation.server.slug, None)
                outcome = observation.outcome
                if isinstance(outcome, Listed):
                    kind = "listed"
                elif isinstance(outcome, Declared):
                    kind = "declared"
                else:
                    kind = outcome.reason.replace("_", " ")
                self._outcomes[kind] += 1
                self._looked += 1
                self._ended = time.monotonic()
                self._console.print(summary(observation), markup=False, soft_wrap=True)
            case PassedOver(server=server):
                self._running.pop(server.slug, None)
                self._outcomes["passed over"] += 1
            case _:
                assert_never(event)

    def _at(self, server: "ServerRef", rung: str) -> None:
        _, since = self._running.get(server.slug, ("", time.monotonic()))
        self._running[server.slug] = (rung, since)

    def drawn(self) -> "Group":
        """Return what the terminal shows now."""
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        now = time.monotonic()
        running = list(self._running.items())
        table = Table(box=None, show_header=False, pad_edge=False, expand=True)
        table.add_column(ratio=2, no_wrap=True, overflow="ellipsis")
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        table.add_column(justify="right", no_wrap=True, min_width=6)
        for slug, (rung, since) in running[:MOST_LINES]:
            table.add_row(Text(slug, style="cyan"), Text(rung), Text(f"{now - since:.0f} s", style="dim"))
        if len(running) > MOST_LINES:
            table.add_row(Text(f"and {len(running) - MOST_LINES} more", style="dim"), "", "")
        done = self._outcomes.total()
        known = "known so far" if self._streams else "servers"
        head = Table.grid(padding=(0, 1))
        head.add_row(
            ProgressBar(total=max(self._total, 1), completed=done, width=BAR), f"{done} of {self._total} {known}"
        )
        words = [f"{number} {kind}" for kind, number in self._outcomes.most_common()]
        return Group(table, head, Text(" · ".join([*words, *self._pace(done)])))

    def _pace(self, done: int) -> "list[str]":
        """Return how fast it goes and how long it may take, once that can be told."""
        if self._looked < ENOUGH:
            return []
        each = (self._ended - self._began) / self._looked
        pace = [f"{60 / max(each, 0.001):.0f} a minute"]
        return pace if self._streams else [*pace, _left((self._total - done) * each)]


def _left(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute left"
    hours, rest = divmod(minutes, 60)
    return f"about {hours} h {rest:02} min left" if hours else f"about {minutes} min left"


def _as_json(event: "Event") -> None:
    """Print an event as one line of JSON, ASCII: nothing in it acts on a terminal."""
    import typer

    from catalog.cli.observations import observation_json
    from catalog.crawl.events import Observed, PassedOver, Planned, Retried, RungEnded, RungStarted

    said: dict[str, object]
    match event:
        case Planned(servers=servers):
            said = {"event": "planned", "servers": servers}
        case RungStarted(server=server, rung=name):
            said = {"event": "rung-started", "server": server.slug, "rung": name}
        case RungEnded(server=server, rung=rung):
            ended = {"rung": rung.name, "result": rung.result, "seconds": round(rung.seconds, 3)}
            said = {"event": "rung-ended", "server": server.slug, **ended, "detail": rung.detail}
        case Retried(server=server, after=after, reason=reason):
            said = {"event": "retried", "server": server.slug, "after": round(after, 3), "reason": reason}
        case PassedOver(server=server, reason=reason):
            said = {"event": "passed-over", "server": server.slug, "reason": reason}
        case Observed(observation=observation):
            said = {"event": "observed", **observation_json(observation)}
        case _:
            assert_never(event)
    typer.echo(json.dumps(said, ensure_ascii=True), err=True)


def summary(observation: "Observation") -> str:
    """Say in one line how a server was listed, or why not."""
    from catalog.model import Declared, NotListed
    from catalog.terminal import visible_name

    version = f" {visible_name(observation.version)}" if observation.version else ""
    outcome = observation.outcome
    if isinstance(outcome, NotListed):
        what = f"not listed ({outcome.reason})"
    else:
        actions = sum(entry.dispatch is not None for entry in outcome.entries)
        tools = len(outcome.entries) - actions
        what = f"{tools} tool{'' if tools == 1 else 's'}"
        if actions:
            what += f" and {actions} action{'' if actions == 1 else 's'} behind a dispatcher"
        if isinstance(outcome, Declared):
            what += " declared in its source" + (f" ({outcome.reason})" if outcome.reason else "")
    return f"{observation.server.slug}{version}: {what} in {observation.seconds:.1f} s"
