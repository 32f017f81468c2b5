"""Fetch container images with the engine's own client: network yes, code no. They run later, without network."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

from catalog.errors import SandboxUnavailable
from catalog.install.base import Installed, InstallError
from catalog.install.client import run_client, without_addresses
from catalog.model import Reason
from catalog.origin import Image
from catalog.sandbox.base import Program
from catalog.sandbox.container import INSTALL_HINT, ContainerEngine

_ID = re.compile(r"(?:sha256:)?[0-9a-f]{64}")

_UNKNOWN = ("manifest unknown", "not found", "does not exist", "repository name not known", "name unknown")


class ImageInstaller:
    """Makes images runnable by the container engine of this machine, which is looked for when the first one comes."""

    def __init__(self, find: Callable[[], ContainerEngine] = ContainerEngine.find) -> None:
        self._find = find
        self._engine: ContainerEngine | None = None

    async def engine(self) -> ContainerEngine:
        """Return the sandbox that programs of images run in. Raises: InstallError where there is no engine."""
        if self._engine is None:
            try:
                self._engine = await asyncio.to_thread(self._find)
            except SandboxUnavailable as error:
                raise InstallError(Reason.SANDBOX_UNAVAILABLE, str(error), INSTALL_HINT) from error
        return self._engine

    async def install(self, image: Image, into: Path) -> Installed:
        """Fetch ``image`` and say how to run it in ``engine()``; ``into`` stays empty, since the engine keeps images.

        What runs is the image that was fetched, by its own hash: a tag may be moved in between.

        Raises: InstallError.
        """
        engine = await self.engine()
        try:
            pulled = await run_client([str(engine.executable), "pull", "--quiet", image.reference], cwd=into)
            if pulled.code != 0:
                raise _failure(image, pulled.stderr)
            asked = [str(engine.executable), "image", "inspect", "--format", "{{.Id}}", image.reference]
            found = (await run_client(asked, cwd=into)).stdout.strip()
        except TimeoutError as error:
            raise InstallError(
                Reason.INSTALL_FAILED, f"{image} was not fetched in time", "try again; its registry may be slow"
            ) from error
        if not _ID.fullmatch(found):
            raise InstallError(
                Reason.INSTALL_FAILED,
                f"{engine.name} does not say which image {image} is",
                f"see what `{engine.name} image inspect` says of it",
            )
        return Installed(
            program=Program(argv=(found,)), version=_version(image, found), tree=into, note=f"image {found[-64:]}"
        )


def _version(image: Image, identifier: str) -> str:
    """Return the tag, else the beginning of the digest that was named or of the image's own hash."""
    where, _, digest = image.reference.partition("@")
    tag = where.rpartition("/")[2].partition(":")[2]
    return tag or (digest or identifier).removeprefix("sha256:")[:12]


def _failure(image: Image, stderr: str) -> InstallError:
    """Turn the engine's words into a reason and what to do."""
    detail = without_addresses(" ".join(stderr.split()))[-600:]
    if any(words in stderr.lower() for words in _UNKNOWN):
        return InstallError(
            Reason.NOT_FOUND,
            f"there is no image {image}, or not for everybody: {detail}",
            "check its name and tag; for a private image log in with the engine first",
        )
    return InstallError(Reason.INSTALL_FAILED, detail or "the engine failed silently", "pull it by hand to see why")
