"""Targets that name a container image: ``oci:[HOST/]NAME[:TAG][@sha256:DIGEST]``."""

import re

from catalog.errors import UsageError
from catalog.model import ServerRef
from catalog.origin import Image
from catalog.sources.slugs import image_slug

_REFERENCE = re.compile(
    r"(?:(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::[0-9]{1,5})?/)?"
    r"(?P<path>[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)"
    r"(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)
"""OCI distribution specification, pulling manifests; a host as in Docker's references."""

LONGEST_REFERENCE = 500


def parse_image(target: str) -> Image | None:
    """Return the image that ``target`` names, or None where it is no image target.

    Raises: UsageError where it starts like one and is not.
    """
    if not target.startswith("oci:"):
        return None
    reference = target.removeprefix("oci:")
    # The length first: the pattern is for names, not for whatever a stranger sends.
    if len(reference) > LONGEST_REFERENCE or not _REFERENCE.fullmatch(reference):
        raise UsageError(
            f"{target[:200]!r} names no container image; write oci:HOST/NAME:TAG or oci:HOST/NAME@sha256:DIGEST"
        )
    return Image(reference=reference)


def image_server(image: Image) -> ServerRef:
    """Return a server about which nothing is known but its image."""
    return ServerRef(slug=image_slug(image), title=image.reference[:200], origin=image)
