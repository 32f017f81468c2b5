"""Tools that JavaScript and TypeScript declare, read without running them."""

from pathlib import Path

import pytest

from catalog_testing.source_trees import read, tools
from classifier.definition import JsonValue

PICK: dict[str, JsonValue] = {
    "type": "object",
    "properties": {"tree": {"type": "string", "description": "Which one"}, "count": {"type": "number"}},
    "required": ["tree"],
}
SHAPE = '{tree: z.string().describe("Which one"), count: z.number().optional()}'
SCHEMA = (
    '{type: "object", properties: {tree: {type: "string", description: "Which one"}, count: {type: "number"}}, '
    'required: ["tree"]}'
)


@pytest.mark.parametrize(
    "source",
    [
        f'server.tool("pick", "Picks.", {SHAPE}, async ({{tree}}) => tree);',
        f'server.registerTool("pick", {{description: "Picks.", inputSchema: {SHAPE}}}, handler);',
        f'const NAME = "pick", D = "Picks."; e.tool(NAME, D, {SHAPE}, t);',
        f'register(z); registerAppTool(server, "pick", {{description: `Picks.`, inputSchema: {SHAPE}}}, run);',
        f'server.addTool({{name: "pick", description: "Picks.", parameters: z.object({SHAPE}), execute: run}});',
        f'export const t = defineTool({{name: "pick", description: "Picks.", schema: {SHAPE}, handler: run}});',
        f'export const t = defineTool((args) => {{ return {{name: "pick", description: "Picks.", '
        f"schema: {SHAPE}}} }});",
        "server.setRequestHandler(S, async () => ({tools: "
        f'[{{name: "pick", description: "Picks.", inputSchema: {SCHEMA}}}]}}));',
        f'const t = {{name: "pick", description: "Picks.", input_schema: {SCHEMA}}};',
        f'const args = z.object({SHAPE}); const t = {{name: "pick", description: "Picks.", '
        f"inputSchema: zodToJsonSchema(args)}};",
        f'const tools = {{pick: {{description: "Picks.", parameters: {SCHEMA}}}}};',
        f'class Pick extends Tool {{ name = "pick"; description = "Picks."; schema = {SHAPE}; }}',
        f'class Pick extends Tool {{ constructor() {{ super(); this.name = "pick"; this.description = "Picks."; '
        f"this.schema = {SHAPE}; }} }}",
        f'export const name = "pick"; export const description = "Picks."; export const parameters = {SHAPE}; '
        f"export async function handler() {{ /* a tool */ }}",
        f'export const x = {{name: "pick", description: "Picks.", args: {SHAPE}, tool: async () => 1}};',
        # minified
        f'var a=(0,s.o)({{tree:1}});(e=>{{const t="pick";e.registerTool(t,{{description:"Picks.",'
        f"inputSchema:{SHAPE}}},()=>1)}})(x);",
        # compiled modules and enumerations
        f'var N; (function (N) {{ N["Pick"] = "pick"; }})(N || (exports.N = N = {{}})); s.tool(N.Pick, "Picks.", '
        f"{SHAPE}, f);",
        f'var N=(e=>(e.Pick="pick",e))(N||{{}}); s.tool(N.Pick, "Picks.", {SHAPE}, f);',
        f'var n, init = __esm({{"names.js"() {{ n = "pick"; }}}}); s.tool(n, "Picks.", {SHAPE}, f);',
    ],
)
def test_every_usual_way_to_declare_a_tool_is_understood(tmp_path: Path, source: str) -> None:
    found = tools(tmp_path, {"dist/index.js": source})

    assert found == {"pick": {"name": "pick", "description": "Picks.", "inputSchema": PICK}}


@pytest.mark.parametrize("suffix", ["ts", "tsx", "mts", "cts"])
def test_typescript_is_read_with_its_types(tmp_path: Path, suffix: str) -> None:
    found = tools(
        tmp_path,
        {
            f"src/index.{suffix}": f"""
                enum Names {{ Pick = "pick" }}
                const shape = {SHAPE} as const satisfies Shape;
                export function register(server: McpServer): void {{
                    server.tool<Args>(Names.Pick, "Picks." as string, shape, async (a: Args): Promise<R> => run!(a));
                }}
                """
        },
    )

    assert found == {"pick": {"name": "pick", "description": "Picks.", "inputSchema": PICK}}


def test_constants_are_followed_into_other_files(tmp_path: Path) -> None:
    found = tools(
        tmp_path,
        {
            "names.ts": 'export const NAMES = {pick: "pick", ["sow"]: "sow"} as const; export default "Sows.";',
            "all.ts": 'export * from "./names.js"; export {NAMES as Words} from "./names.js";',
            "old.cjs": 'exports.PLANT = void 0; exports.PLANT = "plant";',
            "index.ts": """
                import {NAMES} from "./all.js";
                import * as all from "./all";
                import text from "./names.js";
                server.tool(NAMES.pick, "Picks.", {}, run);
                server.tool(all.Words["sow"], text, {}, run);
                """,
            "older.cjs": """
                const old_1 = require("./old.cjs"); const {PLANT} = require("./old.cjs");
                server.tool(old_1.PLANT, "Plants.", {}, run);
                server.tool(`${PLANT}_again`, ["Plants", "again."].join(" "), {}, run);
                """,
        },
    )

    assert {name: tool["description"] for name, tool in found.items()} == {
        "pick": "Picks.",
        "sow": "Sows.",
        "plant": "Plants.",
        "plant_again": "Plants again.",
    }


