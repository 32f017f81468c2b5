"""An MCP server with one tool, ``greenhouse``, that hides 40 actions in 6 areas and explains itself when asked.

Its argument is a JSON object: ``shape`` (how it answers: lines, bullets, numbers, table, json, named or nested) and
``log`` (a file to which the arguments of each call are appended). A call that selects an action ruins the harvest: it
is logged like any other, so a test can prove that there was none.
"""

import json
import sys
from pathlib import Path
from typing import Any

SCRIPT: dict[str, str] = json.loads(sys.argv[1])

# Each area with its actions; an action has what it does, what it needs and what it takes besides.
Action = tuple[str, tuple[str, ...], tuple[str, ...]]
AREAS: dict[str, dict[str, Action]] = {
    area: {
        f"{thing}_list": (f"List every {thing} in the {area}", (), ("shelf",)),
        f"{thing}_get": (f"Look at one {thing}", ("id",), ()),
        f"{thing}_create": (f"Put a new {thing} in its place", ("name", "shelf"), ("note", "colour")),
        f"{thing}_update": (f"Change one {thing}: name, shelf or note", ("id",), ("name", "note")),
        f"{thing}_delete": (f"Throw one {thing} away for ever", ("id",), ("force",)),
        f"{thing}_move": (f"Carry one {thing} to another shelf", ("id", "shelf"), ()),
    }
    for area, thing in (
        ("seeds", "packet"),
        ("beds", "seedling"),
        ("climate", "vent"),
        ("water", "pump"),
        ("staff", "gardener"),
        ("shop", "basket"),
    )
}
AREAS["climate"] |= {
    "heater_start": ("Light the heater", ("degrees",), ()),
    "heater_stop": ("Put the heater out", (), ()),
    "alarm_test": ("Ring the frost alarm once", (), ()),
}
AREAS["shop"]["till_open"] = ("Open the till", ("reason",), ())
ABOUT = {area: f"Everything about {area} (and what belongs to it)" for area in AREAS}

TOOL = {
    "name": "greenhouse",
    "description": "Look after the greenhouse.\n\nUsage:\n"
    "  - Call with no arguments to list the areas and how many actions each has\n"
    "  - Call with area only to list its actions and their parameters\n"
    "  - area and action: do it, with details",
    "inputSchema": {
        "type": "object",
        "properties": {
            "area": {"type": "string", "description": "Name of the area"},
            "action": {"type": "string", "description": "Name of the action, for example packet_list or heater_stop"},
            "details": {"type": "object", "description": "What the action needs"},
        },
    },
}


def areas(shape: str) -> str:
    if shape == "table":
        rows = "\n".join(f"| {area} | {ABOUT[area]} | {len(actions)} |" for area, actions in AREAS.items())
        return f"| Area name | Description | Actions |\n| --- | --- | ---: |\n{rows}"
    if shape == "json":
        return json.dumps({"groups": [{"name": a, "description": ABOUT[a], "count": len(AREAS[a])} for a in AREAS]})
    if shape == "named":
        return json.dumps(ABOUT)
    if shape == "nested":
        return json.dumps({area: {name: told(action) for name, action in AREAS[area].items()} for area in AREAS})
    if shape == "bullets":
        lines = [f"- **{area}** ({len(actions)} actions): {ABOUT[area]}" for area, actions in AREAS.items()]
    elif shape == "numbers":
        lines = [f"{number}. `{area}` - {ABOUT[area]}" for number, area in enumerate(AREAS, 1)]
    else:
        lines = [f"  {area} ({len(actions)} actions) — {ABOUT[area]}" for area, actions in AREAS.items()]
    return "\n".join([f"Greenhouse — 40 actions in {len(AREAS)} areas", "", "Areas:", *lines, "", "Call with an area."])


def told(action: Action) -> dict[str, Any]:
    does, needed, optional = action
    parameters = {name: {"type": "string", "required": name in needed} for name in (*needed, *optional)}
    return {"description": does, "parameters": parameters}


def actions(area: str, shape: str) -> str:
    found = AREAS[area]
    if shape == "json":
        return json.dumps({"area": area, "actions": [{"name": name, **told(one)} for name, one in found.items()]})
    if shape == "named":
        return "```json\n" + json.dumps({name: does for name, (does, _, _) in found.items()}, indent=1) + "\n```"
    if shape == "table":
        rows = (
            f"| `{name}` | {does} | {', '.join([*(f'{one}*' for one in needed), *optional])} |"
            for name, (does, needed, optional) in found.items()
        )
        return "\n".join([f"## {area}", "", "| Action | Description | Parameters |", "|---|---|---|", *rows])
    lines = [f"Area: {area} — {ABOUT[area]}", "", f"{len(found)} available actions:", ""]
    for number, (name, (does, needed, optional)) in enumerate(found.items(), 1):
        if shape == "bullets":
            lines.append(f"- **{name}**: {does}")
            lines += ["  Parameters:"] if needed or optional else []
            lines += [f"  - {one} (string, required): the {one}" for one in needed]
            lines += [f"  - {one} (string, optional): the {one}" for one in optional]
        elif shape == "numbers":
            lines.append(f"{number}. `{name}({', '.join([*needed, *(f'{one}?' for one in optional)])})` - {does}")
        else:
            lines.append(f"  {name} — {does}")
            lines += [f"    Required: {', '.join(f'{one} (the {one}, in full)' for one in needed)}"] if needed else []
            lines += (
                [f"    Optional: {', '.join(f'{one} (the {one}, if any)' for one in optional)}"] if optional else []
            )
    return "\n".join(lines)


def call(arguments: dict[str, str]) -> dict[str, Any]:
    with Path(SCRIPT["log"]).open("a", encoding="utf-8") as log:
        log.write(json.dumps(arguments) + "\n")
    if "action" in arguments or arguments.get("area", "seeds") not in AREAS:
        return {"content": [{"type": "text", "text": "The harvest is ruined."}], "isError": True}
    text = actions(arguments["area"], SCRIPT["shape"]) if "area" in arguments else areas(SCRIPT["shape"])
    return {"content": [{"type": "text", "text": text}]}


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        if "id" not in request:
            continue
        result: dict[str, Any] = {
            "protocolVersion": "2025-11-25",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "greenhouse", "version": "1"},
        }
        if request["method"] == "tools/list":
            result = {"tools": [TOOL]}
        elif request["method"] == "tools/call":
            result = call(request["params"]["arguments"])
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}) + "\n")
        sys.stdout.flush()


main()
