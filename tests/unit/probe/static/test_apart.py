"""Reading in a process of its own."""

import asyncio
from pathlib import Path

from catalog.probe.static.apart import declared_tools_apart
from catalog.probe.static.reader import declared_tools
from catalog.probe.static.source_tools import StaticLimits
from catalog_testing.source_trees import write

SOURCE = """
@mcp.tool()
def pick(tree: str = "\\ud83c\\udf4e \\ud800") -> str:
    "Picks “fruit”."
"""


def test_a_process_of_its_own_reads_the_same(tmp_path: Path) -> None:
    package = write(tmp_path, {"server.py": SOURCE, "broken.py": "# tool\ndef broken(:"})

    assert asyncio.run(declared_tools_apart([package])) == declared_tools([package])


def test_limits_reach_the_process(tmp_path: Path) -> None:
    package = write(tmp_path, {"server.py": SOURCE, "zoo.py": SOURCE.replace("pick", "feed")})
    limits = StaticLimits(files=1)

    assert [entry.key for entry in asyncio.run(declared_tools_apart([package], limits)).entries] == ["pick"]


def test_a_process_that_is_too_slow_is_a_problem_and_not_an_empty_list(tmp_path: Path) -> None:
    package = write(tmp_path, {"server.py": SOURCE})

    found = asyncio.run(declared_tools_apart([package], StaticLimits(total_seconds=-15.0)))

    assert found.entries == ()
    assert found.dynamic
    assert [problem.message for problem in found.problems] == ["reading the source took too long"]


def test_a_process_that_fails_is_a_problem_and_not_an_empty_list(tmp_path: Path) -> None:
    package = write(tmp_path, {"server.py": SOURCE})

    # No source may hold a null byte in its name: the process refuses it and ends.
    found = asyncio.run(declared_tools_apart([package / "\0"]))

    assert found.entries == ()
    assert found.dynamic
    assert [problem.message for problem in found.problems] == ["reading the source ended with code 1"]
