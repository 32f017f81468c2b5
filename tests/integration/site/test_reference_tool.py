"""The page of ``api_key_create``, an action behind a dispatcher, judged and recommended for by the real rules."""

import pytest

from catalog.policy.model import Decision
from catalog.verify.engines.policylayer import Document, decide
from catalog_testing.built import Built, built, words
from catalog_testing.view import memory_view, storage

PATH = "servers/storage-mcp/api-key-create/"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return built(memory_view(storage()), tmp_path_factory.mktemp("site") / "out")


def test_it_has_every_section_in_the_order_of_the_specification(site: Built) -> None:
    page = site.page(PATH)
    assert [words(node) for node in page.css("article h2")] == [
        "What api_key_create does on TrueNAS",
        "Why api_key_create needs a policy",
        "From the tool\N{RIGHT SINGLE QUOTATION MARK}s definition",
        "Documented attack patterns that abuse this kind of access",
        "How to control api_key_create",
        "Parameters",
        "History",
        "Related tools and policies",
        "Go deeper",
        "Questions about api_key_create",
    ]
    assert [words(node) for node in page.css(".contents a")] == [
        "What it does", "Why it needs a policy", "From its definition", "Attack patterns", "How to control it",
        "Parameters", "History", "Related tools", "Go deeper", "Questions",
    ]  # fmt: skip
    assert page.css("article > header .badges")
    assert page.css("article > aside.facts")
    assert page.css("p.closing")


def test_the_parameter_to_watch_is_the_allowlist(site: Built) -> None:
    assert site.text(PATH, ".decisive") == (
        "The parameter to watch is allowlist: unless the caller limits it, the credential is unrestricted. "
        "The server says of it: “What the key may do. Leave it out for unrestricted access.” "
        "finding/unscoped-credential"
    )


def test_its_policy_decides_on_what_is_on_the_wire(site: Built) -> None:
    document = Document.model_validate_json((site.directory / PATH / "policy.json").read_bytes())
    wanted = {"area": "system", "action": "api_key_create", "params": {"label": "crates"}}
    assert decide(document, "storage", wanted) is Decision.LIMIT
    assert decide(document, "storage", wanted | {"action": "api_key_delete"}) is Decision.DENY
    assert decide(document, "api_key_create", wanted["params"]) is Decision.DENY  # type: ignore[arg-type]  # a mapping


def test_what_it_does_is_said_of_this_tool_and_no_other(site: Built) -> None:
    assert site.text(PATH, "#what p") == (
        "An agent calls api_key_create to create or change something on TrueNAS once it knows what it wants. "
        "By its name, it is about “api key”. Such a call creates a credential and returns a secret. "
        "A call must give label and may give allowlist."
    )


def test_its_tools_lead_to_the_tools_and_pages_around_it(site: Built) -> None:
    related = [words(node) for node in site.page(PATH).css(".related li")]
    assert related[0] == "api_key_delete High undoes it · policy: approve"
    assert "storage High reaches it" in related
    deeper = [node.attributes["href"] for node in site.page(PATH).css(".deeper a")]
    assert deeper == [
        "../../../servers/storage-mcp/index.html",
        "../../../products/truenas/index.html",
        "../../../category/write/index.html",
        "../../../risk/medium/index.html",
        "../../../attacks/secret-harvest/index.html",
        "../../../attacks/rogue-credential/index.html",
        "../../../method/index.html",
    ]


def test_a_dispatcher_tool_leads_to_its_actions(site: Built) -> None:
    related = [words(node) for node in site.page("servers/storage-mcp/storage/").css(".related li")]
    assert related[0] == "api_key_delete High an action of it · policy: approve"
    assert len(related) == 3
    assert "It reaches 3 actions, and each has a page of its own." in site.text("servers/storage-mcp/storage/", "#what")
