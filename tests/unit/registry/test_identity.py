"""Whether registry, repository and package agree on who publishes a server."""

import pytest

from catalog.facts import FindingKind, PackageFacts
from catalog.sources.registry.identity import identity


def facts(repository: str | None = None, publisher: str | None = None) -> PackageFacts:
    return PackageFacts(purl="pkg:npm/x@1", version="1", repository=repository, publisher=publisher)


@pytest.mark.parametrize(
    ("namespace", "repository", "package"),
    [
        ("io.codehost.Grove", "https://codehost.com/grove/orchard", None),
        (
            "io.codehost.grove",
            "https://codehost.com/grove/orchard",
            facts("git+ssh://git@codehost.com/Grove/other.git"),
        ),
        ("io.codehost.grove", None, facts("git@codehost.com:grove/orchard.git", "@grove")),
        ("io.codehost.grove", "https://otherhost.org/grove-labs/orchard", None),
        ("com.grove", "https://codehost.com/grove-labs/orchard", facts(publisher="@grove")),
        ("uk.co.grove.tools", "https://codehost.com/GroveHQ/orchard", None),
        ("com.grove.mcp", "https://git.grove.com/tools/orchard", None),
        (None, "https://codehost.com/grove/orchard", facts("https://codehost.com/grove/orchard")),
        # Nothing is said that could disagree.
        (None, None, None),
        ("io.codehost.grove", None, None),
        ("io.codehost.grove", None, facts(publisher="Jane Doe <jane@example.com>")),
        ("io.codehost.grove", "https://codehost.com/", facts("not an address")),
        (None, "https://[broken", facts("https://codehost.com/grove/orchard")),
    ],
)
def test_who_agrees_or_says_nothing_is_no_finding(
    namespace: str | None, repository: str | None, package: PackageFacts | None
) -> None:
    assert identity(namespace=namespace, repository=repository, package=package) is None


@pytest.mark.parametrize(
    ("namespace", "repository", "package", "detail"),
    [
        (
            "io.codehost.grove",
            "https://codehost.com/grove-labs/orchard",
            None,
            "the registry says 'io.codehost.grove', the repository says 'codehost.com/grove-labs'",
        ),
        (
            "com.grove",
            "https://codehost.com/thicket/orchard",
            None,
            "the registry says 'com.grove', the repository says 'codehost.com/thicket'",
        ),
        (
            None,
            "https://codehost.com/grove/orchard",
            facts("https://codehost.com/thicket/orchard"),
            "the repository says 'codehost.com/grove', the package's repository says 'codehost.com/thicket'",
        ),
        (
            "io.codehost.grove",
            None,
            facts(publisher="@thicket"),
            "the registry says 'io.codehost.grove', the package's scope says '@thicket'",
        ),
    ],
)
def test_who_disagrees_is_a_finding_that_quotes_both(
    namespace: str | None, repository: str | None, package: PackageFacts | None, detail: str
) -> None:
    finding = identity(namespace=namespace, repository=repository, package=package)
    assert finding is not None
    assert (finding.kind, finding.detail) == (FindingKind.IDENTITY, detail)


def test_a_long_or_odd_name_is_quoted_short_and_plain() -> None:
    finding = identity(namespace="com.grove", repository=f"https://codehost.com/\x1b[2J{'x' * 999}/y", package=None)
    assert finding is not None
    assert len(finding.detail) <= 300
    assert "\x1b" not in finding.detail
