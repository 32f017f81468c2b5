"""Climb the ladder for one server: install, run, and on a failure the next step that its last words call for.

Every step is recorded as a rung. Drift is undone before placeholders are tried, and again after them: some servers show
it only once they are configured (docs/crawl.md).
"""

import asyncio
import shutil
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.crawl.attempt import Attempt, Choices, asks_for_credentials, corrected, following, was_wrong_guess
from catalog.crawl.conversation import ask
from catalog.crawl.diagnosis import Diagnosis, diagnose
from catalog.crawl.events import RungEnded, RungStarted, Sink
from catalog.crawl.fetch import fetched
from catalog.crawl.parts import Parts
from catalog.crawl.placeholders import placeholders
from catalog.crawl.recipe import Recipe, read_recipe
from catalog.crawl.redaction import Redaction
from catalog.crawl.source import compared, declared_instead
from catalog.install.base import NEWEST, Installed, InstallError, Resolution
from catalog.install.command import command_program
from catalog.install.startup_code import startup_code
from catalog.model import Declared, Listed, NotListed, Observation, Outcome, Problem, Reason, Rung
from catalog.origin import Command, Image, Package
from catalog.probe.base import ProbeError
from catalog.probe.stdio import StdioSession
from catalog.sandbox.base import Program, Sandbox
from catalog.sandbox.unconfined import Unconfined
from catalog.target import Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.facts import Finding

# Starts of one server: newest, two for drift, two rounds of placeholders, three for arguments.
MOST_STARTS = 8

# Of such a package there is no source to be had either.
_NOTHING_TO_READ = (Reason.NOT_FOUND, Reason.UNREACHABLE, Reason.TIMED_OUT)


