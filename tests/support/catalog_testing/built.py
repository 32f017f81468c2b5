"""A site built from a view in memory, with the project's own recommender, exporter and attack patterns."""

from dataclasses import dataclass
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from catalog.view import CatalogView
from catalog_testing.catalogued import parts_of
from sitegen.build import How, SiteReport, build_site
from sitegen.parts import SiteOptions


@dataclass(frozen=True, slots=True)
class Built:
    """A built site, read back."""

    directory: Path
    report: SiteReport

    def page(self, path: str) -> LexborHTMLParser:
        """Return a page by its folder: ``servers/orchard/``."""
        return LexborHTMLParser((self.directory / path / "index.html").read_bytes())

    def text(self, path: str, selector: str = "main") -> str:
        """Return the words of the one part of a page that ``selector`` names, with single spaces."""
        return words(self.part(path, selector))

    def part(self, path: str, selector: str) -> LexborNode:
        """Return the one part of a page that ``selector`` names."""
        found = self.page(path).css(selector)
        assert len(found) == 1, f"{len(found)} of {selector} on {path}"
        return found[0]

    def answer(self, path: str, question: str) -> str:
        """Return the answer to the question that begins with ``question``."""
        for item in self.page(path).css("#questions details"):
            if words(item.css("summary")[0]).startswith(question):
                return words(item.css("p")[0])
        raise AssertionError(f"no question {question!r} on {path}")

    def files(self) -> dict[str, bytes]:
        """Return every file of the site by its path, without what the build keeps for itself."""
        return {
            path.relative_to(self.directory).as_posix(): path.read_bytes()
            for path in sorted(self.directory.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }

    def own_files(self) -> dict[str, bytes]:
        """Return every file but those of Pagefind, whose bytes differ from run to run."""
        return {path: content for path, content in self.files().items() if not path.startswith("pagefind/")}


def built(view: CatalogView, output: Path, options: SiteOptions | None = None, how: How | None = None) -> Built:
    """Build the site of ``view`` into ``output``."""
    return Built(output, build_site(parts_of(view), options or SiteOptions(), output, how))


def words(node: LexborNode) -> str:
    """Return the text of a node with single spaces."""
    return " ".join(node.text().split())
