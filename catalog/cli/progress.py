"""Show a crawl while it runs: a live line per server on a terminal, plain lines elsewhere; always on stderr."""

from contextlib import contextmanager
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.crawl.events import Event, Sink
    from catalog.model import Observation


@contextmanager
def crawl_progress(total: int) -> "Iterator[Sink]":
    """Yield a sink that shows the events of a crawl over ``total`` servers."""
    from catalog.cli.console import notes

    console, done = notes(), 0
    if not console.is_terminal:

        def plain(event: "Event") -> None:
            nonlocal done
            from catalog.crawl.events import Observed

            if isinstance(event, Observed):
                done += 1
                console.print(f"[{done}/{total}] {summary(event.observation)}", markup=False, soft_wrap=True)

        yield plain
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), BarColumn(bar_width=16), TextColumn("{task.description}", markup=False))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        overall = progress.add_task(f"0 of {total} servers", total=total)
        lines: dict[str, TaskID] = {}

        def live(event: "Event") -> None:
            nonlocal done
            from catalog.crawl.events import Observed, RungEnded, RungStarted

            match event:
                case RungStarted(server=server, rung=rung):
                    if server.slug not in lines:
                        lines[server.slug] = progress.add_task(server.slug, total=None)
                    progress.update(lines[server.slug], description=f"{server.slug}: {rung}")
                case RungEnded():
                    pass
                case Observed(observation=observation):
                    if (task := lines.pop(observation.server.slug, None)) is not None:
                        progress.remove_task(task)
                    done += 1
                    progress.update(overall, completed=done, description=f"{done} of {total} servers")
                    console.print(summary(observation), markup=False, soft_wrap=True)
                case _:
                    assert_never(event)

        yield live


def summary(observation: "Observation") -> str:
    """Say in one line how a server was listed, or why not."""
    from catalog.model import Listed
    from catalog.terminal import visible_name

    seconds = (observation.finished_at - observation.started_at).total_seconds()
    version = f" {visible_name(observation.version)}" if observation.version else ""
    outcome = observation.outcome
    if isinstance(outcome, Listed):
        actions = sum(entry.dispatch is not None for entry in outcome.entries)
        tools = len(outcome.entries) - actions
        what = f"{tools} tool{'' if tools == 1 else 's'}"
        if actions:
            what += f" and {actions} action{'' if actions == 1 else 's'} behind a dispatcher"
    else:
        what = f"not listed ({outcome.reason})"
    return f"{observation.server.slug}{version}: {what} in {seconds:.1f} s"
