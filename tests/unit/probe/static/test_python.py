"""Tools that Python source declares, read without running it."""

import asyncio
import textwrap
from pathlib import Path

import pytest
from mcp.server.mcpserver import MCPServer

from catalog_testing.source_trees import read, tools
from classifier.definition import JsonObject, JsonValue

FRAMEWORK = '''
from enum import Enum
from typing import Annotated, Literal, Optional

from mcp.server.mcpserver import Context, MCPServer
from pydantic import BaseModel, Field

mcp = MCPServer("orchard")
Ripeness = Literal["green", "ripe"]


class Season(str, Enum):
    SPRING = "spring"
    AUTUMN = "autumn"


class Crate(BaseModel):
    """What fruit is carried in."""

    label: str = Field(description="What is written on it")
    weight: float = 1.5
    parts: list[int] = Field(default_factory=list)


@mcp.tool()
def pick(tree: str, count: int = 3, gently: bool = True) -> str:
    """Pick fruit from a tree."""
    return tree


@mcp.tool(name="prune-tree", description="Cut " "branches", title="Prune")
async def prune(ctx: Context, branch: Annotated[str, Field(description="Which one", min_length=2)]) -> str:
    return branch


@mcp.tool()
def pack(crate: Crate, season: Season, ripeness: Ripeness | None = None, *, notes: Optional[list[str]] = None) -> str:
    """Pack a crate.

    It may be sent later.
    """
    return crate.label


def weigh(kilograms: float) -> float:
    """Weigh fruit."""
    return kilograms


mcp.add_tool(weigh, name="weigh_fruit")
'''


def test_what_is_read_is_what_the_framework_lists(tmp_path: Path) -> None:
    namespace: dict[str, object] = {"__name__": "orchard"}
    exec(FRAMEWORK, namespace)  # our own text, run to have the framework's word on it
    server = namespace["mcp"]
    assert isinstance(server, MCPServer)
    listed = {tool.name: tool for tool in asyncio.run(server.list_tools())}

    found = tools(tmp_path, {"server.py": FRAMEWORK})

    assert found.keys() == listed.keys()
    for name, tool in listed.items():
        schema = found[name]["inputSchema"]
        assert isinstance(schema, dict)
        assert found[name]["description"] == textwrap.dedent(tool.description or "").strip() or name == "pack"
        assert schema["properties"].keys() == tool.input_schema["properties"].keys()
        assert set(schema.get("required", [])) == set(tool.input_schema.get("required", []))
        for argument, expected in tool.input_schema["properties"].items():
            if "type" in expected:
                assert schema["properties"][argument]["type"] == expected["type"]
    assert found["prune-tree"]["title"] == "Prune"


def properties(tool: JsonObject) -> dict[str, JsonValue]:
    schema = tool["inputSchema"]
    assert isinstance(schema, dict)
    found = schema["properties"]
    assert isinstance(found, dict)
    return found


def test_annotations_become_schemas(tmp_path: Path) -> None:
    found = tools(tmp_path, {"server.py": FRAMEWORK})

    assert properties(found["prune-tree"]) == {
        "branch": {"type": "string", "description": "Which one", "minLength": 2},
    }
    assert properties(found["pack"]) == {
        "crate": {
            "type": "object",
            "properties": {
                "label": {"type": "string", "description": "What is written on it"},
                "weight": {"type": "number", "default": 1.5},
                "parts": {"type": "array", "items": {"type": "integer"}},
            },
            "required": ["label"],
        },
        "season": {"type": "string", "enum": ["spring", "autumn"]},
        "ripeness": {"anyOf": [{"type": "string", "enum": ["green", "ripe"]}, {"type": "null"}], "default": None},
        "notes": {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}], "default": None},
    }


