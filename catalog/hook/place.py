"""Where the hook program keeps its counters when no file is named."""

import os
import sys

APPLICATION = "mcp-catalog"


def default_state() -> str:
    """Return ``hook.db`` in the user's data folder, where the catalogue is too.

    The same folder as the library platformdirs finds, which a test holds it to; importing that takes 20 ms.
    """
    if sys.platform == "darwin":
        data = os.path.expanduser("~/Library/Application Support")  # noqa: PTH111  # pathlib takes 15 ms to import
    elif sys.platform == "win32":
        data = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local")  # noqa: PTH111
    else:
        stated = os.environ.get("XDG_DATA_HOME", "").strip()
        data = stated or os.path.expanduser("~/.local/share")  # noqa: PTH111
    return os.path.join(data, APPLICATION, "hook.db")  # noqa: PTH118
