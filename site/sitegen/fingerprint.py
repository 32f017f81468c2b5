"""What every page is made with: where it changes, everything is made again."""

import hashlib
from dataclasses import replace
from importlib.resources import files
from importlib.resources.abc import Traversable

from sitegen.parts import Parts, SiteOptions

# Code that decides what a page says, besides the catalogue's own rows.
_PACKAGES = ("sitegen", "catalog", "catalog.policy", "catalog.export", "classifier")

_SUFFIXES = (".py", ".html", ".css", ".js", ".svg", ".md", ".json")


def fingerprint(parts: Parts, options: SiteOptions, index_size: str) -> str:
    """Return a hash over code, templates, options, rules, attack patterns and the words for the size of the index."""
    hashed = hashlib.sha256()
    for package in _PACKAGES:
        _add(hashed, files(package), deep=package == "sitegen")
    told = (
        replace(options, templates=None),
        index_size,
        sorted(parts.rules.items()),
        parts.attacks,
        [one.format for one in parts.exporters],
        sorted(parts.word_groups.items()),
        parts.ruleset,
        parts.accuracy,
        parts.harden is not None,
    )
    hashed.update(repr(told).encode("utf-8", "surrogatepass"))
    if options.templates is not None:
        for path in sorted(options.templates.rglob("*")):
            if path.is_file():
                name = path.relative_to(options.templates)
                hashed.update(f"\0{name}\0".encode("utf-8", "surrogateescape") + path.read_bytes())
    return hashed.hexdigest()


def _add(hashed: "hashlib._Hash", folder: Traversable, *, deep: bool) -> None:
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.is_dir():
            if deep and item.name != "__pycache__":
                _add(hashed, item, deep=True)
        elif item.name.endswith(_SUFFIXES):
            hashed.update(f"\0{item.name}\0".encode() + item.read_bytes())
