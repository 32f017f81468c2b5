"""The settings of every client, and the hook that they register, let nothing through that the policy does not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.export.registry import exporters
from catalog.verify.engines.hook import ClaudeCodeHook, CodexHook, CopilotCliHook, CursorHook
from catalog_testing.differential import cases, unexpected

ENGINES = (ClaudeCodeHook(), CodexHook(), CopilotCliHook(), CursorHook())


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.format)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_no_call_is_decided_otherwise_than_the_policy_and_its_notes_say(
    engine: ClaudeCodeHook | CodexHook | CopilotCliHook | CursorHook, data: st.DataObject
) -> None:
    assert not unexpected(exporters()[engine.format], engine, data.draw(cases()))
