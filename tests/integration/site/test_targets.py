"""What a site says of every target: files beside servers, our own beside tools, and the hardened variant."""

import json
from functools import partial

import pytest

from catalog.attacks import load_attacks
from catalog.export.registry import exporters
from catalog.model import Dispatch
from catalog.policy.document import read_policies
from catalog.policy.evaluate import evaluate
from catalog.policy.model import Decision
from catalog.policy.recommend import recommend
from catalog_testing.built import Built, words
from catalog_testing.view import dispatching, entry_row, memory_view, orchard, server_row, verdict
from classifier.verdict import Category, Level, Recoverability
from sitegen.build import build_site
from sitegen.check.checker import check_site
from sitegen.parts import Parts, SiteOptions

READ = verdict(Category.READ, Level.LOW, Recoverability.R0)
HOME, KEY_MAKE = "servers/orchard/", "servers/orchard/key-make/"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A site with every target that there is: a flat server, a dispatcher, and one with hundreds of actions."""
    many = server_row("granary")
    tool = entry_row("granary", READ, server="granary")
    actions = [
        entry_row(
            f"count_every_sack_{number}",
            READ,
            server="granary",
            dispatch=Dispatch(tool="granary", selector={"action": f"count_every_sack_{number}"}, payload="params"),
        )
        for number in range(400)
    ]
    parts = Parts(
        view=memory_view(orchard(), dispatching(), (many, [tool, *actions])),
        recommend=recommend,
        exporters=tuple(exporters().values()),
        rules={},
        attacks=load_attacks(),
        harden=partial(recommend, profile="hardened"),
    )
    output = tmp_path_factory.mktemp("site") / "out"
    return Built(output, build_site(parts, SiteOptions(), output))


def test_a_site_with_every_target_is_without_fault(site: Built) -> None:
    assert check_site(site.directory) == []


def test_a_server_offers_every_file_of_every_target_each_with_steps_of_its_own(site: Built) -> None:
    entries = memory_view(orchard()).entries("orchard")
    lines = site.page(HOME).css("#policy .downloads > li")
    assert [words(line.css("h3")[0]) for line in lines] == [one.title for one in exporters().values()]
    for line, exporter in zip(lines, exporters().values(), strict=True):
        hrefs = [str(link.attributes["href"]) for link in line.css("a[download]")]
        written = exporter.export(recommend("orchard", entries)).files
        assert [(site.directory / HOME / href).read_bytes().decode() for href in hrefs] == [
            file.text for file in written
        ]
        assert "Save" not in words(line.css("ol")[0]), "no steps were written for this target"


def test_beside_a_tool_stand_the_first_target_and_our_own_format_alone(site: Built) -> None:
    names = {path.name for path in (site.directory / KEY_MAKE).iterdir()}
    assert names == {"index.html", "page.json", "page.md", "policy.json", "catalog-policy.json"}
    own = read_policies((site.directory / KEY_MAKE / "catalog-policy.json").read_bytes())["orchard"]
    assert evaluate(own, "key_make", {}) is Decision.LIMIT
    assert evaluate(own, "key_list", {}) is Decision.DENY
    shown = site.page(KEY_MAKE).css("#control > figure code")
    assert json.loads(shown[0].text()) == json.loads((site.directory / KEY_MAKE / "policy.json").read_text())
    folded = [words(one) for one in site.page(KEY_MAKE).css("#control > details > summary")]
    assert folded == ["Catalog's own policy file: catalog-policy.json", "The hardened rule"]
    assert "for more targets: PolicyLayer Intercept, ToolHive," in site.text(KEY_MAKE, "#control")


def test_the_hardened_rule_is_said_and_shown_where_it_differs(site: Built) -> None:
    assert "Hardened, it is stricter: limit to 30 calls per minute" in site.text(KEY_MAKE, "#control")
    (shown,) = site.page(KEY_MAKE).css('#control pre[aria-label="The hardened rule"] code')
    (rule,) = read_policies(shown.text())["orchard"].rules
    whole = read_policies((site.directory / HOME / "hardened-policy.json").read_bytes())["orchard"]
    assert whole.profile == "hardened"
    assert rule in whole.rules
    document = json.loads((site.directory / KEY_MAKE / "page.json").read_text())
    assert document["policy"]["hardened"].startswith("limit to 30 calls per minute")


def test_a_dispatcher_with_hundreds_of_actions_leads_to_its_files_and_shows_none(site: Built) -> None:
    page = site.page("servers/granary/granary/")
    assert not page.css("#control pre")
    assert [one.attributes["href"] for one in page.css("#control a[download]")] == [
        "policy.json",
        "catalog-policy.json",
    ]


def test_rules_in_the_api_carry_all_limits_and_conditions(site: Built) -> None:
    document = json.loads((site.directory / "api/v1/policies/orchard.json").read_text())
    rule = next(one for one in document["rules"] if one["key"] == "key_make")
    assert rule["limits"] == [{"max": 30, "window": "minute", "scope": "server", "sum_of": None}]
    assert rule["limit"] == rule["limits"][0]
    assert rule["conditions"] == []
    files = [(site.directory / file["file"]).is_file() for file in document["files"]]
    assert all(files)
    assert {file["format"] for file in document["files"]} == exporters().keys()
