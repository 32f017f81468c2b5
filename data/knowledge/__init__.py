"""What a curator edits without touching Python: rules, servers, attack patterns and policy defaults, as YAML."""

from importlib.resources import files
from importlib.resources.abc import Traversable


def folder(name: str) -> Traversable:
    """Return one folder of the knowledge data, for example ``rules`` or ``servers``."""
    return files(__name__).joinpath(name)
