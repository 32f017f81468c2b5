"""What a curator edits without touching Python: rules, servers, attack patterns and policy defaults, as YAML."""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

import yaml


def folder(name: str) -> Traversable:
    """Return one folder of the knowledge data, for example ``rules`` or ``servers``."""
    return files(__name__).joinpath(name)


def parsed(text: str) -> object:
    """Return what a YAML text says, read by libyaml where PyYAML has it: in a tenth of the time.

    Raises: yaml.YAMLError where it is not YAML.
    """
    found: object = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # both are safe
    return found


def documents(name: str) -> Iterator[tuple[str, str]]:
    """Yield each YAML file below one folder as (path from that folder, text), in order of the path."""
    yield from _documents(folder(name), "")


def _documents(place: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in sorted(place.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _documents(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".yaml"):
            yield prefix + entry.name, entry.read_text(encoding="utf-8")
