"""Every export whose engine comes with the tests, on a flat server and a dispatcher: nothing looser than it says."""

from pathlib import Path

import pytest

from catalog_testing.policy_commands import Ran

SMALL = frozenset(
    {
        "agentgateway",
        "claude-code",
        "codex",
        "copilot-cli",
        "cursor",
        "envoy-ai-gateway",
        "intercept",
        "json",
        "opa",
        "policylayer",
        "toolhive",
    }
)
"""Formats whose engine is installed with the tests; these must have been asked: silence proves nothing."""


@pytest.mark.parametrize("profile", ["observe", "baseline", "hardened"])
def test_no_engine_is_looser_than_the_policy_or_stricter_without_saying_so(
    profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for big in ("CATALOG_NODE_MODULES", "CATALOG_LITELLM", "CATALOG_FASTMCP"):  # these are for make conformance
        monkeypatch.setenv(big, str(tmp_path))
    ran = Ran("verify", "flat", "behind", "--format", "all", "--profile", profile, "--json")
    wrong = [(proof["format"], proof["server"], one) for proof in ran.json for one in proof.get("unexpected", ())]
    assert wrong == []
    assert [proof["refused"] for proof in ran.json if proof["refused"]] == []
    asked = {(proof["format"], proof["server"]) for proof in ran.json if proof.get("calls")}
    assert asked >= {(format_, server) for format_ in SMALL for server in ("flat", "behind")}
