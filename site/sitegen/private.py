"""Keep paths of the publisher's own machine out of a site that everybody reads.

What a local server says, and what went wrong with it, names folders; of these only the last name is published.
"""

import re
from pathlib import PurePath

from catalog.origin import Bundle, Command, Image, Origin, Package, Recording, Remote, Source

# An absolute path, also in a file address or after a colon: everything before its last name is private.
_PATH = re.compile(r"(?<![\w.~/])(?:file://)?~?/(?:[^\s/'\"`<>|:;,()]+/)+")


def publishable(text: str, origin: Origin) -> str:
    """Return ``text`` as it may be published of a server that is reached by ``origin``."""
    # Its own folders first, the longest before those around it: a name may hold spaces, which else end a path.
    for path in sorted(_paths(origin), key=len, reverse=True):
        text = text.replace(path, PurePath(path).name)
        for folder in list(PurePath(path).parents)[:-1]:
            text = text.replace(f"{folder}/", "…/")
    return _PATH.sub("…/", text) if is_local(origin) else text


def is_local(origin: Origin) -> bool:
    """Say whether a server lies on the publisher's own machine."""
    match origin:
        case Command() | Source() | Recording():
            return True
        case Bundle(location=location):
            return "://" not in location
        case Package() | Remote() | Image():
            return False


def _paths(origin: Origin) -> list[str]:
    match origin:
        case Command(argv=argv):
            return [word for word in argv if word.startswith("/") and PurePath(word).name]
        case Source(path=path):
            return [path]
        case Bundle(location=location) if "://" not in location:
            return [location]
    return []