def test_schemas_that_are_built_become_json_schema(tmp_path: Path) -> None:
    source = """
        const Base = z.object({id: z.string().uuid()});
        enum Kind { A = "a", B = "b" }
        server.registerTool("sort", {title: "Sort", description: "Sorts.", annotations: {readOnlyHint: !0}, inputSchema:
          Base.extend({
            count: z.number().int().min(1).max(5).default(3),
            kind: z.enum(["pear", "plum"]).optional(),
            other: z.nativeEnum(Kind),
            names: z.array(z.string()).nullish(),
            deep: z.object({on: z.boolean().describe("Whether")}),
            either: z.union([z.string(), z.literal(7)]),
            map: z.record(z.string(), z.number()),
            later: somethingElse(),
          }).strict()}, run);
        server.addTool({name: "box", description: "Boxes.", parameters: Type.Object({
          size: Type.Optional(Type.Integer({description: "How large"}))})});
        """

    found = tools(tmp_path, {"index.ts": source})

    assert found["sort"] == {
        "name": "sort",
        "title": "Sort",
        "description": "Sorts.",
        "annotations": {"readOnlyHint": True},
        "inputSchema": {
            "type": "object",
            "properties": {
                "id": {"type": "string", "format": "uuid"},
                "count": {"type": "integer", "minimum": 1, "maximum": 5, "default": 3},
                "kind": {"type": "string", "enum": ["pear", "plum"]},
                "other": {"type": "string", "enum": ["a", "b"]},
                "names": {"type": "array", "items": {"type": "string"}},
                "deep": {
                    "type": "object",
                    "properties": {"on": {"type": "boolean", "description": "Whether"}},
                    "required": ["on"],
                },
                "either": {"anyOf": [{"type": "string"}, {"const": 7}]},
                "map": {"type": "object", "additionalProperties": {"type": "number"}},
                "later": {},
            },
            "required": ["id", "other", "deep", "either", "map"],
        },
    }
    assert found["box"]["inputSchema"] == {
        "type": "object",
        "properties": {"size": {"type": "integer", "description": "How large"}},
    }


def test_an_argument_called_like_a_setting_is_an_argument(tmp_path: Path) -> None:
    found = tools(
        tmp_path, {"index.js": 'server.tool("add", "Adds.", {title: z.string(), description: z.string()}, run)'}
    )

    schema = found["add"]["inputSchema"]
    assert isinstance(schema, dict)
    assert schema["properties"] == {"title": {"type": "string"}, "description": {"type": "string"}}
    assert found["add"]["description"] == "Adds."


@pytest.mark.parametrize(
    "source",
    [
        '// server.tool("pick", "Picks.", {}, run);',
        'const text = `server.tool("pick", "Picks.", {}, run)`;',
        'client.callTool("pick", {tree: 1}, run);',
        'registry.getTool("pick", {}, run);',
        'tools.add("pick");',
        'const person = {name: "pick", description: "A tool of trade"};',
        'server.registerPrompt("pick", {description: "x", argsSchema: {}}, run); // tool',
        'new McpServer({name: "pick", version: "1", description: "tools"});',
        'server.tool("not a name", "x", {}, run);',
        'const t = {name: "pick", description: "x", parameters: [{name: "tool", description: "y"}]};',
        'const table = {name: "pick", description: "A table for tools", schema: z.object({id: z.string()})};',
        '(name) => server.tool(name, "shadowed", {}, run); const other = "pick";',
    ],
)
def test_what_is_no_declaration_is_not_read_as_one(tmp_path: Path, source: str) -> None:
    assert tools(tmp_path, {"index.js": source}) == {}


def test_an_object_without_schema_counts_only_among_tools(tmp_path: Path) -> None:
    source = """
        const people = [{name: "ann", description: "Sows"}, {name: "ben", description: "Reaps"}];
        const tools = [{name: "sow", description: "Sows"}];
        const both = [{name: "reap", description: "Reaps"}, {name: "bind", inputSchema: {type: "object"}}];
        """

    assert tools(tmp_path, {"index.js": source}).keys() == {"sow", "reap", "bind"}


def test_the_same_short_name_means_another_thing_in_another_function(tmp_path: Path) -> None:
    source = """
        function a(){const e="sow";s.tool(e,"Sows.",{},f)}
        function b(){const e="reap";s.tool(e,"Reaps.",{},f)}
        function c(e){s.tool(e.id(),"Unknown.",{},()=>1)}
        """

    found = read(tmp_path, {"index.js": source})

    assert {entry.definition.name: entry.definition.tool.description for entry in found.entries} == {
        "sow": "Sows.",
        "reap": "Reaps.",
    }
    assert found.dynamic


def test_a_name_that_was_given_two_values_is_unknown(tmp_path: Path) -> None:
    source = 'let n = "sow"; if (process.env.X) n = "reap"; server.tool(n, "Works.", {}, () => 1);'

    found = read(tmp_path, {"index.js": source})

    assert found.entries == ()
    assert found.dynamic


def test_a_description_is_what_holds_without_settings(tmp_path: Path) -> None:
    source = 'server.tool("sow", `Sows${args.fast ? " fast" : ""} in ${place()}.`, {}, run)'

    assert tools(tmp_path, {"index.js": source})["sow"]["description"] == "Sows in …."