def test_a_tool_object_is_read_with_constants_of_other_files(tmp_path: Path) -> None:
    found = tools(
        tmp_path,
        {
            "__init__.py": "",
            "names.py": """
                from enum import Enum
                PREFIX = "orchard"
                HINT = " Ask first."
                class Names(str, Enum):
                    PICK = "pick_fruit"
                COUNT = {"type": "integer"}
                """,
            "models.py": """
                from pydantic import BaseModel
                class Base(BaseModel):
                    tree: str
                class Pick(Base):
                    count: int = 1
                """,
            "server.py": """
                import mcp.types as types
                from . import names
                from .models import Pick
                from package.names import Names, HINT, PREFIX
                async def list_tools():
                    return [
                        types.Tool(name=Names.PICK, description="Picks fruit." + HINT,
                                   inputSchema=Pick.model_json_schema()),
                        types.Tool(name=f"{PREFIX}_count", description="Counts", inputSchema={
                            "type": "object",
                            "properties": {"n": names.COUNT, "unit": made_elsewhere()},
                            "required": ["n"]}),
                        types.Tool(name=Names.PICK.value + "_all", inputSchema={"type": "object"}),
                    ]
                """,
        },
    )

    assert found == {
        "pick_fruit": {
            "name": "pick_fruit",
            "description": "Picks fruit. Ask first.",
            "inputSchema": {
                "type": "object",
                "properties": {"tree": {"type": "string"}, "count": {"type": "integer", "default": 1}},
                "required": ["tree"],
            },
        },
        "orchard_count": {
            "name": "orchard_count",
            "description": "Counts",
            "inputSchema": {"type": "object", "properties": {"n": {"type": "integer"}, "unit": {}}, "required": ["n"]},
        },
        "pick_fruit_all": {"name": "pick_fruit_all", "inputSchema": {"type": "object"}},
    }


@pytest.mark.parametrize(
    "source",
    [
        '@mcp.tool\ndef pick(tree): "Picks."',
        '@app.tool("pick")\ndef other(tree): "Picks."',
        'class Server:\n    @mcp.tool()\n    async def pick(self, tree): "Picks."',
        'def other(tree): "Picks."\nmcp.tool(name="pick")(other)',
        'def pick(tree): "Picks."\nfor each in [pick]:\n    mcp.add_tool(each)',
        'def pick(tree): "Picks."\nFUNCTIONS = (pick,)\nfor each in FUNCTIONS:\n    mcp.tool()(each)',
        'def pick(tree): "Picks."\nread_only = [FunctionTool(pick)]',
        'def other(tree): "Picks."\nmcp.add_tool(Tool.from_function(other, name="pick"))',
        '@tools.reader("Pick fruit")\ndef pick(tree): "Picks."',
        '@register_tool\ndef pick(tree): "Picks."',
        'TOOLS = [{"name": "pick", "description": "Picks.", "input_schema": {"properties": {"tree": {}}}}]',
        'TOOL_LIST = [{"name": "pick", "description": "Picks.", "parameters": {"type": "object", '
        '"properties": {"tree": {}}}}]',
        'TOOLS = {"pick": {"description": "Picks.", "parameters": {"properties": {"tree": {}}}}}',
        'class Pick(BaseTool):\n    name = "pick"\n    description = "Picks."\n'
        '    inputSchema = {"properties": {"tree": {}}}',
        'class Pick(ToolHandler):\n    def __init__(self):\n        super().__init__("pick")\n    def describe(self):\n'
        '        return Tool(name=self.name, description="Picks.", inputSchema={"properties": {"tree": {}}})',
        'def get_tools(self):\n    return [("pick", self.pick, "Picks.", {"tree": {"type": "string"}})]',
        'PREFIX = "p"\n@mcp.tool(name=PREFIX + "ick")\ndef other(tree): "Picks."',
        '@mcp.tool(name=settings.prefix + "pick")\ndef pick(tree): "Picks."',
    ],
)
def test_every_usual_way_to_declare_a_tool_is_understood(tmp_path: Path, source: str) -> None:
    found = tools(tmp_path, {"server.py": source})

    assert found.keys() == {"pick"}
    assert found["pick"]["description"] == "Picks."
    assert properties(found["pick"]).keys() == {"tree"}


