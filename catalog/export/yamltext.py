"""YAML that every reader reads alike: nothing but plain words stands without quotes, and all of it is ASCII.

What is text in YAML 1.1 can be a number in 1.2 (``0o17``) and the other way round (``1_000``, ``on``).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from catalog.export.comments import comments
from catalog.policy.target import Unsupported

_PLAIN = re.compile(r"[A-Za-z][A-Za-z_]*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True

    def text(self, text: str) -> yaml.ScalarNode:
        plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _Dumper.text)


def yaml_text(document: Mapping[str, object], unsupported: Sequence[Unsupported] = (), *, about: Sequence[str]) -> str:
    """Return a document as YAML, below lines of comment: what it is, and what it could not say."""
    body = yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=10**9, allow_unicode=False)
    return comments(about, unsupported) + body
