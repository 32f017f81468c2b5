"""Where the engines are that are too large for the tests: what ``make conformance`` puts below build/."""

import os
from pathlib import Path

from catalog.verify.base import EngineUnavailable

CONFORMANCE = Path("build", "conformance")


def installed(variable: str, usual: str, probe: str, how: str) -> Path:
    """Return the folder that an environment variable names, or the usual one below `CONFORMANCE`.

    Args:
        variable: The environment variable.
        usual: The folder's usual place below `CONFORMANCE`.
        probe: What is in the folder if the engine is.
        how: The command that installs it.

    Raises: EngineUnavailable where ``probe`` is not in the folder.
    """
    given = os.environ.get(variable)
    folder = (Path(given) if given else CONFORMANCE / usual).absolute()
    if not (folder / probe).exists():
        raise EngineUnavailable(f"there is no {probe!r} in {str(folder)!r}: run {how}, or set {variable}")
    return folder
