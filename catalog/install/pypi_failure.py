"""Turn uv's words into a reason and what to do."""

import re

from packaging.utils import canonicalize_name

from catalog.install.base import InstallError
from catalog.install.client import unreachable, without_addresses
from catalog.model import Reason
from catalog.origin import Package

_NO_WHEEL = re.compile(r"Wheels are required for `([A-Za-z0-9][A-Za-z0-9._-]*)`")

# Dependencies without a wheel that are left out at most; what needs more would not start.
_MOST_LACKING = 5


def _lacking(package: Package, said: str) -> tuple[str, ...]:
    """Return the dependencies that uv names for having no wheel; none where it is the package itself."""
    names = tuple(dict.fromkeys(map(canonicalize_name, _NO_WHEEL.findall(said))))
    own = canonicalize_name(package.name)
    return () if own in names or len(names) > _MOST_LACKING else names


def failure_of(package: Package, stderr: str) -> InstallError:
    """Turn uv's words into a reason and what to do."""
    said = " ".join(stderr.split())  # uv breaks its lines
    detail = without_addresses(said)[-600:]
    name = canonicalize_name(package.name)
    if f"{name} was not found in the" in said:
        return InstallError(
            Reason.NOT_FOUND,
            f"{package} is not in the package index that uv uses",
            "check the spelling, or the index that uv is configured with; a mirror may lag behind",
        )
    if f"no version of {name}" in said:
        return InstallError(
            Reason.NOT_FOUND,
            f"the package index has no such version: {package}",
            f"leave the version out to get the newest: catalog sync pypi:{package.name}",
        )
    if "the current Python version" in stderr:
        return InstallError(
            Reason.INSTALL_FAILED, detail, "it wants another Python; install one beside this: uv python install"
        )
    if any(words in said for words in ("no wheels", "no usable wheels", "building from source is disabled")):
        return InstallError(
            Reason.INSTALL_FAILED,
            detail,
            "it or a dependency ships no wheel for this Python, and building from source would run its code",
            lacking=_lacking(package, said),
        )
    if trouble := unreachable(package, "uv", stderr):
        return trouble
    return InstallError(
        Reason.INSTALL_FAILED, detail or "uv failed silently", "run `uv pip install` by hand to see why"
    )
