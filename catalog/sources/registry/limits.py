"""Bounds on reading one registry, and what is raised where it breaks them."""

from dataclasses import dataclass

from catalog.errors import InputError


class RegistryError(InputError):
    """A registry does not answer, or not as its API says; what it gave before is good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryLimits:
    """Bounds on reading one registry. The public one has some 28,000 servers: 280 pages of 100."""

    pages: int = 2_000
    page_size: int = 100
    """Entries that are asked for at a time; the API allows 100."""
    rows: int = 200_000
    """Of all pages together."""
    page_bytes: int = 4 * 1024 * 1024
    """A page of 100 real entries has some 200 kB; read as JSON, a hostile one takes twenty times its size."""
    request_seconds: float = 60.0
    """For one answer, from the question to its last byte."""
    attempts: int = 5
    """Requests for one page."""
    redirects: int = 3
    backoff_seconds: float = 1.0
    """The first wait before another attempt; it doubles."""
    longest_wait: float = 120.0
    """Seconds that a registry may ask for with Retry-After; after that it is left for today."""
