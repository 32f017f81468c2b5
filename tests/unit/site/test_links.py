import pytest

from sitegen.links import Links, Site, external

TOOL = "servers/orchard/key-make/"


@pytest.mark.parametrize(
    ("target", "on_disk", "on_the_web"),
    [
        ("servers/orchard/", "../../../servers/orchard/index.html", "../../../servers/orchard/"),
        (TOOL, "index.html", "./"),
        ("", "../../../index.html", "../../../"),
        ("#servers", "../../../index.html#servers", "../../../#servers"),
        ("assets/site.css", "../../../assets/site.css", "../../../assets/site.css"),
        (f"{TOOL}policy.json", "policy.json", "policy.json"),
    ],
)
def test_links_are_relative_and_name_files_only_where_no_web_server_helps(
    target: str, on_disk: str, on_the_web: str
) -> None:
    assert Links(page=TOOL, base_url=None).to(target) == on_disk
    assert Links(page=TOOL, base_url="https://farm.example/catalog/").to(target) == on_the_web


def test_what_another_page_linked_to_before_changes_no_link() -> None:
    site = Site(None)
    for page in ("servers/orchard/key-list/", "", TOOL, "404.html", "rules/"):
        for target in (TOOL, f"{TOOL}policy.json", "rules/", "404.html", "#servers", "servers/orchard/"):
            assert site.links(page).to(target) == Links(page=page, base_url=None).to(target)


def test_the_page_for_unknown_addresses_links_from_the_root_because_it_is_shown_anywhere() -> None:
    links = Links(page="404.html", base_url="https://farm.example/catalog/")
    assert links.to("assets/site.css") == "/catalog/assets/site.css"
    assert links.to("") == "/catalog/"


def test_a_page_has_a_canonical_address_only_where_the_site_has_one() -> None:
    assert Links(page=TOOL, base_url=None).canonical() is None
    assert Links(page=TOOL, base_url="https://farm.example/catalog").canonical() == (
        "https://farm.example/catalog/servers/orchard/key-make/"
    )


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "//farm.example", "ftp://farm.example", "https://[", "", None],
)
def test_only_web_addresses_are_linked(address: str | None) -> None:
    assert external(address) is None
