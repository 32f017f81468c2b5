"""Folder names for what servers call things: safe on every file system, unique, and stable from build to build."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

# Names that Windows keeps for devices, with or without an extension.
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])")

# Longer names are cut: a path of three such folders stays below the 255 characters that some systems allow.
_LONGEST = 64

_SUFFIX = 8


def slug(name: str, *, distinct: str) -> str:
    """Return a folder name of ``[a-z0-9-]`` for ``name``.

    A name that had to be cut, is a device's, or leaves nothing (only emoji, only dots) gets a suffix from ``distinct``,
    the text that tells it from others.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if not words:
        return f"unnamed-{_digest(distinct)[:_SUFFIX]}"
    if len(words) > _LONGEST:
        return f"{words[:_LONGEST].rstrip('-')}-{_digest(distinct)[:_SUFFIX]}"
    if _DEVICES.fullmatch(words):
        return f"{words}-{_digest(distinct)[:_SUFFIX]}"
    return words


def unique_slugs(
    names: Iterable[tuple[str, str]], kept: Mapping[str, str] | None = None, reserved: Collection[str] = ()
) -> Mapping[str, str]:
    """Return a slug for each ``(key, name)``, by key; keys are unique.

    A key that ``kept`` has a slug for keeps it, and no other gets one of those. Of several names with one slug, each
    gets a suffix from its key, except the one that is spelled like the slug. The key stays when a definition changes,
    so links stay too. ``reserved`` slugs are used with a suffix only.
    """
    named, before = dict(names), kept or {}
    found = {key: before[key] for key in named if key in before}
    new = {key: name for key, name in named.items() if key not in before}
    taken = {*before.values(), *reserved}
    wanted = {key: slug(name, distinct=key) for key, name in new.items()}
    claims = Counter(wanted.values())
    spelled = {key for key, wish in wanted.items() if key == new[key] and key.replace("_", "-") == wish}
    for key in sorted(wanted, key=lambda key: (claims[wanted[key]] > 1, key not in spelled, key)):
        wish = wanted[key]
        # A server can name a tool like another's slug with its suffix; a whole digest is longer than any such name.
        candidates = (wish, f"{wish}-{_digest(key)[:_SUFFIX]}", f"{wish}-{_digest(key)}")
        plain = claims[wish] == 1 or key in spelled
        found[key] = next(each for each in candidates[0 if plain else 1 :] if each not in taken)
        taken.add(found[key])
    return found


@lru_cache(maxsize=1_000)
def anchor(name: str) -> str:
    """Return the fragment of the section with this name on its page."""
    return slug(name, distinct=name)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
