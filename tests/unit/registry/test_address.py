"""Which registry is read."""

import pytest

from catalog.errors import UsageError
from catalog.sources.registry.address import registry_address


def test_the_address_on_the_command_line_wins_over_the_environment() -> None:
    environment = {"CATALOG_REGISTRY_URL": "https://two.example"}
    assert registry_address("https://one.example/api", environment) == "https://one.example/api"
    assert registry_address(None, environment) == "https://two.example"


def test_none_is_built_in() -> None:
    with pytest.raises(UsageError, match="name a registry: catalog sync --registry URL, or the variable"):
        registry_address(None, {})


@pytest.mark.parametrize(
    "address", ["one.example", "ftp://one.example", "https://", "https://a.example?x=1", "http://[x"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="is no registry; write its address") as refusal:
        registry_address(address, {})
    assert repr(address) in str(refusal.value)