class Ladder:
    """One climb for one server."""

    def __init__(self, parts: Parts, target: Target, sink: Sink) -> None:
        self._parts = parts
        self._server = target.server
        self._given = target.environment
        self._redaction = Redaction.of(target.environment.values())
        self._sink = sink
        self._sandbox: Sandbox = parts.sandbox
        self._rungs: list[Rung] = []
        self._installed: dict[str, Installed] = {}
        self._refusals: dict[str, InstallError] = {}
        """By the name of the resolution, as what is installed."""
        self._tried: list[Attempt] = []
        self._findings: list[Finding] = []
        self._resolutions: tuple[Resolution, ...] | None = None
        """Asked for once, when the first drift is seen."""

    async def climb(self) -> Observation:
        """Return what was seen. Raises: SandboxUnavailable; nothing for the server's sake."""
        started, began = datetime.now(UTC), time.monotonic()
        self._parts.work.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{self._server.slug[:40]}-", dir=self._parts.work))
        try:
            climbed = await self._as_last_time(folder) or await self._outcome(folder)
            outcome = await self._with_source(climbed, folder)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        newest = self._first
        return Observation(
            server=self._server,
            started_at=started,
            # By the clock that does not jump.
            finished_at=started + timedelta(seconds=time.monotonic() - began),
            outcome=outcome,
            version=newest.version if newest else None,
            sandbox=self._sandbox.name,
            rungs=tuple(self._rungs),
            package=newest.facts if newest else None,
            findings=tuple(self._findings),
        )

    async def _with_source(self, outcome: Listed | NotListed, folder: Path) -> Outcome:
        """Read the source of a package: in place of a list that could not be had, else to compare it with the list."""
        installed, read = self._first, self._parts.read_source
        if isinstance(outcome, Listed):
            if installed and installed.sources and outcome.entries:
                async with self._parts.gates.runs:
                    self._findings += await compared(outcome, installed, read)
            return outcome
        sources = installed.sources if installed else await self._sources(outcome, folder)
        if not sources:
            return outcome
        async with self._parts.gates.runs:
            began = self._begin("declared")
            found = await read(sources)
        declared = declared_instead(found, outcome)
        count = f"{len(found.entries)} entries in {found.files} files"
        self._end("declared", began, ok=isinstance(declared, Declared), detail=count)
        return declared

    async def _sources(self, failed: NotListed, folder: Path) -> "Sequence[Path]":
        """Return the files of a package that could not be installed, fetched without its dependencies."""
        origin = self._server.origin
        installer = self._parts.installers.get(origin.ecosystem) if isinstance(origin, Package) else None
        if installer is None or not isinstance(origin, Package) or failed.reason in _NOTHING_TO_READ:
            return ()
        async with self._parts.gates.installs:
            began = self._begin("source")
            sources = await installer.source(origin, Path(tempfile.mkdtemp(dir=folder)))
        self._end("source", began, ok=bool(sources), detail="")
        return sources

    async def _as_last_time(self, folder: Path) -> Listed | None:
        """Return the list of a package that is started as it worked before; None where that is not known, or fails."""
        origin = self._server.origin
        if not isinstance(origin, Package) or self._given or self._server.arguments:
            return None
        try:
            await self._program(self._plain(), folder)
        except InstallError:
            return None
        beside = self._installed[NEWEST.name].beside
        recipe = read_recipe(beside) if beside else None
        if recipe is None:
            return None
        outcome, _ = await self._try(recipe.attempt, folder)
        if not isinstance(outcome, Listed) or not outcome.entries:
            return None
        return replace(outcome, maybe_partial=outcome.maybe_partial or recipe.maybe_partial)

    def _keep(self, attempt: Attempt, last: Listed, best: Listed) -> Listed:
        """Return ``best``; how it was had is kept for next time where that needed more than one start."""
        newest = self._first
        # What only an earlier start showed would be missing next time.
        whole = {entry.key for entry in best.entries} == {entry.key for entry in last.entries}
        if newest and newest.beside and len(self._tried) > 1 and whole and not self._given:
            Recipe.of(attempt, maybe_partial=best.maybe_partial).keep(newest.beside)
        return best

    @property
    def _first(self) -> Installed | None:
        """What was installed first: it says which release all others are of."""
        return next(iter(self._installed.values()), None)

    def _plain(self) -> Attempt:
        known = placeholders(self._server.environment)
        return Attempt(environment={**known, **self._given}, arguments=self._server.arguments, name="run")

    async def _outcome(self, folder: Path) -> Listed | NotListed:
        attempt: Attempt | None = self._plain()
        best: Listed | None = None
        last = NotListed(reason=Reason.CRASHED, detail="", hint="")
        asked: tuple[Attempt, Diagnosis] | None = None
        while attempt is not None and len(self._tried) < MOST_STARTS:
            self._tried.append(attempt)
            outcome, diagnosis = await self._try(attempt, folder)
            if isinstance(outcome, Listed):
                best = outcome if best is None else _union(best, outcome)
                misses = asks_for_credentials(attempt, diagnosis)
                if len(self._tried) > 1 or (best.entries and not misses):
                    return self._keep(attempt, outcome, replace(best, maybe_partial=best.maybe_partial or misses))
            elif best is not None:
                return best
            elif asked is not None and was_wrong_guess(attempt, diagnosis, asked[1]):
                # What it says now is about the guess: ask on from its words before it.
                guess, (attempt, before) = attempt, asked
                diagnosis = corrected(guess, diagnosis, before)
            else:
                last = outcome
            asked = (attempt, diagnosis)
            attempt = following(attempt, diagnosis, await self._choices(diagnosis))
        return best or last

    async def _try(self, attempt: Attempt, folder: Path) -> tuple[Listed | NotListed, Diagnosis]:
        try:
            program = await self._program(attempt, folder)
        except InstallError as error:
            diagnosis = Diagnosis(reason=error.reason, hint=error.hint, lacking=error.lacking)
            return NotListed(
                reason=error.reason, detail=self._redaction.words(error.detail), hint=error.hint
            ), diagnosis
        program = replace(
            program,
            argv=(*program.argv, *attempt.arguments),
            environment={**program.environment, **attempt.environment},
        )
        failure: ProbeError | None = None
        async with self._parts.gates.runs:
            began = self._begin(attempt.name)
            async with self._sandbox.start(program, self._parts.limits) as process:
                try:
                    session = StdioSession(process, self._parts.probe_limits)
                    # What a call does outside a sandbox is the user's own to decide.
                    listed = await ask(session, self._parts, calls=self._sandbox.name != Unconfined.name)
                except ProbeError as error:
                    failure = error
        self._findings += (replace(finding, rung=attempt.name) for finding in process.findings())
        words = self._redaction.text(process.stderr_tail())
        if failure is None:
            self._end(attempt.name, began, ok=True, detail=f"{len(listed.entries)} entries")
            return self._redaction.listing(_as_run(listed, attempt)), diagnose(Reason.CRASHED, "", words)
        diagnosis = diagnose(failure.reason, failure.hint, f"{self._redaction.text(failure.detail)}\n{words}")
        self._end(
            attempt.name, began, ok=False, detail=f"{diagnosis.reason}: {self._redaction.words(failure.detail)}"[:300]
        )
        detail = self._redaction.words(f"{failure.detail}\n{words}".strip())
        return NotListed(reason=diagnosis.reason, detail=detail, hint=diagnosis.hint), diagnosis

    async def _program(self, attempt: Attempt, folder: Path) -> Program:
        """Return the program to run, installing the package where this resolution of it is not there yet."""
        origin = self._server.origin
        if isinstance(origin, Command):
            return command_program(origin, self._parts.sandbox, self._parts.read)
        if isinstance(origin, Image) and self._parts.images:
            self._sandbox = await self._parts.images.engine()
        if (refusal := self._refusals.get(attempt.resolution.name)) is not None:
            raise refusal
        if attempt.resolution.name not in self._installed:
            chosen = attempt.resolution
            name = "install" if chosen is NEWEST else chosen.name if chosen.additions else f"drift:{chosen.name}"
            into = Path(tempfile.mkdtemp(dir=folder))
            try:
                self._installed[attempt.resolution.name] = await self._install(attempt.resolution, name, into)
            except InstallError as error:
                self._refusals[attempt.resolution.name] = error
                raise
        return self._installed[attempt.resolution.name].program

    async def _install(self, resolution: Resolution, rung: str, into: Path) -> Installed:
        async with self._parts.gates.installs:
            began = self._begin(rung)
            try:
                newest = self._first
                installed = await fetched(self._server.origin, self._parts, resolution, newest, into)
            except InstallError as error:
                self._end(rung, began, ok=False, detail=f"{error.reason}: {self._redaction.words(error.detail)}"[:300])
                raise
            except TimeoutError as error:
                self._end(rung, began, ok=False, detail="timed out")
                raise InstallError(
                    Reason.TIMED_OUT, "the package client did not end in time", "try again; the index may be slow"
                ) from error
        if not self._installed:
            self._findings += await asyncio.to_thread(startup_code, installed.tree, installed.sources)
        origin = self._server.origin
        name = origin.name if isinstance(origin, Package) else origin.public
        note = f" ({installed.note})" if installed.note else ""
        self._end(rung, began, ok=True, detail=f"{name} {installed.version}{note}")
        return installed

    async def _choices(self, diagnosis: Diagnosis) -> Choices:
        newest, origin = self._first, self._server.origin
        may_drift = diagnosis.drift or diagnosis.sdks
        if may_drift and self._resolutions is None and newest is not None and isinstance(origin, Package):
            self._resolutions = await self._parts.installers[origin.ecosystem].resolutions(origin, newest)
        return Choices(
            tried=self._tried,
            newest=newest,
            package=origin if isinstance(origin, Package) else None,
            resolutions=self._resolutions or (),
            fixed_arguments=bool(self._server.arguments),
        )

    def _begin(self, rung: str) -> float:
        self._sink(RungStarted(server=self._server, rung=rung))
        return time.monotonic()

    def _end(self, name: str, began: float, *, ok: bool, detail: str) -> None:
        rung = Rung(name=name, result="ok" if ok else "failed", seconds=time.monotonic() - began, detail=detail)
        self._rungs.append(rung)
        self._sink(RungEnded(server=self._server, rung=rung))


def _as_run(listed: Listed, attempt: Attempt) -> Listed:
    """Return ``listed`` marked with how it was had."""
    entries = tuple(replace(entry, run=attempt.name) for entry in listed.entries)
    omitted = attempt.resolution.omitted
    if not omitted:
        return replace(listed, entries=entries)
    problem = Problem(where=attempt.name, message=f"ran without {', '.join(omitted)}; tools may be missing")
    return replace(listed, entries=entries, problems=(*listed.problems, problem), maybe_partial=True)


def _union(first: Listed, second: Listed) -> Listed:
    """Return both lists as one: some servers offer more tools once they are configured."""
    known = {entry.key for entry in first.entries}
    more = tuple(entry for entry in second.entries if entry.key not in known)
    return replace(
        second,
        # What both runs show is marked with the first: it needs nothing.
        entries=(*first.entries, *more),
        problems=(*first.problems, *second.problems),
        maybe_partial=second.maybe_partial,
    )
