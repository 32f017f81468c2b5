"""Classify the tools of MCP servers: plain data in, Classification out. No I/O, no clock, no network."""
