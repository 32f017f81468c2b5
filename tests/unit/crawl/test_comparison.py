"""What is claimed of a server whose list and source differ."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from catalog.crawl.comparison import MOST_FINDINGS, compare
from catalog.facts import Finding, FindingKind
from catalog.model import Definition, Dispatch, Entry, Provenance
from catalog_testing.source_trees import read

SOURCE = "".join(f'@mcp.tool()\ndef tool_{letter}(): "Does {letter}."\n' for letter in "abcdef")
DECLARED = [f"tool_{letter}" for letter in "abcdef"]


def live(names: Iterable[str]) -> list[Entry]:
    return [Entry(definition=Definition(raw={"name": name}), provenance=Provenance.LIVE) for name in names]


def compared(folder: Path, names: Iterable[str], files: Mapping[str, str]) -> tuple[Finding, ...]:
    return compare(live(names), read(folder, files))


def test_lists_that_agree_give_no_finding(tmp_path: Path) -> None:
    assert compared(tmp_path, DECLARED, {"server.py": SOURCE}) == ()


def test_a_listed_tool_whose_name_is_nowhere_in_the_source_is_hidden(tmp_path: Path) -> None:
    found = compared(tmp_path, [*DECLARED, "exfiltrate_all"], {"server.py": SOURCE})

    assert found == (
        Finding(kind=FindingKind.HIDDEN_TOOL, detail="exfiltrate_all is listed, and its name is nowhere in the source"),
    )


def test_a_declared_tool_that_is_not_listed_is_dead(tmp_path: Path) -> None:
    found = compared(tmp_path, DECLARED[:-1], {"server.py": SOURCE})

    assert found == (
        Finding(kind=FindingKind.DEAD_DECLARATION, detail="tool_f is declared in the source and not listed"),
    )


def test_a_name_that_is_written_somewhere_is_not_hidden(tmp_path: Path) -> None:
    source = SOURCE + 'NAMES = load("exfiltrateAll")\n'

    assert compared(tmp_path, [*DECLARED, "exfiltrate_all"], {"server.py": source}) == ()


def test_nothing_is_hidden_where_a_name_is_computed(tmp_path: Path) -> None:
    source = SOURCE + "for one in load():\n    mcp.add_tool(Tool(name=str(one)))\n"

    assert compared(tmp_path, [*DECLARED, "exfiltrate_all"], {"server.py": source}) == ()


def test_nothing_is_hidden_where_a_file_was_not_read(tmp_path: Path) -> None:
    big = "#" * (5 * 1024 * 1024)

    assert compared(tmp_path, [*DECLARED, "exfiltrate_all"], {"server.py": SOURCE, "big.py": big}) == ()


def test_nothing_is_claimed_where_nothing_was_understood(tmp_path: Path) -> None:
    assert compared(tmp_path, DECLARED, {"server.py": "serve()"}) == ()
    assert compared(tmp_path, ["other", "another", "third"], {"server.py": SOURCE}) == ()
    assert compared(tmp_path, [], {"server.py": SOURCE}) == ()


def test_nothing_is_hidden_where_much_was_not_understood(tmp_path: Path) -> None:
    strangers = [f"stranger_{number}" for number in range(3)]

    assert compared(tmp_path, [*DECLARED, *strangers], {"server.py": SOURCE}) == ()


def test_a_prefix_or_another_spelling_is_the_same_tool(tmp_path: Path) -> None:
    changed = ["orchard_tool_a", "ToolB", "tool-c", "orchard.tool_d", "toolE", "x/tool_f"]

    assert compared(tmp_path, changed, {"server.py": SOURCE}) == ()


def test_actions_and_recorded_tools_are_not_compared(tmp_path: Path) -> None:
    definition = Definition(raw={"name": "exfiltrate_all"})
    entries = [
        *live(DECLARED),
        Entry(definition=definition, provenance=Provenance.RECORDED),
        Entry(
            definition=definition,
            provenance=Provenance.LIVE,
            dispatch=Dispatch(tool="tool_a", selector={"action": "exfiltrate_all"}),
        ),
    ]

    assert compare(entries, read(tmp_path, {"server.py": SOURCE})) == ()


def test_findings_are_bounded_and_visible(tmp_path: Path) -> None:
    hidden = [f"evil\u202e{number}{'x' * 500}" for number in range(60)]
    source = "".join(f'@mcp.tool()\ndef tool_{number}(): "Does."\n' for number in range(300))

    found = compared(tmp_path, [*(f"tool_{number}" for number in range(300)), *hidden], {"server.py": source})

    assert len(found) == MOST_FINDINGS
    assert found[-1].detail == "and 11 more: each is listed, and its name is nowhere in the source"
    assert all(len(finding.detail) < 300 and "\u202e" not in finding.detail for finding in found)
