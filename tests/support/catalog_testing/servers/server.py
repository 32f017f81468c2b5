"""An MCP server that behaves as its first argument, a JSON object, says; standard library only.

before          lines written to standard output before anything else
chatter         number of lines of a thousand letters written after them
stderr          text written to standard error at the start
needs           name of an environment variable; without it the server says so and exits with 1
exit            exit code to end with at the start
initialize      "hang", "close", "refuse", or the result to give instead of an honest one
protocol        the protocol version to answer with
capabilities    what to declare; {"tools": {}} where absent
pages           the tools of each page, verbatim
next            for each page the cursor it ends with; where absent, the pages are chained
many            number of tools on one page, beside those of ``pages``
endless         true: every page is a new page of one tool
list            "hang", "close", "refuse", "unknown", "crash", or the result to give instead of an honest one
raw_list        the line to answer tools/list with, verbatim
amid            messages written before the answer to tools/list; answers to them become tools, in order
calls           texts that answer tools/call, by the arguments as JSON; "hang" and "crash" as the text do so
values          number of zeros in the answer to tools/list
flood           bytes of a line without an end that answer tools/list
padding         bytes of a description that make the answer to tools/list a long line
stubborn        true: ignores SIGTERM and does not end when standard input closes
children        number of children that leave the session, ignore signals and keep the streams open
other_ids      true: answers name another request than the one that they answer
batch           true: answers come as a batch, between two notifications
log             file to which the received messages are appended
"""

import json
import os
import select
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

Message = dict[str, Any]

SCRIPT: Message = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}


def write(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def send(message: Message) -> None:
    write(json.dumps({"jsonrpc": "2.0", **message}))


def receive() -> Message:
    line = sys.stdin.readline()
    if not line:
        while SCRIPT.get("stubborn"):
            select.select([], [], [])
        sys.exit(0)
    message: Message = json.loads(line)
    if "log" in SCRIPT:
        with Path(SCRIPT["log"]).open("a") as log:
            log.write(line)
    return message


def hang() -> NoReturn:
    while True:
        receive()


def close() -> NoReturn:
    """End the output, and nothing else."""
    os.close(1)
    hang()


def fork() -> None:
    if os.fork() == 0:
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        while True:
            select.select([], [], [])


def start() -> None:
    for line in SCRIPT.get("before", ()):
        write(line)
    for _ in range(SCRIPT.get("chatter", 0)):
        write("x" * 1000)
    sys.stderr.write(SCRIPT.get("stderr", ""))
    sys.stderr.flush()
    if "needs" in SCRIPT and SCRIPT["needs"] not in os.environ:
        sys.exit(f"Error: the environment variable {SCRIPT['needs']} is required")
    if "exit" in SCRIPT:
        sys.exit(SCRIPT["exit"])
    if SCRIPT.get("stubborn"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for _ in range(SCRIPT.get("children", 0)):
        fork()


def initialize(request: Message) -> Message:
    how = SCRIPT.get("initialize")
    if how == "hang":
        hang()
    if how == "close":
        close()
    if how == "refuse":
        return {"error": {"code": -32600, "message": "not today"}}
    honest = {
        "protocolVersion": SCRIPT.get("protocol", request["params"]["protocolVersion"]),
        "capabilities": SCRIPT.get("capabilities", {"tools": {}}),
        "serverInfo": {"name": SCRIPT.get("name", "fixture"), "version": "1.2.3"},
    }
    return {"result": honest if how is None else how}


def list_tools(request: Message) -> Message:
    how = SCRIPT.get("list")
    if how == "hang":
        hang()
    if how == "close":
        close()
    if how == "crash":
        sys.exit("Traceback: the list fell apart")
    if how in ("refuse", "unknown"):
        return {"error": {"code": -32601 if how == "unknown" else -32000, "message": "no tools for you"}}
    if how is not None:
        return {"result": how}
    if "values" in SCRIPT:
        return {"result": {"tools": [0] * SCRIPT["values"]}}
    if "flood" in SCRIPT:
        sys.stdout.write("x" * SCRIPT["flood"])
        sys.stdout.flush()
        hang()
    return {"result": page(request.get("params", {}).get("cursor"), answers())}


def call_tool(request: Message) -> Message:
    arguments = json.dumps(request["params"]["arguments"], sort_keys=True)
    text = SCRIPT.get("calls", {}).get(arguments)
    if text == "hang":
        hang()
    if text == "crash":
        sys.exit("it fell over")
    content = [{"type": "text", "text": text or "no such thing"}]
    return {"result": {"content": content, "isError": text is None}}


def answers() -> list[Message]:
    tools: list[Message] = []
    for message in SCRIPT.get("amid", ()):
        send(message)
        if "id" in message:
            answer = receive()
            tools.append({"name": f"answer_{len(tools)}", "description": json.dumps(answer, sort_keys=True)})
    return tools


def page(cursor: str | None, more: list[Message]) -> Message:
    if SCRIPT.get("endless"):
        number = int(cursor or 0)
        return {"tools": [{"name": f"tool_{number}"}], "nextCursor": str(number + 1)}
    pages = SCRIPT.get("pages", [[]])
    following = SCRIPT.get("next") or [*map(str, range(1, len(pages))), None]
    # Whoever gives no cursor of ours gets the first page.
    number = following.index(cursor) + 1 if cursor in following and cursor is not None else 0
    result: Message = {"tools": [*pages[number % len(pages)], *more]}
    result["tools"] += [{"name": f"tool_{count}"} for count in range(SCRIPT.get("many", 0))]
    if "padding" in SCRIPT:
        result["tools"].append({"name": "padded", "description": "x" * SCRIPT["padding"]})
    if following[number % len(pages)] is not None:
        result["nextCursor"] = following[number % len(pages)]
    return result


def answer(identifier: Any, message: Message) -> None:
    identifier = f"not {identifier}" if SCRIPT.get("other_ids") else identifier
    if SCRIPT.get("batch"):
        about = {"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "hello"}}
        write(json.dumps([about, {"jsonrpc": "2.0", "id": identifier, **message}, about]))
    else:
        send({"id": identifier, **message})


def main() -> NoReturn:
    start()
    handlers = {"initialize": initialize, "tools/list": list_tools, "tools/call": call_tool}
    while True:
        request = receive()
        if "id" in request and request.get("method") in handlers:
            if "raw_list" in SCRIPT and request["method"] == "tools/list":
                write(SCRIPT["raw_list"])
            else:
                answer(request["id"], handlers[request["method"]](request))


main()
