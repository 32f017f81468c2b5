"""A bundle's manifest, whatever it holds: a command line of bounded size inside the bundle, or a reason."""

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from catalog.install.base import InstallError
from catalog.install.bundle_manifest import LONGEST_WORD, MOST_WORDS, Start, read_manifest, start

TEXT = st.text(max_size=20) | st.sampled_from(
    ["${__dirname}", "${user_config.a}", "${HOME}${/}x", "node", "python", "../../etc/passwd", "/etc/passwd", "a\0b"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


def mostly(*usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return usual values, and once in a while any."""
    return st.integers(0, 19).flatmap(lambda number: JSON if number == 19 else st.one_of(*usual))


ENVIRONMENT = st.dictionaries(st.sampled_from(["A", "PYTHONPATH", "B=x"]), TEXT, max_size=3)
COMMAND = st.fixed_dictionaries(
    {"command": mostly(TEXT)}, optional={"args": mostly(st.lists(TEXT, max_size=4)), "env": mostly(ENVIRONMENT)}
)
CONFIG = st.builds(
    lambda command, overrides: {**command, "platform_overrides": overrides},
    COMMAND,
    mostly(st.dictionaries(st.just("linux"), COMMAND, max_size=1)),
)
OPTION = st.fixed_dictionaries(
    {"type": st.sampled_from(["string", "number", "boolean", "directory", "file"])},
    optional={"default": mostly(TEXT, st.integers(), st.lists(TEXT, max_size=2)), "min": mostly(st.integers())},
)
MANIFESTS = st.fixed_dictionaries(
    {
        "manifest_version": st.just("0.3"),
        "version": mostly(st.just("1.0")),
        "server": st.fixed_dictionaries(
            {"type": st.sampled_from(["node", "python", "uv", "binary"])},
            optional={"entry_point": mostly(TEXT), "mcp_config": mostly(CONFIG)},
        ),
        "user_config": mostly(st.dictionaries(st.just("a"), OPTION, max_size=1)),
    }
)


def started(manifest: Any) -> Start | InstallError:
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        (tree / "manifest.json").write_text(json.dumps(manifest))
        try:
            return start(read_manifest(tree), tree, "/opt/package", lambda name: f"made-up-{name}")
        except InstallError as error:
            return error


@given(manifest=mostly(MANIFESTS))
def test_whatever_a_manifest_holds_it_is_a_bounded_command_line_or_a_reason(manifest: Any) -> None:
    wanted = started(manifest)
    if isinstance(wanted, InstallError):
        assert wanted.detail.isprintable()
        return
    words = (wanted.command, *wanted.arguments, *wanted.environment, *wanted.environment.values())
    assert len(wanted.arguments) <= MOST_WORDS
    assert all("\0" not in word and len(word) <= LONGEST_WORD * 2 for word in words)
    assert all(name.isidentifier() for name in wanted.environment)
