"""Which files are read, and what hostile ones cost."""

import os
from pathlib import Path

import pytest

from catalog.model import Provenance
from catalog.probe.static.reader import declared_tools
from catalog.probe.static.source_tools import StaticLimits
from catalog_testing.source_trees import read, tools, write

PICK = '@mcp.tool()\ndef pick(): "Picks."\n'


@pytest.mark.parametrize(
    "name",
    [
        "tests/server.py",
        "examples/a/server.py",
        "node_modules/other/index.py",
        "vendor/server.py",
        "_vendored/server.py",
        "docs/server.py",
        ".venv/server.py",
        "test_server.py",
        "conftest.py",
        "server.pyi",
        "server.txt",
        "other.dist-info/server.py",
    ],
)
def test_what_is_not_the_package_s_own_code_is_not_read(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, {name: PICK})

    assert found.entries == ()
    assert found.files == 0
    assert not found.dynamic


def test_type_stubs_and_tests_of_javascript_are_not_read(tmp_path: Path) -> None:
    source = 'server.tool("pick", {}, run);'

    assert read(tmp_path, {"index.d.ts": source, "index.test.js": source, "a.spec.ts": source}).files == 0


def test_entries_say_where_they_come_from(tmp_path: Path) -> None:
    found = read(tmp_path, {"server.py": PICK})

    (entry,) = found.entries
    assert entry.provenance is Provenance.DECLARED
    assert entry.run == "declared"
    assert entry.key == "pick"
    assert found.files == 1
    assert found.problems == ()


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "outside.py"
    secret.write_text(PICK)
    package = write(tmp_path, {"server.py": "# tools\n"})
    (package / "linked.py").symlink_to(secret)
    (package / "folder").symlink_to(tmp_path, target_is_directory=True)
    linked = tmp_path / "linked"
    linked.symlink_to(package, target_is_directory=True)

    assert declared_tools([package]).files == 1
    assert declared_tools([linked]).files == 0


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    package = write(tmp_path, {"server.py": PICK})
    os.mkfifo(package / "pipe.py")

    assert declared_tools([package]).files == 1


def test_a_single_file_is_a_source(tmp_path: Path) -> None:
    package = write(tmp_path, {"server.py": PICK})

    assert [entry.key for entry in declared_tools([package / "server.py"]).entries] == ["pick"]


def test_folders_of_tests_beside_the_package_are_not_read(tmp_path: Path) -> None:
    package = write(tmp_path, {"server.py": PICK})
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "other.py").write_text(PICK.replace("pick", "other"))

    assert [entry.key for entry in declared_tools([package, tests]).entries] == ["pick"]


def test_bytes_that_are_no_text_do_not_hide_the_rest(tmp_path: Path) -> None:
    package = write(tmp_path, {})
    package.mkdir()
    (package / "server.py").write_bytes(b"\xef\xbb\xbf# caf\xe9 \x00\n" + PICK.encode() + b'X = "\xff\xfe"\n')

    assert [entry.key for entry in declared_tools([package]).entries] == ["pick"]


def test_broken_syntax_does_not_hide_the_rest(tmp_path: Path) -> None:
    found = read(tmp_path, {"server.py": PICK + "def broken(:\n  ]]\n"})

    assert [entry.key for entry in found.entries] == ["pick"]
    assert [problem.where for problem in found.problems] == ["package/server.py"]


@pytest.mark.parametrize(
    ("limits", "where"),
    [
        (StaticLimits(file_bytes=60), "package/b.py"),
        (StaticLimits(total_bytes=60), "package/b.py"),
        (StaticLimits(files=1), "source"),
    ],
)
def test_what_is_beyond_a_bound_is_a_problem_and_leaves_the_list_open(
    tmp_path: Path, limits: StaticLimits, where: str
) -> None:
    found = read(tmp_path, {"a.py": PICK, "b.py": f"{PICK.replace('pick', 'other')}{'#' * 60}"}, limits)

    assert [entry.key for entry in found.entries] == ["pick"]
    assert [problem.where for problem in found.problems] == [where]
    assert found.dynamic


def test_tools_and_problems_are_bounded(tmp_path: Path) -> None:
    many = "".join(f'@mcp.tool()\ndef pick_{number}(): "Picks."\n' for number in range(20))
    limits = StaticLimits(tools=5, problems=3)

    found = read(tmp_path, {"a.py": many, **{f"b{n}.py": f"# tool\ndef f(: {n}" for n in range(10)}}, limits)
    broken = read(tmp_path / "more", {f"b{n}.py": f"# tool\ndef f(: {n}" for n in range(10)}, limits)

    assert len(found.entries) == 5
    assert len(broken.problems) == 4
    assert broken.problems[-1].message == "7 more problems like these"


