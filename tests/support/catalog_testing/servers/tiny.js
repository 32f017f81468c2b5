#!/usr/bin/env node
// An MCP server in a few lines, to be packed into npm packages: lists one tool.
const lines = require("node:readline").createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const request = JSON.parse(line);
  if (request.id === undefined) return;
  let result = {
    protocolVersion: "2025-11-25",
    capabilities: { tools: {} },
    serverInfo: { name: "tiny", version: "1" },
  };
  if (request.method === "tools/list") result = { tools: [{ name: "hello" }] };
  process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id: request.id, result }) + "\n");
});
