"""Folder names for what servers call things: safe on every file system, unique, and stable from build to build."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

# Names that Windows keeps for devices, with or without an extension.
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])")

# Longer names are cut: a path of three such folders stays below the 255 characters that some systems allow.
_LONGEST = 64


def slug(name: str, *, distinct: str) -> str:
    """Return a folder name of ``[a-z0-9-]`` for ``name``.

    A name that had to be cut, is a device's, or leaves nothing (only emoji, only dots) gets a suffix from ``distinct``,
    the text that tells it from others.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if not words:
        return f"unnamed-{_suffix(distinct)}"
    if len(words) > _LONGEST:
        return f"{words[:_LONGEST].rstrip('-')}-{_suffix(distinct)}"
    if _DEVICES.fullmatch(words):
        return f"{words}-{_suffix(distinct)}"
    return words


def unique_slugs(names: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return a slug for each ``(key, name)``, by key; keys are unique.

    Of several names with one slug, each gets a suffix from its key, except the one that is spelled like the slug.
    The key stays when a definition changes, so links stay too.
    """
    pairs = list(names)
    wanted = {key: slug(name, distinct=key) for key, name in pairs}
    spelled = {key for key, name in pairs if name.replace("_", "-") == wanted[key] and key == name}
    claims = Counter(wanted.values())
    keepers = {
        wish: next((key for key in sorted(wanted) if wanted[key] == wish and key in spelled), None)
        for wish, count in claims.items()
        if count > 1
    }
    return {
        key: wish if claims[wish] == 1 or keepers[wish] == key else f"{wish}-{_suffix(key)}"
        for key, wish in wanted.items()
    }


def anchor(rule: str) -> str:
    """Return the fragment of a rule's place on the page of rules."""
    return slug(rule, distinct=rule)


def _suffix(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