def test_a_second_declaration_with_more_detail_wins(tmp_path: Path) -> None:
    found = tools(
        tmp_path,
        {
            "a.py": '@mcp.tool()\ndef pick(): ...\n@mcp.tool()\ndef sow(seed: str): "Sows."\n',
            "b.py": '@mcp.tool()\ndef pick(tree: str): "Picks."\n@mcp.tool()\ndef sow(): ...\n',
        },
    )

    assert found["pick"]["description"] == "Picks."
    assert found["sow"]["description"] == "Sows."


def test_one_name_with_other_arguments_is_a_problem(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        {"a.py": "@mcp.tool()\ndef pick(tree: str): ...\n", "b.py": "@mcp.tool()\ndef pick(path: str): ...\n"},
    )

    assert [problem.message for problem in found.problems] == ["'pick' is declared again with other arguments"]


HOSTILE_PYTHON = {
    "brackets": "TOOLS = " + "[" * 60_000,
    "parentheses": "tool" + "(" * 60_000,
    "dictionaries": '{"name":' * 30_000 + " tool",
    "calls": "tool(" * 100_000,
    "attributes": "@" + "a." * 100_000 + "tool\ndef f(): ...",
    "indents": "".join(f"{' ' * n}if tool:\n" for n in range(800)),
    "additions": "@mcp.tool(name='a'" + "+'a'" * 50_000 + ")\ndef f(): ...",
    "cycles": "a = b\nb = a\nc = c\n@mcp.tool(name=a, description=c)\ndef f(x: a, y: C): ...\nclass C(C):\n    x: C\n",
    "multiplying": "a0 = {'k': 1}\n"
    + "".join(f"a{n + 1} = [a{n}, a{n}, a{n}, a{n}]\n" for n in range(30))
    + "Tool(name='big', description='x', inputSchema={'x': a30})",
    "doubling": "t0 = 'x' * 9 or 'long text'\n"
    + "t1 = 'long text'\n"
    + "".join(f"t{n + 1} = t{n} + t{n}\n" for n in range(1, 60))
    + "Tool(name='long', description=t60)",
    "numbers": "Tool(name='n', inputSchema={'maximum': " + "9" * 100_000 + ", 'minimum': -1e999})",
    "classes": "".join(f"class A{n + 1}(A{n}, A{n}):\n    x: A{n}\n" for n in range(60))
    + "@mcp.tool()\ndef f(x: A60): ...",
}
HOSTILE_SCRIPT = {
    "brackets": "const tools = " + "[" * 60_000,
    "objects": "tool={name:" * 20_000,
    "functions": "(tool=>" * 50_000,
    "assignments": "tool=" * 30_000 + "1",
    "members": "tool" + ".a" * 100_000,
    "templates": "tool(" + "`${" * 50_000,
    "chains": 'server.tool("a", {x: z.string()' + ".min(1)" * 30_000 + "}, run)",
    "spreads": "const a0={x:1};"
    + "".join(f"const a{n + 1}={{...a{n},...a{n}}};" for n in range(40))
    + 's.tool("a","b",{...a40},()=>1)',
    "cycles": 'const a=b;const b=a;s.tool("a",a,{...c},()=>1);const c={...c,d:c};s.registerTool(b,{},()=>1)',
    "numbers": 'const t={name:"n",inputSchema:{maximum:' + "9" * 100_000 + ",minimum:1e999}};",
}


@pytest.mark.parametrize("kind", HOSTILE_PYTHON)
def test_hostile_python_ends_within_bounds(tmp_path: Path, kind: str) -> None:
    check_hostile(tmp_path, "z.py", HOSTILE_PYTHON[kind], PICK)


@pytest.mark.parametrize("suffix", ["js", "ts"])
@pytest.mark.parametrize("kind", HOSTILE_SCRIPT)
def test_hostile_script_ends_within_bounds(tmp_path: Path, kind: str, suffix: str) -> None:
    check_hostile(tmp_path, f"z.{suffix}", HOSTILE_SCRIPT[kind], PICK)


def check_hostile(folder: Path, name: str, text: str, honest: str) -> None:
    """Read hostile text beside honest code: the honest tool is found, and what is kept is bounded."""
    found = read(folder, {"a.py": honest, name: text}, StaticLimits(file_seconds=1.0))

    kept = {entry.key: entry.definition.raw for entry in found.entries}
    assert kept["pick"]["description"] == "Picks."
    assert all(len(str(definition)) < 1024 * 1024 for definition in kept.values())


def test_a_file_that_takes_too_long_is_a_problem(tmp_path: Path) -> None:
    found = read(tmp_path, {"a.py": "tool(" * 200_000}, StaticLimits(file_seconds=0.0))

    assert [(problem.where, problem.message) for problem in found.problems] == [
        ("package/a.py", "not read: parsing it takes too long")
    ]
    assert found.dynamic