@pytest.mark.parametrize(
    "source",
    [
        '# @mcp.tool()\n# def pick(tree): "Picks."',
        '"""\n@mcp.tool()\ndef pick(tree): ...\n"""',
        "@server.call_tool()\nasync def pick(name, arguments): ...",
        "@server.list_tools()\nasync def pick(): ...",
        "@mcp.prompt()\ndef pick(tool): ...",
        'prompt = Prompt.from_function(pick, name="pick")  # a tool would say so',
        'USERS = [{"name": "pick", "description": "A tool of trade"}]',
        'call = ToolCall(name="pick", arguments={})',
        'TOOLS = [{"name": "has spaces", "description": "x", "inputSchema": {}}]',
        f'TOOLS = [{{"name": "{"x" * 129}", "description": "x", "inputSchema": {{}}}}]',
    ],
)
def test_what_is_no_declaration_is_not_read_as_one(tmp_path: Path, source: str) -> None:
    assert tools(tmp_path, {"server.py": source}) == {}


def test_hints_are_read_in_both_spellings_of_the_protocol(tmp_path: Path) -> None:
    found = tools(
        tmp_path,
        {
            "server.py": """
                @mcp.tool(annotations={"readOnlyHint": True, "audience": "all"})
                def look(): ...
                @mcp.tool(annotations=ToolAnnotations(title="Fell", destructive_hint=True, idempotentHint=False))
                def fell(): ...
                """
        },
    )

    assert found["look"]["annotations"] == {"readOnlyHint": True}
    assert found["fell"]["annotations"] == {"title": "Fell", "destructiveHint": True, "idempotentHint": False}


def test_tools_of_a_mounted_server_carry_its_prefix(tmp_path: Path) -> None:
    found = tools(
        tmp_path,
        {
            "__init__.py": "",
            "trees.py": "trees = FastMCP('Trees')\n@trees.tool()\ndef plant(kind: str): 'Plants.'",
            "bees.py": "bees = FastMCP('Bees')\n@bees.tool\ndef plant(kind: str): 'Sows.'",
            "main.py": """
                from .trees import trees
                from .bees import bees
                main = FastMCP("Orchard")
                main.mount(trees, prefix="tree")
                main.mount("bee", bees)
                @main.tool
                def walk(): 'Walks.'
                """,
        },
    )

    assert found.keys() == {"tree_plant", "bee_plant", "walk"}


def test_a_description_keeps_an_ellipsis_where_only_a_running_server_knows(tmp_path: Path) -> None:
    source = '@mcp.tool(description=f"Saves to {folder()} on request.")\ndef save(): ...'

    assert tools(tmp_path, {"server.py": source})["save"]["description"] == "Saves to … on request."


@pytest.mark.parametrize(
    "source",
    [
        'for one in load():\n    server.add_tool(Tool(name=f"do_{one}", description="x"))',
        "@mcp.tool(name=make_name())\ndef pick(): ...",
        "mcp = FastMCP.from_openapi(specification)  # tools",
    ],
)
def test_a_name_that_is_computed_makes_the_declaration_dynamic(tmp_path: Path, source: str) -> None:
    found = read(tmp_path, {"server.py": source})

    assert found.entries == ()
    assert found.dynamic


def test_passing_on_what_is_declared_elsewhere_is_not_dynamic(tmp_path: Path) -> None:
    source = """
        TOOLS = [{"name": "pick", "description": "Picks.", "inputSchema": {}}]
        def listed():
            return [Tool(name=tool["name"], description=tool["description"]) for tool in TOOLS]
        """

    found = read(tmp_path, {"server.py": source})

    assert [entry.definition.name for entry in found.entries] == ["pick"]
    assert not found.dynamic
