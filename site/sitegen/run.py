"""One build: which servers are made again, and what became of all files."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from sitegen.api import shard_path, shard_paths
from sitegen.catalogue import Place
from sitegen.dump import dump, shards
from sitegen.ledger.ledger import Files, Ledger
from sitegen.namesakes import Namesakes
from sitegen.output import Later, Staging, Writer
from sitegen.parts import Parts, SiteOptions
from sitegen.render import Renderer
from sitegen.slugs import unique_slugs
from sitegen.wholefiles import constant_files, whole_files
from sitegen.workshop import ToRender, ToSummarise, Workshop

Progress = Callable[[str, int, int], None]
"""Called with what is done now, the number of servers done and the number of all."""

# Where more servers changed than this, all are made again: finding out whom they concern would cost as much.
_MOST_FOLLOWED = 1_000

_CONSTANT = "constant"
_WHOLE = "whole"
_SERVER = "server:"
_DUMP = "dump:"
_SEARCH = "search"


class Run:
    """The state of one build. ``servers`` comes before ``whole``."""

    def __init__(
        self,
        ledger: Ledger,
        staging: Staging,
        output: Path,
        stamps: Mapping[str, str],
        *,
        made_with: str,
        trusted: bool,
        same: bool,
    ) -> None:
        """``stamps`` are those of every server there is now, ``made_with`` what pages are made with.

        ``trusted`` says that files hold what the ledger says; ``same`` that pages are made as they were last time.
        """
        self._made_with = made_with
        self._ledger = ledger
        self._staging = staging
        self._output = output
        self._stamps = stamps
        self._trusted = trusted
        before = {owner.removeprefix(_SERVER): stamp for owner, stamp in ledger.stamps() if owner.startswith(_SERVER)}
        self._everything = not (trusted and same)
        self.changed = [slug for slug, stamp in stamps.items() if self._everything or before.get(slug) != stamp]
        """Servers to be read again."""
        self._gone = [slug for slug in before if slug not in stamps]
        self._everything = self._everything or len(self.changed) > _MOST_FOLLOWED
        self._dirty = {shard_path(slug) for slug in self._gone}
        self._owners: set[str] = set()
        self.rendered = 0
        """Servers whose pages were made again."""
        self.written = 0
        """Files that changed."""
        self.removed = 0
        """Files that were removed."""
        self.vanished: list[str] = []
        """Files that are no longer wanted and still there."""

    def servers(self, workshop: Workshop, progress: Progress) -> None:
        """Put what changed into the index and make the pages of all servers that this concerns. Raises: OSError."""
        for slug in self._gone:
            self._forget(f"{_SERVER}{slug}")
        folders = self._folders()
        touched = self._indexed(workshop, folders, progress)
        wanted = list(self._stamps) if self._everything else sorted({*self.changed, *touched} & self._stamps.keys())
        for number, done in enumerate(workshop.rendered(self._tasks(wanted, folders))):
            progress("Rendering servers", number, len(wanted))
            self._keep(f"{_SERVER}{done.slug}", self._stamps[done.slug], done.files, done.changed)
            self._dirty.add(shard_path(done.slug))
            self.rendered += 1
        progress("Rendering servers", len(wanted), len(wanted))

    @property
    def busy(self) -> bool:
        """Say whether anything is to be made again."""
        return bool(self._everything or self._dirty)

    def whole(self, parts: Parts, options: SiteOptions, renderer: Renderer) -> None:
        """Make the files that are not one server's. Raises: OSError."""
        if self._everything:
            self._write(_CONSTANT, constant_files(options, renderer))
        self._write(_WHOLE, whole_files(self._ledger.index, parts, options, renderer))
        wanted = shard_paths() if self._everything else self._dirty
        for path, pages in shards(self._ledger.index.servers(), wanted).items():
            self._write(f"{_DUMP}{path}", [(path, dump(pages, (self._staging.root, self._output)))])
        if self._everything:
            for owner in {owner for owner, _ in self._ledger.stamps()} - self._owners - {_SEARCH}:
                self._forget(owner)  # of an earlier version of this program

    def abandon(self, moved: Iterable[str]) -> None:
        """Have files removed that an interrupted build moved into place, and that nobody writes any more."""
        if left := set(moved):
            self.vanished += left.difference(*(self._ledger.files(owner) for owner, _ in self._ledger.stamps()))

    def needs_search(self, *, wanted: bool) -> bool:
        """Say whether a search that is not up to date is made now: where it is ``wanted``, or cannot be left alone."""
        return wanted or self._everything or not self._ledger.files(_SEARCH)

    def search(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Write the files of the search. Raises: OSError."""
        self._write(_SEARCH, files)

    def _folders(self) -> Mapping[str, str]:
        """Return the folder of each server; new ones are kept."""
        kept = self._ledger.folders("")
        folders = unique_slugs(((slug, slug) for slug in self._stamps), kept)
        self._ledger.put_folders("", {slug: folder for slug, folder in folders.items() if slug not in kept})
        return folders

    def _indexed(self, workshop: Workshop, folders: Mapping[str, str], progress: Progress) -> set[str]:
        """Bring the index up to date; return the servers that show other namesakes now."""
        namesakes, index = Namesakes(self._ledger.index), self._ledger.index
        tasks = (ToSummarise(slug=slug, folder=folders[slug], kept=self._ledger.folders(slug)) for slug in self.changed)
        if self._everything:
            for slug in self._gone:
                self._ledger.forget_server(slug)
            for number, summary in enumerate(workshop.summaries(tasks)):
                progress("Reading servers", number, len(self.changed))
                self._ledger.put_server(summary)
            return set()
        summaries = list(workshop.summaries(tasks))
        names = {name for slug in (*self.changed, *self._gone) for _, name in index.keys(slug)}
        names |= {entry.name for summary in summaries for entry in summary.entries}
        before = namesakes.tops(names)
        for slug in self._gone:
            self._ledger.forget_server(slug)
        for summary in summaries:
            self._ledger.put_server(summary)
        return namesakes.touched(before)

    def _tasks(self, wanted: Sequence[str], folders: Mapping[str, str]) -> Iterator[ToRender]:
        namesakes = Namesakes(self._ledger.index)
        for slug in wanted:
            place = Place(
                path=f"servers/{folders[slug]}/", folders=self._ledger.folders(slug), namesakes=namesakes.of(slug)
            )
            yield ToRender(slug=slug, place=place, known=self._known(f"{_SERVER}{slug}"))

    def _write(self, owner: str, files: Iterable[tuple[str, bytes] | Later]) -> None:
        writer = Writer(self._staging, self._known(owner), self._made_with)
        for file in files:
            if isinstance(file, Later):
                writer.put_later(file)
            else:
                writer.put(*file)
        self._keep(owner, "", writer.files, writer.changed)

    def _known(self, owner: str) -> Files:
        return self._ledger.files(owner) if self._trusted else {}

    def _forget(self, owner: str) -> None:
        self.vanished += self._ledger.files(owner)
        self._ledger.forget_owner(owner)

    def _keep(self, owner: str, stamp: str, files: Files, changed: int) -> None:
        self._owners.add(owner)
        self.vanished += [path for path in self._ledger.files(owner) if path not in files]
        self._ledger.put_files(owner, stamp, files)
        self.written += changed


def rounded(servers: int) -> str:
    """Return how large an index is in words that seldom change: they stand on every page. Empty below ten."""
    if servers < 10:
        return ""
    unit = 10 ** max(1, len(str(servers)) - 2)
    return f"across an index of {servers // unit * unit:,}+ servers"
